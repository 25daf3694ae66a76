"""Tiles: ranges of the outermost axis that are judged one after the other; and what can only be judged in one piece."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from conform.engine.operands import Side
from specs_dsl.spec import Equation, Requirement, Spec
from specs_dsl.syntax import At, Call, Expr, Fold, Name, Reduce, Select, walk

TILE_ELEMENTS = 200_000                  # of the largest traced quantity: what is in use at a time should fit the cache


def tiles(side: Side, statement: Equation | Requirement | None = None, required: frozenset[str] = frozenset()) -> Iterator[slice]:
    """Ranges in which one statement of the spec, or every one, can be judged: one of all, where it cannot be judged in parts.
    `required`: traced quantities that are taken from their definitions all the same."""
    parts = list(ranges(side))
    if len(parts) > 1:
        whole = in_one_piece(side, required)
        if whole if statement is None else _place(statement, side.spec) in whole:
            return iter([slice(0, side.size(side.tile_axis) or 0)])
    return iter(parts)


def _place(statement: Equation | Requirement, spec: Spec) -> tuple[str, int]:
    return statement.clause, next(i for i, one in enumerate(spec.by_id[statement.clause].statements) if one is statement)


def ranges(side: Side, elements: int = TILE_ELEMENTS) -> Iterator[slice]:
    """Such that no traced quantity has many more than `elements` elements in one."""
    size = side.size(side.tile_axis)
    if not size:
        yield slice(0, size or 0)
        return
    manifest = side.bundle.manifest
    widest = max(
        (np.prod([manifest.axes[axis].size for axis in entry.axes if axis != side.tile_axis], dtype=float) for entry in manifest.quantities.values() if side.tile_axis in entry.axes),
        default=1.0,
    )
    step = max(1, int(elements // max(widest, 1.0)))
    for start in range(0, size, step):
        yield slice(start, min(start + step, size))


def in_one_piece(side: Side, required: frozenset[str] = frozenset()) -> frozenset[tuple[str, int]]:
    """The statements, by clause and number, that no tile can judge alone: they reduce, select or count along its axis,
    compare sides or runs, or speak of a value that such a definition stands in for."""
    spec, tiled = side.spec, side.tile_axis
    defined = frozenset(name for name in spec.definitions if not side.has(name) or name in required)
    return spec.once(("in one piece", tiled, defined), lambda: _in_one_piece(spec, tiled, defined))


def _in_one_piece(spec: Spec, tiled: str, defined: Collection[str]) -> frozenset[tuple[str, int]]:
    spanning = _spanning_values(spec, tiled, defined)
    statements = spec.once(("spans of statements", tiled), lambda: {
        (clause.id, i): _span((node, one.guard), tiled) for clause in spec.clauses
        for i, (node, one) in enumerate([*((e.right, e) for e in clause.equations), *((r.condition, r) for r in clause.requirements)])
    })
    return frozenset(place for place, span in statements.items() if span.here or span.names & spanning)


def _spanning_values(spec: Spec, tiled: str, defined: Collection[str]) -> set[str]:
    """Of the values that their definitions stand in for, those whose definitions span the tiles."""
    spans = spec.once(("spans of definitions", tiled), lambda: {
        name: _span([node for one in equations for node in (one.right, one.guard)], tiled) for name, equations in spec.definitions.items()
    })
    found: set[str] = set()
    while more := {name for name in defined if name not in found and (spans[name].here or spans[name].names & found)}:
        found |= more
    return found


@dataclass(frozen=True)
class _Span:
    """Whether some expressions reduce, select, count or compare along the tiles themselves, and the names that they speak of."""

    here: bool
    names: frozenset[str]


def _span(nodes: Iterable[Expr | None], tiled: str) -> _Span:
    parts = [part for node in nodes if node is not None for part in walk(node)]
    return _Span(any(_spans_here(part, tiled) for part in parts), frozenset(part.text for part in parts if isinstance(part, Name)))


def _spans_here(part: Expr, tiled: str) -> bool:
    match part:
        case Reduce(axes=axes) | Fold(axes=axes):
            return any(axis.text == tiled for axis in axes)
        case Select(picks=picks):
            return any(pick.axis.text == tiled for pick in picks)
        case Call("size", (Name(axis),)):
            return axis == tiled
        case Call("peaks" | "distance") | At():
            return True
    return False


def places(spec: Spec) -> set[str]:
    """The sides and runs that clauses speak of with `@`."""
    return set().union(*relations(spec).values())


def relations(spec: Spec) -> dict[str, set[str]]:
    """The clauses that speak of other sides or runs with `@`, and of which."""
    found = {}
    for clause in spec.clauses:
        nodes = [node for one in clause.requirements for node in (one.condition, one.guard) if node is not None]
        if named := {part.place for node in nodes for part in walk(node) if isinstance(part, At)}:
            found[clause.id] = named
    return found
