"""What a probe reads: the objects that its text may stand for, and whether somebody else may change them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conform.probe.objects import Objects
from conform.probe.paths import Place, expression
from conform.probe.targets import Memory, Object, Target


@dataclass(frozen=True)
class Read:
    """Objects, and how who has the address of one may find it."""

    objects: frozenset[Object]
    exposed: frozenset[Memory] = frozenset()

    def is_touched(self, target: Target) -> bool:
        if isinstance(target, Memory):
            return (target.names and any(one.declared is None for one in self.objects)) or any(target.may_be(one) for one in self.exposed)
        return any(one.declared is target.declared and one.looked == target.looked and one.place.overlaps(target.place) for one in self.objects)


def read(objects: Objects, place: Place, at: int, is_exposed: Callable[[Object], bool]) -> Read:
    """What a place of a binding is, where the probe stands."""
    targets = _places(objects, place, at)
    exposed = frozenset(objects.parts.as_memory(one) for one in targets if isinstance(one, Memory) or is_exposed(one))
    return Read(frozenset(one for one in targets if isinstance(one, Object)), exposed)


def _places(objects: Objects, place: Place, at: int) -> set[Target]:
    """Pointers are looked through, wherever one may be on the way; where they point is a part of the value."""
    base = expression(place.base)
    found: set[Target] = set()
    here: set[Target] = objects.lvalue(base, at)
    if (place.fields or place.element is not None) and not all(isinstance(one, Object) and _is_direct(objects, one) for one in here):
        found = {one for one in here if isinstance(one, Object) and not _is_direct(objects, one)}
        here = (here - found) | (objects.values(base, at))
    for name in place.fields:
        here = {objects.parts.part(_element(objects, one, 0), name) for one in here}
        held = {one for one in here if any(kind.may_hold for kind in objects.parts.kind(one))}
        found |= held
        here |= objects.content(held)
    here = {_element(objects, one, place.element) if place.element is not None else one for one in here}
    for _ in range(2):                                      # `*p` and `**p` are read as p
        here |= objects.content(one for one in here if any(kind.may_hold for kind in objects.parts.kind(one)))
    return found | here


def _element(objects: Objects, one: Target, element: int) -> Target:
    """What the index of a binding leads to; a pointer that is a field is looked through without it."""
    if isinstance(one, Memory) or (one.place.fields and not any(kind.is_array for kind in objects.parts.kind(one))) or (element == 0 and not one.offset):
        return one
    return objects.parts.element(one, element)


def _is_direct(objects: Objects, one: Object) -> bool:
    """Is it an array or a struct, whose parts are parts of it, and no pointer to them?"""
    return all(kind.is_array or not kind.wrapped for kind in objects.parts.kind(one))
