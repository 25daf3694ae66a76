"""Inputs and set-up values of a run that its log does not show: as somebody says, or as the dialect says a run has them unless
told otherwise. What was told stands in for what the program used, and proves nothing about the clause that defines it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from conform.errors import UsageProblem
from conform.trace.bundle import Bundle
from conform.trace.manifest import QuantityEntry
from specs_dsl.spec import Quantity, Spec

Given = bool | int | float | str | tuple[float, ...]
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def with_given(bundle: Bundle, given: Mapping[str, Given], spec: Spec, source: str) -> tuple[Bundle, tuple[str, ...]]:
    """The bundle with those of the values that it lacks, in the spec's units, and their names."""
    arrays, entries = {}, {}
    for name, value in given.items():
        quantity = spec.quantities.get(name)
        if quantity is None or bundle.has(name):
            continue
        array = _array(name, value, quantity, spec)
        arrays[name] = array
        entries[name] = QuantityEntry(
            unit=quantity.unit if quantity.kind == "number" else "", axes=quantity.axes, dtype="float64" if array.dtype.kind == "f" else "int64", file=f"{name}.npy",
            labels=quantity.choices or None, source=source, raw=source,
        )
    axes = {axis.name: bundle.manifest.axes.get(axis.name) for axis in spec.axes.values()}
    manifest = bundle.manifest.model_copy(update={
        "quantities": {**bundle.manifest.quantities, **entries}, "axes": {name: entry for name, entry in axes.items() if entry is not None},
    })
    return replace(bundle, manifest=manifest, _loaded={**bundle._loaded, **arrays}), tuple(arrays)


def _array(name: str, value: Given, quantity: Quantity, spec: Spec) -> np.ndarray:
    if quantity.role == "const" or quantity.flags:
        raise UsageProblem(f"{name} cannot be given: " + ("the rules read it off the command line" if quantity.flags else "it is a constant of the rules"))
    shape = tuple(len(spec.axes[axis].labels) for axis in quantity.axes)
    if 0 in shape:
        raise UsageProblem(f"{name} runs along {', '.join(quantity.axes)}: it cannot be given in one number")
    try:
        return np.array(_number(value, quantity)).reshape(shape)
    except (ValueError, TypeError):
        meant = f"one of {', '.join(quantity.choices)}" if quantity.choices else f"{'a number' if not shape else f'{int(np.prod(shape))} numbers, with commas between,'} in {quantity.unit or '1'}"
        raise UsageProblem(f"{name} cannot be `{value}`", f"give {'0 or 1' if quantity.kind == 'flag' else meant}") from None


def _number(value: Given, quantity: Quantity) -> object:
    text = str(value).lower()
    match quantity.kind:
        case "choice":
            return quantity.choices.index(str(value))
        case "flag":
            return (FALSE, TRUE).index(next(words for words in (FALSE, TRUE) if text in words)) if text in (*TRUE, *FALSE) else int("no flag")
        case "count":
            return [int(part) for part in text.split(",")]
    return [float(part) for part in (value if isinstance(value, tuple) else text.split(","))]
