"""Items and statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from specs_dsl.spans import Span
from specs_dsl.syntax.expressions import Expr, Name, Number, no_part


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written: `photon/m^2`."""

    text: str
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`within 4 ulp because "..."`: only where the arithmetic cannot give the bound."""

    amount: Number
    kind: Literal["ulp", "relative"]
    reason: str | None
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Guard:
    """`when condition`, or `otherwise` with no condition."""

    condition: Expr | None
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Equation:
    """`target = right`, judged where the guard is true."""

    target: Name
    right: Expr
    tolerance: Tolerance | None
    guard: Guard | None
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Requirement:
    """`require condition`: a property of traced values, judged where the guard is true."""

    condition: Expr
    tolerance: Tolerance | None
    guard: Guard | None
    span: Span = no_part()


Statement = Equation | Requirement


@dataclass(frozen=True, slots=True)
class SpecItem:
    name: str
    document: str
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class IncludeItem:
    path: str
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class UnitItem:
    """`unit photon` is a new base unit; `unit electron = count` a new name for one."""

    name: Name
    unit: Unit | None
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class AxisItem:
    """A loop level, a component axis with labels, or a grid axis with integer coordinates."""

    name: Name
    kind: Literal["loop", "component", "grid"]
    labels: tuple[str, ...]
    vector: bool
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Flag:
    """`"-xds" is xds`: words of the command line; without a meaning of their own, the value follows them."""

    text: str
    meaning: str | None
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class QuantityItem:
    """`value parallax[pixel] : 1 when thickness > 0`: the guard says where the quantity exists at all. An input may come
    `from` flags of the command line."""

    kind: Literal["input", "value"]
    name: Name
    axes: tuple[Name, ...]
    unit: Unit | None
    choices: tuple[str, ...]
    guard: Guard | None
    flags: tuple[Flag, ...] = ()
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class ConstItem:
    name: Name
    number: Number
    unit: Unit | None
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class LetItem:
    name: Name
    parameters: tuple[tuple[Name, Unit | None], ...]
    body: Expr
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Change:
    """Of the command line of a run: an input that it is given instead, or (no name) words that are added as they stand."""

    name: Name | None
    value: Expr | None
    words: str
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class RunItem:
    """`run doubled with flux_flag = 2 * flux_flag`: the run that is judged, once more with another command line."""

    name: Name
    changes: tuple[Change, ...]
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of the spec, without its quotation marks."""

    text: str
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Clause:
    """One normative statement: id, title, the sentences it quotes, and what makes it checkable."""

    id: str
    title: str
    quotes: tuple[Quote, ...]
    statements: tuple[Statement, ...]
    id_span: Span = no_part()
    span: Span = no_part()


Item = SpecItem | IncludeItem | UnitItem | AxisItem | QuantityItem | ConstItem | LetItem | RunItem | Clause
