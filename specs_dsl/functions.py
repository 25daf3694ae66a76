"""The built-in functions: their names, how many arguments they take, and what they do to units and axes.

The one list that the checker of rules and the evaluator share; a function missing in either is found by a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TIES = ("down", "up", "even", "away")


@dataclass(frozen=True, slots=True)
class Function:
    """`unit`: "pure" takes and gives pure numbers, "same" keeps the unit, "root" halves it, "ratio" two alike to a
    pure number, "alike" two alike to the same; "own" has a rule of its own. `vector`: works along the vector axis."""

    name: str
    arguments: int
    unit: Literal["pure", "same", "root", "ratio", "alike", "own"]
    gives: Literal["number", "count", "flag"] = "number"
    vector: bool = False


FUNCTIONS = {
    item.name: item
    for item in (
        *(Function(name, 1, "pure") for name in ("sin", "cos", "tan", "asin", "acos", "atan", "exp", "log")),
        Function("atan2", 2, "ratio"),
        Function("sqrt", 1, "root"),
        Function("abs", 1, "same"),
        Function("f32", 1, "same"),
        Function("min", 2, "alike"),
        Function("max", 2, "alike"),
        *(Function(name, 1, "pure", "count") for name in ("nearest", "floor", "ceil")),
        Function("index", 1, "own", "count"),
        Function("size", 1, "own", "count"),
        Function("inside", 2, "own", "flag"),
        Function("given", 1, "own", "flag"),           # whether the command line has an input
        Function("peaks", 5, "own", "flag"),           # of values on a plane: value, two coordinates, radius, how many
        Function("distance", 3, "own"),                # to the nearest element where a condition holds: condition, two coordinates
        Function("dot", 2, "own", vector=True),
        Function("cross", 2, "own", vector=True),
        Function("norm", 1, "same", vector=True),
        Function("unit", 1, "pure", vector=True),      # any unit in, a pure number out: see infer
        Function("rotate", 3, "own", vector=True),
    )
}
