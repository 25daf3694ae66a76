"""Every mistake on every clause, as a faulty program would make it: which of them does the clause notice on this run?

The faulty program is the clause itself with one mistake in it, evaluated on what a side traced. A clause is judged on the
side's own operands, so that a mistake shows at its own clause or nowhere, but for properties that an earlier clause requires.
What is noticed is also asked for its name: which variant would the diagnosis find first?
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from conform.engine.check import arithmetic_of, tiles
from conform.engine.compare import Allowance, Compared, compare_values
from conform.engine.judge import judge_requirement
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.tolerances import Profile
from conform.engine.values import Truth, Value
from conform.engine.variants import Variant, by_operand, constants, expressions, operand_variants, value_of
from specs_dsl.order import operands as operands_of
from specs_dsl.spec import Clause, Equation, Spec

SAMPLE = 500                             # broken elements on which a mistake is asked for its name


class Fate(Enum):
    KILLED = "the clause breaks"
    UNSEEN = "no element of this run tells it from what is required"
    WITHIN = "it differs, but by no more than a correct program may"


@dataclass(frozen=True, slots=True)
class Tried:
    """One mistake. `most`: its largest distance from what is required, in bounds. `localised`: no earlier clause breaks.
    `named`: what the diagnosis would call it."""

    clause: str
    target: str
    operator: str
    text: str
    fate: Fate
    most: float
    localised: bool = True
    named: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A statement that could not be tried on this run, and why."""

    clause: str
    target: str
    reason: str


def mutate(spec: Spec, side: Side, profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None) -> Iterator[Tried | Skipped]:
    """All mistakes on all clauses that this side can show, in graph order."""
    for clause in spec.clauses:
        for equation in clause.equations:
            yield from mutate_equation(clause, equation, side, profiles)
        tick()


def together(runs: Iterable[Sequence[Tried | Skipped]]) -> list[Tried | Skipped]:
    """Of several runs: a mistake is killed if one of them shows it; a statement is skipped if all of them do."""
    tried: dict[tuple[str, str, str], Tried] = {}
    skipped: dict[tuple[str, str], Skipped] = {}
    for one in (one for run in runs for one in run):
        if isinstance(one, Skipped):
            skipped.setdefault((one.clause, one.target), one)
            continue
        key = (one.clause, one.target, one.text)
        tried[key] = _worse(tried.get(key), one)
    seen = {(one.clause, one.target) for one in tried.values()}
    return [*tried.values(), *(one for key, one in skipped.items() if key not in seen)]


def _worse(before: Tried | None, one: Tried) -> Tried:
    order = [Fate.UNSEEN, Fate.WITHIN, Fate.KILLED]
    if before is None or order.index(one.fate) > order.index(before.fate):
        return one
    better_name = one.fate is before.fate is Fate.KILLED and before.named != before.text and one.named == one.text
    return one if better_name else replace(before, most=max(before.most, one.most))


def mutate_equation(clause: Clause, equation: Equation, side: Side, profiles: Mapping[str, Profile]) -> Iterator[Tried | Skipped]:
    """All mistakes in one equation."""
    if side.spec.quantities[equation.target].kind in ("flag", "choice"):
        yield Skipped(clause.id, equation.target, "a condition")
        return
    math, profile = arithmetic_of(side, profiles)
    scopes, reason = _scopes(equation, side, math)
    if not scopes:
        yield Skipped(clause.id, equation.target, reason)
        return
    allowance = Allowance(profile.slack_of(clause.id), math.precision.unit, equation.tolerance)
    trial = _Trial(clause, equation, scopes, allowance, profile)
    variants = (*constants(equation), *expressions(equation, side.spec), *operand_variants(equation, side), *by_operand(equation, side))
    found = [one for variant in variants if (one := trial.of(variant)) is not None]
    names = _Names([(variant, sample) for variant, _, sample in found])
    for variant, tried, sample in found:
        yield replace(tried, named=names.of(sample) if tried.fate is Fate.KILLED else "")


Scope = tuple[Operands, Value, Truth | None]


def _scopes(equation: Equation, side: Side, math) -> tuple[list[Scope], str]:
    """Of each tile where the guard is true anywhere, the operands and what the clause requires."""
    found: list[Scope] = []
    reason = "its guard is never true"
    with np.errstate(all="ignore"):
        for tile in tiles(side):
            operands = Operands(side, math, tile)
            try:
                guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
                if guard is not None and guard.missing is None and guard.never:
                    continue
                right = operands.right(equation)
            except Unavailable as error:
                reason = str(error)
                continue
            if isinstance(right, Value):
                found.append((operands, right, guard))
    return found, reason


