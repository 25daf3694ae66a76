"""From verdicts to a diagnosis: the first break, the other roots, what follows from each, what is computed instead.

First means first in the clause graph, then in loop order. Every break is a root: clauses are judged on the operands that
the side itself traced, so no break is a mere consequence of another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from conform.engine.check import Findings
from conform.engine.instead import Instead, computes_instead
from conform.engine.operands import Side
from conform.engine.parity import Parity, compare, coordinates, same_elements
from conform.engine.tolerances import Profile
from conform.engine.verdicts import Outcome, Sample, Verdict
from specs_dsl.order import needs
from specs_dsl.spec import Clause, Spec


@dataclass(frozen=True)
class Root:
    """One break. `others` are the verdicts of the same clause on the other sides."""

    clause: Clause
    verdict: Verdict
    others: tuple[Verdict, ...]
    instead: Instead = Instead()


@dataclass(frozen=True)
class Repair:
    """What the first break explains: the quantities that differ because of it, and whether all agree once it is mended."""

    clause: str
    side: str
    against: str
    differing: tuple[Parity, ...]
    still: tuple[Parity, ...]
    given: tuple[str, ...] = ()          # what the rules take as given and the two sides have differently


@dataclass(frozen=True)
class Diagnosis:
    roots: tuple[Root, ...]
    repair: Repair | None
    parity: tuple[Parity, ...]
    incomparable: str = ""               # why the sides were not compared with each other


def diagnose(findings: Findings, profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None) -> Diagnosis:
    """The diagnosis of a finished check; the expensive part is proportional to what is broken."""
    roots = tuple(_root(findings, verdict, profiles) for verdict in sorted(findings.breaks, key=lambda v: _place(findings, v)))
    parity, incomparable = _parity(findings, profiles, tick)
    repair = _repair(findings, roots[0], profiles, parity) if roots else None
    return Diagnosis(roots, repair, parity, incomparable)


def _place(findings: Findings, verdict: Verdict) -> tuple:
    """Graph order of the clause, then loop order of the first broken element, then the order of the sides."""
    ids = [clause.id for clause in findings.spec.clauses]
    names = [side.name for side in findings.sides]
    first = verdict.broken.first.order() if verdict.broken and verdict.broken.first else ()
    return ids.index(verdict.clause), first, names.index(verdict.side)


def _root(findings: Findings, verdict: Verdict, profiles: Mapping[str, Profile]) -> Root:
    clause = findings.spec.by_id[verdict.clause]
    others = tuple(v for v in findings.verdicts if v.clause == verdict.clause and v.side != verdict.side)
    assert verdict.broken is not None
    equation = next((e for i, e in enumerate(clause.equations) if i == verdict.broken.statement), None)
    instead = Instead()
    if equation is not None and findings.spec.quantities[equation.target].kind in ("number", "count"):
        instead = computes_instead(equation, _side(findings, verdict.side), profiles, verdict.broken)
    return Root(clause, verdict, others, instead)


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


def downstream(spec: Spec, target: str) -> frozenset[str]:
    """Every quantity whose definition needs `target`, directly or through others."""
    above = needs(spec.clauses, spec.quantities)
    below = {target}
    for name in TopologicalSorter(above).static_order():
        if above[name] & below:
            below.add(name)
    return frozenset(below - {target})


def _repair(findings: Findings, root: Root, profiles: Mapping[str, Profile], parity: Sequence[Parity]) -> Repair | None:
    """Put what the clause requires in the place of what the side has, recompute what follows, and compare again."""
    sound = next((v.side for v in root.others if v.outcome in (Outcome.HOLDS, Outcome.TIE)), None)
    if sound is None or root.verdict.broken is None or root.verdict.broken.target not in findings.spec.quantities:
        return None
    target = root.verdict.broken.target
    below = downstream(findings.spec, target)
    pair = {root.verdict.side, sound}
    differing = tuple(p for p in parity if set(p.sides) == pair and not p.agree and p.quantity in below | {target})
    mended = compare(findings.spec, _side(findings, root.verdict.side), _side(findings, sound), profiles, repaired=below | {target})
    given = tuple(p.quantity for p in parity if set(p.sides) == pair and not p.agree and findings.spec.quantities[p.quantity].role == "input")
    return Repair(root.clause.id, root.verdict.side, sound, differing, tuple(p for p in mended if not p.agree), given)


def where(sample: Sample, side: Side) -> dict[str, int]:
    """The place of an element, with the coordinates that the side traced for it; loops of a single turn say nothing."""
    place = {axis: i for axis, i in sample.at.items() if side.size(axis) != 1 or axis == side.tile_axis}
    for name, axis in coordinates(side.spec).items():
        if axis in place and side.has(name):
            place[name] = int(side.bundle.values(name)[place[axis]])
    return place
