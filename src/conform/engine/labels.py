"""Wrong labels: values that are printed in another unit than their name says, while the computation is right.

A clause that breaks by one and the same power of ten, or a known conversion, on all its elements is either computed so or
labelled so. It is the label if one factor on one quantity makes every clause that speaks of it hold: that which defines it
and those that follow from it. Where one clause alone speaks of it, a neighbour must have the same value once the unit is put
right. The side is then judged with the true unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, log10, pi

import numpy as np

from conform.engine.check import judge_side
from conform.engine.operands import Side
from conform.engine.tolerances import Profile
from conform.engine.verdicts import Outcome, Verdict
from conform.memo import conversion
from specs_dsl.spec import Clause, Equation, Requirement, Spec
from specs_dsl.syntax import Name, walk

CONVERSIONS = (180 / pi, pi / 180, 2 * pi, 1 / (2 * pi))
LARGEST = 30                             # powers of ten either way
CLOSE = 1e-6
ALIKE = 1e-3                             # of two sides, one of which may be wrong as well, but not in its unit
MOST = 8                                 # labels of one side that are put right


@dataclass(frozen=True, slots=True)
class WrongLabel:
    """`factor` brings what the label says to what the numbers are; `clauses` hold with it. `raw`: the name in the log."""

    side: str
    quantity: str
    raw: str
    says: str                            # the unit on the label
    true: str                            # the unit of the numbers
    factor: float
    clauses: tuple[str, ...]
    declared: bool = False               # the dialect knew


def with_true_units(side: Side, profiles: Mapping[str, Profile], beside: Sequence[Side] = ()) -> Side:
    """The side as it is once its wrong labels are put right, one after the other; it then says which they were."""
    found: list[WrongLabel] = []
    verdicts = _judged(side, profiles)
    for _ in range(MOST):
        better = _best(side, verdicts, profiles, beside)
        if better is None:
            break
        label, side, verdicts = better
        found.append(label)
    changed = {label.quantity for label in found}
    declared = [label for label in _declared(side, verdicts) if label.quantity not in changed]
    side = replace(side, wrong_labels=(*declared, *found))
    side.verdicts = tuple(verdicts.values())
    return side


def _judged(side: Side, profiles: Mapping[str, Profile], clauses: Sequence[Clause] | None = None) -> dict[str, Verdict]:
    spec = side.spec if clauses is None else replace(side.spec, clauses=tuple(clauses))
    return {v.clause: v for v in judge_side(spec, side, profiles, lambda: None)}


def _best(side: Side, verdicts: Mapping[str, Verdict], profiles: Mapping[str, Profile], beside: Sequence[Side]) -> tuple[WrongLabel, Side, dict[str, Verdict]] | None:
    """The one factor that mends most clauses, all that speak of its quantity among them."""
    best, most = None, 0
    for name, factor in dict.fromkeys(_candidates(side, verdicts)):
        tried = replace(side, factors={**side.factors, name: side.factors.get(name, 1.0) * factor})
        speaking = _judged(tried, profiles, [clause for clause in side.spec.clauses if _speaks_of(side.spec, clause, name)])
        holding = tuple(v.clause for v in speaking.values() if v.outcome in (Outcome.HOLDS, Outcome.TIE))
        mended = sum(verdicts[clause].breaks for clause in speaking)
        borne_out = len(holding) > 1 or (holding and any(_is_the_same(tried, other, name) for other in beside))
        if not any(v.breaks for v in speaking.values()) and borne_out and mended > most:
            after = _judged(tried, profiles)
            if sum(v.breaks for v in after.values()) < sum(v.breaks for v in verdicts.values()):
                best, most = (_label(side, name, factor, holding), tried, after), mended
    return best


def _candidates(side: Side, verdicts: Mapping[str, Verdict]) -> Iterator[tuple[str, float]]:
    """What a break speaks of, and the factor between what was traced and what is required."""
    for verdict in verdicts.values():
        part = verdict.broken
        if not verdict.breaks or part is None or part.first is None or part.broken < part.judged:
            continue
        factor = known_factor(part.first.traced / part.first.required if part.first.required else 0.0)
        statements = [*side.spec.by_id[verdict.clause].equations, *side.spec.by_id[verdict.clause].requirements]
        if factor is not None:
            for name in sorted(_names(statements[part.statement], side.spec)):
                if side.has(name) and side.spec.quantities[name].kind == "number" and side.spec.quantities[name].unit not in ("", "1"):   # else there is no label
                    yield name, factor
                    yield name, 1 / factor


def known_factor(ratio: float) -> float | None:
    """The power of ten or the conversion that a ratio is, if it is one and not 1."""
    size = abs(ratio)
    if not isfinite(size) or size == 0 or ratio < 0:
        return None
    power = round(log10(size))
    if power and abs(power) <= LARGEST and abs(size / 10.0**power - 1) < CLOSE:
        return 10.0**power
    return next((factor for factor in CONVERSIONS if abs(size / factor - 1) < CLOSE), None)


def _names(statement: Equation | Requirement, spec: Spec) -> set[str]:
    node, targets = (statement.right, {statement.target}) if isinstance(statement, Equation) else (statement.condition, set())
    return targets | {part.text for part in walk(node) if isinstance(part, Name) and part.text in spec.quantities}


def _speaks_of(spec: Spec, clause: Clause, name: str) -> bool:
    return name in spec.once(("speaks of", clause.id), lambda: frozenset().union(*(_names(one, spec) for one in clause.statements)))


def _is_the_same(side: Side, other: Side, name: str) -> bool:
    """Whether both have the value, and not the one a multiple of the other."""
    if not other.has(name) or other.bundle.manifest.quantities[name].axes != side.bundle.manifest.quantities[name].axes:
        return False
    a, b = (np.asarray(one.bundle.values(name)) * one.factors.get(name, 1.0) for one in (side, other))
    if a.shape != b.shape:
        return False
    there = ~np.logical_or.reduce([np.zeros(a.shape, bool), *(mask for one in (side, other) if (mask := one.bundle.unset(name)) is not None)])
    largest = max(np.abs(a[there]).max(initial=0.0), np.abs(b[there]).max(initial=0.0))
    return bool(largest > 0 and (np.abs(a - b)[there] <= ALIKE * largest).all())


def _is_said(side: Side, name: str, factor: float) -> bool:
    """Whether the factor leads to the unit that the raw name says: the log is of a version that the dialect does not mean."""
    label = side.bundle.manifest.quantities[name].label
    said = conversion(side.spec.units, label, side.spec.quantities[name].unit) if label else None
    return said is not None and abs(side.factors.get(name, side.spec.quantities[name].factor) * factor / said - 1) < CLOSE


def _label(side: Side, name: str, factor: float, clauses: tuple[str, ...]) -> WrongLabel:
    entry, quantity = side.bundle.manifest.quantities[name], side.spec.quantities[name]
    total = side.factors.get(name, 1.0) * factor
    relative = total / quantity.factor
    true = quantity.unit if abs(relative - 1) < CLOSE else f"{relative:g} {quantity.unit}"
    says = entry.label or entry.unit
    if _is_said(side, name, factor):
        true, says = entry.label, entry.unit
    return WrongLabel(side.name, name, entry.raw or name, says or "1", true or "1", factor, clauses)


def _declared(side: Side, verdicts: Mapping[str, Verdict]) -> Iterator[WrongLabel]:
    """Labels that the dialect itself calls wrong, where the rules bear it out."""
    for name, entry in side.bundle.manifest.quantities.items():
        if not entry.label or name not in side.spec.quantities:
            continue
        speaking = [v for clause, v in verdicts.items() if _speaks_of(side.spec, side.spec.by_id[clause], name)]
        holding = tuple(v.clause for v in speaking if v.outcome in (Outcome.HOLDS, Outcome.TIE))
        if holding:
            yield WrongLabel(side.name, name, entry.raw or name, entry.label, entry.unit or "1", 1.0, holding, declared=True)
