"""What a function writes, by itself and through the helpers, macros and pointers that it uses.

A helper of the same file is read: it writes what its text writes of its arguments. One that is not there is taken to
write whatever it is given the address of. May-write, throughout: a probe stands after everything that may write its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conform.probe.index import Index, Spot, index_function, resolve
from conform.probe.paths import Place, places
from conform.probe.syntax import Function, Macro, Source, parse, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_ASSIGNED = re.compile(r"([A-Za-z_]\w*)(?:\s*(?:\[[^\]]*\]|->\s*\w+|\.\s*\w+))*\s*(?:=(?!=)|[-+*/%&|^]=|<<=|>>=|\+\+|--)|(?:\+\+|--)\s*([A-Za-z_]\w*)")
_READS_ONLY = frozenset(
    "printf fprintf puts fputs putchar fwrite strlen strcmp strncmp memcmp free fclose fflush exit abs labs fabs sin cos tan asin acos atan "
    "atan2 sinh cosh tanh exp exp2 expm1 log log2 log10 log1p pow sqrt cbrt hypot floor ceil round trunc rint fmod fmin fmax isnan isinf "
    "isfinite copysign erf erfc tgamma sizeof".split())
_ARGUMENTS = ("identifier", "field_expression", "subscript_expression", "pointer_expression", "cast_expression", "parenthesized_expression")
_DEEPEST = 12                            # of macros in macros


@dataclass(frozen=True)
class Effect:
    """`place` is written at `spot`, `through` a helper or macro or by the function itself."""

    place: Place
    spot: Spot
    through: str = ""


class Effects:
    """The effects of every function of a source, found when asked for."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._indices: dict[int, Index] = {}
        self._effects: dict[int, dict[str, list[Effect]]] = {}
        self._summaries: dict[str, frozenset[tuple[int | str, tuple[str, ...], int | None]]] = {}
        self._asking: set[str] = set()

    def index(self, function: Function) -> Index:
        key = function.node.start_byte
        if key not in self._indices:
            self._indices[key] = index_function(self.source, function)
        return self._indices[key]

    def of(self, index: Index) -> dict[str, list[Effect]]:
        """The effects in a function, by the name that is written to, in the order of the text."""
        key = index.function.node.start_byte
        if key not in self._effects:
            found: dict[str, list[Effect]] = {}
            for effect in self._all(index):
                found.setdefault(effect.place.base, []).append(effect)
            aliases = _aliases(index)
            for name, targets in aliases.items():
                for effect in found.get(name, ()):
                    if not _sets_pointer(effect, name):
                        for target in targets:
                            found.setdefault(target.base, []).append(replace(effect, place=Place(target.base, target.fields), through=effect.through or f"*{name}"))
            self._effects[key] = {name: sorted(effects, key=lambda one: one.spot.node.end_byte) for name, effects in found.items()}
        return self._effects[key]

    def _all(self, index: Index) -> Iterator[Effect]:
        for written in index.written.values():
            for one in written:
                yield Effect(one.place, one.spot)
        for call in index.calls:
            yield from self._of_call(index, call)
        for name in index.uses.keys() & self.source.macros.keys():
            for macro in self.source.macros[name]:
                if macro.parameters is None:
                    for base, fields, element in self._of_macro(macro):
                        for spot in index.uses[name]:
                            yield Effect(Place(str(base), fields, element), spot, name)

    def _of_call(self, index: Index, call: Spot) -> Iterator[Effect]:
        name, given = _callee(call.node), _given(call.node)
        for target, fields, element in self._summary(name):
            if isinstance(target, str):
                yield Effect(Place(target, fields, element), call, name)
            elif target < len(given):
                for place in places(given[target]):
                    yield Effect(place.within(fields, element), call, name)
        if name not in self.source.functions and name not in self.source.macros and name not in _READS_ONLY:
            for argument in given:
                yield from (Effect(place, call, name) for place in _exposed(index, argument))

    def _summary(self, name: str) -> frozenset[tuple[int | str, tuple[str, ...], int | None]]:
        """What a call of `name` writes: (number of the argument, or a name of the file; fields; element)."""
        if name in self._summaries or name in self._asking:
            return self._summaries.get(name, frozenset())           # of a function that calls itself: what the rest of it writes
        self._asking.add(name)
        found: set[tuple[int | str, tuple[str, ...], int | None]] = set()
        for macro in self.source.macros.get(name, ()):
            for base, fields, element in self._of_macro(macro):
                known = macro.parameters is not None and base in macro.parameters
                found.add((macro.parameters.index(base) if known else base, fields, element))
        for function in self.source.functions.get(name, ()):
            found |= self._of_function(function)
        self._asking.discard(name)
        self._summaries[name] = frozenset(found)
        return self._summaries[name]

    def _of_function(self, function: Function) -> set[tuple[int | str, tuple[str, ...], int | None]]:
        index = self.index(function)
        effects = self.of(index)
        if self._asking - {function.name}:                          # half-known: not to be kept
            self._effects.pop(function.node.start_byte, None)
        found: set[tuple[int | str, tuple[str, ...], int | None]] = set()
        for base, written in effects.items():
            for effect in written:
                local = resolve(index, base, effect.spot.at)
                if local is None and base in self.source.globals:
                    found.add((base, effect.place.fields, effect.place.element))
                elif local is not None and local.spot is None and not local.scalar and not _sets_pointer(effect, base):
                    found.add((function.parameters.index(base), effect.place.fields, effect.place.element))
        return found

    def _of_macro(self, macro: Macro, depth: int = 0) -> set[tuple[str, tuple[str, ...], int | None]]:
        if depth > _DEEPEST:
            return set()
        root = parse(f"void f(void) {{ {macro.body}\n; }}".encode())
        bodies = [node.child_by_field_name("body") for node in root.named_children if node.type == "function_definition"]
        readable = not root.has_error and len(bodies) == 1 and bodies[0] is not None
        found = set() if readable else {(name, (), None) for pair in _ASSIGNED.findall(macro.body) for name in pair if name}
        for body in bodies:
            if readable:
                index = index_function(self.source, Function("", body, body, ()))
                found |= {(name, one.place.fields, one.place.element) for name, written in index.written.items() for one in written}
                for call in index.calls:
                    found |= {(effect.place.base, effect.place.fields, effect.place.element) for effect in self._of_call(index, call)}
                for name in index.uses.keys() & self.source.macros.keys():
                    for inner in self.source.macros[name]:
                        if inner.parameters is None and inner.name != macro.name:
                            found |= self._of_macro(inner, depth + 1)
        return found


