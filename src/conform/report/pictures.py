"""What a page draws of single elements: maps over the detector, and how margins are spread. Numbers only, no markup."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from conform.engine.survey import BINS, FEWEST, STEPS, Margins, Survey

MOST_BYTES = 900_000                     # of all maps, as they stand in the page
_EXACT, _SMALLEST, _LARGEST = 1, 2, 255
_DECADES = (-4.0, 16.0)


@dataclass(frozen=True)
class Map:
    """One clause on one side: a code for each element of the tile axis; `place` counts the sets of coordinates."""

    clause: str
    side: str
    worst: str
    codes: str
    place: int


def maps(survey: Survey, order: Sequence[tuple[str, str]]) -> tuple[list[Map], list[dict], int]:
    """The maps of those clauses that do not agree to the last bit, as many as fit; coordinates; how many were left out."""
    places: list[dict] = []
    number = {side: _kept(places, _place(found)) for side, found in survey.places.items() if len(found) >= 2}
    room, drawn, left = MOST_BYTES, [], 0
    for clause, side in order:
        margins = survey.margins.get((clause, side))
        if margins is None or margins.worst is None or side not in number or not np.nanmax(margins.worst, initial=0.0) > 0:
            continue
        codes = _text(_codes(margins.worst))
        if len(codes) > room:
            left += 1
            continue
        room -= len(codes)
        drawn.append(Map(clause, side, f"{np.nanmax(margins.worst):.2g}", codes, number[side]))
    return drawn, places, left


def _place(found: Mapping[str, np.ndarray]) -> dict:
    """The first two coordinates: the slow one downward, the fast one to the right."""
    y, x = (np.asarray(values, np.int32) for values in list(found.values())[:2])
    return {"x": _text(x), "y": _text(y), "range": {"x": [int(x.min(initial=0)), int(x.max(initial=0))], "y": [int(y.min(initial=0)), int(y.max(initial=0))]}}


def _kept(places: list[dict], place: dict) -> int:
    if place not in places:
        places.append(place)
    return places.index(place)


def _codes(ratio: np.ndarray) -> np.ndarray:
    """0 nothing said, 1 equal to the last bit, then by the power of ten."""
    low, high = _DECADES
    with np.errstate(all="ignore"):
        power = (np.clip(np.log10(ratio), low, high) - low) / (high - low)
    codes = _SMALLEST + np.nan_to_num(power) * (_LARGEST - _SMALLEST)
    return np.where(np.isnan(ratio), 0, np.where(ratio == 0, _EXACT, codes)).astype(np.uint8)


def _text(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<"))).tobytes()).decode()


# --- spread ----------------------------------------------------------------------------------------------------------

WIDTH, HEIGHT = 4, 24                    # of a bar's place
EDGE = 1 - FEWEST * STEPS                # the first bin beyond the bound


def bars(margins: Margins) -> list[dict]:
    """A bar for each bin that is not empty, on a logarithmic scale: a single element must be seen."""
    top = np.log1p(margins.counts.max(initial=1))
    found = []
    for i, count in enumerate(margins.counts):
        if count:
            height = max(2.0, float(np.log1p(count) / top * (HEIGHT - 1)))
            found.append({"x": i * WIDTH + 2, "y": round(HEIGHT - height, 1), "h": round(height, 1), "over": i >= EDGE})
    return found


def bars_said(margins: Margins) -> str:
    exact, inside, over = int(margins.counts[0]), int(margins.counts[1:EDGE].sum()), int(margins.counts[EDGE:BINS].sum())
    return f"{exact:,} equal to the last bit, {inside:,} within the bound, {over:,} beyond it"
