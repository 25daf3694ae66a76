"""What an evaluator asks of its surroundings: what names stand for, and how long axes are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from conform.engine.values import Order, Truth, Value
from specs_dsl import syntax as s

if TYPE_CHECKING:
    from conform.engine.evaluate import Evaluator

NOTHING = Value((), np.float64(0.0), missing=np.True_)
Env = Mapping[str, Value | Truth]        # names that stand inside an expression only: running values


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that is looked up by integer indices: `first` is the index of element 0 on each axis."""

    data: np.ndarray
    first: tuple[int, ...]
    loops: tuple[str, ...] = ()          # axes before those of the table: each element has a table of its own


class Unavailable(Exception):
    """A name that a side gives no value for; says why in words that a report shows."""


class Scope(Protocol):
    """What names stand for. `lack` is told why some elements, but not all, could not be evaluated."""

    order: Order

    def lack(self, reason: str) -> None: ...

    def resolve(self, name: str) -> Value | Truth: ...
    def given(self, name: str) -> bool: ...
    def at(self, place: str) -> Evaluator: ...
    def fits(self, found: Value | Truth, place: str) -> None: ...
    def grid(self, name: str) -> Grid: ...
    def words(self, name: str) -> tuple[str, ...]: ...
    def index(self, axis: str) -> np.ndarray: ...
    def labels(self, axis: str) -> tuple[str, ...]: ...
    def vector_axis(self) -> str: ...


def is_condition(node: s.Expr, scope: Scope, env: Env) -> bool:
    match node:
        case s.Compare() | s.Logic() | s.Is() | s.Call("inside" | "given" | "peaks"):
            return True
        case s.At(body):
            return is_condition(body, scope, {})
        case s.Select(body):
            return is_condition(body, scope, env)
        case s.Name(text) if text != "pi":
            return isinstance(env[text] if text in env else scope.resolve(text), Truth)
    return False
