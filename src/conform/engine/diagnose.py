"""From verdicts to a diagnosis: the first break, the other roots, what follows from each, what is computed instead.

First means first in the clause graph, then in loop order. Every break is a root: clauses are judged on the operands that
the side itself traced, so no break is a mere consequence of another. What a side's own values show to be a lie of its trace
is told apart before anything is blamed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from conform.engine.alike import Unlike, unlike
from conform.engine.ambiguous import flips_at
from conform.engine.check import Findings
from conform.engine.conditions import decides_instead
from conform.engine.given import Given, differences
from conform.engine.honesty import Lie, lies
from conform.engine.instead import Instead, computes_instead
from conform.engine.operands import Side
from conform.engine.parity import Parity, compare, coordinates, same_elements
from conform.engine.rework import Rework, downstream
from conform.engine.tolerances import Profile
from conform.engine.verdicts import Outcome, Reason, Sample, Verdict
from conform.engine.waterfall import Waterfall, waterfall
from specs_dsl.spec import Clause, Spec

__all__ = ["Diagnosis", "Repair", "Root", "diagnose", "downstream", "where"]

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
class Diagnosis:
    roots: tuple[Root, ...]
    repairs: tuple[Repair, ...]
    parity: tuple[Parity, ...]
    incomparable: str = ""               # why the sides were not compared with each other
    given: tuple[Given, ...] = ()
    unlike: tuple[Unlike, ...] = ()
    fall: Waterfall | None = None
    left: tuple[Leftover, ...] = field(default=())

    @property
    def repair(self) -> Repair | None:
        """That of the first break."""
        first = self.roots[0] if self.roots else None
        return next((one for one in self.repairs if first and (one.clause, one.side) == (first.clause.id, first.verdict.side)), None)


@np.errstate(all="ignore")             # what is not a number is a finding here, and no warning
def diagnose(findings: Findings, profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None, final: str | None = None,
             asked: Sequence[str] = ()) -> Diagnosis:
    """The diagnosis of a finished check; the expensive part is proportional to what is broken. `final`: the last quantity.
    `asked`: the words that all sides were meant to be told."""
    parity, incomparable = _parity(findings, profiles, tick)
    given = tuple(differences(findings.sides, parity))
    roots = _roots(findings, profiles)
    repairs = tuple(found for root in roots[:MOST] if (found := _repair(findings, roots, root, profiles, parity)) is not None)
    return Diagnosis(roots, repairs, parity, incomparable, given, tuple(unlike(findings.sides, asked)), _fall(findings, roots, profiles, final), tuple(_left(findings, roots, profiles, parity)))


def _roots(findings: Findings, profiles: Mapping[str, Profile]) -> tuple[Root, ...]:
    """In graph order. What a lie explains besides its own clause is no root."""
    breaks = sorted(findings.breaks, key=lambda v: _place(findings, v))
    found = [lie for side in findings.sides for lie in lies(findings.spec, side, [v.clause for v in breaks if v.side == side.name], profiles)]
    liars = {(lie.clauses[0], lie.side): lie for lie in found}
    silent = {(clause, lie.side) for lie in found for clause in lie.clauses[1:]}
    return tuple(_root(findings, verdict, profiles, liars.get((verdict.clause, verdict.side))) for verdict in breaks if (verdict.clause, verdict.side) not in silent)


def _place(findings: Findings, verdict: Verdict) -> tuple:
    """Graph order of the clause, then loop order of the first broken element, then the order of the sides."""
    ids = [clause.id for clause in findings.spec.clauses]
    names = [side.name for side in findings.sides]
    first = verdict.broken.first.order() if verdict.broken and verdict.broken.first else ()
    return ids.index(verdict.clause), first, names.index(verdict.side)


def _root(findings: Findings, verdict: Verdict, profiles: Mapping[str, Profile], lie: Lie | None) -> Root:
    clause = findings.spec.by_id[verdict.clause]
    others = tuple(v for v in findings.verdicts if v.clause == verdict.clause and v.side != verdict.side)
    assert verdict.broken is not None
    equation = next((e for i, e in enumerate(clause.equations) if i == verdict.broken.statement), None)
    instead = Instead()
    if equation is not None and findings.spec.quantities[equation.target].kind in ("number", "count"):
        instead = computes_instead(equation, _side(findings, verdict.side), profiles, verdict.broken)
    elif equation is not None and findings.spec.quantities[equation.target].kind == "flag":
        instead = decides_instead(equation, _side(findings, verdict.side), dict(profiles))
    flips = flips_at(equation, _side(findings, verdict.side), profiles, verdict.worst) if equation is not None and lie is None else ""
    return Root(clause, verdict, others, instead, lie, flips)


def _side(findings: Findings, name: str) -> Side:
    return next(side for side in findings.sides if side.name == name)


def _parity(findings: Findings, profiles: Mapping[str, Profile], tick: Callable[[], None]) -> tuple[tuple[Parity, ...], str]:
    """Each later side against the first."""
    found: list[Parity] = []
    first, *rest = findings.sides
    for other in rest:
        if reason := same_elements(first, other):
            return (), reason
        found += compare(findings.spec, first, other, profiles, tick)
    return tuple(found), ""


# --- repairs ---------------------------------------------------------------------------------------------------------


def _broken(roots: Sequence[Root], spec: Spec, side: str) -> dict[str, tuple[str, ...]]:
    """The quantities that a side breaks, each with its clauses. What its trace alone has wrong is broken there alone."""
    found: dict[str, tuple[str, ...]] = {}
    for root in roots:
        target = root.verdict.broken.target if root.verdict.broken else ""
        if root.verdict.side == side and target in spec.quantities and root.lie is None:
            found[target] = (*found.get(target, ()), root.clause.id)
    return found


def _rework(findings: Findings, roots: Sequence[Root], side: str, repaired: Sequence[Root]) -> Rework:
    broken = _broken(roots, findings.spec, side)
    mended = _broken([root for root in repaired if root.verdict.side == side], findings.spec, side)
    return Rework(_side(findings, side), frozenset(broken), frozenset(mended))


def _repair(findings: Findings, roots: Sequence[Root], root: Root, profiles: Mapping[str, Profile], parity: Sequence[Parity]) -> Repair | None:
    """Put what the clause requires in the place of what the side has, recompute what follows, and compare again."""
    sound = next((v.side for v in root.others if v.outcome in (Outcome.HOLDS, Outcome.TIE)), None)
    if sound is None or root.verdict.broken is None or root.verdict.broken.target not in findings.spec.quantities or root.lie is not None:
        return None
    target = root.verdict.broken.target
    below = downstream(findings.spec, target) | {target}
    pair = {root.verdict.side, sound}
    own = [p for p in parity if set(p.sides) == pair]
    states = _rework(findings, roots, root.verdict.side, [root]), Rework(_side(findings, sound))
    mended = compare(findings.spec, states[0].side, states[1].side, profiles, reworked=states, only=below)
    return Repair(
        root.clause.id, root.verdict.side, sound, tuple(p for p in own if not p.agree and p.quantity in below),
        tuple(p for p in mended if not p.agree), _given(findings.spec, own),
    )


def _left(findings: Findings, roots: Sequence[Root], profiles: Mapping[str, Profile], parity: Sequence[Parity]) -> Iterator[Leftover]:
    """Of each later side and the first: with every break on both repaired, what differs all the same."""
    first, *rest = findings.sides
    for other in rest:
        pair = (first.name, other.name)
        differing = [p.quantity for p in parity if p.sides == pair and not p.agree and findings.spec.quantities[p.quantity].role == "value"]
        states = tuple(_rework(findings, roots, name, roots) for name in pair)
        if differing and any(state.repaired for state in states):
            differing = [p.quantity for p in compare(findings.spec, first, other, profiles, reworked=states, only=set(differing)) if not p.agree]  # type: ignore[arg-type]
        lied = {root.lie.quantity for root in roots if root.lie is not None}
        differing = [name for name in differing if name not in lied]
        behind = _unjudged_above(findings, differing[0], pair) if differing else ()
        if differing and (roots or behind):      # else it is rounding that adds up from step to step, or from other inputs
            yield Leftover(pair, tuple(differing), behind, _given(findings.spec, [p for p in parity if p.sides == pair]))


def _given(spec: Spec, parity: Sequence[Parity]) -> tuple[str, ...]:
    """What the rules take as given and two sides have differently."""
    return tuple(p.quantity for p in parity if not p.agree and spec.quantities[p.quantity].role == "input")


def _unjudged_above(findings: Findings, quantity: str, pair: Sequence[str]) -> tuple[str, ...]:
    """The clauses from which a quantity follows and that were not judged on both sides."""
    above = {clause.id for clause in findings.spec.clauses for e in clause.equations if e.target == quantity or quantity in downstream(findings.spec, e.target)}
    reached = [v for v in findings.verdicts if v.clause in above and v.side in pair and v.open and (v.reason is None or v.reason not in NEVER_WRONG)]
    return tuple(dict.fromkeys(v.clause for v in reached))


def _fall(findings: Findings, roots: Sequence[Root], profiles: Mapping[str, Profile], final: str | None) -> Waterfall | None:
    if final is None or final not in findings.spec.quantities or not roots:
        return None
    first = roots[0].verdict.broken
    element = first.first.at.get(findings.sides[0].tile_axis, 0) if first and first.first else 0
    broken = {side.name: _broken(roots, findings.spec, side.name) for side in findings.sides}
    return waterfall(findings.sides[:2], broken, profiles, final, element)


def where(sample: Sample, side: Side) -> dict[str, int]:
    """The place of an element, with the coordinates that the side traced for it; loops of a single turn say nothing."""
    place = {axis: i for axis, i in sample.at.items() if side.size(axis) != 1 or axis == side.tile_axis}
    for name, axis in coordinates(side.spec).items():
        if axis in place and side.has(name):
            place[name] = int(side.bundle.values(name)[place[axis]])
    return place
