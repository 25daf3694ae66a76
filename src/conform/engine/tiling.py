"""Tiles: ranges of the outermost axis that are judged one after the other; and what can only be judged in one piece."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from conform.engine.operands import Side
from specs_dsl.spec import Spec
from specs_dsl.syntax import At, Call, Expr, Fold, Name, Reduce, Select, walk

TILE_ELEMENTS = 200_000                  # of the largest traced quantity: what is in use at a time should fit the cache


def tiles(side: Side, elements: int = TILE_ELEMENTS) -> Iterator[slice]:
    """Ranges in which every statement can be judged: one of all, where any statement cannot be judged in parts."""
    return iter([slice(0, side.size(side.tile_axis) or 0)]) if in_one_piece(side) else ranges(side, elements)


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


def in_one_piece(side: Side) -> set[tuple[str, int]]:
    """The statements, by clause and number, that no tile can judge alone: they reduce, select or count along its axis,
    compare sides or runs, or speak of a value that such a definition stands in for."""
    spanning = _spanning_values(side)
    found = set()
    for clause in side.spec.clauses:
        statements = [(one.right, one.guard) for one in clause.equations] + [(one.condition, one.guard) for one in clause.requirements]
        found |= {(clause.id, i) for i, pair in enumerate(statements) if any(_spans(node, side.tile_axis, spanning) for node in pair)}
    return found


def _spanning_values(side: Side) -> set[str]:
    """Values that are not traced and whose definitions span the tiles."""
    open_ones = {name: equations for name, equations in side.spec.definitions.items() if not side.has(name)}
    found: set[str] = set()
    while True:
        more = {name for name, equations in open_ones.items() if any(_spans(node, side.tile_axis, found) for one in equations for node in (one.right, one.guard))}
        if more <= found:
            return found
        found |= more


def _spans(node: Expr | None, tiled: str, spanning: set[str]) -> bool:
    return node is not None and any(_spans_here(part, tiled, spanning) for part in walk(node))


def _spans_here(part: Expr, tiled: str, spanning: set[str]) -> bool:
    match part:
        case Reduce(axes=axes) | Fold(axes=axes):
            return any(axis.text == tiled for axis in axes)
        case Select(picks=picks):
            return any(pick.axis.text == tiled for pick in picks)
        case Call("size", (Name(axis),)):
            return axis == tiled
        case Call("peaks" | "distance") | At():
            return True
        case Name(text):
            return text in spanning
    return False


def places(spec: Spec) -> set[str]:
    """The sides and runs that clauses speak of with `@`."""
    nodes = [node for clause in spec.clauses for one in clause.requirements for node in (one.condition, one.guard) if node is not None]
    return {part.place for node in nodes for part in walk(node) if isinstance(part, At)}
