"""What kind of thing a name or a field is, as far as its declaration says: number, array, pointer, or what may hold pointers.

Knows declarations. Types from headers are not known here, and taken to be whatever they may be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from conform.probe.dialect import COMPLEX
from conform.probe.syntax import Source, declared_names, matches, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_WRAPPERS = {"pointer_declarator": "pointer", "array_declarator": "array", "function_declarator": "function"}
_OPAQUE = ("FILE", "DIR", "va_list", "time_t", "clock_t", "size_t", "ssize_t", "off_t", "omp_lock_t",
           *(f"atomic_{name}" for name in ("bool", "int", "uint", "long", "ulong", "llong", "size_t", "flag")))
_DEEPEST = 12                            # of typedefs of typedefs
_BASIC = ("primitive_type", "sized_type_specifier", "enum_specifier")


class Kind(NamedTuple):
    """`wrapped` from the name outwards: `double *list[2]` is an array of pointers. `basic`: in the end they are numbers."""

    wrapped: tuple[str, ...]
    type: str
    basic: bool

    @property
    def is_number(self) -> bool:
        return self.basic and not self.wrapped

    @property
    def is_array(self) -> bool:
        return self.wrapped[:1] == ("array",)

    @property
    def is_function(self) -> bool:
        return self.wrapped[:1] == ("function",)

    @property
    def may_hold(self) -> bool:
        """May an address be in it?"""
        return not self.basic or "pointer" in self.wrapped


UNKNOWN = Kind((), "", False)


def kind_of(source: Source, declaration: Node, name: Node, parameter: bool = False, depth: int = 0) -> Kind:
    """Of one of the names of a declaration. An array as a parameter is a pointer."""
    wrapped: list[str] = []
    node = name.parent
    while node is not None and node.start_byte >= declaration.start_byte and node.id != declaration.id:
        if node.type in _WRAPPERS:
            wrapped.append(_WRAPPERS[node.type])
        node = node.parent
    if parameter:
        whole = _of_type(source, declaration.child_by_field_name("type"), tuple(wrapped), depth)
        return whole._replace(wrapped=("pointer", *whole.wrapped[1:])) if whole.is_array else whole
    return _of_type(source, declaration.child_by_field_name("type"), tuple(wrapped), depth)


def _of_type(source: Source, kind: Node | None, wrapped: tuple[str, ...], depth: int = 0) -> Kind:
    """The type and what is wrapped around it, typedefs looked up."""
    if kind is None:
        return Kind(wrapped, "", False)
    text = _type_text(kind)
    name = source.typedefs.get(text) if kind.type == "type_identifier" else None
    if name is None or depth > _DEEPEST:
        return Kind(wrapped, text, kind.type in _BASIC or text in _OPAQUE or COMPLEX.fullmatch(text) is not None)
    definition = name
    while definition.type != "type_definition":
        definition = definition.parent
    meant = kind_of(source, definition, name, depth=depth + 1)
    return Kind(wrapped + meant.wrapped, meant.type or text, meant.basic)


def returns(source: Source, function: Node) -> Kind:
    """What a function returns."""
    declarator, wrapped = function.child_by_field_name("declarator"), []
    while declarator is not None and declarator.type != "function_declarator":
        wrapped.append(_WRAPPERS.get(declarator.type, ""))
        declarator = declarator.child_by_field_name("declarator")
    return _of_type(source, function.child_by_field_name("type"), tuple(filter(None, wrapped)))


def _type_text(kind: Node) -> str:
    """Of a struct its tag, without what is in it."""
    if kind.type in ("struct_specifier", "union_specifier"):
        tag = kind.child_by_field_name("name")
        return f"{kind.type.partition('_')[0]} {text_of(tag)}" if tag is not None else ""
    return " ".join(text_of(kind).split())


@dataclass
class Kinds:
    """Of the names at the top of a file, and of the fields of its structs and unions."""

    source: Source

    @cached_property
    def _fields(self) -> dict[str, dict[str, set[Kind]]]:
        """By name, and by the struct that it is of."""
        found: dict[str, dict[str, set[Kind]]] = {}
        for declaration in matches(self.source.root, "(field_declaration) @it"):
            owners = _owners(declaration)
            for name in _field_names(declaration):
                kind = kind_of(self.source, declaration, name)
                for owner in owners:
                    found.setdefault(text_of(name), {}).setdefault(owner, set()).add(kind)
        return found

    @cached_property
    def _overlaid(self) -> frozenset[str]:
        return frozenset(text_of(name) for declaration in matches(self.source.root, "(field_declaration) @it") if _is_of_union(declaration)
                         for name in _field_names(declaration))

    def of_field(self, name: str, owner: str = "") -> set[Kind]:
        """Of a field, of one struct if it is known which."""
        of = self._fields.get(name, {})
        return of.get(owner) or set().union(*of.values()) or {UNKNOWN}

    def is_not_of(self, field: str, owner: str) -> bool:
        """Is it known what fields a struct has, and that this is none of them?"""
        return self.is_struct(owner) and field in self._fields and owner not in self._fields[field]

    def is_struct(self, name: str) -> bool:
        """One whose fields are known here."""
        return name in self._owners

    def struct_of(self, type_: Node | None) -> str:
        """The struct that is named as a type; empty if it is none whose fields are known."""
        name = _of_type(self.source, type_, ()).type
        return name if self.is_struct(name) else ""

    @cached_property
    def _owners(self) -> frozenset[str]:
        return frozenset(owner for of in self._fields.values() for owner in of if owner)

    def is_overlaid(self, field: str) -> bool:
        """May it share its bytes with others: a member of a union, or of something that is declared elsewhere?"""
        return field not in self._fields or field in self._overlaid

    def of_global(self, name: str) -> Kind:
        declaration = self.source.globals.get(name)
        if declaration is None:
            return UNKNOWN
        return next((kind_of(self.source, declaration, one) for one in declared_names(declaration) if text_of(one) == name), UNKNOWN)


def _owners(declaration: Node) -> list[str]:
    """The names of the struct that a field is of: its tag, what a typedef calls it. Fields of a nameless one are of those around it."""
    node, found = declaration.parent, []
    while node is not None and node.type not in ("compound_statement", "translation_unit"):
        if node.type in ("struct_specifier", "union_specifier"):
            tag = node.child_by_field_name("name")
            if tag is not None:
                found.append(f"{node.type.partition('_')[0]} {text_of(tag)}")
            if node.parent is not None and node.parent.type == "type_definition":
                found += [text_of(name) for name in node.parent.children_by_field_name("declarator") if name.type == "type_identifier"]
            if found:
                return found
        node = node.parent
    return [""]


def _is_of_union(declaration: Node) -> bool:
    """In a union, or in a struct that is in one."""
    node = declaration.parent
    while node is not None and node.type not in ("compound_statement", "translation_unit"):
        if node.type == "union_specifier":
            return True
        node = node.parent
    return False


def _field_names(declaration: Node) -> Iterator[Node]:
    for declarator in declaration.children_by_field_name("declarator"):
        node = declarator
        while node is not None and node.type != "field_identifier":
            node = node.child_by_field_name("declarator") or next((child for child in node.named_children if "declarator" in child.type or child.type == "field_identifier"), None)
        if node is not None:
            yield node
