"""Operands without a bundle, for the evaluator alone.

Axes: p and k, loops; xyz, the vector axis; abc, components; i and j, the axes of tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from conform.engine.arithmetic import Arithmetic, Precision
from conform.engine.evaluate import Evaluator, Grid
from conform.engine.tolerances import NORMAL, SMALLEST, Profile, load_profile
from conform.engine.values import Order, Truth, Value
from specs_dsl.parser import parse_expression

TOLERANCES = Path(__file__).parents[3] / "specs" / "tolerances"
ORDER = Order(("p", "k", "xyz", "abc", "i", "j"))
LABELS = {"xyz": ("x", "y", "z"), "abc": ("a", "b", "c")}


@dataclass
class World:
    """A scope made by hand. `asked` says which names were resolved."""

    names: Mapping[str, Value | Truth]
    grids: Mapping[str, Grid] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: Order = ORDER
    asked: list[str] = field(default_factory=list)

    def resolve(self, name: str) -> Value | Truth:
        self.asked.append(name)
        return self.names[name]

    def given(self, name: str) -> bool:
        return True

    def grid(self, name: str) -> Grid:
        return self.grids[name]

    def words(self, name: str) -> tuple[str, ...]:
        return self.choices[name]

    def index(self, axis: str) -> np.ndarray:
        return np.arange(len(LABELS[axis]) if axis in LABELS else self.sizes[axis])

    def labels(self, axis: str) -> tuple[str, ...]:
        return LABELS.get(axis, ())

    def vector_axis(self) -> str:
        return "xyz"


def value(data, *axes: str, bound=0.0, wide=None, missing=None, whole: bool = False) -> Value:
    def array(x):
        return None if x is None else np.asarray(x)

    data = np.asarray(data, dtype=float)
    return Value(tuple(axes), data, bound if isinstance(bound, float) else array(bound), array(wide), array(missing), whole)


def truth(data, *axes: str, doubt=None, missing=None) -> Truth:
    masks = (None if mask is None else np.asarray(mask) for mask in (doubt, missing))
    return Truth(tuple(axes), np.asarray(data), *masks)


def our_profiles() -> dict[str, Profile]:
    return {name: load_profile(TOLERANCES / f"{name}.toml") for name in ("float64", "float32")}


def arithmetics(profiles: Mapping[str, Profile]) -> dict[str, Arithmetic]:
    """Of each precision: float32, float64, and `ours`, of which only the evaluator's own rounding is left."""
    known = {name: Arithmetic(_precision_of(profile), ORDER) for name, profile in profiles.items()}
    ours = Precision("float64", 0.0, SMALLEST["float64"], NORMAL["float64"], dict.fromkeys(profiles["float64"].ulps, 0.0))
    return {**known, "ours": Arithmetic(ours, ORDER)}


def _precision_of(profile: Profile) -> Precision:
    name = profile.precision
    return Precision(name, profile.unit_roundoff, SMALLEST[name], NORMAL[name], profile.ulps)


def evaluated(text: str, world: World, arithmetic: Arithmetic, condition: bool = False) -> Value | Truth:
    """The value of an expression, or its truth."""
    evaluator = Evaluator(world, arithmetic)
    with np.errstate(all="ignore"):
        return (evaluator.truth if condition else evaluator.number)(parse_expression(text))
