"""What an expression stands for and what address it may have as its value, in one function.

Pointers of the function are followed through all that is assigned to them, in whatever order. What is loaded from
memory, or comes from the caller, may be the address of anything whose address has gone there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from conform.probe.expand import Expansions
from conform.probe.index import Declared, Index, resolve
from conform.probe.kinds import UNKNOWN, Kind, Kinds, returns
from conform.probe.library import FRESH, NUMBERS, READS_ONLY, WRITES_ARGUMENTS
from conform.probe.paths import Place, arguments, callee, constant, is_address, texts
from conform.probe.pieces import DEEPEST, Piece, is_plain, pieces_of, step
from conform.probe.syntax import Source, declared_names, descend, text_of
from conform.probe.targets import ANYTHING, Memory, Object, Parts, Target, may_be_address, moved, under

if TYPE_CHECKING:
    from tree_sitter import Node


class Objects:
    """Of one function."""

    def __init__(self, source: Source, kinds: Kinds, expansions: Expansions, index: Index) -> None:
        self.source, self.parts, self.expansions, self.index = source, Parts(kinds), expansions, index
        self.points: dict[Declared, set[Target]] = {}
        self._depth = 0
        self.pieces = tuple(pieces_of(index, expansions))
        self._follow()

    # --- pointers -------------------------------------------------------------------------------------------------
    def _follow(self) -> None:
        for every in self.index.declared.values():
            for one in every:
                if one.kind.may_hold:
                    self.points[one] = {Object(one, Place(one.name), looked=True), *([ANYTHING] if one.is_static else [])}
        steps = [(piece, *found) for piece in self.pieces if (found := step(piece.node)) is not None]
        passed = [piece for piece in self.pieces if piece.node.type in ("call_expression", "pointer_expression")]
        changed = True
        while changed:
            before = sum(map(len, self.points.values()))
            for piece, left, right, moves in steps:
                got = self.values(right, piece.at)
                for holder in self.holders(left, piece):
                    self.points[holder] |= {moved(one) for one in got} if moves else got
            for piece in passed:
                self._handed_on(piece)
            changed = sum(map(len, self.points.values())) != before

    def holders(self, left: Node, piece: Piece) -> Iterator[Declared]:
        """Variables of the function that hold what is assigned to `left`."""
        for target in self.lvalue(left, piece.at):
            if isinstance(target, Object) and not target.looked and target.declared in self.points and not target.declared.is_static:
                yield target.declared

    def _handed_on(self, piece: Piece) -> None:
        """What somebody else knows the address of may point to whatever he likes."""
        if piece.node.type == "pointer_expression":
            given = self.lvalue(piece.node.child_by_field_name("argument"), piece.at) if is_address(piece.node) else ()
        else:
            given = set() if callee(piece.node) in READS_ONLY else {one for node in arguments(piece.node) for one in self.values(node, piece.at)}
        for one in given:
            if isinstance(one, Object) and not one.looked and one.declared in self.points:
                self.points[one.declared].add(ANYTHING)

    def content(self, targets: Iterable[Target]) -> set[Target]:
        """What addresses may be stored there."""
        found: set[Target] = set()
        for one in targets:
            if isinstance(one, Object) and not one.looked and one.declared is not None:
                found |= self.points.get(one.declared, set())
            elif isinstance(one, Object) and one.declared is None and not self.parts.kinds.of_global(one.place.base).may_hold:
                continue
            elif isinstance(one, Object) and one.declared is None:
                found |= {ANYTHING, replace(one, looked=True)}
            else:
                found.add(ANYTHING)
        return found

    # --- expressions ----------------------------------------------------------------------------------------------
    def lvalue(self, node: Node | None, at: int) -> set[Target]:
        """The objects that an expression may stand for."""
        if node is None:
            return set()
        match node.type:
            case "identifier":
                return self._named(node, at)
            case "parenthesized_expression" | "comma_expression":
                return self.lvalue(node.named_children[-1], at) if node.named_children else set()
            case "cast_expression":
                return self.lvalue(node.child_by_field_name("value"), at)
            case "conditional_expression":
                return self.lvalue(node.child_by_field_name("consequence"), at) | self.lvalue(node.child_by_field_name("alternative"), at)
            case "assignment_expression":
                return self.lvalue(node.child_by_field_name("left"), at)
            case "update_expression" | "init_declarator":
                return self.lvalue(node.child_by_field_name("argument") or _declared_name(node), at)
            case "pointer_expression":
                return self._through(node.child_by_field_name("argument"), at, 0)
            case "subscript_expression":
                return self._element(node, at)
            case "field_expression":
                return self._field(node, at)
            case "call_expression":
                if callee(node) in self.source.macros:
                    return {one for tree in self._macro(node) for one in self.lvalue(tree, at)}
            case "number_literal" | "string_literal" | "char_literal":
                return set()
        return {one for part, _ in descend(node) if part.type == "identifier" for one in self._named(part, at)}      # who knows

    def values(self, node: Node | None, at: int) -> set[Target]:
        """The objects whose address the value of an expression may be, or hold."""
        if node is None:
            return set()
        match node.type:
            case "identifier" | "field_expression" | "subscript_expression":
                return self._loaded(node, at)
            case "pointer_expression":
                argument = node.child_by_field_name("argument")
                return self.lvalue(argument, at) if is_address(node) else self._loaded(node, at)
            case "parenthesized_expression" | "comma_expression":
                return self.values(node.named_children[-1], at) if node.named_children else set()
            case "compound_statement" | "expression_statement":
                return self.values(node.named_children[-1], at) if node.named_children else set()
            case "cast_expression":
                return self._cast(node, at)
            case "init_declarator" | "compound_literal_expression":
                return self.values(node.child_by_field_name("value"), at)
            case "initializer_pair":
                return self.values(node.child_by_field_name("value"), at)
            case "initializer_list":
                return {one for child in node.named_children for one in self.values(child, at)}
            case "conditional_expression":
                return self.values(node.child_by_field_name("consequence"), at) | self.values(node.child_by_field_name("alternative"), at)
            case "assignment_expression":
                return self.values(node.child_by_field_name("right"), at) | (set() if is_plain(node) else self._loaded(node.child_by_field_name("left"), at))
            case "update_expression":
                return {moved(one) for one in self.values(node.child_by_field_name("argument"), at)}
            case "binary_expression" if text_of(node.child_by_field_name("operator")) in ("+", "-", "&", "|", "^"):
                return {moved(one) for key in ("left", "right") for one in self.values(node.child_by_field_name(key), at)}
            case "call_expression":
                return self._returned(node, at)
            case "gnu_asm_expression" | "ERROR" | "generic_expression":
                return {ANYTHING}
        return set()

    def _cast(self, node: Node, at: int) -> set[Target]:
        """Another type counts in other steps; a number that becomes a pointer may be anything."""
        value, kind = node.child_by_field_name("value"), node.child_by_field_name("type")
        is_pointer = kind is not None and any(child.type == "abstract_pointer_declarator" for child in kind.named_children)
        struct = self.parts.kinds.struct_of(kind.child_by_field_name("type")) if is_pointer else ""
        found = {self.parts.cast(one, struct) for one in self.values(value, at)}
        while value is not None and value.type in ("parenthesized_expression", "cast_expression"):
            value = value.child_by_field_name("value") or (value.named_children[-1] if value.named_children else None)
        is_number = value is not None and (value.type in ("identifier", "binary_expression", "field_expression", "subscript_expression") and text_of(value) != "NULL")
        return found or ({ANYTHING} if is_pointer and is_number else set())

    def _macro(self, call: Node) -> tuple[Node, ...]:
        name = callee(call)
        return self._guarded(self.expansions.value(name, texts(call)) if name in self.source.macros else ())

    def _guarded(self, trees: tuple[Node, ...]) -> tuple[Node, ...]:
        return trees if self._depth < DEEPEST else ()

    def _named(self, node: Node, at: int) -> set[Target]:
        name = text_of(node)
        found: set[Target] = set()
        if name in self.source.macros:
            self._depth += 1
            found = {one for tree in self._guarded(self.expansions.value(name, None)) for one in self.lvalue(tree, at)}
            self._depth -= 1
        declared = resolve(self.index, name, at)
        if declared is not None or name in self.source.globals or not (found or self._is_constant(name)):
            found.add(Object(declared, Place(name)))
        return found

    def _is_constant(self, name: str) -> bool:
        """Of an enumeration or, in capitals, of a header."""
        return name in self.source.enumerators or name == name.upper() or name.startswith("memory_order_") or name in NUMBERS

    def _loaded(self, node: Node, at: int) -> set[Target]:
        """The value of an object: an array's address, what a pointer holds, nothing that a number holds."""
        found: set[Target] = set()
        if node.type == "identifier" and text_of(node) in self.source.functions and resolve(self.index, text_of(node), at) is None:
            return found
        rows = self._rows(node, at)        # of `*p`, where p points to an array as a whole
        for one in self.lvalue(node, at):
            kinds = self.parts.loaded_kinds(node, one) | rows
            if any(kind.is_array or (kind == UNKNOWN and (isinstance(one, Memory) or one.looked)) for kind in kinds):
                found.add(one)
            if any(kind.may_hold for kind in kinds):
                found |= self.content([one])
        return found

    def declared_kinds(self, node: Node, at: int) -> set[Kind]:
        """What stands there when an expression has gone through pointers and arrays, as the declaration of what it begins with says; empty: who knows."""
        node, deep = under(node)
        return {Kind(kind.wrapped[deep:], kind.type, kind.basic) for kind in self._first_kinds(node, at) if len(kind.wrapped) >= deep}

    def _first_kinds(self, node: Node, at: int) -> set[Kind]:
        if node.type == "field_expression":
            return self.parts.kinds.of_field(text_of(node.child_by_field_name("field")))
        if node.type != "identifier" or text_of(node) in self.source.macros:
            return set()
        declared = resolve(self.index, text_of(node), at)
        return {declared.kind if declared is not None else self.parts.kinds.of_global(text_of(node))}

    def _rows(self, node: Node, at: int) -> set[Kind]:
        """Arrays that a pointer on the way leads to."""
        first, deep = under(node)
        through = any("pointer" in kind.wrapped[:deep] for kind in self._first_kinds(first, at)) if deep else False
        return {kind for kind in self.declared_kinds(node, at) if kind.is_array} if through else set()

    def is_kept_in(self, left: Node, at: int) -> bool:
        """Can an address be put there, as a pointer or as a whole number?"""
        return any(may_be_address(kind) for one in self.lvalue(left, at) for kind in self.parts.loaded_kinds(left, one)) or not self.lvalue(left, at)

    def addresses(self, pointer: Node, at: int) -> set[Target]:
        """What a pointer may point to; of what is somewhere in memory the type, at least."""
        found = self.values(pointer, at)
        if ANYTHING in found:
            type_, numbers = self._pointee(pointer, at)
            found = (found - {ANYTHING}) | {Memory("", type_, numbers=numbers)}
        return found

    def _through(self, pointer: Node, at: int, element: int | None) -> set[Target]:
        return {self.parts.element(one, element) for one in self.addresses(pointer, at)}

    def _pointee(self, pointer: Node, at: int) -> tuple[str, bool]:
        """The type of what a pointer points to, where its declaration says so."""
        while pointer.type in ("parenthesized_expression", "update_expression", "binary_expression") and pointer.named_children:
            pointer = pointer.named_children[0]
        found: set[tuple[str, bool]] = set()
        if pointer.type in ("identifier", "field_expression"):
            for one in self.lvalue(pointer, at):
                found |= {(kind.type, kind.basic) if kind.wrapped in (("pointer",), ("array",)) else ("", True) for kind in self.parts.kind(one)}
        return next(iter(found)) if len(found) == 1 else ("", True)

    def _element(self, node: Node, at: int) -> set[Target]:
        argument, index = node.child_by_field_name("argument"), node.child_by_field_name("index")
        found = self._through(argument, at, constant(index))
        return found or self._through(index, at, constant(argument))

    def _field(self, node: Node, at: int) -> set[Target]:
        argument, name = node.child_by_field_name("argument"), text_of(node.child_by_field_name("field"))
        arrow = text_of(node.child_by_field_name("operator")) == "->"
        return {self.parts.part(one, name) for one in (self._through(argument, at, 0) if arrow else self.lvalue(argument, at))}

    def _returned(self, node: Node, at: int) -> set[Target]:
        name = callee(node)
        if name in self.source.macros:
            self._depth += 1
            found = {one for tree in self._macro(node) for one in self.values(tree, at)}
            self._depth -= 1
            return found
        functions = self.source.functions.get(name, [])
        if functions and resolve(self.index, name, at) is None:
            return {ANYTHING} if any(may_be_address(returns(self.source, one.node)) for one in functions) else set()
        if name in FRESH or name in READS_ONLY:
            return set()
        given = {moved(one) for argument in arguments(node) for one in self.values(argument, at)}
        return given if name in WRITES_ARGUMENTS else given | {ANYTHING}


def _declared_name(node: Node) -> Node | None:
    return next(declared_names(node), None)


def operands(objects: Objects, piece: Piece, values: bool = False) -> set[Target]:
    found: set[Target] = set()
    for node, _ in descend(piece.node):
        if node.type in ("gnu_asm_output_operand", "gnu_asm_input_operand"):
            value = node.child_by_field_name("value")
            found |= objects.values(value, piece.at) if values else objects.lvalue(value, piece.at)
    return found
