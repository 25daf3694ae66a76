"""Single elements, for pictures and tables: how close each comes to its bound, and what one pixel holds on every side.

A verdict keeps the worst element; this looks at all of them once more. Reports that show no elements never call it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from conform.engine.check import Scopes, judge_tile, tiles
from conform.engine.compare import Compared
from conform.engine.judge import subject
from conform.engine.operands import Side
from conform.engine.parity import coordinates
from conform.engine.tolerances import Profile
from specs_dsl.spec import Spec

FEWEST, STEPS = -4, 4                    # the histogram begins at a ten-thousandth of a bound; four bins a decade
BINS = 40


@dataclass
class Margins:
    """One clause on one side. `counts`: exact agreement first, then by the size of residual over bound, the last bin open.

    `worst`: of each element of the tile axis, NaN where the clause says nothing; None where it does not vary along it.
    """

    counts: np.ndarray
    worst: np.ndarray | None = None

    def add(self, found: Compared, ratio: np.ndarray) -> None:
        shown = ratio[found.judged]
        exponents = np.floor((np.log10(shown[shown > 0]) - FEWEST) * STEPS) if (shown > 0).any() else np.zeros(0)
        bins = np.clip(np.nan_to_num(exponents, posinf=BINS), 0, BINS - 2).astype(int) + 1
        self.counts[0] += int((shown == 0).sum())
        self.counts += np.bincount(bins, minlength=BINS)


@dataclass(frozen=True)
class Survey:
    """All clauses on all sides, and where on the detector the elements of the tile axis lie."""

    margins: Mapping[tuple[str, str], Margins]
    places: Mapping[str, Mapping[str, np.ndarray]]       # side -> coordinate (slow, fast) -> value of each element


def survey(spec: Spec, sides: Sequence[Side], profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None) -> Survey:
    """Every element of every clause on every side."""
    margins: dict[tuple[str, str], Margins] = {}
    for side in sides:
        for tile in tiles(side):
            for (clause, _), (found, ratio) in _elements(spec, side, profiles, tile).items():
                own = margins.setdefault((clause, side.name), Margins(np.zeros(BINS, np.int64)))
                own.add(found, ratio)
                _locate(own, found, ratio, side, tile)
            tick()
    return Survey(margins, {side.name: _places(side) for side in sides})


def _elements(spec: Spec, side: Side, profiles: Mapping[str, Profile], tile: slice) -> dict[tuple[str, int], tuple[Compared, np.ndarray]]:
    """Each statement's elements on one tile; what was confirmed exactly comes last and stays."""
    seen = {}

    def watch(clause: str, statement: int, found: Compared, ratio: np.ndarray) -> None:
        seen[clause, statement] = (found, ratio)

    scopes = Scopes(side, profiles, tile, watch)
    for clause in spec.clauses:
        if not clause.suspect:
            judge_tile(clause, scopes)
    return seen


def _locate(own: Margins, found: Compared, ratio: np.ndarray, side: Side, tile: slice) -> None:
    if not found.axes or found.axes[0] != side.tile_axis:
        return
    if own.worst is None:
        own.worst = np.full(side.size(side.tile_axis) or 0, np.nan)
    shown = np.where(found.judged, ratio, np.nan).reshape(ratio.shape[0], -1)
    with np.errstate(all="ignore"):
        own.worst[tile] = np.fmax(own.worst[tile], np.fmax.reduce(shown, axis=1))


def _places(side: Side) -> dict[str, np.ndarray]:
    """The coordinates of the tile axis that the side traced."""
    names = [name for name, axis in coordinates(side.spec).items() if axis == side.tile_axis and side.has(name)]
    return {name: np.asarray(side.bundle.values(name)) for name in names}


# --- one element of the tile axis ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """What one side has at an element: traced and required value, and residual over bound."""

    traced: float
    required: float
    allowed: float
    ratio: float


@dataclass(frozen=True)
class Row:
    """One statement at one pixel: the element that comes closest to its bound on any side, as every side has it."""

    clause: str
    target: str
    at: Mapping[str, int]                # of the axes but that of the pixel
    sides: Mapping[str, Held]


def audit(spec: Spec, sides: Sequence[Side], profiles: Mapping[str, Profile], index: int) -> tuple[Row, ...]:
    """What every clause says at one index of the tile axis, in graph order."""
    seen = {side.name: _elements(spec, side, profiles, slice(index, index + 1)) for side in sides}
    rows = []
    for clause in spec.clauses:
        for i, statement in enumerate(clause.statements):
            here = {name: found[clause.id, i] for name, found in seen.items() if (clause.id, i) in found and found[clause.id, i][0].judged.any()}
            if here:
                at = max((_closest(*one) for one in here.values()), key=lambda closest: closest[0])[1]
                target = subject(statement, spec)
                held = {name: _held(found, ratio, at) for name, (found, ratio) in here.items()}
                tile = sides[0].tile_axis
                rows.append(Row(clause.id, target, {axis: i for axis, i in at.items() if axis != tile}, held))
    return tuple(rows)


def _closest(found: Compared, ratio: np.ndarray) -> tuple[float, dict[str, int]]:
    flat = int(np.argmax(np.where(found.judged, ratio, -1.0)))
    index = np.unravel_index(flat, ratio.shape) if ratio.ndim else ()
    return float(ratio[index]), dict(zip(found.axes, map(int, index), strict=True))


def _held(found: Compared, ratio: np.ndarray, at: Mapping[str, int]) -> Held:
    """A side that does not vary along an axis has the same at all its indices; one that varies further is shown at its first."""
    index = tuple(min(at.get(axis, 0), size - 1) for axis, size in zip(found.axes, ratio.shape, strict=True))
    return Held(*(float(array[index]) for array in (found.traced, found.required, found.allowed, ratio)))
