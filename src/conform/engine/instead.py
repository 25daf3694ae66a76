"""What does the broken side compute instead? Variants of the clause, tried on the elements that break.

A variant is reported if it fits all of them within the bound. It is tried on one pixel first, so that many can be tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from conform.engine.check import arithmetic, arithmetic_of, tiles
from conform.engine.compare import Allowance, Compared, compare_values
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.operators import mutants
from conform.engine.tolerances import Profile
from conform.engine.values import Truth, Value
from conform.engine.variants import Variant, negated, of_mutant, value_of, variants
from conform.engine.verdicts import Partial
from specs_dsl.printer import show
from specs_dsl.spec import Equation

RATIOS = {
    2.0: "twice what is required", 0.5: "half of what is required", -1.0: "what is required, with the other sign",
    4.0: "four times what is required", 1e10: "what is required, in ångströms instead of metres", 1e-10: "what is required, in units of 1e10",
    1e3: "a thousand times what is required", 1e-3: "a thousandth of what is required", 1e4: "what is required, in cm² instead of m²",
    100.0: "a hundred times what is required", 0.01: "a hundredth of what is required",
    180 / np.pi: "what is required, in degrees instead of radians", np.pi / 180: "what is required, divided by 180/pi",
    np.pi: "pi times what is required", 1 / np.pi: "what is required, divided by pi", 2 * np.pi: "2 pi times what is required",
}
LEAST_OF_SINGLE = 0.02                   # of the bound of single precision: an error that is always far smaller is another
EVALUATIONS = 400_000                    # nodes of expressions on one pixel: where the search for pairs of mistakes ends
SINGLE = "the same in single precision: float32 where float64 is claimed"


@dataclass(frozen=True, slots=True)
class Instead:
    """`text` completes "the side computes …"; `equation` is that in the rules language, where it can be said so.
    `cut`: where nothing was found, and not everything was tried, after how many pairs of mistakes the search ended."""

    text: str = ""
    equation: str = ""
    cut: int = 0


def computes_instead(equation: Equation, side: Side, profiles: Mapping[str, Profile], part: Partial) -> Instead:
    """The first variant that fits every broken element; one mistake first, then a plain factor, then pairs of mistakes."""
    math, profile = arithmetic_of(side, profiles, equation)
    allowance = Allowance(profile.slack_of(equation.clause), math.precision.unit)
    search = _Search(equation, side, allowance, [Operands(side, math, tile) for tile in tiles(side)], _sample_of(side, math, part))
    if found := search.first(variants(equation, side, part.broken_at)):
        return Instead(found.text, found.equation)
    if side.spec.quantities[equation.target].kind == "choice":
        return Instead()                 # one of some words: no number is a factor of it
    if search.holds_singles():
        return Instead(SINGLE, f"{equation.target} = f32({show(equation.right)})")
    if constant := _constant(search.ratios(), equation, side):
        return constant
    if offset := search.offset():
        return Instead(f"what is required, plus {offset:.6g}", f"{equation.target} = {show(equation.right)} + {offset:.6g}")
    if found := search.first(negated(equation, side)):
        return Instead(found.text)
    if (found := search.first(_in_single(equation, side, profiles))) and search.reach(found) > LEAST_OF_SINGLE:
        return Instead(found.text)
    pairs = _Limited(_pairs(equation), search.sample)
    if found := search.first(iter(pairs)):
        return Instead(found.text, found.equation)
    return Instead(cut=pairs.given if pairs.cut else 0)


@dataclass
class _Limited:
    """Variants as long as trying them on the sample takes no more than `EVALUATIONS`. A fold of many turns has few, other
    clauses all of them; and always the same ones, on any machine."""

    variants: Iterator[Variant]
    sample: Operands
    given: int = 0
    cut: bool = False

    def __iter__(self) -> Iterator[Variant]:
        most = self.sample.evaluator.evaluations + EVALUATIONS
        for variant in self.variants:
            if self.sample.evaluator.evaluations > most:
                self.cut = True
                return
            self.given += 1
            yield variant


def _sample_of(side: Side, math, part: Partial) -> Operands:
    """The one pixel with the first broken element."""
    at = (part.first.at if part.first else {}).get(side.tile_axis, 0)
    return Operands(side, math, slice(at, at + 1))


@dataclass
class _Search:
    """All tiles of the broken side, and the one pixel that a variant must fit before it is tried on all."""

    equation: Equation
    side: Side
    allowance: Allowance
    whole: Sequence[Operands]
    sample: Operands

    def __post_init__(self) -> None:
        self._sampled = self._broken(self.sample)
        self._all: list[tuple[Operands, Compared]] | None = None

    def first(self, candidates: Iterator[Variant]) -> Variant | None:
        """The first that fits all broken elements and those that hold beside them; else the first that fits the broken ones."""
        second = None
        for variant in candidates:
            if self._sampled is not None and not self._fits(variant, self.sample, self._sampled):
                continue
            if not self.broken or not all(self._fits(variant, operands, found) for operands, found in self.broken):
                continue
            if variant.operator == "carried over" or all(self._fits(variant, operands, found, everywhere=True) for operands, found in self.broken):
                return variant
            second = second or variant
        return second

    @property
    def broken(self) -> list[tuple[Operands, Compared]]:
        """The tiles in which anything breaks."""
        if self._all is None:
            pairs = ((operands, self._broken(operands)) for operands in self.whole)
            self._all = [(operands, found) for operands, found in pairs if found is not None]
        return self._all

    def ratios(self) -> np.ndarray:
        """Traced over required, at all broken elements."""
        with np.errstate(all="ignore"):
            parts = [(found.traced / found.required)[found.broken] for _, found in self.broken]
        return np.concatenate(parts) if parts else np.zeros(0)

    def holds_singles(self) -> bool:
        """Whether what was traced is what is required, to the last bit in single precision, where double is claimed."""
        if self.side.computed_in(self.equation) != "float64" or not self.broken:
            return False
        with np.errstate(all="ignore"):
            return all(bool((found.traced == found.required.astype(np.float32))[found.broken].all()) for _, found in self.broken)

    def offset(self) -> float | None:
        """What is added everywhere, if that is the same at all broken elements."""
        with np.errstate(all="ignore"):
            parts = [((found.traced - found.required)[found.broken], found.allowed[found.broken]) for _, found in self.broken]
        apart, allowed = (np.concatenate([part[i] for part in parts]) if parts else np.zeros(0) for i in (0, 1))
        if apart.size < 3 or not np.isfinite(apart).all():
            return None
        middle = float(np.median(apart))
        return middle if np.all(np.abs(apart - middle) <= 2 * allowed) and abs(middle) > 8 * allowed.max() else None

    def reach(self, variant: Variant) -> float:
        """How much of a variant's bound the broken elements need, at most."""
        most = 0.0
        for operands, base in self.broken:
            found = self._compare(variant.right(operands), None, operands)
            ratio = np.broadcast_to(operands.order.spread(found.ratio, found.axes, base.axes), base.broken.shape)
            most = max(most, float(ratio[base.broken].max(initial=0.0)))
        return most

    def _broken(self, operands: Operands) -> Compared | None:
        try:
            with np.errstate(all="ignore"):
                guard = None if self.equation.guard is None else operands.evaluator.truth(self.equation.guard)
                found = self._compare(operands.right(self.equation), guard, operands)
        except Unavailable:
            return None
        return found if found.broken.any() else None

    def _compare(self, right: Value | Truth, guard: Truth | None, operands: Operands) -> Compared:
        left = operands.traced(self.equation.target)
        if not (isinstance(left, Value) and isinstance(right, Value)):
            raise Unavailable("a condition has no variants")
        return compare_values(left, right, guard, operands.order, self.allowance, ())

    def _fits(self, variant: Variant, operands: Operands, base: Compared, everywhere: bool = False) -> bool:
        """Whether the variant gives what was traced at every broken element, or wherever the clause was judged, with a bound
        that says something."""
        value = value_of(variant, operands)
        if value is None:
            return False
        found = self._compare(value, None, operands)
        if not set(found.axes) <= set(base.axes):
            return False
        inside = operands.order.spread((found.residual <= found.allowed) & np.isfinite(found.allowed), found.axes, base.axes)
        return bool(np.broadcast_to(inside, base.broken.shape)[base.judged if everywhere else base.broken].all())


