"""What a function writes, by itself and through the helpers, macros and pointers that it uses.

A helper of the same file is read: it writes what its text writes of its arguments, of the file's variables, and of
whatever was put where it can find it. One that is not there is taken to write, keep and call what it can get at, unless
it is a known one. May-write, throughout: a probe stands after everything that may write its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from conform.probe.expand import Expansions
from conform.probe.index import Declared, Index, Spot, index_function, resolve
from conform.probe.kinds import Kinds, returns
from conform.probe.library import AT_ANY_MOMENT, CALLS_BACK_LATER, READS_ONLY, WRITES_ARGUMENTS
from conform.probe.objects import ANYTHING, Memory, Object, Objects, Piece, Target, arguments, callee, element_of, may_be_address
from conform.probe.paths import Place, expression
from conform.probe.syntax import Function, Source, descend, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

EVERYTHING = Memory(names=True)          # what a function may write that nobody has seen


@dataclass(frozen=True)
class Effect:
    """`target` may be written at `spot`, `through` a helper or macro or by the function itself."""

    target: Target
    spot: Spot
    through: str = ""
    exported: bool = True                # a caller must know it, too

    @property
    def is_plain(self) -> bool:
        """Is it a variable that is named there, not just whatever may be changed?"""
        return isinstance(self.target, Object)


@dataclass(frozen=True)
class Read:
    """What a probe reads: objects that it may be, and whether it may be changed from where nobody can follow."""

    objects: frozenset[Object]
    exposed: frozenset[Memory] = frozenset()

    def is_touched(self, target: Target) -> bool:
        if isinstance(target, Memory):
            return (target.names and any(one.declared is None for one in self.objects)) or any(target.may_be(one) for one in self.exposed)
        return any(one.declared is target.declared and one.looked == target.looked and one.place.overlaps(target.place) for one in self.objects)


@dataclass(frozen=True)
class Summary:
    """What a call of a function does. Parts of arguments by their number, `statics` of functions by themselves."""

    arguments: frozenset[tuple[int, tuple[str, ...], int | None]] = frozenset()
    others: frozenset[Target] = frozenset()
    keeps: frozenset[int] = frozenset()
    returns: frozenset[int] = frozenset()


class Effects:
    """The effects of every function of a source, found when asked for."""

    def __init__(self, source: Source) -> None:
        self.source, self.kinds, self.expansions = source, Kinds(source), Expansions(source)
        self._indices: dict[int, Index] = {}
        self._objects: dict[int, Objects] = {}
        self._effects: dict[int, list[Effect]] = {}
        self._escaped: dict[int, frozenset[tuple[Declared | str, bool]]] = {}
        self._summaries: dict[str, Summary] = {}
        self._shared: dict[str, bool] = {}

    def index(self, function: Function) -> Index:
        key = function.node.start_byte
        if key not in self._indices:
            self._indices[key] = index_function(self.source, function)
        return self._indices[key]

    def objects(self, index: Index) -> Objects:
        key = index.function.node.start_byte
        if key not in self._objects:
            self._objects[key] = Objects(self.source, self.kinds, self.expansions, index)
        return self._objects[key]

    def of(self, index: Index) -> list[Effect]:
        """The effects in a function, in the order of the text."""
        key = index.function.node.start_byte
        if key not in self._effects:
            self._solve(self._called(index))
            self._effects[key] = sorted(self._all(index), key=lambda one: one.spot.node.end_byte)
        return self._effects[key]

    def read(self, index: Index, place: Place, at: int) -> Read:
        """What a place of a binding is, where the probe stands."""
        objects = self.objects(index)
        targets = self._places(objects, place, at)
        escaped = self.escaped(index)
        exposed = frozenset(_memory(objects, one) for one in targets if isinstance(one, Memory) or one.key in escaped or self._is_exposed(one))
        return Read(frozenset(one for one in targets if isinstance(one, Object)), exposed)

    def _places(self, objects: Objects, place: Place, at: int) -> set[Target]:
        """Pointers are looked through, wherever one may be on the way; where they point is a part of the value."""
        base = expression(place.base)
        found: set[Target] = set()
        here: set[Target] = objects.lvalue(base, at)
        if (place.fields or place.element is not None) and not all(isinstance(one, Object) and _is_direct(objects, one) for one in here):
            found = {one for one in here if isinstance(one, Object) and not _is_direct(objects, one)}
            here = (here - found) | (objects.values(base, at) - {one for one in here - found})
        for name in place.fields:
            here = {objects.part(_element(objects, one, 0), name) for one in here}
            held = {one for one in here if any(kind.may_hold for kind in objects.kind(one))}
            found |= held
            here |= objects.content(held)
        here = {_element(objects, one, place.element) if place.element is not None else one for one in here}
        for _ in range(2):                                      # `*p` and `**p` are read as p
            here |= objects.content(one for one in here if any(kind.may_hold for kind in objects.kind(one)))
        return found | here

    def _is_exposed(self, one: Object) -> bool:
        """May its address be anywhere? What parameters and variables of the file point to; variables of the file by their uses."""
        if one.declared is None:
            return one.looked or self._is_shared(one.place.base) or one.place.base not in self.source.globals
        return one.looked and one.declared.spot is None

    def _is_shared(self, name: str) -> bool:
        """Is the address of a variable of the file taken somewhere?"""
        if name not in self._shared:
            kind = self.kinds.of_global(name)
            further = "" if kind.is_number else rf"|\b{name}\b(?!\s*[\[.])" if kind.wrapped == ("array",) and kind.basic else rf"|\b{name}\b"
            uses = re.findall(rf"(?<!&)&(?!&)\s*\(*\s*{name}\b{further}", self.source.plain)
            self._shared[name] = len(uses) > (not kind.is_number and not kind.is_array) or any(use.startswith("&") for use in uses)
        return self._shared[name]

    # --- effects --------------------------------------------------------------------------------------------------
    def _all(self, index: Index) -> Iterator[Effect]:
        objects = self.objects(index)
        escaped = self._find_escaped(objects)
        for piece in objects.pieces:
            for effect in self._of_piece(objects, piece):
                yield effect
                one = effect.target
                if isinstance(one, Object) and (one.key in escaped or self._is_exposed(one)):
                    yield Effect(_memory(objects, one), effect.spot, effect.through, exported=False)      # seen by another name of it

    def _of_piece(self, objects: Objects, piece: Piece) -> Iterator[Effect]:
        node = piece.node
        if node.type in ("assignment_expression", "update_expression") or (node.type == "init_declarator" and node.child_by_field_name("value") is not None):
            yield from (Effect(target, piece.spot) for target in self._written(objects, piece))
        elif node.type == "call_expression":
            given = [objects.addresses(argument, piece.at) for argument in arguments(node)]
            for summary in self._done_by(objects, piece):
                yield from (Effect(target, piece.spot, callee(node) or text_of(node)) for target in self._targets(objects, summary, given))
        elif node.type == "gnu_asm_expression":
            yield from (Effect(target, piece.spot, "asm") for target in {ANYTHING, *_operands(objects, piece)})

    def _written(self, objects: Objects, piece: Piece) -> set[Target]:
        targets = objects.lvalue(piece.node, piece.at)
        for child in piece.node.children:
            if child.is_error:                                  # `WHEN(c) x = 1` reads as an assignment with something odd in it
                for part, _ in descend(child):
                    targets |= objects.lvalue(part, piece.at) if part.type == "identifier" else set()
        return targets

    def _done_by(self, objects: Objects, piece: Piece) -> list[Summary]:
        """What a call may do: the summaries of all that it may be a call of."""
        name, every = callee(piece.node), tuple(range(len(arguments(piece.node))))
        writes_all = Summary(frozenset((number, (), None) for number in every))
        if name and resolve(objects.index, name, piece.at) is None:
            if name in self.source.functions:
                return [self._summaries.get(name, Summary()), *(_of_unnamed(every[len(one.parameters):]) for one in self.source.functions[name] if one.is_variadic)]
            if any(macro.parameters is not None for macro in self.source.macros.get(name, ())):
                return []                                        # its text has pieces of its own
            if self._is_known(name):
                return [writes_all] if name in WRITES_ARGUMENTS else []
        if meant := self._functions_meant(objects, piece.node.child_by_field_name("function"), piece.at):
            return [self._summaries.get(one, Summary()) for one in meant]
        unseen = Summary(writes_all.arguments, frozenset({EVERYTHING}), frozenset(every))
        return [unseen, *(self._summaries.get(one, Summary()) for one in self.source.taken)]

    def _functions_meant(self, objects: Objects, node: Node | None, at: int) -> set[str]:
        """The functions of the file that an expression chooses among; none if there may be others."""
        while node is not None and node.type in ("parenthesized_expression", "pointer_expression") and node.named_children:
            node = node.named_children[-1]
        if node is not None and node.type == "conditional_expression":
            both = [self._functions_meant(objects, node.child_by_field_name(key), at) for key in ("consequence", "alternative")]
            return set().union(*both) if all(both) else set()
        known = node is not None and node.type == "identifier" and text_of(node) in self.source.functions and resolve(objects.index, text_of(node), at) is None
        return {text_of(node)} if known and not any(one.is_variadic for one in self.source.functions[text_of(node)]) else set()

    def _is_known(self, name: str) -> bool:
        return name in READS_ONLY | WRITES_ARGUMENTS and name not in self.source.macros and not self.calls_back

    @cached_property
    def calls_back(self) -> bool:
        return any(re.search(rf"\b{name}\b", self.source.plain) for name in CALLS_BACK_LATER)

    def _targets(self, objects: Objects, summary: Summary, given: list[set[Target]]) -> set[Target]:
        found = set(summary.others)
        for number, fields, element in summary.arguments:
            for one in given[number] if number < len(given) else ():
                part: Target = one if not fields else element_of(one, 0, objects.kind(one)) if isinstance(one, Object) else one
                for name in fields:
                    part = objects.part(part, name)
                if isinstance(part, Object):
                    part = replace(part, place=Place(part.place.base, part.place.fields, element)) if fields else element_of(part, element, objects.kind(part))
                found.add(part)
        return found

    # --- what is kept ---------------------------------------------------------------------------------------------
    def escaped(self, index: Index) -> frozenset[tuple[Declared | str, bool]]:
        """Variables whose address goes where this function cannot follow it, and pointers whose value does."""
        key = index.function.node.start_byte
        if key not in self._escaped:
            self._solve(self._called(index))
            self._escaped[key] = self._find_escaped(self.objects(index))
        return self._escaped[key]

    def _find_escaped(self, objects: Objects) -> frozenset[tuple[Declared | str, bool]]:
        found: set[Target] = set()
        for piece in objects.pieces:
            found |= self._kept(objects, piece)
        return self._with_contents(objects, found)

    def _with_contents(self, objects: Objects, found: set[Target]) -> frozenset[tuple[Declared | str, bool]]:
        """Who has a struct has what it holds."""
        while further := objects.content(found) - found:
            found |= further
        return frozenset(one.key for one in found if isinstance(one, Object))

    def _find_returned(self, objects: Objects) -> set[Target]:
        if objects.index.function.node.type == "function_definition" and not may_be_address(returns(self.source, objects.index.function.node)):
            return set()
        return {one for piece in objects.pieces if piece.node.type == "return_statement" for child in piece.node.named_children for one in objects.values(child, piece.at)}

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
            return _operands(objects, piece, values=True)
        if node.type == "compound_literal_expression":
            return objects.values(node, piece.at)
        if node.type != "call_expression" or (self._is_known(callee(node)) and callee(node) in READS_ONLY):
            return set()
        given = [objects.values(argument, piece.at) for argument in arguments(node)]
        found = objects.content({one for every in given for one in every})
        for summary in self._done_by(objects, piece):
            kept = summary.keeps if node.parent is not None and node.parent.type == "expression_statement" else summary.keeps | summary.returns
            found |= {one for number in kept if number < len(given) for one in given[number]}
        return found

    # --- summaries ------------------------------------------------------------------------------------------------
    @cached_property
    def moment(self) -> re.Match[str] | None:
        """Where the file asks that something runs at any moment."""
        return re.search(rf"\b({'|'.join(sorted(AT_ANY_MOMENT))})\s*\(", self.source.plain)

    def summary(self, name: str) -> Summary:
        self._solve([name])
        return self._summaries[name]

    def _called(self, index: Index) -> frozenset[str]:
        """Functions of the file that a function may call."""
        found: set[str] = set()
        objects = self.objects(index)
        for piece in objects.pieces:
            if piece.node.type == "call_expression":
                name = callee(piece.node)
                if name in self.source.functions and resolve(index, name, piece.at) is None:
                    found.add(name)
                elif not self._is_known(name):
                    found |= self.source.taken
        return frozenset(found)

    def _solve(self, names: Iterable[str]) -> None:
        """Summaries of functions and of all that they call, until nothing more is found."""
        order: list[str] = []
        callers: dict[str, set[str]] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in self._summaries:
                continue
            order.append(name)
            self._summaries[name] = Summary()
            for called in frozenset().union(*(self._called(self.index(function)) for function in self.source.functions[name])):
                callers.setdefault(called, set()).add(name)
                waiting.append(called)
        again = set(order)
        while again:
            for name in [one for one in reversed(order) if one in again]:
                again.discard(name)
                new = self._summarised(name)
                if new != self._summaries[name]:
                    self._summaries[name] = new
                    again |= callers.get(name, set())

    def _summarised(self, name: str) -> Summary:
        given: set[tuple[int, tuple[str, ...], int | None]] = set()
        others: set[Target] = set()
        keeps: set[int] = set()
        returns: set[int] = set()
        for function in self.source.functions[name]:
            index = self.index(function)
            number = {one: i for i, name in enumerate(function.parameters) for one in index.declared.get(name, ()) if one.spot is None}
            for effect in self._all(index):
                target = effect.target
                if not effect.exported:
                    continue
                if isinstance(target, Memory) or target.declared is None or target.declared.is_static:
                    others.add(target)
                elif target.looked and target.declared in number:
                    given.add((number[target.declared], target.place.fields, target.place.element))
            objects = self.objects(index)
            keeps |= {number[key] for key, looked in self._find_escaped(objects) if looked and key in number}
            returns |= {number[key] for key, looked in self._with_contents(objects, self._find_returned(objects)) if looked and key in number}
        return Summary(frozenset(given), frozenset(others), frozenset(keeps), frozenset(returns))


def _of_unnamed(numbers: Iterable[int]) -> Summary:
    """Arguments that no parameter names may be written and kept."""
    return Summary(frozenset((number, (), None) for number in numbers), frozenset(), frozenset(numbers))


def _element(objects: Objects, one: Target, element: int) -> Target:
    """What the index of a binding leads to; a pointer that is a field is looked through without it."""
    if isinstance(one, Memory) or (one.place.fields and not any(kind.is_array for kind in objects.kind(one))) or (element == 0 and not one.offset):
        return one
    return element_of(one, element, objects.kind(one))


def _left(node: Node) -> Node:
    return node.child_by_field_name("left") or node


def _is_direct(objects: Objects, one: Object) -> bool:
    """Is it an array or a struct, whose parts are parts of it, and no pointer to them?"""
    return all(kind.is_array or not kind.wrapped for kind in objects.kind(one))


def _memory(objects: Objects, one: Target) -> Memory:
    """How somebody may find it who has its address: by a field or as a value of a type."""
    if isinstance(one, Memory):
        return one
    kinds = objects.kind(one)
    if one.looked and not one.place.fields and one.declared is not None and one.declared.kind.wrapped == ("pointer",):
        kinds = {one.declared.kind}
    types = {(kind.type, kind.basic) for kind in kinds} if all("pointer" not in kind.wrapped[:1] or one.looked and not one.place.fields for kind in kinds) else set()
    type_, numbers = types.pop() if len(types) == 1 else ("", True)
    field = one.place.fields[-1] if one.place.fields else ""
    return Memory(field, type_, objects.owner(replace(one, place=Place(one.place.base, one.place.fields[:-1]))) if field else "", numbers=numbers)


def _operands(objects: Objects, piece: Piece, values: bool = False) -> set[Target]:
    found: set[Target] = set()
    for node, _ in descend(piece.node):
        if node.type in ("gnu_asm_output_operand", "gnu_asm_input_operand"):
            value = node.child_by_field_name("value")
            found |= objects.values(value, piece.at) if values else objects.lvalue(value, piece.at)
    return found
