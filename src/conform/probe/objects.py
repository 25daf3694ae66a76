"""What an expression stands for and what address it may have as its value, in one function.

Pointers of the function are followed through all that is assigned to them, in whatever order. What is loaded from
memory, or comes from the caller, may be the address of anything whose address has gone there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conform.probe.expand import Expansions
from conform.probe.index import PIECES, Declared, Index, Spot, resolve
from conform.probe.kinds import UNKNOWN, Kind, Kinds, returns
from conform.probe.library import FRESH, NUMBERS, READS_ONLY, WRITES_ARGUMENTS
from conform.probe.paths import Place
from conform.probe.syntax import Source, declared_names, descend, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

SHARED = "|"                             # in the place of the name of a field that shares its bytes with others
FLOATING = ("double", "float", "long double")
_DEEPEST = 24                            # of macros in macros


@dataclass(frozen=True, slots=True)
class Object:
    """A variable (`declared`: None if it stands at the top of the file) or a part; `looked`: what it points to."""

    declared: Declared | None
    place: Place
    looked: bool = False
    offset: bool = False                 # it is not known which element is the first

    @property
    def key(self) -> tuple[Declared | str, bool]:
        return (self.declared or self.place.base, self.looked)


@dataclass(frozen=True, slots=True)
class Memory:
    """Whatever address went where nobody can follow: a field of that name, or a plain value of that type; empty: any."""

    field: str = ""
    type: str = ""
    owner: str = ""                      # the struct that the field is of, if that is known
    names: bool = False                  # and what stands at the top of the file, too
    numbers: bool = True                 # the type is one of numbers

    def may_be(self, other: Memory) -> bool:
        if self.field and other.field:
            return SHARED in (self.field, other.field) or (self.field == other.field and (self.owner == other.owner or "" in (self.owner, other.owner)))
        plain = {self.type, other.type} & {"", "char", "unsigned char", "signed char", "void", "uint8_t", "int8_t"}
        return bool(plain) or not (self.numbers and other.numbers) or " ".join(sorted(self.type.split())) == " ".join(sorted(other.type.split()))


ANYTHING = Memory()
Target = Object | Memory


@dataclass(frozen=True, slots=True)
class Piece:
    """A node that writes, calls or hands on; of a macro's text, `spot` is where the macro stands."""

    node: Node
    spot: Spot

    @property
    def at(self) -> int:
        return self.spot.node.end_byte


