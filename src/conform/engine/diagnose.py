"""From verdicts to a diagnosis: the first break, the other roots, what follows from each, what is computed instead.

First means first in the clause graph, then in loop order. Every break is a root: clauses are judged on the operands that
the side itself traced, so no break is a mere consequence of another. What a side's own values show to be a lie of its trace
is told apart before anything is blamed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from conform.engine.alike import Reached, Unlike, unlike
from conform.engine.ambiguous import flips_at
from conform.engine.chains import as_equation
from conform.engine.check import Findings
from conform.engine.conditions import decides_instead
from conform.engine.given import Given, differences
from conform.engine.honesty import Lie, lies
from conform.engine.instead import Instead, computes_instead
from conform.engine.operands import Side
from conform.engine.parity import Parity, coordinates
from conform.engine.repairs import Leftover, Repair, Root, broken_by, sides_beside
from conform.engine.rework import downstream
from conform.engine.tolerances import Profile
from conform.engine.verdicts import Sample, Verdict
from conform.engine.waterfall import Waterfall, waterfall
from specs_dsl.spec import Equation, Requirement
from specs_dsl.syntax import Compare, Name, walk

__all__ = ["Diagnosis", "Repair", "Root", "diagnose", "downstream", "where"]


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
    roots = _roots(findings, profiles)
    beside = sides_beside(findings, roots, profiles, tick)
    given = tuple(differences(findings.sides, beside.parity))
    return Diagnosis(roots, beside.repairs, beside.parity, beside.incomparable, given, tuple(unlike(findings.sides, asked, _reached(findings, given))), _fall(findings, roots, profiles, final), beside.left)


def _reached(findings: Findings, given: Sequence[Given]) -> Reached:
    """What a break is said of, or a difference of inputs; a requirement speaks of what a side has read."""
    spec, read = findings.spec, {one.quantity for one in given}
    computed = set()
    for verdict in findings.breaks:
        statement = spec.by_id[verdict.clause].statements[verdict.broken.statement] if verdict.broken is not None else None
        match statement:
            case Equation(target=target):
                computed.add(target)
            case Requirement(condition=Compare(operands=(left, *_))):
                read |= {part.text for part in walk(left) if isinstance(part, Name) and part.text in spec.quantities}
    return Reached(
        frozenset(read | computed).union(*(downstream(spec, name) for name in read | computed)),
        frozenset(axis for name in read for axis in spec.quantities[name].axes),
    )


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
    equation = as_equation(clause.statements[verdict.broken.statement], findings.spec)
    instead = Instead()
    if equation is not None and findings.spec.quantities[equation.target].kind in ("number", "count", "choice"):
        instead = computes_instead(equation, _side(findings, verdict.side), profiles, verdict.broken)
    elif equation is not None and findings.spec.quantities[equation.target].kind == "flag":
        instead = decides_instead(equation, _side(findings, verdict.side), dict(profiles))
    flips = flips_at(equation, _side(findings, verdict.side), profiles, verdict.worst) if equation is not None and lie is None else ""
    return Root(clause, verdict, others, instead, lie, flips)


def _side(findings: Findings, name: str) -> Side:
    return next(side for side in findings.sides if side.name == name)


def _fall(findings: Findings, roots: Sequence[Root], profiles: Mapping[str, Profile], final: str | None) -> Waterfall | None:
    if final is None or final not in findings.spec.quantities or not roots:
        return None
    first = roots[0].verdict.broken
    element = first.first.at.get(findings.sides[0].tile_axis, 0) if first and first.first else 0
    broken = {side.name: broken_by(roots, findings.spec, side.name) for side in findings.sides}
    return waterfall(findings.sides[:2], broken, profiles, final, element)


def where(sample: Sample, side: Side) -> dict[str, int]:
    """The place of an element, with the coordinates that the side traced for it; loops of a single turn say nothing."""
    place = {axis: i for axis, i in sample.at.items() if side.size(axis) != 1 or axis == side.tile_axis}
    for name, axis in coordinates(side.spec).items():
        if axis in place and side.has(name):
            place[name] = int(side.bundle.values(name)[place[axis]])
    return place
