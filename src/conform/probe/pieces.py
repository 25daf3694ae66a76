"""The nodes of a function that write, call or hand on an address, those of the macros that it uses among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conform.probe.expand import Expansions
from conform.probe.index import PIECES, Index, Spot
from conform.probe.paths import callee, texts
from conform.probe.syntax import descend, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

DEEPEST = 24                             # of macros in macros


@dataclass(frozen=True, slots=True)
class Piece:
    """A node that writes, calls or hands on; of a macro's text, `spot` is where the macro stands."""

    node: Node
    spot: Spot

    @property
    def at(self) -> int:
        return self.spot.node.end_byte


def pieces_of(index: Index, expansions: Expansions) -> Iterator[Piece]:
    """Those of a function, and of the macros that it uses."""
    macros = expansions.source.macros
    yield from (Piece(spot.node, Spot(spot.above[-1], spot.above[:-1]) if spot.node.type == "init_declarator" else spot) for spot in index.pieces)
    for name in index.uses.keys() & macros.keys():
        for spot in index.uses[name]:
            if not _is_callee(spot):
                yield from _expanded(expansions, name, None, spot, frozenset())
    for call in index.calls:
        name = callee(call.node)
        if name in macros:
            yield from _expanded(expansions, name, texts(call.node), call, frozenset())


def _expanded(expansions: Expansions, name: str, given: tuple[str, ...] | None, spot: Spot, inside: frozenset[str]) -> Iterator[Piece]:
    if name in inside or len(inside) > DEEPEST:
        return
    for root in expansions.of(name, given):
        for node, above in descend(root):
            if node.type in PIECES:
                yield Piece(node, spot)
            if node.type == "call_expression" and callee(node) in expansions.source.macros:
                yield from _expanded(expansions, callee(node), texts(node), spot, inside | {name})
            elif node.type == "identifier" and text_of(node) in expansions.source.macros:
                yield from _expanded(expansions, text_of(node), None, spot, inside | {name})


def _is_callee(spot: Spot) -> bool:
    above = spot.above[-1] if spot.above else None
    return above is not None and above.type == "call_expression" and above.child_by_field_name("function") == spot.node


def step(node: Node) -> tuple[Node, Node, bool] | None:
    """(left, right, whether it moves what is there) of a node that sets something."""
    if node.type == "assignment_expression":
        left = node.child_by_field_name("left")
        return (left, node.child_by_field_name("right"), False) if is_plain(node) else (left, node, True)
    if node.type == "update_expression":
        return node.child_by_field_name("argument"), node, True
    if node.type == "init_declarator" and node.child_by_field_name("value") is not None:
        return node, node, False
    return None


def is_plain(assignment: Node) -> bool:
    return text_of(assignment.child_by_field_name("operator")) == "="
