"""A C source as a syntax tree: its functions, macros and file-wide names, found once.

Positions are bytes. What the parser cannot read stays a node of its own and disturbs nothing beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from conform.errors import UsageProblem

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

CONDITIONAL = ("preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif", "preproc_elifdef")
_DEFINE = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+(\w+)(\([^)\n]*\))?((?:[^\n]*\\\r?\n)*[^\n]*)", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/|//.*", re.DOTALL)
LOOPS = ("for_statement", "while_statement", "do_statement")


@lru_cache(maxsize=1)
def _parser() -> Parser:
    try:
        import tree_sitter_c
        from tree_sitter import Language, Parser
    except ImportError as error:
        raise UsageProblem(f"a C source cannot be read: {error}", "pip install 'conform[instrument]', or run ./conform of a checkout") from None
    return Parser(Language(tree_sitter_c.language()))


def parse(data: bytes) -> Node:
    return _parser().parse(data).root_node


def descend(node: Node) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    """Every node below, itself first, in the order of the text, each with the nodes above it."""
    cursor, above = node.walk(), []
    while True:
        here = cursor.node
        yield here, tuple(above)
        if cursor.goto_first_child():
            above.append(here)
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            if not above:
                return
            above.pop()


def text_of(node: Node) -> str:
    return node.text.decode("utf-8", "replace")


def first_line(node: Node, most: int = 60) -> str:
    """The beginning of a piece of source, for a message."""
    words = " ".join(text_of(node).split())
    return words if len(words) <= most else words[: most - 3] + "..."


def line_of(node: Node) -> int:
    return node.start_point[0] + 1


def declared_names(declarator: Node) -> Iterator[Node]:
    """The identifiers that a declaration declares; not those of sizes, initialisers or parameters."""
    kind = declarator.type
    if kind == "identifier":
        yield declarator
    elif kind in ("declaration", "parameter_declaration"):
        for child in declarator.children_by_field_name("declarator"):
            yield from declared_names(child)
    elif (inner := declarator.child_by_field_name("declarator")) is not None:
        yield from declared_names(inner)
    elif kind in ("parenthesized_declarator", "attributed_declarator"):
        for child in declarator.named_children:
            yield from declared_names(child)


@dataclass(frozen=True)
class Function:
    name: str
    node: Node
    body: Node
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Macro:
    name: str
    parameters: tuple[str, ...] | None   # None: it takes no arguments
    body: str


@dataclass
class Source:
    """One file. `functions` that are defined twice (under #if, #else) are all there."""

    data: bytes
    root: Node
    functions: dict[str, list[Function]] = field(default_factory=dict)
    macros: dict[str, list[Macro]] = field(default_factory=dict)
    globals: dict[str, Node] = field(default_factory=dict)
    scalars: set[str] = field(default_factory=set)       # names of types that are plain numbers

    @cached_property
    def enumerators(self) -> frozenset[str]:
        """Names of enumeration constants, anywhere in the file."""
        return frozenset(text_of(node.child_by_field_name("name")) for node, _ in descend(self.root) if node.type == "enumerator")

    def line(self, byte: int) -> int:
        return self.data.count(b"\n", 0, byte) + 1


def read_source(data: bytes) -> Source:
    """Parse, and list what stands at the top of the file."""
    source = Source(data, parse(data))
    for macro in _macros(data):
        source.macros.setdefault(macro.name, []).append(macro)
    for node in _top(source.root):
        if node.type == "function_definition":
            _add_function(source, node)
        elif node.type == "type_definition":
            kind, name = node.child_by_field_name("type"), node.child_by_field_name("declarator")
            if kind.type in ("primitive_type", "sized_type_specifier", "enum_specifier") and name.type == "type_identifier":
                source.scalars.add(text_of(name))
        elif node.type == "declaration":
            for name in declared_names(node):
                source.globals.setdefault(text_of(name), node)
    return source


def _top(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        if child.type in (*CONDITIONAL, "linkage_specification", "declaration_list", "ERROR"):
            yield from _top(child)


def _add_function(source: Source, node: Node) -> None:
    declarator = node.child_by_field_name("declarator")
    while declarator is not None and declarator.type != "function_declarator":
        declarator = declarator.child_by_field_name("declarator")
    body = node.child_by_field_name("body")
    if declarator is None or body is None:
        return
    name = declarator.child_by_field_name("declarator")
    if name is None or name.type != "identifier":
        return
    function = Function(text_of(name), node, body, tuple(_parameters(declarator.child_by_field_name("parameters"))))
    source.functions.setdefault(function.name, []).append(function)


def _parameters(node: Node | None) -> Iterator[str]:
    """Names in order; also of the old style, where types come later. Nameless ones count."""
    for child in node.named_children if node is not None else ():
        if child.type == "identifier":
            yield text_of(child)
        elif child.type == "parameter_declaration":
            yield next((text_of(name) for name in declared_names(child)), "")


def _macros(data: bytes) -> Iterator[Macro]:
    """By their lines, not by the tree: they stand anywhere, also in functions and between branches."""
    for found in _DEFINE.finditer(data):
        name, given, body = (group.decode("utf-8", "replace") if group is not None else None for group in found.groups())
        parameters = None if given is None else tuple(word.strip() for word in given.strip("()").split(","))
        yield Macro(name, parameters, _COMMENT.sub(" ", body.replace("\\\r\n", " ").replace("\\\n", " ")).strip())