class Objects:
    """Of one function."""

    def __init__(self, source: Source, kinds: Kinds, expansions: Expansions, index: Index) -> None:
        self.source, self.kinds, self.expansions, self.index = source, kinds, expansions, index
        self.points: dict[Declared, set[Target]] = {}
        self._depth = 0
        self.pieces = tuple(self._pieces())
        self._follow()

    # --- pieces ---------------------------------------------------------------------------------------------------
    def _pieces(self) -> Iterator[Piece]:
        index, macros = self.index, self.source.macros
        yield from (Piece(spot.node, Spot(spot.above[-1], spot.above[:-1]) if spot.node.type == "init_declarator" else spot) for spot in index.pieces)
        for name in index.uses.keys() & macros.keys():
            for spot in index.uses[name]:
                if not _is_callee(spot):
                    yield from self._expanded(name, None, spot, frozenset())
        for call in index.calls:
            name = callee(call.node)
            if name in macros:
                yield from self._expanded(name, texts(call.node), call, frozenset())

    def _expanded(self, name: str, given: tuple[str, ...] | None, spot: Spot, inside: frozenset[str]) -> Iterator[Piece]:
        if name in inside or len(inside) > _DEEPEST:
            return
        for root in self.expansions.of(name, given):
            for node, above in descend(root):
                if node.type in PIECES:
                    yield Piece(node, spot)
                if node.type == "call_expression" and callee(node) in self.source.macros:
                    yield from self._expanded(callee(node), texts(node), spot, inside | {name})
                elif node.type == "identifier" and text_of(node) in self.source.macros:
                    yield from self._expanded(text_of(node), None, spot, inside | {name})

    # --- pointers -------------------------------------------------------------------------------------------------
    def _follow(self) -> None:
        for every in self.index.declared.values():
            for one in every:
                if one.kind.may_hold:
                    self.points[one] = {Object(one, Place(one.name), looked=True), *([ANYTHING] if one.is_static else [])}
        steps = [(piece, *step) for piece in self.pieces if (step := _step(piece.node)) is not None]
        passed = [piece for piece in self.pieces if piece.node.type in ("call_expression", "pointer_expression")]
        changed = True
        while changed:
            before = sum(map(len, self.points.values()))
            for piece, left, right, moves in steps:
                got = self.values(right, piece.at)
                for holder in self.holders(left, piece):
                    self.points[holder] |= {_moved(one) for one in got} if moves else got
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
            elif isinstance(one, Object) and one.declared is None and not self.kinds.of_global(one.place.base).may_hold:
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
                return self.values(node.child_by_field_name("right"), at) | (set() if _is_plain(node) else self._loaded(node.child_by_field_name("left"), at))
            case "update_expression":
                return {_moved(one) for one in self.values(node.child_by_field_name("argument"), at)}
            case "binary_expression" if text_of(node.child_by_field_name("operator")) in ("+", "-", "&", "|", "^"):
                return {_moved(one) for key in ("left", "right") for one in self.values(node.child_by_field_name(key), at)}
            case "call_expression":
                return self._returned(node, at)
            case "gnu_asm_expression" | "ERROR" | "generic_expression":
                return {ANYTHING}
        return set()

    def _cast(self, node: Node, at: int) -> set[Target]:
        """Another type counts in other steps; a number that becomes a pointer may be anything."""
        value, kind = node.child_by_field_name("value"), node.child_by_field_name("type")
        found = {_moved(one) for one in self.values(value, at)}
        while value is not None and value.type in ("parenthesized_expression", "cast_expression"):
            value = value.child_by_field_name("value") or (value.named_children[-1] if value.named_children else None)
        is_pointer = kind is not None and any(child.type == "abstract_pointer_declarator" for child in kind.named_children)
        is_number = value is not None and (value.type in ("identifier", "binary_expression", "field_expression", "subscript_expression") and text_of(value) != "NULL")
        return found or ({ANYTHING} if is_pointer and is_number else set())

    def _macro(self, call: Node) -> tuple[Node, ...]:
        name = callee(call)
        return self._guarded(self.expansions.value(name, texts(call)) if name in self.source.macros else ())

    def _guarded(self, trees: tuple[Node, ...]) -> tuple[Node, ...]:
        return trees if self._depth < _DEEPEST else ()

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

    def kind(self, one: Target) -> set[Kind]:
        """Of the object, as its last field or its name says."""
        if isinstance(one, Memory):
            return self.kinds.of_field(one.field, one.owner) if one.field else {Kind((), one.type, True)} if one.type and one.numbers else {UNKNOWN}
        named = one.declared.kind if one.declared is not None else self.kinds.of_global(one.place.base)
        at = named.wrapped.index("pointer") if "pointer" in named.wrapped else -1
        found = {named if not one.looked else Kind(named.wrapped[at + 1 :], named.type, named.basic) if at >= 0 else UNKNOWN}
        for name in one.place.fields:
            owners = {kind.type for kind in found}
            found = self.kinds.of_field(name, owners.pop() if len(owners) == 1 else "")
        return found

    def owner(self, one: Target) -> str:
        """The struct that it is, if that is known."""
        types = {kind.type for kind in self.kind(one)} if isinstance(one, Object) else {one.type if not one.field else ""}
        return types.pop() if len(types) == 1 else ""

    def loaded_kinds(self, node: Node, one: Target) -> set[Kind]:
        """Of what stands there when an expression has gone through the arrays of an object."""
        deep = 0
        while node.type in ("subscript_expression", "parenthesized_expression") or (node.type == "pointer_expression" and not is_address(node)):
            deep += node.type != "parenthesized_expression"
            node = node.child_by_field_name("argument") or node.named_children[0]
        kinds = self.kind(one)
        if isinstance(one, Object) and one.looked and not one.place.fields:
            deep -= 1                                           # the first one led through the pointer
        return {Kind(kind.wrapped[min(deep, _arrays(kind)) :], kind.type, kind.basic) if deep > 0 else kind for kind in kinds}

    def _loaded(self, node: Node, at: int) -> set[Target]:
        """The value of an object: an array's address, what a pointer holds, nothing that a number holds."""
        found: set[Target] = set()
        if node.type == "identifier" and text_of(node) in self.source.functions and resolve(self.index, text_of(node), at) is None:
            return found
        for one in self.lvalue(node, at):
            kinds = self.loaded_kinds(node, one)
            if any(kind.is_array or (kind == UNKNOWN and (isinstance(one, Memory) or one.looked)) for kind in kinds):
                found.add(one)
            if any(kind.may_hold for kind in kinds):
                found |= self.content([one])
        return found

    def is_kept_in(self, left: Node, at: int) -> bool:
        """Can an address be put there, as a pointer or as a whole number?"""
        return any(may_be_address(kind) for one in self.lvalue(left, at) for kind in self.loaded_kinds(left, one)) or not self.lvalue(left, at)

    def addresses(self, pointer: Node, at: int) -> set[Target]:
        """What a pointer may point to; of what is somewhere in memory the type, at least."""
        found = self.values(pointer, at)
        if ANYTHING in found:
            type_, numbers = self._pointee(pointer, at)
            found = (found - {ANYTHING}) | {Memory("", type_, numbers=numbers)}
        return found

    def _through(self, pointer: Node, at: int, element: int | None) -> set[Target]:
        return {element_of(one, element, self.kind(one)) if isinstance(one, Object) else one for one in self.addresses(pointer, at)}

    def _pointee(self, pointer: Node, at: int) -> tuple[str, bool]:
        """The type of what a pointer points to, where its declaration says so."""
        while pointer.type in ("parenthesized_expression", "update_expression", "binary_expression") and pointer.named_children:
            pointer = pointer.named_children[0]
        found: set[tuple[str, bool]] = set()
        if pointer.type in ("identifier", "field_expression"):
            for one in self.lvalue(pointer, at):
                found |= {(kind.type, kind.basic) if kind.wrapped in (("pointer",), ("array",)) else ("", True) for kind in self.kind(one)}
        return next(iter(found)) if len(found) == 1 else ("", True)

    def _element(self, node: Node, at: int) -> set[Target]:
        argument, index = node.child_by_field_name("argument"), node.child_by_field_name("index")
        found = self._through(argument, at, constant(index))
        return found or self._through(index, at, constant(argument))

    def _field(self, node: Node, at: int) -> set[Target]:
        argument, name = node.child_by_field_name("argument"), text_of(node.child_by_field_name("field"))
        arrow = text_of(node.child_by_field_name("operator")) == "->"
        return {self.part(one, name) for one in (self._through(argument, at, 0) if arrow else self.lvalue(argument, at))}

    def part(self, one: Target, field: str) -> Target:
        """A field of an object; of a union, all of them."""
        if isinstance(one, Memory):
            return Memory(SHARED if self.kinds.is_overlaid(field) else field)
        field = SHARED if self.kinds.is_overlaid(field) else field
        if one.place.fields[-1:] == (SHARED,):
            return one
        return replace(one, place=Place(one.place.base, (*one.place.fields, field)), offset=False)

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
        given = {_moved(one) for argument in arguments(node) for one in self.values(argument, at)}
        return given if name in WRITES_ARGUMENTS else given | {ANYTHING}


