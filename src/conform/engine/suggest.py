"""Which probe would say most? Of quantities that a side does not trace: what each would let be judged, and which groups it splits.

A value that is not traced is replaced by its definition; the verdict then speaks for a group of clauses, and a break may be in
any of them. A probe inside the group cuts it in two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from conform.engine.check import Findings
from conform.engine.operands import Side
from conform.engine.verdicts import Reason, Verdict
from specs_dsl.order import operands
from specs_dsl.spec import Quantity, Spec


@dataclass(frozen=True, slots=True)
class Split:
    """One verdict: how many clauses it speaks for, and how many it would with the probe."""

    clause: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One probe. `judges` are clauses that nothing judges now; `score` counts them and the pairs of clauses told apart."""

    quantity: Quantity
    judges: tuple[str, ...]
    splits: tuple[Split, ...]
    score: int


def suggestions(findings: Findings, side: Side) -> list[Suggestion]:
    """The best first; quantities whose probe would say nothing are left out."""
    verdicts = [verdict for verdict in findings.verdicts if verdict.side == side.name]
    missing = {name for name, q in findings.spec.quantities.items() if q.role == "value" and not side.has(name)}
    found = [_suggestion(findings.spec, side, verdicts, name, missing) for name in missing]
    order = list(findings.spec.quantities)
    return sorted((one for one in found if one.score), key=lambda one: (-one.score, order.index(one.quantity.name)))


def _suggestion(spec: Spec, side: Side, verdicts: Collection[Verdict], name: str, missing: Collection[str]) -> Suggestion:
    own = {equation.clause for equation in spec.definitions.get(name, ())}
    judges = tuple(v.clause for v in verdicts if v.clause in own and v.reason is Reason.NO_PROBE and f"`{name}`" in v.detail)
    splits = tuple(_splits(spec, verdicts, name, missing))
    pairs = sum((split.before - split.after) * split.after for split in splits)
    return Suggestion(spec.quantities[name], judges, splits, pairs + len(judges))


def _splits(spec: Spec, verdicts: Collection[Verdict], name: str, missing: Collection[str]) -> Iterator[Split]:
    for verdict in verdicts:
        group = {verdict.clause, *verdict.spoken}
        if len(group) > 1 and not verdict.open:
            kept = _spoken(spec, verdict.clause, {other for other in missing if other != name}, group)
            if len(kept) < len(group):
                yield Split(verdict.clause, len(group), len(kept))


def _spoken(spec: Spec, clause: str, missing: Collection[str], group: Collection[str]) -> set[str]:
    """The clauses of a group that still stand in for a value, if only these are missing."""
    found, waiting = {clause}, [clause]
    while waiting:
        for name in _uses(spec, waiting.pop()):
            if name in missing:
                new = {e.clause for e in spec.definitions.get(name, ()) if e.clause in group} - found
                found |= new
                waiting += new
    return found


def _uses(spec: Spec, clause: str) -> set[str]:
    one = spec.by_id[clause]
    parts = [*(e.right for e in one.equations), *(e.guard for e in one.equations), *(r.condition for r in one.requirements), *(r.guard for r in one.requirements)]
    return set().union(*(operands(part, spec.quantities) for part in parts))


def groups(findings: Findings, side: str) -> Mapping[str, tuple[str, ...]]:
    """Of each verdict that speaks for more than its own clause, all the clauses of its group."""
    ids = [clause.id for clause in findings.spec.clauses]
    return {v.clause: tuple(sorted({v.clause, *v.spoken}, key=ids.index)) for v in findings.verdicts if v.side == side and v.spoken and not v.open}
