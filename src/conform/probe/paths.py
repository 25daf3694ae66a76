"""What an expression names: `walk->q[1]` is element 1 of the field q of walk, wherever walk points.

Knows single expressions. Knows no scopes: which declaration a name belongs to is settled in names.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conform.probe.syntax import descend, parse, text_of

if TYPE_CHECKING:
    from tree_sitter import Node


OUTSIDE = "^"                            # in the place of the name of a field: any part, or what the whole is a part of


@dataclass(frozen=True)
class Place:
    """Something that can be read or written. `element` is a constant first index, None any. Pointers are looked through."""

    base: str
    fields: tuple[str, ...] = ()
    element: int | None = None

    def overlaps(self, other: Place) -> bool:
        """May one hold a part of the other? The names are taken to belong to one declaration."""
        if OUTSIDE in (*self.fields, *other.fields):
            return self.base == other.base
        shared = min(len(self.fields), len(other.fields))
        if self.base != other.base or self.fields[:shared] != other.fields[:shared]:
            return False
        return self.element is None or other.element is None or self.fields != other.fields or self.element == other.element

    def within(self, fields: tuple[str, ...], element: int | None) -> Place:
        """What a helper that is given this place writes, if it writes there of its argument."""
        return Place(self.base, self.fields + fields, element if not self.fields or fields == () else None)


def places(node: Node) -> Iterator[Place]:
    """What the expression stands for on the left of an assignment; nothing for what is no place."""
    match node.type:
        case "identifier":
            yield Place(text_of(node))
        case "field_expression":
            field = text_of(node.child_by_field_name("field"))
            for place in places(node.child_by_field_name("argument")):
                yield Place(place.base, (*place.fields, field))
        case "subscript_expression":
            index = node.child_by_field_name("index")
            number = constant(index)
            for place in places(node.child_by_field_name("argument")):
                plain = node.child_by_field_name("argument").type != "subscript_expression"
                yield Place(place.base, place.fields, number if plain else place.element)
        case "pointer_expression" | "cast_expression" | "update_expression":
            inner = node.child_by_field_name("argument") or node.child_by_field_name("value")
            if inner is not None:
                yield from (Place(place.base, place.fields) for place in places(inner))
        case "parenthesized_expression" | "comma_expression":
            if node.named_children:
                yield from places(node.named_children[-1])
        case "conditional_expression":
            for key in ("consequence", "alternative"):
                if (branch := node.child_by_field_name(key)) is not None:
                    yield from places(branch)
        case "binary_expression":                       # *(p + 1)
            for place in places(node.child_by_field_name("left")):
                yield Place(place.base, place.fields)
        case "assignment_expression":
            yield from places(node.child_by_field_name("left"))


def expression(text: str) -> Node | None:
    """The tree of one C expression; None if it is not one."""
    root = parse(f"void f(void) {{ ({text}\n); }}".encode())
    if root.has_error or len(root.named_children) != 1:
        return None
    body = root.named_children[0].child_by_field_name("body")
    statements = body.named_children
    if len(statements) != 1 or statements[0].type != "expression_statement":
        return None
    return statements[0].named_children[0]


def read_by(text: str) -> tuple[frozenset[Place], frozenset[str]] | None:
    """What an expression reads, and every name in it that is not a function or a field; None if it is no expression."""
    node = expression(text)
    if node is None:
        return None
    read: set[Place] = set()
    names: set[str] = set()
    for part, above in descend(node):
        if part.type == "identifier" and not _is_called(part, above):
            names.add(text_of(part))
            top = part
            for outer in reversed(above):
                if outer.type == "field_expression" or (outer.type == "subscript_expression" and outer.child_by_field_name("argument") == top):
                    top = outer
                    continue
                break
            read.update(places(top))
    return frozenset(read), frozenset(names)


def changes(text: str) -> bool:
    """Would an expression, where it is put, change the program?"""
    node = expression(text)
    return node is not None and any(part.type in ("assignment_expression", "update_expression") for part, _ in descend(node))


def _is_called(node: Node, above: tuple[Node, ...]) -> bool:
    return bool(above) and above[-1].type == "call_expression" and above[-1].child_by_field_name("function") == node


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
