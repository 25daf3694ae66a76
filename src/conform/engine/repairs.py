"""What the breaks explain of the differences between sides: each break repaired alone, and all of them together.

What a clause requires is put in the place of what the side has, what follows is computed again, and the sides are compared anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conform.engine.chains import puts_right
from conform.engine.check import Findings
from conform.engine.honesty import Lie
from conform.engine.instead import Instead
from conform.engine.parity import Comparison, Parity, compare_states, same_elements
from conform.engine.rework import Rework, downstream
from conform.engine.tolerances import Profile
from conform.engine.verdicts import Outcome, Reason, Verdict
from specs_dsl.spec import Clause, Spec

MOST = 8                                 # roots whose repair is tried
NEVER_WRONG = (Reason.GUARD, Reason.ZERO)    # a clause that was not judged for these has nothing to do with a difference


@dataclass(frozen=True)
class Root:
    """One break. `others` are the verdicts of the same clause on the other sides. `lie`: its trace is at fault, not its
    computation."""

    clause: Clause
    verdict: Verdict
    others: tuple[Verdict, ...]
    instead: Instead = Instead()
    lie: Lie | None = None
    flips: str = ""                      # the spec leaves a choice: the tolerance at which the verdict would be another


@dataclass(frozen=True)
class Repair:
    """What one break explains: the quantities that differ because of it, and whether all agree once it alone is mended."""

    clause: str
    side: str
    against: str
    differing: tuple[Parity, ...]
    still: tuple[Parity, ...]
    given: tuple[str, ...] = ()          # what the rules take as given and the two sides have differently


@dataclass(frozen=True)
class Leftover:
    """What still differs between two sides once every break is repaired, and what may be behind it."""

    sides: tuple[str, str]
    quantities: tuple[str, ...]
    clauses: tuple[str, ...]             # not judged on one of the sides, and upstream of what differs
    given: tuple[str, ...]


@dataclass(frozen=True)
class Beside:
    """The sides beside each other, as they are and with breaks repaired."""

    parity: tuple[Parity, ...]           # each later side against the first
    incomparable: str                    # why they were not compared
    repairs: tuple[Repair, ...]
    left: tuple[Leftover, ...]


Pair = tuple[str, str]
Mended = frozenset[tuple[str, str]]      # side and quantity of the breaks that are repaired
AS_THEY_ARE: Mended = frozenset()


def sides_beside(findings: Findings, roots: Sequence[Root], profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None) -> Beside:
    """Every comparison that the diagnosis needs, those of two sides in one pass over their tiles."""
    first, *rest = findings.sides
    reason = next(filter(None, (same_elements(first, other) for other in rest)), "")
    asked: dict[Pair, dict[Mended, Comparison]] = {}
    for pair, mended in _questions(findings, roots):
        asked.setdefault(pair, {})[mended] = _comparison(findings, roots, pair, mended)
    found = {pair: _answers(findings, pair, own, profiles, tick) for pair, own in asked.items()}
    parity = () if reason else tuple(one for other in rest for one in found[first.name, other.name][AS_THEY_ARE])
    repairs = tuple(_repair(findings, root, found[pair], pair, parity) for root in roots[:MOST] if (pair := _pair(findings, root)) is not None)
    return Beside(parity, reason, repairs, tuple(_left(findings, roots, found, parity)))


def _questions(findings: Findings, roots: Sequence[Root]) -> Iterator[tuple[Pair, Mended]]:
    first, *rest = findings.sides
    for other in rest:
        yield (first.name, other.name), AS_THEY_ARE
        yield (first.name, other.name), _mended(findings.spec, roots, (first.name, other.name))
    for root in roots[:MOST]:
        if (pair := _pair(findings, root)) is not None:
            yield pair, _mended(findings.spec, [root], pair)


def _answers(findings: Findings, pair: Pair, asked: Mapping[Mended, Comparison], profiles: Mapping[str, Profile], tick: Callable[[], None]) -> dict[Mended, list[Parity]]:
    a, b = (side for side in findings.sides if side.name in pair)
    return dict(zip(asked, compare_states(findings.spec, (a, b), profiles, list(asked.values()), tick), strict=True))


def _comparison(findings: Findings, roots: Sequence[Root], pair: Pair, mended: Mended) -> Comparison:
    """Of what follows from the repaired breaks alone, if any is repaired: nothing else has changed."""
    a, b = (
        Rework(side, frozenset(broken_by(roots, findings.spec, side.name)), frozenset(quantity for name, quantity in mended if name == side.name))
        for side in findings.sides if side.name in pair
    )
    return Comparison((a, b), _below(findings.spec, mended) if mended else None)


def _below(spec: Spec, mended: Mended) -> frozenset[str]:
    """What is repaired, and what follows from it."""
    return frozenset().union(*(downstream(spec, quantity) | {quantity} for _, quantity in mended))


def _mended(spec: Spec, roots: Sequence[Root], pair: Pair) -> Mended:
    return frozenset((name, quantity) for name in pair for quantity in broken_by(roots, spec, name))


def broken_by(roots: Sequence[Root], spec: Spec, side: str) -> dict[str, tuple[str, ...]]:
    """The quantities that a side breaks, each with its clauses. What its trace alone has wrong is broken there alone."""
    found: dict[str, tuple[str, ...]] = {}
    for root in roots:
        broken = root.verdict.broken
        target = puts_right(root.clause.statements[broken.statement], spec) if broken else None
        if root.verdict.side == side and target is not None and root.lie is None:
            found[target] = (*found.get(target, ()), root.clause.id)
    return found


def _pair(findings: Findings, root: Root) -> Pair | None:
    """The side that breaks and one that holds, in the order of the sides; None where a repair has no meaning."""
    sound = next((v.side for v in root.others if v.outcome in (Outcome.HOLDS, Outcome.TIE)), None)
    if sound is None or not broken_by([root], findings.spec, root.verdict.side):
        return None
    a, b = (side.name for side in findings.sides if side.name in (root.verdict.side, sound))
    return a, b


def _repair(findings: Findings, root: Root, found: Mapping[Mended, Sequence[Parity]], pair: Pair, parity: Sequence[Parity]) -> Repair:
    mended = _mended(findings.spec, [root], pair)
    below = _below(findings.spec, mended)
    own = [p for p in parity if p.sides == pair]
    against = next(name for name in pair if name != root.verdict.side)
    return Repair(
        root.clause.id, root.verdict.side, against, tuple(p for p in own if not p.agree and p.quantity in below),
        tuple(p for p in found[mended] if not p.agree), _given(findings.spec, own),
    )


def _left(findings: Findings, roots: Sequence[Root], found: Mapping[Pair, Mapping[Mended, Sequence[Parity]]], parity: Sequence[Parity]) -> Iterator[Leftover]:
    """Of each later side and the first: with every break on both repaired, what differs all the same."""
    first, *rest = findings.sides
    for pair in ((first.name, other.name) for other in rest):
        own = [p for p in parity if p.sides == pair]
        mended = _mended(findings.spec, roots, pair)
        apart = {p.quantity for p in found[pair][mended] if not p.agree}     # of what follows from a break and can be computed again
        kept = {p.quantity for p in own} - _below(findings.spec, mended)
        lied = {root.lie.quantity for root in roots if root.lie is not None}
        differing = [
            p.quantity for p in own
            if not p.agree and p.quantity in apart | kept and findings.spec.quantities[p.quantity].role == "value" and p.quantity not in lied
        ]
        behind = _unjudged_above(findings, differing[0], pair) if differing else ()
        if differing and (roots or behind):      # else it is rounding that adds up from step to step, or from other inputs
            yield Leftover(pair, tuple(differing), behind, _given(findings.spec, own))


def _given(spec: Spec, parity: Sequence[Parity]) -> tuple[str, ...]:
    """What the rules take as given and two sides have differently."""
    return tuple(p.quantity for p in parity if not p.agree and spec.quantities[p.quantity].role == "input")


def _unjudged_above(findings: Findings, quantity: str, pair: Sequence[str]) -> tuple[str, ...]:
    """The clauses from which a quantity follows and that were not judged on both sides."""
    given = {clause.id: {name for one in clause.statements if (name := puts_right(one, findings.spec))} for clause in findings.spec.clauses}
    above = {clause for clause, names in given.items() if any(name == quantity or quantity in downstream(findings.spec, name) for name in names)}
    reached = [v for v in findings.verdicts if v.clause in above and v.side in pair and v.open and (v.reason is None or v.reason not in NEVER_WRONG)]
    return tuple(dict.fromkeys(v.clause for v in reached))
