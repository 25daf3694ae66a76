"""Sizes of loop axes that a binding leaves out: the limits of the loops themselves.

`for (i = 0; i < n; i++)` has n turns, whatever n is called in this version of the program.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conform.probe.binding import PIXEL, Binding, Level
from conform.probe.index import Spot
from conform.probe.levels import CannotPlace, Levels
from conform.probe.syntax import text_of

if TYPE_CHECKING:
    from tree_sitter import Node


def with_sizes(levels: Levels, binding: Binding) -> tuple[Binding, dict[str, CannotPlace]]:
    """The binding with every size filled in that the source says; and why not, of the other axes."""
    problems: dict[str, CannotPlace] = {}
    filled: dict[str, Level] = {}
    for name, level in binding.levels.items():
        axis = binding.axis(name)
        try:
            filled[name] = level if axis == PIXEL or not level.loops else _filled(levels, name, level)
        except CannotPlace as problem:
            filled[name] = level
            problems[axis] = problem
    nest = binding.nest
    if binding.has_pixels and nest.slow is None:
        pixel = next(level for name, level in binding.levels.items() if binding.axis(name) == PIXEL)
        region = levels.region(next(name for name in binding.levels if binding.axis(name) == PIXEL))
        slow = turns(levels.nest().loop.node, nest.loop)
        fast = turns(_loop(levels, region.index, region.loop, pixel.loops[-1:]), pixel.loops[-1]) if pixel.loops else None
        if fast is None:
            raise CannotPlace("the binding gives no sizes of the image, and its pixels no loop to take them from")
        nest = nest.model_copy(update={"slow": slow, "fast": fast})
    return binding.model_copy(update={"levels": filled, "nest": nest}), problems


def _filled(levels: Levels, name: str, level: Level) -> Level:
    """One level with size and index: of several loops in each other, all of their turns, the last one fastest."""
    if level.size is not None and (level.index is not None or len(level.loops) == 1):
        return level
    region = levels.region(name)
    limits = [turns(_loop(levels, region.index, region.loop, level.loops[depth:]), variable) for depth, variable in enumerate(level.loops)]
    index = level.loops[0]
    for variable, limit in zip(level.loops[1:], limits[1:]):
        index = f"({index}) * ({limit}) + {variable}"
    size = " * ".join(f"(long)({limit})" for limit in limits) if len(limits) > 1 else limits[0]
    return level.model_copy(update={"size": level.size or size, "index": level.index or index})


def _loop(levels: Levels, index, innermost: Spot | None, variables: tuple[str, ...]) -> Node:
    """The loop over the first of the variables around the innermost one, which is over the last."""
    if innermost is None:
        raise CannotPlace("there is no loop to take the size from")
    chain = (*innermost.above, innermost.node)
    for node in reversed(chain):
        if variables[0] in levels.steps(index, node):
            return node
    raise CannotPlace(f"no loop over `{variables[0]}` around it")


def turns(loop: Node, variable: str) -> str:
    """How often a loop turns, in C. CannotPlace if its head does not say so plainly: from 0, below a limit, one by one."""
    where = [f"{loop.start_point[0] + 1}: {' '.join(text_of(loop).split())[:60]}"]
    start, condition, update = (loop.child_by_field_name(key) for key in ("initializer", "condition", "update"))
    if loop.type != "for_statement" or start is None or condition is None or update is None:
        raise CannotPlace(f"the loop over `{variable}` does not say how often it turns (give `size`)", where)
    starts = ["".join(part.split()).partition("=") for part in text_of(start).rstrip(";").split(",")]
    steps = ["".join(part.split()) for part in text_of(update).split(",")]
    first = [value for name, _, value in starts if name.endswith(variable)]
    step = [part for part in steps if re.search(rf"\b{variable}\b", part)]
    left, operator, right = (text_of(part) if (part := condition.child_by_field_name(key)) is not None else "" for key in ("left", "operator", "right"))
    if right == variable:
        left, operator, right = right, {">": "<", ">=": "<="}.get(operator, operator if operator == "!=" else ""), left
    if not (first == ["0"] and step in ([f"{variable}++"], [f"++{variable}"], [f"{variable}+=1"]) and condition.type == "binary_expression"
            and left == variable and operator in ("<", "<=", "!=")):
        raise CannotPlace(f"the loop over `{variable}` does not count from 0, one by one, to a limit (give `index` and `size`)", where)
    return f"{right} + 1" if operator == "<=" else right
