"""What a function does by itself, gone through once: what it writes, keeps and returns, and what it gives to those that it calls.

Nothing here depends on what a call does; that is put together with this in summaries.py, as often as it takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conform.probe.calls import Calls, Summary
from conform.probe.index import Declared, Spot
from conform.probe.kinds import returns
from conform.probe.library import READS_ONLY
from conform.probe.objects import Objects, operands
from conform.probe.paths import Place, arguments, callee
from conform.probe.pieces import Piece
from conform.probe.syntax import descend, text_of
from conform.probe.targets import ANYTHING, Memory, Object, Target, may_be_address

if TYPE_CHECKING:
    pass

Keys = frozenset[tuple[Declared | str, bool]]                # variables, and with True what they point to


@dataclass(frozen=True)
class Effect:
    """`target` may be written at `spot`, `through` a helper or macro or by the function itself."""

    target: Target
    spot: Spot
    through: str = ""

    @property
    def is_plain(self) -> bool:
        """Is it a variable that is named there, not just whatever may be changed?"""
        return isinstance(self.target, Object)


@dataclass(frozen=True)
class Given:
    """A call: the functions of the file that it may be one of, what else it may do, and where its arguments lead."""

    spot: Spot
    name: str
    functions: tuple[str, ...]
    besides: Summary
    addresses: tuple[frozenset[Target], ...]      # what an argument points to
    values: tuple[frozenset[Target], ...]         # and what else its value may be, or hold, an address of
    is_used: bool                        # what it returns goes on

    def written(self, objects: Objects, summary: Summary) -> Iterator[Target]:
        """Parts of the arguments."""
        for number, fields, element in summary.arguments:
            for one in self.addresses[number] if number < len(self.addresses) else ():
                part: Target = one if not fields else objects.parts.element(one, 0)
                for name in fields:
                    part = objects.parts.part(part, name)
                if isinstance(part, Object):
                    part = replace(part, place=Place(part.place.base, part.place.fields, element)) if fields else objects.parts.element(part, element)
                yield part

    def kept(self, summary: Summary) -> Iterator[Target]:
        """What goes where the caller cannot follow."""
        for number in summary.keeps if not self.is_used else summary.keeps | summary.returns:
            yield from self.values[number] if number < len(self.values) else ()


@dataclass(frozen=True)
class Own:
    """Of one function."""

    objects: Objects
    effects: tuple[Effect, ...]
    kept: frozenset[Target]
    returned: Keys
    calls: tuple[Given, ...]

    def with_contents(self, found: Iterable[Target]) -> Keys:
        """Who has a struct has what it holds."""
        every = set(found)
        while further := self.objects.content(every) - every:
            every |= further
        return frozenset(one.key for one in every if isinstance(one, Object))


def own_of(objects: Objects, calls: Calls) -> Own:
    found = Own(objects, tuple(effect for piece in objects.pieces for effect in _effects(objects, calls, piece)),
                frozenset(one for piece in objects.pieces for one in _kept(objects, calls, piece)), frozenset(),
                tuple(_given(objects, calls, piece) for piece in objects.pieces if piece.node.type == "call_expression"))
    return replace(found, returned=found.with_contents(_returned(objects)))


def _effects(objects: Objects, calls: Calls, piece: Piece) -> Iterator[Effect]:
    node = piece.node
    if node.type in ("assignment_expression", "update_expression") or (node.type == "init_declarator" and node.child_by_field_name("value") is not None):
        yield from (Effect(target, piece.spot) for target in _written(objects, piece))
    elif node.type == "call_expression" and calls.may_be_macro(callee(node)):
        yield from (Effect(target, piece.spot, callee(node)) for argument in arguments(node) for target in objects.lvalue(argument, piece.at))
    elif node.type == "gnu_asm_expression":
        yield from (Effect(target, piece.spot, "asm") for target in {ANYTHING, *operands(objects, piece)})


def _written(objects: Objects, piece: Piece) -> set[Target]:
    targets = objects.lvalue(piece.node, piece.at)
    for child in piece.node.children:
        if child.is_error:                                  # `WHEN(c) x = 1` reads as an assignment with something odd in it
            for part, _ in descend(child):
                targets |= objects.lvalue(part, piece.at) if part.type == "identifier" else set()
    return targets


def _given(objects: Objects, calls: Calls, piece: Piece) -> Given:
    node, name = piece.node, callee(piece.node)
    every, (functions, besides) = arguments(node), calls.meant(objects, piece)
    keeps = bool(functions or besides.keeps or besides.returns)
    return Given(piece.spot, name or text_of(node), functions, besides,
                 tuple(frozenset(objects.addresses(argument, piece.at)) for argument in every) if functions or besides.arguments else (),
                 tuple(frozenset(objects.values(argument, piece.at)) for argument in every) if keeps else (),
                 not (node.parent is not None and node.parent.type == "expression_statement"))


def _kept(objects: Objects, calls: Calls, piece: Piece) -> set[Target]:
    """What goes into memory, or to somebody else, whatever he does with it."""
    node = piece.node
    if node.type in ("assignment_expression", "init_declarator"):
        value = node.child_by_field_name("right") or node.child_by_field_name("value")
        left = node.child_by_field_name("left") or node
        holders = set(objects.holders(node, piece))
        stands_for = objects.lvalue(node, piece.at)
        here = {one.declared for one in stands_for if isinstance(one, Object) and not one.looked}
        if not objects.is_kept_in(left, piece.at):
            return set()
        followed = bool(holders) and here == holders and not any(isinstance(one, Memory) or one.looked and not one.declared for one in stands_for)
        return set() if followed else objects.values(value, piece.at)
    if node.type == "gnu_asm_expression":
        return operands(objects, piece, values=True)
    if node.type == "compound_literal_expression":
        return objects.values(node, piece.at)
    if node.type != "call_expression" or (calls.is_known(callee(node)) and callee(node) in READS_ONLY):
        return set()
    return objects.content({one for argument in arguments(node) for one in objects.values(argument, piece.at)})


def _returned(objects: Objects) -> set[Target]:
    """What the value of a call may be an address of, or hold."""
    function = objects.index.function.node
    if function.type == "function_definition" and not may_be_address(returns(objects.source, function)):
        return set()
    statements = [piece for piece in objects.pieces if piece.node.type == "return_statement"]
    return {one for piece in statements for child in piece.node.named_children for one in objects.values(child, piece.at)}
