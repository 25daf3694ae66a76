"""Verdicts: what one clause says about one side, and how close it came.

A verdict is merged from partial ones, one for each tile; merging is associative, so that the order of the tiles and who
worked on them leave no mark. Knows nothing of files, sides' programs or colours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from math import inf, nan

Place = Mapping[str, int]


class Outcome(Enum):
    """The value is the explanation that a reader sees."""

    HOLDS = "within the bound everywhere"
    BREAKS = "outside the bound, or not a number, somewhere"
    TIE = "a discrete decision fell the other way, inside its own rounding"
    ILL_CONDITIONED = "rounding alone may make anything of it: neither right nor wrong"
    WAIVED = "an accepted break, no larger than when it was accepted"
    UNCHECKED = "not judged"


class Reason(Enum):
    """Why a clause was not judged. None of them is a pass."""

    GUARD = "its guard is never true"
    NO_PROBE = "not in the trace"
    EMPTY = "the program never reached an element of it"
    NAN = "an operand is not a number"
    NAN_BOTH = "not a number on both sides"
    ZERO = "all its operands are zero"
    ILL = "rounding alone may change any digit of it"
    SAME = "both sides are the same trace"
    SAME_BUILD = "both sides are the same build of the same program"
    SUSPECT = "the spec does not say what the clause quotes"
    HIDDEN = "the log shows no operand of it there"
    UNSET = "an operand was never reached where the value was"
    UNDEFINED = "the clause has no finite value at these operands"


@dataclass(frozen=True, slots=True)
class Sample:
    """One element: where, what was traced, what is required, and the bound between them."""

    place: tuple[tuple[str, int], ...]
    traced: float
    required: float
    allowed: float
    ratio: float

    @property
    def at(self) -> dict[str, int]:
        return dict(self.place)

    def order(self) -> tuple[int, ...]:
        return tuple(index for _, index in self.place)


@dataclass(frozen=True, slots=True)
class Partial:
    """What one tile says of one statement of a clause. Counts are of elements."""

    clause: str
    target: str
    statement: int = 0
    judged: int = 0
    broken: int = 0
    ties: int = 0
    unset: int = 0                       # the program never reached the value itself
    not_judged: Mapping[str, int] = field(default_factory=dict)      # by the name of a Reason
    soft: Mapping[int, int] = field(default_factory=dict)            # bound no smaller than the value: its power of two, to count
    scale: float = 0.0                   # the largest value that is known better than that
    worst: Sample | None = None
    first: Sample | None = None          # of the broken ones, in loop order
    broken_at: Mapping[str, Mapping[int, int]] = field(default_factory=dict)    # axis to index to count
    tiles_broken: int = 0                # elements of the tile axis with a break
    tiles_judged: int = 0
    nonzero: bool = False                # some traced or required value is not zero, or the right side has no operand
    guarded_out: int = 0
    spoken: frozenset[str] = frozenset()
    problem: str = ""                    # the statement could not be evaluated: why
    hidden: bool = False                 # since a log does not show its target: the clause's other statements can still be judged
    farthest: float = 0.0                # the largest residual of a broken element

    @property
    def beyond(self) -> int:
        """Elements whose bound is larger than every value of the statement that is known at all."""
        return sum(count for power, count in self.soft.items() if self.scale and 2.0**power > self.scale)

    @property
    def ill(self) -> int:
        """Elements that are ill-conditioned: their bound is infinite, or beyond all values."""
        return self.beyond + self.not_judged.get(Reason.ILL.name, 0)

    @property
    def relative(self) -> float:
        """The largest residual of a broken element, of the largest value: some roundoffs where only last digits are other ones."""
        return self.farthest / self.scale if self.scale else inf

    @property
    def sound(self) -> int:
        """Elements judged and not ill-conditioned."""
        return self.judged - self.beyond

    def merge(self, other: Partial) -> Partial:
        """Both tiles together. Associative; commutative but for nothing."""
        return replace(
            self,
            judged=self.judged + other.judged, broken=self.broken + other.broken, ties=self.ties + other.ties,
            unset=self.unset + other.unset, guarded_out=self.guarded_out + other.guarded_out,
            not_judged=_added(self.not_judged, other.not_judged),
            soft=_added(self.soft, other.soft), scale=max(self.scale, other.scale),
            worst=_worse(self.worst, other.worst), first=_earlier(self.first, other.first),
            farthest=max(self.farthest, other.farthest),
            broken_at={axis: _added(self.broken_at.get(axis, {}), other.broken_at.get(axis, {})) for axis in sorted({*self.broken_at, *other.broken_at})},
            tiles_broken=self.tiles_broken + other.tiles_broken, tiles_judged=self.tiles_judged + other.tiles_judged,
            nonzero=self.nonzero or other.nonzero, spoken=self.spoken | other.spoken,
            problem=min(filter(None, (self.problem, other.problem)), default=""),
        )


def _added(a: Mapping, b: Mapping) -> dict:
    return {key: a.get(key, 0) + b.get(key, 0) for key in sorted({*a, *b})}


def _worse(a: Sample | None, b: Sample | None) -> Sample | None:
    if a is None or b is None:
        return b if a is None else a
    return min(a, b, key=lambda sample: (-sample.ratio, sample.order()))


def _earlier(a: Sample | None, b: Sample | None) -> Sample | None:
    if a is None or b is None:
        return b if a is None else a
    return min(a, b, key=Sample.order)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One clause on one side. `margin` is the worst residual over its bound; NaN if nothing was judged."""

    clause: str
    side: str
    outcome: Outcome
    margin: float = nan
    ulps: float = nan
    bits: float = nan
    elements: int = 0
    worst: Sample | None = None
    reason: Reason | None = None
    detail: str = ""                     # the reason in full
    lost: int = 0                        # elements that it concerns, where they can be counted
    broken: Partial | None = None        # the statement that breaks first
    ties: int = 0
    ill: int = 0                         # elements that are ill-conditioned: neither a pass nor a break
    spoken: tuple[str, ...] = ()         # other clauses that it speaks for, whose values were not traced

    @property
    def breaks(self) -> bool:
        return self.outcome is Outcome.BREAKS

    @property
    def open(self) -> bool:
        """Nothing was judged, or nothing that could have been wrong: no pass."""
        return self.outcome in (Outcome.UNCHECKED, Outcome.ILL_CONDITIONED)
