"""The syntax tree of a rules file: frozen nodes, each with its span. Knows no names, axes or units.

Equal text gives equal nodes wherever it stood, so spans take no part in comparison. Nodes compare and hash by
structure; that is what lets the evaluator form a common sub-expression once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from dataclasses import dataclass, field, fields
from typing import Literal

from specs_dsl.spans import Span


DEEPEST = 100            # operators inside operators: whoever walks a tree by recursion stays far from Python's limit


def _span() -> Span:
    return field(compare=False, repr=False, kw_only=True)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Name:
    """A quantity, constant or parameter, by name."""

    text: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Number:
    """A literal, kept as text: `0.1` is the real number one tenth, whatever a float makes of it."""

    text: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Binary:
    op: Literal["+", "-", "*", "/", "^"]
    left: Expr
    right: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Compare:
    """`0 <= polar <= 1`: neighbours are compared, all must hold."""

    ops: tuple[str, ...]
    operands: tuple[Expr, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Is:
    """`shape is square`: a choice has this word as its value."""

    subject: Expr
    choice: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Logic:
    op: Literal["and", "or", "not"]
    operands: tuple[Expr, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class If:
    condition: Expr
    then: Expr
    other: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Call:
    """`nearest(hkl) ties down`: a built-in function, or a `let` before it was expanded."""

    function: str
    arguments: tuple[Expr, ...]
    ties: str | None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Reduce:
    """`sum over phi, mosaic: body`. Drops the axes from those of `body`; the unit stays (but for products)."""

    op: Literal["sum", "product", "mean", "minimum", "maximum"]
    axes: tuple[Name, ...]
    body: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Fold:
    """`fold acc from start over axes: body`: the running value is `acc`, and the order of the axes is that of the loops."""

    accumulator: str
    start: Expr
    axes: tuple[Name, ...]
    body: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Pick:
    """`layer = last` (drops the axis), `xyz as uvw` (renames it), or `step = previous` (keeps it)."""

    axis: Name
    at: str
    rename: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Select:
    """`capture[layer = last]`; `angle[step = previous otherwise start]`: the first element has none before it."""

    body: Expr
    picks: tuple[Pick, ...]
    first: Expr | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Lookup:
    """`F_table[hkl0 otherwise default_F]`: the element of a grid at integer indices."""

    table: Expr
    index: tuple[Expr, ...]
    default: Expr | None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class At:
    """`image@torch`, `image@doubled`: an expression on another side, or in another run."""

    body: Expr
    place: str
    span: Span = _span()


Expr = Name | Number | Negative | Binary | Compare | Is | Logic | If | Call | Reduce | Fold | Select | Lookup | At


_KINDS = frozenset(Expr.__args__)       # looked up by class: these walks are half of what a long rules file costs


@cache
def parts(kind: type) -> tuple[str, ...]:
    """The fields of a node in which sub-expressions may stand; a name or a number has none."""
    return tuple(item.name for item in fields(kind) if "Expr" in item.type or "Name" in item.type)


def children(node: Expr) -> list[Expr]:
    """The direct sub-expressions, in reading order."""
    found: list[Expr] = []
    for name in parts(type(node)):
        value = getattr(node, name)
        if type(value) is tuple:
            found += [part for part in value if type(part) in _KINDS]
        elif type(value) in _KINDS:
            found.append(value)
    return found


def walk(node: Expr) -> Iterator[Expr]:
    """`node` and everything below it; axis names of reductions included, as `Name`."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(children(node))


def count(node: Expr, most: int) -> int:
    """How many nodes there are, counted no further than one above `most`."""
    return sum(1 for _ in islice(walk(node), most + 1))


def deeper_than(node: Expr, depth: int) -> bool:
    """Whether anything stands below `depth` levels; each shared part is looked at once per level."""
    level = {id(node): node}
    for _ in range(depth):
        if not level:
            return False
        level = {id(child): child for parent in level.values() for child in children(parent)}
    return bool(level)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written: `photon/m^2`."""

    text: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`within 4 ulp because "..."`: only where the arithmetic cannot give the bound."""

    amount: Number
    kind: Literal["ulp", "relative"]
    reason: str | None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Guard:
    """`when condition`, or `otherwise` with no condition."""

    condition: Expr | None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Equation:
    """`target = right`, judged where the guard is true."""

    target: Name
    right: Expr
    tolerance: Tolerance | None
    guard: Guard | None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Requirement:
    """`require condition`: a property of traced values, judged where the guard is true."""

    condition: Expr
    tolerance: Tolerance | None
    guard: Guard | None
    span: Span = _span()


Statement = Equation | Requirement


@dataclass(frozen=True, slots=True)
class SpecItem:
    name: str
    document: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class IncludeItem:
    path: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class UnitItem:
    """`unit photon` is a new base unit; `unit electron = count` a new name for one."""

    name: Name
    unit: Unit | None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class AxisItem:
    """A loop level, a component axis with labels, or a grid axis with integer coordinates."""

    name: Name
    kind: Literal["loop", "component", "grid"]
    labels: tuple[str, ...]
    vector: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Flag:
    """`"-xds" is xds`: words of the command line; without a meaning of their own, the value follows them."""

    text: str
    meaning: str | None
    span: Span = _span()


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
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ConstItem:
    name: Name
    number: Number
    unit: Unit | None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class LetItem:
    name: Name
    parameters: tuple[tuple[Name, Unit | None], ...]
    body: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Change:
    """Of the command line of a run: an input that it is given instead, or (no name) words that are added as they stand."""

    name: Name | None
    value: Expr | None
    words: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class RunItem:
    """`run doubled with flux_flag = 2 * flux_flag`: the run that is judged, once more with another command line."""

    name: Name
    changes: tuple[Change, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of the spec, without its quotation marks."""

    text: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Clause:
    """One normative statement: id, title, the sentences it quotes, and what makes it checkable."""

    id: str
    title: str
    quotes: tuple[Quote, ...]
    statements: tuple[Statement, ...]
    id_span: Span = _span()
    span: Span = _span()


Item = SpecItem | IncludeItem | UnitItem | AxisItem | QuantityItem | ConstItem | LetItem | RunItem | Clause
