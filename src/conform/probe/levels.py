"""Where the loops of a binding are in a source.

Knows the order in which loops are nested, also through calls. Knows nothing of values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from conform.probe.binding import RUN, Binding
from conform.probe.index import Index, Spot
from conform.probe.syntax import LOOPS, first_line, line_of, text_of
from conform.probe.writes import Effects

if TYPE_CHECKING:
    from tree_sitter import Node


class CannotPlace(Exception):
    """A probe has no place; `candidates` are lines of the source that may be meant."""

    def __init__(self, message: str, candidates: list[str] | None = None) -> None:
        super().__init__(message)
        self.message, self.candidates = message, candidates or []


@dataclass(frozen=True)
class Region:
    """The text that runs once at a level: a function's body or a loop's."""

    index: Index
    node: Node
    loop: Spot | None = None
    first: int = 0                       # bytes of the part of it that counts
    last: int = 1 << 62

    @property
    def is_block(self) -> bool:
        return self.node.type == "compound_statement"

    def holds(self, spot: Spot) -> bool:
        return spot.inside(self.node) and self.first <= spot.node.start_byte and spot.node.end_byte <= self.last


class Levels:
    """The regions of a binding's levels in one source."""

    def __init__(self, effects: Effects, binding: Binding) -> None:
        self.effects, self.source, self.binding = effects, effects.source, binding
        self._found: dict[str, Region] = {}
        self._leading: dict[str, frozenset[str]] = {}
        self._stepped: dict[int, set[str]] = {}

    def function(self, name: str) -> Index:
        defined = self.source.functions.get(name, [])
        if not defined:
            near = get_close_matches(name, self.source.functions, n=3)
            raise CannotPlace(f"there is no function `{name}`", [f"{line_of(self.source.functions[other][0].node)}: {other}" for other in near])
        if len(defined) > 1:
            raise CannotPlace(f"the function `{name}` is defined {len(defined)} times", [self.at(one.node) for one in defined])
        return self.effects.index(defined[0])

    def nest(self) -> Region:
        """The outermost loop."""
        wanted = self.binding.nest
        index = self.function(wanted.function)
        outermost = [name for name in self.binding.levels if self.binding.around(name) == RUN and self.is_nested(name)]
        return self._choose(index, index.function.body, wanted.loop, lambda region: all(self._holds(region, name) for name in outermost))

    def is_nested(self, level: str) -> bool:
        """Not a loop that stands apart, before or after the nest: the nest is the first level and what is inside it."""
        return self.binding.chain(level)[0] == next(iter(self.binding.levels))

    def region(self, level: str) -> Region:
        if level not in self._found:
            self._found[level] = self._find(level)
        return self._found[level]

    def _find(self, level: str) -> Region:
        declared = self.binding.levels[level]
        around = self.binding.around(level)
        outer = self.region(around) if around != RUN else None
        home = outer.index.function.name if outer is not None else self.binding.nest.function
        index = self.function(declared.function or home)
        if not declared.loops:
            return Region(index, index.function.body)
        whole = index.function.body
        if outer is not None and index is outer.index:
            whole = outer.node
        elif outer is None and index.function.name == self.binding.nest.function and self.is_nested(level):
            nest = self.nest()
            if declared.loops == (self.binding.nest.loop,):
                return nest
            whole = nest.node if self.binding.nest.loop not in declared.loops else whole
        inner = [name for name in self.binding.levels if self.binding.around(name) == level]
        region = Region(index, whole)
        for depth, variable in enumerate(declared.loops):
            further = declared.loops[depth + 1 :]

            def holds(region: Region, further: tuple[str, ...] = further) -> bool:
                return self._has_loop(region, further[0]) if further else all(self._holds(region, name) for name in inner)

            region = self._choose(index, region.node, variable, holds)
        return region

    def _choose(self, index: Index, whole: Node, variable: str, holds: Callable[[Region], bool]) -> Region:
        loops = [spot for spot in index.loops if spot.inside(whole) and variable in self.steps(index, spot.node)]
        bodies = [Region(index, spot.node.child_by_field_name("body"), spot) for spot in loops]
        if len(bodies) > 1:
            bodies = [body for body in bodies if holds(body)] or bodies
        if len(bodies) == 1:
            return bodies[0]
        where = f"in `{index.function.name}`" + ("" if whole == index.function.body else f", lines {line_of(whole)} to {whole.end_point[0] + 1}")
        if bodies:
            raise CannotPlace(f"{len(bodies)} loops over `{variable}` {where}, and nothing says which", [self.at(body.loop.node) for body in bodies])
        others = [spot for spot in index.loops if spot.inside(whole)][:4]
        raise CannotPlace(f"no loop over `{variable}` {where}", [self.at(spot.node) for spot in others])

    def _holds(self, region: Region, level: str) -> bool:
        """Is the loop of an inner level in this one, or in a function that is called from it?"""
        declared = self.binding.levels[level]
        home = declared.function or region.index.function.name
        if home != region.index.function.name:
            leading = self.leads_to(home)
            return any(_called(call) in leading for call in region.index.calls if call.inside(region.node))
        if declared.loops[:1] == (self.binding.nest.loop,):
            return all(self._holds(region, name) for name in self.binding.levels if self.binding.around(name) == level)
        return not declared.loops or self._has_loop(region, declared.loops[0])

    def _has_loop(self, region: Region, variable: str) -> bool:
        return any(spot.inside(region.node) and variable in self.steps(region.index, spot.node) for spot in region.index.loops)

    def leads_to(self, name: str) -> frozenset[str]:
        """The functions of the file that call a function, themselves or through others, and itself."""
        if name not in self._leading:
            found, waiting = {name}, [name]
            while waiting:
                further = self._callers.get(waiting.pop(), set()) - found
                found |= further
                waiting += further
            self._leading[name] = frozenset(found)
        return self._leading[name]

    @cached_property
    def _callers(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name, functions in self.source.functions.items():
            for called in {_called(call) for function in functions for call in self.effects.index(function).calls} & self.source.functions.keys():
                found.setdefault(called, set()).add(name)
        return found

    def inner_spots(self, region: Region, level: str) -> list[Spot]:
        """Loops and calls in a region that run the levels inside it."""
        deeper = [name for name in self.binding.levels if level in self.binding.chain(name) and name != level]
        spots: list[Spot] = []
        for name in deeper:
            try:
                inner = self.region(name)
            except CannotPlace:
                continue
            if inner.index is region.index and inner.loop is not None:
                spots.append(inner.loop)
            else:
                leading = self.leads_to(inner.index.function.name)
                spots += [call for call in region.index.calls if _called(call) in leading]
        return [spot for spot in spots if spot.inside(region.node)]

    def steps(self, index: Index, loop: Node) -> set[str]:
        """The variables that a loop steps."""
        if loop.start_byte not in self._stepped:
            self._stepped[loop.start_byte] = _steps(index, loop)
        return self._stepped[loop.start_byte]

    def at(self, node: Node) -> str:
        return f"{line_of(node)}: {first_line(node)}"


def _called(call: Spot) -> str:
    return text_of(call.node.child_by_field_name("function"))


def _steps(index: Index, loop: Node) -> set[str]:
    """What is set in its head, or in its condition and written in its body."""
    if loop.type not in LOOPS:
        return set()
    body = loop.child_by_field_name("body")
    if loop.type == "for_statement":
        names: set[str] = set()
        for key in ("initializer", "update"):
            part = loop.child_by_field_name(key)
            if part is not None:
                names |= {name for name, written in index.written.items() if any(one.spot.inside(part) for one in written)}
        if names:
            return names
    condition = loop.child_by_field_name("condition")
    if condition is None or body is None:
        return set()
    asked = {name for name, uses in index.uses.items() if any(spot.inside(condition) for spot in uses)}
    return {name for name in asked if any(one.spot.inside(body) or one.spot.inside(condition) for one in index.written.get(name, ()))}
