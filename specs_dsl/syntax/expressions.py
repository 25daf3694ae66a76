"""Expressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from specs_dsl.spans import Span


def no_part() -> Span:
    """Of comparisons and what is printed: where a node stands."""
    return field(compare=False, repr=False, kw_only=True)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Name:
    """A quantity, constant or parameter, by name."""

    text: str
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Number:
    """A literal, kept as text: `0.1` is the real number one tenth, whatever a float makes of it."""

    text: str
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expr
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Binary:
    op: Literal["+", "-", "*", "/", "^"]
    left: Expr
    right: Expr
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Compare:
    """`0 <= polar <= 1`: neighbours are compared, all must hold."""

    ops: tuple[str, ...]
    operands: tuple[Expr, ...]
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Is:
    """`shape is square`: a choice has this word as its value."""

    subject: Expr
    choice: str
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Logic:
    op: Literal["and", "or", "not"]
    operands: tuple[Expr, ...]
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class If:
    condition: Expr
    then: Expr
    other: Expr
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Call:
    """`nearest(hkl) ties down`: a built-in function, or a `let` before it was expanded."""

    function: str
    arguments: tuple[Expr, ...]
    ties: str | None
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Reduce:
    """`sum over phi, mosaic: body`. Drops the axes from those of `body`; the unit stays (but for products)."""

    op: Literal["sum", "product", "mean", "minimum", "maximum"]
    axes: tuple[Name, ...]
    body: Expr
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Fold:
    """`fold acc from start over axes: body`: the running value is `acc`, and the order of the axes is that of the loops."""

    accumulator: str
    start: Expr
    axes: tuple[Name, ...]
    body: Expr
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Pick:
    """`layer = last` (drops the axis), `xyz as uvw` (renames it), or `step = previous` (keeps it)."""

    axis: Name
    at: str
    rename: bool
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Select:
    """`capture[layer = last]`; `angle[step = previous otherwise start]`: the first element has none before it."""

    body: Expr
    picks: tuple[Pick, ...]
    first: Expr | None = None
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class Lookup:
    """`F_table[hkl0 otherwise default_F]`: the element of a grid at integer indices."""

    table: Expr
    index: tuple[Expr, ...]
    default: Expr | None
    span: Span = no_part()


@dataclass(frozen=True, slots=True)
class At:
    """`image@torch`, `image@doubled`: an expression on another side, or in another run."""

    body: Expr
    place: str
    span: Span = no_part()


Expr = Name | Number | Negative | Binary | Compare | Is | Logic | If | Call | Reduce | Fold | Select | Lookup | At
