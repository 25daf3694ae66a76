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
from conform.probe.dialect import readable
from conform.probe.directives import blank, uneven, without_dead

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Query

CONDITIONAL = ("preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif", "preproc_elifdef")
_DEFINE = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+(\w+)(\([^)\n]*\))?((?:[^\n]*\\\r?\n)*[^\n]*)", re.MULTILINE)
_ALIAS = re.compile(r"\b((?:__)?(?:alias|weakref)(?:__)?\s*\(|(?<!\belse)(?<=\w)\s+(?:__)?asm(?:__)?\s*\(\s*\))")
_ADDRESS, _WORD = re.compile(r"(?:^|[^&\s\w)\]])\s*&(?![&=])|\breturn\s*&"), re.compile(r"[A-Za-z_]\w*")
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


def matches(root: Node, pattern: str) -> list[Node]:
    """Nodes of one kind anywhere below, quickly."""
    from tree_sitter import QueryCursor

    return QueryCursor(_query(pattern)).captures(root).get("it", [])


@lru_cache(maxsize=None)
def _query(pattern: str) -> Query:
    import tree_sitter_c
    from tree_sitter import Language, Query

    return Query(Language(tree_sitter_c.language()), pattern)


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
    if kind in ("identifier", "type_identifier"):
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
    is_variadic: bool = False


@dataclass(frozen=True)
class Macro:
    name: str
    parameters: tuple[str, ...] | None   # None: it takes no arguments
    body: str
    at: int = 0                          # where it is defined


@dataclass
class Source:
    """One file, with blanks for what is never compiled. `functions` that are defined twice (under #if, #else) are all there."""

    data: bytes
    root: Node
    functions: dict[str, list[Function]] = field(default_factory=dict)
    macros: dict[str, list[Macro]] = field(default_factory=dict)
    globals: dict[str, Node] = field(default_factory=dict)
    typedefs: dict[str, Node] = field(default_factory=dict)

    @cached_property
    def enumerators(self) -> frozenset[str]:
        """Names of enumeration constants, anywhere in the file."""
        return frozenset(text_of(node.child_by_field_name("name")) for node, _ in descend(self.root) if node.type == "enumerator")

    @cached_property
    def plain(self) -> str:
        """The text with blanks for its comments and strings, and for what is never compiled."""
        return blank(self.data).decode("latin-1")                   # a byte is a character: positions stay

    @cached_property
    def uneven(self) -> tuple[int, ...]:
        """Where branches of conditional directives begin whose braces do not match."""
        return tuple(uneven(self.data))

    @cached_property
    def undefined(self) -> dict[str, list[int]]:
        """Where macros end."""
        found: dict[str, list[int]] = {}
        for one in re.finditer(r"^[ \t]*#[ \t]*undef[ \t]+(\w+)", self.plain, re.MULTILINE):
            found.setdefault(one.group(1), []).append(one.start())
        return found

    @cached_property
    def uses(self) -> dict[str, list[tuple[bool, str]]]:
        """Of each variable of the file, where its name stands: whether behind a &, and the character that follows."""
        found: dict[str, list[tuple[bool, str]]] = {}
        for one in re.finditer(r"(?:(?<!&)(&)[\s(]*)?\b([A-Za-z_]\w*)\b(?=\s*(\S?))", self.plain):
            if one.group(2) in self.globals:
                found.setdefault(one.group(2), []).append((one.group(1) is not None, one.group(3)))
        return found

    @cached_property
    def taken(self) -> frozenset[str]:
        """Functions of the file that stand somewhere without being called: a pointer to them may be anywhere."""
        return frozenset(found for found in re.findall(r"\b[A-Za-z_]\w*\b(?!\s*\()", self.plain) if found in self.functions)

    @cached_property
    def addressed(self) -> frozenset[str]:
        """What is given to a macro of the file that takes addresses, itself or by another one."""
        taking = {name for name, every in self.macros.items() if any(_ADDRESS.search(one.body) for one in every)}
        while further := {name for name, every in self.macros.items() if any(taking & set(_WORD.findall(one.body)) for one in every)} - taking:
            taking |= further
        found: set[str] = set()
        for one in re.finditer(rf"\b(?:{'|'.join(sorted(taking))})\b\s*(?:(\()|(\w+))?", self.plain) if taking else ():
            found |= set(_WORD.findall(self.plain[one.end() : _closing(self.plain, one.end())] if one.group(1) else one.group(2) or ""))
        return frozenset(found)

    @cached_property
    def threadprivate(self) -> frozenset[str]:
        """Variables of which each thread of OpenMP has its own."""
        return frozenset(name.strip() for found in re.findall(r"\bthreadprivate\s*\(([^()]*)\)", self.plain) for name in found.split(","))

    @cached_property
    def alias(self) -> re.Match[str] | None:
        """Where something gets another name, by an attribute or a label of the assembler."""
        return _ALIAS.search(self.plain)

    def line(self, byte: int) -> int:
        return self.data.count(b"\n", 0, byte) + 1


def _closing(text: str, at: int) -> int:
    """Where the bracket closes that was opened just before."""
    depth = 1
    for one in re.compile(r"[()]").finditer(text, at):
        depth += 1 if one.group() == "(" else -1
        if not depth:
            return one.start()
    return len(text)


def read_source(data: bytes) -> Source:
    """Parse, and list what stands at the top of the file."""
    compiled = readable(without_dead(data))
    source = Source(compiled, parse(compiled))
    for macro in _macros(compiled):
        source.macros.setdefault(macro.name, []).append(macro)
    for node in _top(source.root):
        if node.type == "function_definition":
            _add_function(source, node)
        elif node.type == "type_definition":
            source.typedefs |= {text_of(name): name for child in node.children_by_field_name("declarator") for name in declared_names(child)}
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
    parameters = declarator.child_by_field_name("parameters")
    variadic = parameters is not None and any(child.type == "variadic_parameter" for child in parameters.children)
    function = Function(text_of(name), node, body, tuple(_parameters(parameters)), variadic)
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
        yield Macro(name, parameters, _COMMENT.sub(" ", body.replace("\\\r\n", " ").replace("\\\n", " ")).strip(), found.start())
