"""One function, gone through once: what it declares, writes, calls, loops over and jumps to.

Knows what stands in a function. What a call writes, and what that means for a place, is for writes.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conform.probe.kinds import UNKNOWN, Kind, kind_of
from conform.probe.paths import Place, places
from conform.probe.syntax import LOOPS, Function, Source, declared_names, descend, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

SCOPES = ("compound_statement", *LOOPS, "function_definition")
JUMPS = ("continue_statement", "break_statement", "return_statement", "goto_statement")
PIECES = ("assignment_expression", "update_expression", "init_declarator", "call_expression", "pointer_expression", "compound_literal_expression",
          "return_statement", "gnu_asm_expression")
TYPES = frozenset("void char short int long float double signed unsigned _Bool bool const volatile restrict static register struct union enum auto".split())


@dataclass(frozen=True)
class Spot:
    """A node and the nodes above it, the function's body first."""

    node: Node
    above: tuple[Node, ...]

    @property
    def at(self) -> int:
        return self.node.start_byte

    def inside(self, region: Node) -> bool:
        return region.start_byte <= self.node.start_byte and self.node.end_byte <= region.end_byte


@dataclass(frozen=True, eq=False)
class Declared:
    """One declaration: two of the same name are two."""

    name: str
    at: int
    scope: tuple[int, int]               # where it can be seen
    node: Node
    spot: Spot | None                    # of the declaration, if it stands in the body
    is_set: bool                         # initialised, or it has a value without that
    kind: Kind = UNKNOWN
    is_static: bool = False
    is_extern: bool = False              # it is the one at the top of the file


@dataclass(frozen=True)
class Written:
    """A place that a spot writes by itself: an assignment, an increment, an initialiser."""

    place: Place
    spot: Spot


@dataclass
class Index:
    function: Function
    declared: dict[str, list[Declared]] = field(default_factory=dict)
    written: dict[str, list[Written]] = field(default_factory=dict)
    calls: list[Spot] = field(default_factory=list)
    uses: dict[str, list[Spot]] = field(default_factory=dict)      # every identifier that is no declaration
    loops: list[Spot] = field(default_factory=list)
    jumps: list[Spot] = field(default_factory=list)
    labels: list[Spot] = field(default_factory=list)
    pragmas: list[Spot] = field(default_factory=list)
    unreadable: list[Spot] = field(default_factory=list)
    pieces: list[Spot] = field(default_factory=list)               # what may write, call or hand on an address
    nested: list[Spot] = field(default_factory=list)               # functions within the function
    included: list[Spot] = field(default_factory=list)             # text from elsewhere


def index_function(source: Source, function: Function) -> Index:
    index = Index(function)
    whole = (function.node.start_byte, function.node.end_byte)
    for name in function.parameters:
        if name:
            kind = _kind_of_parameter(source, function, name)
            index.declared.setdefault(name, []).append(Declared(name, function.node.start_byte, whole, function.node, None, True, kind))
    for node, above in descend(function.body):
        _take(source, index, Spot(node, above))
    return index


def _take(source: Source, index: Index, spot: Spot) -> None:
    node = spot.node
    match node.type:
        case "identifier":
            index.uses.setdefault(text_of(node), []).append(spot)
        case "declaration":
            _declaration(source, index, spot)
        case "assignment_expression":
            _write(index, places(node.child_by_field_name("left")), spot)
        case "update_expression":
            _write(index, places(node), spot)
        case "call_expression":
            index.calls.append(spot)
        case "function_definition":
            index.nested.append(spot)
        case "preproc_include":
            index.included.append(spot)
        case "labeled_statement":
            index.labels.append(spot)
        case "preproc_call":
            index.pragmas.append(spot)
        case kind if kind in LOOPS:
            index.loops.append(spot)
        case kind if kind in JUMPS:
            index.jumps.append(spot)
    if node.type in PIECES:
        index.pieces.append(spot)
    if node.is_error or node.is_missing or node.type == "gnu_asm_expression":
        index.unreadable.append(spot)


def _write(index: Index, found: Iterator[Place], spot: Spot) -> None:
    for place in found:
        index.written.setdefault(place.base, []).append(Written(place, spot))


def _declaration(source: Source, index: Index, spot: Spot) -> None:
    scope = next((node for node in reversed(spot.above) if node.type in SCOPES), index.function.node)
    storage = {text_of(child) for child in spot.node.children if child.type == "storage_class_specifier"}
    for child in spot.node.children_by_field_name("declarator"):
        initialised = child.type == "init_declarator"
        for name in declared_names(child):
            text = text_of(name)
            if initialised:
                index.written.setdefault(text, []).append(Written(Place(text), spot))
            kind = kind_of(source, spot.node, name)
            if _is_hidden_statement(source, index, spot, text) or kind.is_function:
                continue
            index.declared.setdefault(text, []).append(
                Declared(text, name.start_byte, (scope.start_byte, scope.end_byte), spot.node, spot, bool(storage & {"static", "extern"}) or initialised, kind,
                         "static" in storage, "extern" in storage))


def _kind_of_parameter(source: Source, function: Function, name: str) -> Kind:
    """Of either style of declaring it; without a type it is an int."""
    for node, _ in descend(function.node):
        if node == function.body:
            break
        if node.type in ("parameter_declaration", "declaration"):
            for one in declared_names(node):
                if text_of(one) == name:
                    return kind_of(source, node, one, parameter=True)
    return Kind((), "int", True)


def _is_hidden_statement(source: Source, index: Index, spot: Spot, name: str) -> bool:
    """`WHEN(x) y = 1;` and `MAYBE y = 1;` look like declarations of y, and are macros before an assignment to it."""
    kind = spot.node.child_by_field_name("type")
    if kind is None or kind.type not in ("macro_type_specifier", "type_identifier"):
        return False
    word = kind.named_children[0] if kind.type == "macro_type_specifier" and kind.named_children else kind
    macros = source.macros.get(text_of(word))
    if not macros:
        return kind.type == "macro_type_specifier" and resolve(index, name, spot.at) is not None
    types = all(token in TYPES or token == "*" for macro in macros for token in macro.body.replace("*", " * ").split())
    return not types and resolve(index, name, spot.at) is not None


def resolve(index: Index, name: str, at: int) -> Declared | None:
    """The declaration that a name means at a position of the function; None if it is none of the function's."""
    seen = [one for one in index.declared.get(name, ()) if one.at <= at and one.scope[0] <= at < one.scope[1]]
    found = max(seen, key=lambda one: (one.scope[0], one.at), default=None)
    return None if found is not None and found.is_extern else found