def _callee(call: Node) -> str:
    function = call.child_by_field_name("function")
    return text_of(function) if function is not None and function.type == "identifier" else ""


def _given(call: Node) -> list[Node]:
    return [node for node in call.child_by_field_name("arguments").named_children if node.type != "comment"]


def _exposed(index: Index, argument: Node) -> Iterator[Place]:
    """What an unknown function may write of an argument: nothing of a number, all of what it is given the address of."""
    if argument.type not in _ARGUMENTS:
        return
    by_address = argument.type == "pointer_expression" and argument.children[0].type == "&"
    for place in places(argument):
        declared = resolve(index, place.base, argument.start_byte)
        scalar = declared is not None and declared.scalar and not place.fields
        element = argument.type == "subscript_expression" or (argument.type == "pointer_expression" and not by_address)
        if by_address or not (scalar or element):
            yield place


def _aliases(index: Index) -> dict[str, set[Place]]:
    """Local pointers, and what they may point to."""
    found: dict[str, set[Place]] = {}
    for name, written in index.written.items():
        for one in written:
            for value in _values(one.spot.node, name):
                for place in places(value):
                    if place.base != name and _may_point(index, name, one.spot.node.end_byte):
                        found.setdefault(name, set()).add(Place(place.base, place.fields))
    for _ in range(3):                                              # pointers to what pointers point to
        for targets in found.values():
            for target in list(targets):
                targets |= {Place(further.base, further.fields + target.fields) for further in found.get(target.base, ())}
    return found


def _may_point(index: Index, name: str, at: int) -> bool:
    declared = resolve(index, name, at)
    return declared is not None and not declared.scalar and "*" in text_of(declared.node).split("=")[0]


def _values(node: Node, name: str) -> Iterator[Node]:
    """What is assigned to the bare name: by `name = value`, an initialiser, or a list of them."""
    if node.type == "assignment_expression" and node.child_by_field_name("left").type == "identifier":
        yield node.child_by_field_name("right")
    for child in node.children_by_field_name("declarator") if node.type == "declaration" else ():
        value = child.child_by_field_name("value")
        if value is not None and name in text_of(child.child_by_field_name("declarator")):
            yield from value.named_children if value.type == "initializer_list" else (value,)


def _sets_pointer(effect: Effect, name: str) -> bool:
    """Is it the name itself that is set, and not what it points to?"""
    node = effect.spot.node
    if effect.through:
        return False
    if node.type == "assignment_expression":
        return node.child_by_field_name("left").type == "identifier"
    if node.type == "update_expression":
        argument = node.child_by_field_name("argument")
        return argument is not None and argument.type == "identifier"
    return node.type == "declaration"
