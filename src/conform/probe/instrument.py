"""From a C source and a binding to the probed copy: pure, text to text.

In reading order: find the nest and the levels, find a place for each probe, insert, show what was done. A probe without
a place is refused by name; the others go on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from conform.errors import UsageProblem
from conform.probe import render
from conform.probe.anchors import Anchor, after, around_nest, before
from conform.probe.binding import PIXEL, RUN, Binding, Quantity
from conform.probe.index import Spot
from conform.probe.insert import Insertion, insertions, own_line, patched, unified_diff
from conform.probe.levels import CannotPlace, Levels, Region
from conform.probe.openmp import check_sharing
from conform.probe.paths import changes, read_by
from conform.probe.place import Placed, Places, read_by_quantity
from conform.probe.sizes import with_sizes
from conform.probe.syntax import Function, read_source
from conform.probe.unseen import check_extent
from conform.probe.writes import Effects

RECORD = "probes.json"


@dataclass(frozen=True)
class Refused:
    """A quantity without a probe: why, and which lines may be meant."""

    why: str
    candidates: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Probed:
    """A source with probes in it."""

    name: str
    text: bytes
    diff: bytes
    header: str
    unit: str
    placed: Mapping[str, Placed]
    refused: Mapping[str, Refused]

    @property
    def missing(self) -> dict[str, Refused]:
        """What the binding names for certain and the source does not have."""
        return {name: one for name, one in self.refused.items() if not one.optional}

    def record(self) -> str:
        """Which probe went where, and why others did not: JSON, the same for the same source and binding."""
        placed = {name: {"line": one.line, "after": one.statement, "written_in": list(one.others), "unset": [str(gap) for gap in one.gaps]}
                  for name, one in self.placed.items()}
        refused = {name: {"why": one.why, "candidates": list(one.candidates), "optional": one.optional} for name, one in self.refused.items()}
        return json.dumps({"format": "conform-probes/1", "source": self.name, "placed": placed, "refused": refused}, indent=1) + "\n"


def instrument(data: bytes, name: str, binding: Binding) -> Probed:
    """Put the probes of a binding into a source. UsageProblem if the loops themselves are not there."""
    source = read_source(data)
    levels = Levels(Effects(source), binding)
    around = _frame(levels, name)
    binding = levels.binding
    work = _Work(levels, *around)
    probes = work.frame()
    placed: dict[str, Placed] = {}
    refused: dict[str, Refused] = {}
    for key, quantity in binding.quantities.items():
        try:
            placed[key] = work.place(key, quantity)
        except CannotPlace as problem:
            refused[key] = Refused(problem.message, tuple(problem.candidates), quantity.optional)
            continue
        probes += [(anchor, render.probe(binding, key, quantity)) for anchor in placed[key].anchors]
    probes += work.opening()
    found = insertions(data, probes)
    found.append(_include(data, [work.main, work.begin_function, *(one.index.function for one in placed.values()), *work.functions]))
    return Probed(name, patched(data, found), unified_diff(data, found, name), render.header(binding, placed), render.unit(binding, placed), placed, refused)


def _frame(levels: Levels, name: str) -> tuple[Anchor, Anchor, Function, dict[str, CannotPlace]]:
    """Around the nest, and the function that the program starts with; axes without a size. Sizes are filled in."""
    _check_texts(levels.binding)
    try:
        check_extent(levels, levels.nest())
        begin, behind = around_nest(levels.nest())
        main = levels.function(levels.binding.main).function
        levels.binding, unsized = with_sizes(levels, levels.binding)
        return begin, behind, main, unsized
    except CannotPlace as problem:
        raise UsageProblem(f"{name}: {problem.message}" + "".join(f"\n  line {line}" for line in problem.candidates),
                           "the binding's [nest] names the function and the variable of the outermost loop; its text must be readable") from None


def _check_texts(binding: Binding) -> None:
    """UsageProblem if an index, a size or a condition would change the program; those of quantities are refused one by one."""
    texts = [text for level in binding.levels.values() for text in (*((level.index,) if isinstance(level.index, str) else level.index or ()), level.size)]
    texts += [text for grid in binding.grids.values() for text in (grid.first, grid.size, grid.when)]
    for text in (*texts, *binding.quirks.values(), binding.nest.slow, binding.nest.fast):
        if text is not None and changes(text):
            raise UsageProblem(f"the binding's `{text}` changes the program, and a probe only looks", "leave out ++, -- and assignments")


class _Work:
    """One source while it is being instrumented."""

    def __init__(self, levels: Levels, begin: Anchor, behind: Anchor, main: Function, unsized: dict[str, CannotPlace]) -> None:
        self.levels, self.binding, self.begin, self.behind, self.main = levels, levels.binding, begin, behind, main
        self.places = Places(levels, begin, behind)
        self.begin_function = levels.nest().index.function
        self.functions: list[Function] = []
        self.unsized = dict(unsized)
        nested = {self.binding.axis(name) for name in self.binding.levels if levels.is_nested(name)}
        self._apart = {axis for axis in self.binding.loop_axes if axis not in nested}        # axes of loops outside the nest only

    def frame(self) -> list[tuple[Anchor, str]]:
        """The calls that say where a thread is: at the start, before the nest, at the entry of each level, behind the nest."""
        binding = self.binding
        if binding.nest.slow is not None:
            self._names_before_nest(f"({binding.nest.slow}) + ({binding.nest.fast})", must=True)
        for axis in (*binding.loop_axes, *binding.grids):
            if axis != PIXEL and axis not in self.unsized:
                grid = binding.grids.get(axis)
                text = f"({grid.first}) + ({grid.size}) + ({grid.when or 0})" if grid else binding.size(axis)
                try:
                    if axis not in self._apart:
                        self._names_before_nest(text)
                except CannotPlace as problem:
                    self.unsized[axis] = problem
        probes = [(Anchor("enter", self.main.body), render.start()), (self.begin, render.begin(binding, {*self.unsized, *self._apart})),
                  (self.behind, "CONFORM_RUN_LEVEL();")]
        for level in binding.levels:
            probes += self._entry(level)
        return probes

    def _entry(self, level: str) -> list[tuple[Anchor, str]]:
        """A level whose loop is not there is left out; what is on it will be refused for that reason."""
        try:
            region = self.levels.region(level)
        except CannotPlace:
            return []
        anchor = Anchor("enter", region.node, region.is_block)
        self.functions.append(region.index.function)
        return [*self._own_sizes(level, region), (anchor, render.entry(self.binding, level))]

    def _own_sizes(self, level: str, region: Region) -> list[tuple[Anchor, str]]:
        """A loop that stands apart from the nest says its size itself, with the sizes of those in it, just before; one over
        pixels disarms the thread where a pixel is not traced, so behind it the run's values are asked for again."""
        binding = self.binding
        if region.loop is None or binding.around(level) != RUN or self.levels.is_nested(level):
            return []
        inside = [name for name in binding.levels if level in binding.chain(name)]
        texts = [render.axis(binding, binding.axis(name)) for name in inside if binding.axis(name) not in (PIXEL, *self.unsized)]
        outer = Spot(region.loop.node, region.loop.above)
        for variable in binding.levels[level].loops[:-1]:
            outer = next(spot for spot in region.index.loops if spot.inside(region.index.function.body) and outer.inside(spot.node)
                         and variable in self.levels.steps(region.index, spot.node))
        behind = after(outer)
        if not behind.in_block:
            return []
        sizes = [(before(outer), " ".join(texts))] if texts else []
        return [*sizes, (behind, "CONFORM_RUN_LEVEL();")] if binding.axis(level) == PIXEL else sizes

    def opening(self) -> list[tuple[Anchor, str]]:
        """Behind everything that is put just before the nest: room for what the loops put."""
        return [(self.begin, "CONFORM_BEGIN();")]

    def _names_before_nest(self, text: str, must: bool = False) -> None:
        got = read_by(text)
        index = self.levels.nest().index
        unknown = [name for name in got[1] if not self.places.known(index, name, self.begin.at)] if got is not None else [text]
        if unknown:
            problem = CannotPlace(f"`{unknown[0]}` is not known before the nest in `{index.function.name}`")
            if must:
                raise UsageProblem(f"the sizes of the image: {problem.message}", "correct nest.slow and nest.fast of the binding")
            raise problem

    def place(self, name: str, quantity: Quantity) -> Placed:
        for axis in (*self.binding.axes(quantity), quantity.count_of):
            if axis in self.unsized:
                raise CannotPlace(f"the axis `{axis}` has no size: {self.unsized[axis].message}", self.unsized[axis].candidates)
        if wrong := render.count_problem(self.binding, quantity):
            raise CannotPlace(wrong)
        if quantity.level in self.binding.levels:
            for level in self.binding.chain(quantity.level):
                self.levels.region(level)
        found = self.places.of(quantity)
        for anchor in found.anchors:
            check_sharing(found.index, anchor, read_by_quantity(self.binding, quantity)[1])
        return found


def _include(data: bytes, functions: list[Function]) -> Insertion:
    """Before the first function with a probe, behind the program's own directives, whose macros are thus not disturbed."""
    top = min(functions, key=lambda function: function.node.start_byte).node
    while top.parent is not None and top.parent.parent is not None:
        top = top.parent
    return own_line(data, top.start_byte, b'#include "%s"' % render.HEADER.encode())
