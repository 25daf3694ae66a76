"""Sides that are logs: read, put beside one another and beside what the other sides traced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from conform.engine.derive import derived
from conform.engine.operands import Side
from conform.engine.tolerances import Profile
from conform.errors import UsageProblem
from conform.run.project import Project
from conform.trace.borrow import Borrowing
from conform.trace.bundle import Bundle
from conform.trace.logs.open import LogSide, open_log
from conform.trace.manifest import PRINTED
from specs_dsl.spec import Spec

Derive = Callable[[Bundle, str], np.ndarray | None]


def open_logs(project: Project, spec: Spec, sides: Mapping[str, str], dialects: Mapping[str, str]) -> dict[str, LogSide]:
    """Every side of the kind `log`; of a binary, what it prints is read once it has run."""
    found = {}
    for name, chosen in sides.items():
        kind, _, where = chosen.partition(":")
        if kind == "log":
            found[name] = open_log(name, Path(where), spec, project.dialects, dialects.get(name))
    if unknown := [name for name in dialects if name not in found and not sides.get(name, "").startswith("binary:")]:
        raise UsageProblem(f"--dialect {unknown[0]}={dialects[unknown[0]]}: side {unknown[0]} is no log", "give the side as NAME=log:FILE")
    return found


def fitted(log: LogSide, beside: Sequence[Bundle], dtype: str | None) -> Bundle:
    """The log's bundle with loops as long as those of a side that traced them in full."""
    loops = [axis.name for axis in log.spec.axes.values() if axis.kind == "loop"]
    known = [{axis: bundle.size(axis) for axis in loops if axis in bundle.manifest.axes} for bundle in beside if not bundle.is_log]
    sizes = max(known, key=len, default={})
    return log.assembled(sizes, dtype).bundle


def printed_by(name: str, bundle: Bundle, project: Project, spec: Spec, dialect: str | None) -> LogSide | None:
    """What a program that traced nothing printed, if a dialect knows anything in it."""
    path = bundle.folder / PRINTED
    if not path.is_file():
        return None
    try:
        return open_log(name, path, spec, project.dialects, dialect)
    except UsageProblem:
        if dialect is not None:
            raise
        return None


def beside_image(image: Bundle, log: Bundle, spec: Spec) -> Bundle:
    """A program's image, and what it printed of some of its elements; elsewhere the values are not shown."""
    tile = next(axis.name for axis in spec.axes.values() if axis.kind == "loop")
    where, there = shown_elements(image, spec), shown_elements(log, spec)
    own = {tuple(item): i for i, item in enumerate(where[1].tolist())} if where else {}
    rows = [own.get(tuple(item)) for item in there[1].tolist()] if there and where and there[0] == where[0] else []
    loaded, masks, halves, entries = {}, {}, {}, {}
    for name, entry in log.manifest.quantities.items():
        if image.has(name) or (entry.axes[:1] == (tile,) and not any(row is not None for row in rows)):
            continue
        arrays = [log.values(name), log.unset(name), log.half_units(name)]
        if entry.axes[:1] == (tile,):
            arrays = [_spread(array, rows, image.size(tile), filled) for array, filled in zip(arrays, (0, True, 0.0), strict=True)]
            arrays[1] = _spread(np.zeros(log.values(name).shape, bool) if log.unset(name) is None else log.unset(name), rows, image.size(tile), True)
        mask = arrays[1]
        if mask is not None and mask.any():
            if spec.quantities[name].role == "input":
                continue                 # a neighbour that has it everywhere lends it
            masks[name] = mask
        loaded[name], _, halves[name] = arrays
        entries[name] = entry.model_copy(update={"unset": f"{name}.unset.npy" if name in masks else None, "partial": name in masks})
    manifest = image.manifest.model_copy(update={"axes": {**log.manifest.axes, **image.manifest.axes}, "quantities": {**image.manifest.quantities, **entries}})
    return Bundle(image.folder, manifest, loaded, masks, {name: array for name, array in halves.items() if array is not None})


def _spread(array: np.ndarray | None, rows: Sequence[int | None], size: int, filled: object) -> np.ndarray | None:
    """Rows of the outermost axis at their places in a longer one."""
    if array is None:
        return None
    longer = np.full((size, *array.shape[1:]), filled, array.dtype)
    for i, row in enumerate(rows):
        if row is not None:
            longer[row] = array[i]
    return longer


def shown_elements(bundle: Bundle, spec: Spec) -> tuple[tuple[str, ...], np.ndarray] | None:
    """The coordinates of the outermost axis and their values, (n, coordinates); None if the bundle does not say."""
    tile = next(axis.name for axis in spec.axes.values() if axis.kind == "loop")
    names = tuple(name for name, q in spec.quantities.items() if q.role == "input" and q.kind == "count" and q.axes == (tile,) and bundle.has(name))
    return (names, np.stack([bundle.values(name) for name in names], axis=1)) if names else None


def check_same_elements(bundles: Mapping[str, Bundle], spec: Spec) -> None:
    """UsageProblem with the elements of each side, if they are not the same: their values would be compared in earnest."""
    known = {name: shown for name, bundle in bundles.items() if (shown := shown_elements(bundle, spec)) is not None}
    first, *rest = known.items() if known else [("", None)]
    tile = next(axis.name for axis in spec.axes.values() if axis.kind == "loop")
    for name, shown in rest:
        names, values = first[1]  # type: ignore[misc]
        if shown[0] == names and not np.array_equal(shown[1], values):
            raise UsageProblem(f"the sides show different {tile}s: {first[0]} {_said(names, values)}, {name} {_said(*shown)}", f"give logs of the same {tile}")


def check_lent_elements(side: Side, rules: Mapping[str, str], profiles: Mapping[str, Profile]) -> None:
    """A log that does not say which element it shows was lent its neighbour's: UsageProblem if its own values say another."""
    lent = [name for name in rules if isinstance(side.bundle, Borrowing) and name in side.bundle.lenders]
    if len(lent) < len(rules) or not lent:
        return
    found = derived(side, rules, profiles)
    other = {name: side.bundle.values(name) for name in lent}
    if found and any(not np.array_equal(found[name], other[name]) for name in lent):
        own, theirs = (np.stack([values[name] for name in lent], axis=1) for values in (found, other))
        neighbour = side.bundle.lenders[lent[0]].side if isinstance(side.bundle, Borrowing) else "its neighbour"
        raise UsageProblem(f"the sides show different {side.tile_axis}s: {neighbour} {_said(lent, theirs)}, {side.name} by its own values {_said(lent, own)}", f"give logs of the same {side.tile_axis}")


def _said(names: Sequence[str], values: np.ndarray) -> str:
    first = " ".join(f"{name} {value}" for name, value in zip(names, values[0].tolist(), strict=True)) if len(values) else "none"
    return f"has {first}" + (f" and {len(values) - 1:,} more" if len(values) > 1 else "")


def with_elements(bundle: Bundle, coordinates: Mapping[str, np.ndarray], spec: Spec) -> Bundle:
    """The bundle with coordinates that somebody else worked out."""
    from conform.trace.manifest import QuantityEntry

    entries = {name: QuantityEntry(unit=spec.quantities[name].unit, axes=spec.quantities[name].axes, dtype="int64", file=f"{name}.npy", source="derived") for name in coordinates}
    manifest = bundle.manifest.model_copy(update={"quantities": {**bundle.manifest.quantities, **entries}})
    return replace(bundle, manifest=manifest, _loaded={**bundle._loaded, **{name: np.asarray(values, np.int64) for name, values in coordinates.items()}})
