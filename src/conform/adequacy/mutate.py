"""Every mistake on every clause, as a faulty program would make it: which of them does the clause notice on this run?

The faulty program is the clause itself with one mistake in it, evaluated on what a side traced. A clause is judged on the
side's own operands, so that a mistake shows at its own clause or nowhere, but for properties that an earlier clause requires.
What is noticed is also asked for its name: which variant would the diagnosis find first?
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from conform.adequacy.naming import Names, Sample, sampled
from conform.engine.check import arithmetic_of, tiles
from conform.engine.compare import Allowance, compare_values
from conform.engine.judge import judge_requirement
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.tiling import in_one_piece
from conform.engine.tolerances import Profile
from conform.engine.values import Truth, Value, as_number
from conform.engine.variants import Variant, found_by, mistakes
from specs_dsl.order import operands as operands_of
from specs_dsl.spec import Clause, Equation


SAMPLE = 16                              # of the tiled axis: most mistakes show on a few of its elements, and need no more


class Fate(Enum):
    KILLED = "the clause breaks"
    UNSEEN = "no element of this run tells it from what is required"
    EQUIVALENT = "rounding alone tells it from what is required, whatever the operands are"
    WITHIN = "it differs, but by no more than a correct program may"


@dataclass(frozen=True, slots=True)
class Tried:
    """One mistake. `case`: the number of the statement in its clause. `most`: its largest distance from what is required,
    in bounds, as far as was looked. `localised`: no earlier clause breaks. `named`: what the diagnosis would call it."""

    clause: str
    case: int
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
    case: int
    target: str
    reason: str


def together(runs: Iterable[Sequence[Tried | Skipped]]) -> list[Tried | Skipped]:
    """Of several runs: a mistake is killed if one of them shows it; a statement is skipped if all of them do."""
    tried: dict[tuple[str, int, str], Tried] = {}
    skipped: dict[tuple[str, int], Skipped] = {}
    for one in (one for run in runs for one in run):
        if isinstance(one, Skipped):
            skipped.setdefault((one.clause, one.case), one)
            continue
        key = (one.clause, one.case, one.text)
        tried[key] = _worse(tried.get(key), one)
    seen = {(one.clause, one.case) for one in tried.values()}
    return [*tried.values(), *(one for key, one in skipped.items() if key not in seen)]


def _worse(before: Tried | None, one: Tried) -> Tried:
    order = [Fate.UNSEEN, Fate.WITHIN, Fate.KILLED]
    if before is None or order.index(one.fate) > order.index(before.fate):
        return one
    if order.index(one.fate) < order.index(before.fate):
        return before
    better_name = before.named != before.text and one.named == one.text
    return replace(one if better_name else before, most=max(before.most, one.most), localised=before.localised and one.localised)


def told_apart(equation: Equation, side: Side) -> list[Variant]:
    """Every mistake in one statement; of two that are made at several places each has its own words."""
    count: dict[str, int] = {}
    found = []
    for variant in mistakes(equation, side):
        count[variant.text] = number = count.get(variant.text, 0) + 1
        found.append(variant if number == 1 else replace(variant, text=f"{variant.text} (place {number})"))
    return found


def mutate_equation(clause: Clause, case: int, side: Side, profiles: Mapping[str, Profile], noticed: Collection[str] = ()) -> Iterator[Tried | Skipped]:
    """All mistakes in one statement of a clause. `noticed`: those that another run has shown already, and that are not made again."""
    equation = clause.equations[case]
    math, profile = arithmetic_of(side, profiles, equation)
    scopes, reason = _scopes(equation, side, math, _parts(clause, case, side))
    if not scopes:
        yield Skipped(clause.id, case, equation.target, reason)
        return
    allowance = Allowance(profile.slack_of(clause.id), math.precision.unit, equation.tolerance)
    trial = _Trial(clause, case, scopes, allowance, profile)
    found = [one for variant in told_apart(equation, side) if variant.text not in noticed and (one := trial.of(variant)) is not None]
    names = Names(told_apart(equation, side))
    for variant, tried, sample in found:
        yield replace(tried, named=names.of(sample) if tried.fate is Fate.KILLED else "")


Scope = tuple[Operands, Value, Truth | None]


def _parts(clause: Clause, case: int, side: Side) -> list[slice]:
    """A few elements from all over the outermost axis, then its tiles."""
    size = side.size(side.tile_axis) or 0
    few = [slice(0, size, size // SAMPLE)] if size > 4 * SAMPLE and (clause.id, case) not in in_one_piece(side) else []
    return [*few, *tiles(side)]


def _scopes(equation: Equation, side: Side, math, parts: Sequence[slice]) -> tuple[list[Scope], str]:
    """Of each part where the guard is true anywhere, the operands and what the clause requires."""
    found: list[Scope] = []
    reason = "its guard is never true"
    with np.errstate(all="ignore"):
        for part in parts:
            operands = Operands(side, math, part)
            try:
                guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
                if guard is not None and guard.missing is None and guard.never:
                    continue
                right = operands.right(equation)
            except Unavailable as error:
                reason = str(error)
                continue
            found.append((operands, as_number(right), guard))
    return found, reason


@dataclass(frozen=True)
class _Trial:
    clause: Clause
    case: int
    scopes: Sequence[Scope]
    allowance: Allowance
    profile: Profile

    @property
    def target(self) -> str:
        return self.clause.equations[self.case].target

    def of(self, variant: Variant) -> tuple[Variant, Tried, Sample | None] | None:
        """None if the mistake cannot be made here: no value comes of it."""
        most, seen, differs, sample = 0.0, False, False, None
        for number, (operands, right, guard) in enumerate(self.scopes):
            made = found_by(variant, operands)
            if made is None:
                return None
            wrong = as_number(made)
            if not set(wrong.axes) <= set(operands.spec.quantities[self.target].axes):
                return None              # no value of the target's form comes of it
            # What the faulty program computes is taken as it is: it has rounded already.
            traced = Value(wrong.axes, wrong.data, missing=wrong.missing, whole=wrong.whole)
            with np.errstate(all="ignore"):
                found = compare_values(traced, right, guard, operands.order, self.allowance, ())
            judged = found.judged
            seen = seen or bool(judged.any())
            differs = differs or bool((found.residual[judged] > _reach(wrong, right, found.axes, operands, judged)).any())
            most = max(most, float(np.where(judged & ~found.tie, found.ratio, 0.0).max(initial=0.0)))
            if found.broken.any():
                sample = sampled(number, found, operands)
                break
        if not seen:
            return None
        fate = Fate.KILLED if most > 1 else Fate.WITHIN if differs else Fate.UNSEEN
        first = fate is not Fate.KILLED or not self._earlier_breaks(variant)
        return variant, Tried(self.clause.id, self.case, self.target, variant.operator, variant.text, fate, most, first), sample

    def _earlier_breaks(self, variant: Variant) -> bool:
        """Whether a property that a clause before this one requires of the target breaks with the mistake."""
        spec, target = self.scopes[0][0].spec, self.target
        before = spec.clauses[: [c.id for c in spec.clauses].index(self.clause.id)]
        required = [(c, i, r) for c in before for i, r in enumerate(c.requirements) if target in operands_of(r.condition, spec.quantities)]
        for _, number, requirement in required:
            for operands, _, _ in self.scopes:
                wrong = found_by(variant, operands)
                if not isinstance(wrong, Value):
                    continue             # no requirement speaks of what a condition must be
                again = operands.but(target, lambda _, wrong=wrong: replace(wrong, bound=0.0, wide=None))  # type: ignore[misc]
                with np.errstate(all="ignore"):
                    if judge_requirement(requirement, number, again, self.profile.slack_of(requirement.clause)).broken:
                        return True
        return False


def _reach(wrong: Value, right: Value, axes, operands: Operands, where: np.ndarray) -> np.ndarray:
    """How far the two may be apart by rounding alone: within it they are the same on this run."""
    bounds = [np.asarray(operands.order.spread(value.bound, value.axes, axes)) for value in (wrong, right)]
    return np.broadcast_to(bounds[0] + bounds[1], where.shape)[where]
