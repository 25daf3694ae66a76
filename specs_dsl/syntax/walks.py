"""Ways through expressions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from itertools import islice

from specs_dsl.syntax.expressions import Expr

DEEPEST = 100            # operators inside operators: whoever walks a tree by recursion stays far from Python's limit
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