def _in_single(equation: Equation, side: Side, profiles: Mapping[str, Profile]) -> Iterator[Variant]:
    """The clause with the bound of single precision, where double precision is claimed. It fits much: a last resort."""
    if side.computed_in(equation) == "float64" and "float32" in profiles:
        math = arithmetic(profiles["float32"], side)
        yield Variant(SINGLE, lambda operands: Operands(operands.side, math, operands.tile).right(equation))  # type: ignore[arg-type,return-value]


def _pairs(equation: Equation) -> Iterator[Variant]:
    """Two mistakes in the expression."""
    for one in mutants(equation.right):
        for two in mutants(one.right):
            yield of_mutant(type(two)(two.operator, f"{one.text} and {two.text}", two.right), equation)


def _constant(ratios: np.ndarray, equation: Equation, side: Side) -> Instead | None:
    """A ratio that is the same everywhere: by name, or as a number of the run, if it has one."""
    ratios = ratios[np.isfinite(ratios)]
    if ratios.size == 0:
        return None
    middle = float(np.median(ratios))
    if middle == 0 or np.abs(ratios - middle).max() > 1e-4 * min(abs(middle), abs(middle - 1)):
        return None
    named = next((text for value, text in RATIOS.items() if abs(middle / value - 1) < 1e-6), None) or _of_the_run(middle, equation, side)
    return Instead(named or f"{middle:.12g} times what is required", f"{equation.target} = {middle:.12g} * ({show(equation.right)})")


def _of_the_run(ratio: float, equation: Equation, side: Side) -> str | None:
    """A factor that is a number of the run: its steps, its cells, its layers."""
    for name, quantity in side.spec.quantities.items():
        if quantity.kind == "count" and not quantity.axes and quantity.role != "const" and side.has(name):
            value = float(side.bundle.values(name))
            if abs(value) > 1 and abs(ratio / value - 1) < 1e-9:
                return f"what is required, multiplied by {name}"
            if abs(value) > 1 and abs(ratio * value - 1) < 1e-9:
                return f"what is required, divided by {name}"
    return None
