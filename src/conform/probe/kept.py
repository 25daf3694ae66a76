"""Whose address goes where a function cannot follow it: into memory, to who keeps it, back to the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conform.probe.calls import Calls
from conform.probe.index import Declared
from conform.probe.kinds import returns
from conform.probe.library import READS_ONLY
from conform.probe.objects import Objects, operands
from conform.probe.paths import arguments, callee
from conform.probe.pieces import Piece
from conform.probe.targets import Memory, Object, Target, may_be_address

if TYPE_CHECKING:
    from tree_sitter import Node

Keys = frozenset[tuple[Declared | str, bool]]                # variables, and with True what they point to


class Keeping:
    """In the functions of one source."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def escaped(self, objects: Objects) -> Keys:
        found: set[Target] = set()
        for piece in objects.pieces:
            found |= self._kept(objects, piece)
        return _with_contents(objects, found)

    def returned(self, objects: Objects) -> Keys:
        """What the value of a call may be an address of, or hold."""
        if objects.index.function.node.type == "function_definition" and not may_be_address(returns(objects.source, objects.index.function.node)):
            return frozenset()
        statements = [piece for piece in objects.pieces if piece.node.type == "return_statement"]
        return _with_contents(objects, {one for piece in statements for child in piece.node.named_children for one in objects.values(child, piece.at)})

    def _kept(self, objects: Objects, piece: Piece) -> set[Target]:
        node = piece.node
        if node.type in ("assignment_expression", "init_declarator"):
            value = node.child_by_field_name("right") or node.child_by_field_name("value")
            holders = set(objects.holders(node, piece))
            here = {one.declared for one in objects.lvalue(node, piece.at) if isinstance(one, Object) and not one.looked}
            if not objects.is_kept_in(_left(node), piece.at):
                return set()
            followed = bool(holders) and here == holders and not any(isinstance(one, Memory) or one.looked and not one.declared for one in objects.lvalue(node, piece.at))
            return set() if followed else objects.values(value, piece.at)
        if node.type == "gnu_asm_expression":
            return operands(objects, piece, values=True)
        if node.type == "compound_literal_expression":
            return objects.values(node, piece.at)
        if node.type != "call_expression" or (self.calls.is_known(callee(node)) and callee(node) in READS_ONLY):
            return set()
        given = [objects.values(argument, piece.at) for argument in arguments(node)]
        found = objects.content({one for every in given for one in every})
        for summary in self.calls.done_by(objects, piece):
            kept = summary.keeps if node.parent is not None and node.parent.type == "expression_statement" else summary.keeps | summary.returns
            found |= {one for number in kept if number < len(given) for one in given[number]}
        return found


def _with_contents(objects: Objects, found: set[Target]) -> Keys:
    """Who has a struct has what it holds."""
    while further := objects.content(found) - found:
        found |= further
    return frozenset(one.key for one in found if isinstance(one, Object))


def _left(node: Node) -> Node:
    return node.child_by_field_name("left") or node
