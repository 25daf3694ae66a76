"""What does the broken side compute instead? Variants of the clause, tried on the elements that break.

A variant is reported if it fits all of them within the bound. It is tried on one pixel first, so that many can be tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from conform.engine.check import arithmetic, arithmetic_of, tiles
from conform.engine.compare import Allowance, Compared, compare_values
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.operators import mutants
from conform.engine.slips import slips
from conform.engine.tiling import in_one_piece
from conform.engine.tolerances import Profile
from conform.engine.values import Truth, Value
from conform.engine.variants import Variant, negated, of_mutant, value_of, variants
from conform.engine.verdicts import Partial
from specs_dsl.printer import show
from specs_dsl.spec import Equation
from specs_dsl.syntax import Reduce, walk

RATIOS = {
    2.0: "twice what is required", 0.5: "half of what is required", -1.0: "what is required, with the other sign",
    4.0: "four times what is required", 1e10: "what is required, in ångströms instead of metres", 1e-10: "what is required, in units of 1e10",
    1e3: "a thousand times what is required", 1e-3: "a thousandth of what is required", 1e4: "what is required, in cm² instead of m²",
    100.0: "a hundred times what is required", 0.01: "a hundredth of what is required",
    180 / np.pi: "what is required, in degrees instead of radians", np.pi / 180: "what is required, divided by 180/pi",
    np.pi: "pi times what is required", 1 / np.pi: "what is required, divided by pi", 2 * np.pi: "2 pi times what is required",
}
LEAST_OF_SINGLE = 0.02                   # of the bound of single precision: an error that is always far smaller is another
MOST_STEPS, STEP, SPARE = 8, 1e-3, 4     # towards a number that gives what was traced; digits that no chance explains, of one element
EVALUATIONS = 400_000                    # nodes of expressions on one pixel: where the search for pairs of mistakes ends
TURNED = "condition turned round"        # says as much of the elements that hold as of those that break
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
    whole = [Operands(side, math, tile) for tile in tiles(side)]
    in_parts = (equation.clause, part.statement) not in in_one_piece(side)      # else one pixel says nothing of it
    search = _Search(equation, side, allowance, whole, _sample_of(side, math, part) if in_parts else whole[0])
    if found := search.first(variants(equation, side, part.broken_at)):
        return Instead(found.text, found.equation)
    if side.spec.quantities[equation.target].kind == "choice":
        return Instead()                 # one of some words: no number is a factor of it
    if search.holds_singles():
        return Instead(SINGLE, f"{equation.target} = f32({show(equation.right)})")
    constant = _constant(search.ratios(), equation, side)
    if constant is not None and constant.plain:
        return constant.instead
    if found := search.first(slips(equation, side, search.solved)):
        return Instead(found.text, found.equation)
    if constant is not None:
        return constant.instead
    if offset := search.offset():
        word, sign = ("less", "-") if offset < 0 else ("plus", "+")
        return Instead(f"what is required, {word} {abs(offset):.6g}", f"{equation.target} = {show(equation.right)} {sign} {abs(offset):.6g}")
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
            second = second or (_there(variant) if variant.operator != TURNED else None)
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

    def solved(self, at: Callable[[str], Variant], own: float) -> tuple[float, int] | None:
        """What a number of the clause would have to be, to give what was traced at the broken elements of the sample, and how many
        digits of it they bear out; None if they want different ones. `own`: what it is."""
        base, number = self._sampled, own
        if base is None:
            return None
        for _ in range(MOST_STEPS):
            low, high = (self._required(at(repr(x)), base) for x in (number, number * (1 + STEP)))
            if low is None or high is None:
                return None
            with np.errstate(all="ignore"):
                moves = (high - low) / (STEP * number)
                wanted = number + (base.traced[base.broken] - low) / moves
                known = np.abs(base.allowed[base.broken] / moves)
            before, number = number, float(np.median(wanted))
            if not (np.isfinite(wanted).all() and number > 0) or abs(number - before) <= 1e-13 * number:
                break
        if not (number > 0 and np.all(np.abs(wanted - number) <= 4 * known + 1e-12 * number)):
            return None
        digits = -np.log10(float(np.median(known)) / number + 1e-13)
        return number, int(digits - (1 if sum(int(found.broken.sum()) for _, found in self.broken) > 2 else SPARE))

    def _required(self, variant: Variant, base: Compared) -> np.ndarray | None:
        """At the broken elements of the sample, what a variant gives."""
        value = value_of(variant, self.sample)
        if value is None or not set(value.axes) <= set(base.axes):
            return None
        return np.broadcast_to(self.sample.order.spread(value.data, value.axes, base.axes), base.broken.shape)[base.broken]

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


def _there(variant: Variant) -> Variant:
    """As it fits the broken elements, and not those that hold."""
    return replace(variant, text=variant.text.replace(" held everywhere", " held").replace(" held nowhere", " did not hold"))


@dataclass(frozen=True, slots=True)
class _Factor:
    """`plain`: it has a name, or few digits, so that nothing else need be looked for."""

    instead: Instead
    plain: bool


def _constant(ratios: np.ndarray, equation: Equation, side: Side) -> _Factor | None:
    """A ratio that is the same everywhere: by name, or as a number of the run, if it has one. Of one value any number is a factor,
    and only a plain one says something."""
    ratios = ratios[np.isfinite(ratios)]
    if ratios.size == 0:
        return None
    middle = float(np.median(ratios))
    if middle == 0 or np.abs(ratios - middle).max() > 1e-4 * min(abs(middle), abs(middle - 1)):
        return None
    named = next((text for value, text in RATIOS.items() if abs(middle / value - 1) < 1e-6), None) or _of_the_run(middle, equation, side)
    shown = f"{middle:.12g}"
    plain = named is not None or abs(float(f"{middle:.4g}") / middle - 1) < 1e-9
    if shown == "1" or (ratios.size < 2 and not plain):
        return None
    right = show(equation.right)
    factor = right if re.fullmatch(r"\w+", right) else f"({right})"
    return _Factor(Instead(named or f"{shown} times what is required", f"{equation.target} = {shown} * {factor}"), plain)


def _of_the_run(ratio: float, equation: Equation, side: Side) -> str | None:
    """A factor that is a number of the run: its steps, its cells, its layers; the elements of a loop, or one less than they are."""
    reduced = {axis.text for part in walk(equation.right) if isinstance(part, Reduce) for axis in part.axes}
    for axis in sorted(reduced):
        size = side.size(axis) or 0
        for value, text in (((size, f"what is required, multiplied by the number of {axis}s"), (1 / size, f"what is required, divided by the number of {axis}s"),
                             (size / (size - 1), f"what is required, with one less than the number of {axis}s in the place of that number"),
                             (np.sqrt(size / (size - 1)), f"what is required, with one less than the number of {axis}s under the root in the place of that number"))
                            if size > 2 else ()):
            if abs(ratio / value - 1) < 1e-9:
                return text
    for name, quantity in side.spec.quantities.items():
        if quantity.kind == "count" and not quantity.axes and quantity.role != "const" and side.has(name):
            value = float(side.bundle.values(name))
            if abs(value) > 1 and abs(ratio / value - 1) < 1e-9:
                return f"what is required, multiplied by {name}"
            if abs(value) > 1 and abs(ratio * value - 1) < 1e-9:
                return f"what is required, divided by {name}"
    return None