def may_be_address(kind: Kind) -> bool:
    return kind.may_hold or kind.type not in FLOATING


def _arrays(kind: Kind) -> int:
    """How many arrays an object is, one in the other."""
    return next((i for i, wrapper in enumerate(kind.wrapped) if wrapper != "array"), len(kind.wrapped))


def callee(call: Node) -> str:
    """The name that is called; empty if it is no name."""
    function = call.child_by_field_name("function")
    return text_of(function) if function is not None and function.type == "identifier" else ""


def arguments(call: Node) -> list[Node]:
    given = call.child_by_field_name("arguments")
    return [node for node in given.named_children if node.type != "comment"] if given is not None else []


def texts(call: Node) -> tuple[str, ...]:
    return tuple(text_of(node) for node in arguments(call))


def is_address(node: Node) -> bool:
    return bool(node.children) and node.children[0].type == "&"


def constant(index: Node | None) -> int | None:
    """A plain decimal index."""
    text = text_of(index) if index is not None else ""
    return int(text) if text.isdecimal() and (text == "0" or text[0] != "0") else None


def _is_callee(spot: Spot) -> bool:
    above = spot.above[-1] if spot.above else None
    return above is not None and above.type == "call_expression" and above.child_by_field_name("function") == spot.node


def _is_plain(assignment: Node) -> bool:
    return text_of(assignment.child_by_field_name("operator")) == "="


def _declared_name(node: Node) -> Node | None:
    return next(declared_names(node), None)


def _step(node: Node) -> tuple[Node, Node, bool] | None:
    """(left, right, whether it moves what is there) of a node that sets something."""
    if node.type == "assignment_expression":
        left = node.child_by_field_name("left")
        return (left, node.child_by_field_name("right"), False) if _is_plain(node) else (left, node, True)
    if node.type == "update_expression":
        return node.child_by_field_name("argument"), node, True
    if node.type == "init_declarator" and node.child_by_field_name("value") is not None:
        return node, node, False
    return None


def _moved(one: Target) -> Target:
    return replace(one, place=Place(one.place.base, one.place.fields), offset=True) if isinstance(one, Object) else one


def element_of(one: Object, element: int | None, kinds: set[Kind]) -> Object:
    """Element `element`, counted from what an address points to."""
    place = one.place
    if place.fields and not any(kind.is_array for kind in kinds):
        if element == 0 and not one.offset:
            return one
        return replace(one, place=Place(place.base, place.fields[:-1] if place.fields[-1] != SHARED else place.fields), offset=False)
    if place.element is not None or one.offset:
        return one if element == 0 and not one.offset else replace(one, place=Place(place.base, place.fields), offset=False)
    if not place.fields and not one.looked and not any(kind.is_array for kind in kinds):
        return one
    return replace(one, place=Place(place.base, place.fields, element))
