"""Values that follow from what a side shows, by an expression in the rules language: where an element lies, for example."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from conform.engine.check import arithmetic_of
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.tolerances import Profile
from conform.engine.values import Value
from conform.memo import expression


def derived(side: Side, expressions: Mapping[str, str], profiles: Mapping[str, Profile]) -> dict[str, np.ndarray]:
    """Whole numbers along the outermost axis; empty unless every expression gives finite ones."""
    named = {word for text in expressions.values() for word in re.findall(r"[A-Za-z_]\w*", text)}
    if any(quantity.role == "input" and not side.has(name) for name, quantity in side.spec.quantities.items() if name in named):
        return {}
    math, _ = arithmetic_of(side, profiles)
    size = side.size(side.tile_axis) or 0
    operands = Operands(side, math, slice(0, size))
    found = {}
    for name, text in expressions.items():
        try:
            value = operands.evaluator.number(expression(text))
        except (Unavailable, KeyError, TypeError, AssertionError, ValueError):
            return {}
        if not isinstance(value, Value) or value.missing is not None or not np.isfinite(value.data).all():
            return {}
        flat = value.data.reshape(value.data.shape[0], -1)[:, 0] if value.axes[:1] == (side.tile_axis,) else np.full(size, value.data.ravel()[0])
        found[name] = flat.astype(np.int64)
    return found
