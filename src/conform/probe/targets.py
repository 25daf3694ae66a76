"""What may be read or written: variables and their parts, and memory that somebody has the address of.

Knows declarations and kinds. Knows no expressions: which targets one stands for is settled in objects.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conform.probe.index import Declared
from conform.probe.kinds import UNKNOWN, Kind, Kinds
from conform.probe.paths import OUTSIDE, Place, is_address

if TYPE_CHECKING:
    from tree_sitter import Node

SHARED = "|"                             # in the place of the name of a field that shares its bytes with others
FLOATING = ("double", "float", "long double")


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
        mine, others = _family(self.type), _family(other.type)
        return "" in (mine, others) or not (self.numbers and other.numbers) or mine == others


ANYTHING = Memory()
Target = Object | Memory


@dataclass(frozen=True)
class Parts:
    """What kinds targets are, and what their parts are."""

    kinds: Kinds

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
        deep, kinds = under(node)[1], self.kind(one)
        if isinstance(one, Object) and one.looked and not one.place.fields:
            deep -= 1                                           # the first one led through the pointer
        return {Kind(kind.wrapped[min(deep, _arrays(kind)) :], kind.type, kind.basic) if deep > 0 else kind for kind in kinds}

    def part(self, one: Target, field: str) -> Target:
        """A field of an object; of a union, all of them."""
        if isinstance(one, Memory):
            return Memory(SHARED) if self.kinds.is_overlaid(field) else self._in_memory(field, self.kinds.of_field(field))
        if one.place.fields[-1:] in ((SHARED,), (OUTSIDE,)):
            return one
        if field == OUTSIDE or self.kinds.is_not_of(field, self.owner(one)):
            return self.around(one)
        field = SHARED if self.kinds.is_overlaid(field) else field
        return replace(one, place=Place(one.place.base, (*one.place.fields, field)), offset=False)

    def around(self, one: Target) -> Target:
        """What a pointer to it, taken for one to another struct, may lead to: any part of it, or of what it is a part of."""
        if isinstance(one, Memory):
            return one
        return replace(one, place=Place(one.place.base, (OUTSIDE,) if one.looked else ()), offset=not one.looked)

    def cast(self, one: Target, struct: str) -> Target:
        """As the value of a pointer to that struct; empty: to something else."""
        owner = self.owner(one)
        is_other = struct and isinstance(one, Object) and (owner != struct if self.kinds.is_struct(owner) else one.offset)
        return self.around(one) if is_other else moved(one)

    def element(self, one: Target, element: int | None) -> Target:
        """Element `element`, counted from what an address points to."""
        if isinstance(one, Memory):
            return one
        place, kinds = one.place, self.kind(one)
        if place.fields and not any(kind.is_array for kind in kinds):
            if element == 0 and not one.offset:
                return one
            return replace(one, place=Place(place.base, place.fields[:-1] if place.fields[-1] not in (SHARED, OUTSIDE) else place.fields), offset=True)
        if place.element is not None or one.offset:
            return one if element == 0 and not one.offset else replace(one, place=Place(place.base, place.fields), offset=True)
        if not place.fields and not one.looked and not any(kind.is_array for kind in kinds):
            return one
        return replace(one, place=Place(place.base, place.fields, element), offset=one.offset or element is None)      # of a table, the row stays unknown

    def as_memory(self, one: Target) -> Memory:
        """How somebody may find it who has its address: by a field or as a value of a type."""
        if isinstance(one, Memory):
            return one
        kinds = self.kind(one)
        if one.looked and not one.place.fields and one.declared is not None and one.declared.kind.wrapped == ("pointer",):
            kinds = {one.declared.kind}
        if not one.place.fields:
            return self._in_memory("", kinds, is_pointee=one.looked)
        return self._in_memory(one.place.fields[-1], kinds, self.owner(replace(one, place=Place(one.place.base, one.place.fields[:-1]))))

    @staticmethod
    def _in_memory(field: str, kinds: set[Kind], owner: str = "", is_pointee: bool = False) -> Memory:
        """A field, or what a pointer leads to, of one of these kinds; a pointer is written by its name only, or by anybody."""
        types = {(kind.type, kind.basic) for kind in kinds} if is_pointee or all("pointer" not in kind.wrapped[:1] for kind in kinds) else set()
        type_, numbers = types.pop() if len(types) == 1 else ("", True)
        return Memory(field, type_, owner, numbers=numbers)


def under(node: Node) -> tuple[Node, int]:
    """What stands under indices and stars, and how many they are."""
    deep = 0
    while node.type in ("subscript_expression", "parenthesized_expression") or (node.type == "pointer_expression" and not is_address(node)):
        deep += node.type != "parenthesized_expression"
        node = node.child_by_field_name("argument") or node.named_children[0]
    return node, deep


def moved(one: Target) -> Target:
    return replace(one, place=Place(one.place.base, one.place.fields), offset=True) if isinstance(one, Object) else one


def _family(type_: str) -> str:
    """What may be used for the same bytes: whole numbers have several names for one type, and come signed or not; empty: it may be any."""
    words = set(re.findall("[a-z0-9]+", type_))
    if not words or words & {"char", "void", "int8", "uint8"}:
        return ""
    return " ".join(sorted(words & {"long", "float", "double"})) if words & {"float", "double"} else "whole number"      # a complex number is two real ones


def may_be_address(kind: Kind) -> bool:
    return kind.may_hold or kind.type not in FLOATING


def _arrays(kind: Kind) -> int:
    """How many arrays an object is, one in the other."""
    return next((i for i, wrapper in enumerate(kind.wrapped) if wrapper != "array"), len(kind.wrapped))