@dataclass(frozen=True)
class _Sample:
    """A mistake at some broken elements of the tile that shows it first: `scope` is its number."""

    scope: int
    places: np.ndarray
    wrong: np.ndarray
    allowed: np.ndarray
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    operands: Operands


@dataclass(frozen=True)
class _Trial:
    clause: Clause
    equation: Equation
    scopes: Sequence[Scope]
    allowance: Allowance
    profile: Profile

    def of(self, variant: Variant) -> tuple[Variant, Tried, _Sample | None] | None:
        """None if the mistake cannot be made here: no value comes of it."""
        most, seen, differs, sample = 0.0, False, False, None
        for number, (operands, right, guard) in enumerate(self.scopes):
            wrong = value_of(variant, operands)
            if wrong is None:
                return None
            # What the faulty program computes is taken as it is: it has rounded already.
            traced = Value(wrong.axes, wrong.data, missing=wrong.missing, whole=wrong.whole)
            with np.errstate(all="ignore"):
                found = compare_values(traced, right, guard, operands.order, self.allowance, ())
            judged = found.judged
            seen = seen or bool(judged.any())
            differs = differs or bool((found.residual[judged] > _reach(wrong, right, found.axes, operands, judged)).any())
            most = max(most, float(np.where(judged & ~found.tie, found.ratio, 0.0).max(initial=0.0)))
            if sample is None and found.broken.any():
                sample = _sampled(number, found, operands)
        if not seen:
            return None
        fate = Fate.KILLED if most > 1 else Fate.WITHIN if differs else Fate.UNSEEN
        first = fate is not Fate.KILLED or not self._earlier_breaks(variant)
        return variant, Tried(self.clause.id, self.equation.target, variant.operator, variant.text, fate, most, first), sample

    def _earlier_breaks(self, variant: Variant) -> bool:
        """Whether a property that a clause before this one requires of the target breaks with the mistake."""
        spec, target = self.scopes[0][0].spec, self.equation.target
        before = spec.clauses[: [c.id for c in spec.clauses].index(self.clause.id)]
        required = [(c, i, r) for c in before for i, r in enumerate(c.requirements) if target in operands_of(r.condition, spec.quantities)]
        for _, number, requirement in required:
            for operands, _, _ in self.scopes:
                wrong = value_of(variant, operands)
                changed = {target: lambda _, wrong=wrong: replace(wrong, bound=0.0, wide=None)}
                again = Operands(operands.side, operands.math, operands.tile, changed=changed)  # type: ignore[arg-type]
                with np.errstate(all="ignore"):
                    if judge_requirement(requirement, number, again, self.profile.slack_of(requirement.clause)).broken:
                        return True
        return False


def _sampled(number: int, found: Compared, operands: Operands) -> _Sample:
    places = np.flatnonzero(found.broken)
    places = places[:: max(1, len(places) // SAMPLE)]
    return _Sample(number, places, found.traced.ravel()[places], found.allowed.ravel()[places], found.broken.shape, found.axes, operands)


@dataclass
class _Names:
    """Which variant of a clause would be found first for a mistake: the search takes them in this order."""

    variants: Sequence[tuple[Variant, _Sample | None]]
    _values: dict[tuple[int, int], Value | None] = field(default_factory=dict)

    def of(self, sample: _Sample | None) -> str:
        if sample is None:
            return ""
        return next((variant.text for i, (variant, _) in enumerate(self.variants) if self._fits(i, variant, sample)), "")

    def _fits(self, i: int, variant: Variant, sample: _Sample) -> bool:
        value = self._value(i, variant, sample)
        if value is None or not set(value.axes) <= set(sample.axes):
            return False
        order = sample.operands.order
        data, bound = (np.broadcast_to(np.asarray(order.spread(part, value.axes, sample.axes)), sample.shape).ravel()[sample.places] for part in (value.data, value.bound))
        with np.errstate(all="ignore"):
            return bool((np.abs(data - sample.wrong) <= 2 * bound + 4 * np.finfo(float).eps * np.abs(data)).all())

    def _value(self, i: int, variant: Variant, sample: _Sample) -> Value | None:
        if (i, sample.scope) not in self._values:
            self._values[i, sample.scope] = value_of(variant, sample.operands)
        return self._values[i, sample.scope]


def _reach(wrong: Value, right: Value, axes, operands: Operands, where: np.ndarray) -> np.ndarray:
    """How far the two may be apart by rounding alone: within it they are the same on this run."""
    bounds = [np.asarray(operands.order.spread(value.bound, value.axes, axes)) for value in (wrong, right)]
    return np.broadcast_to(bounds[0] + bounds[1], where.shape)[where]
