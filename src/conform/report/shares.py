"""What the sides were given and what each break makes of the final values, as entries of the report."""

from __future__ import annotations

from math import isfinite, isnan, nan

from conform.engine.diagnose import where
from conform.engine.given import Given
from conform.engine.instead import RATIOS
from conform.engine.operands import Side
from conform.engine.verdicts import Sample
from conform.engine.waterfall import Waterfall
from conform.report.model import GivenDifference, WaterfallEntry, WaterfallStep


def given(one: Given, side: Side) -> GivenDifference:
    at = where(Sample(one.place, nan, nan, nan, nan), side)
    ratio = None if isnan(one.ratio) else one.ratio
    return GivenDifference(
        quantity=one.quantity, unit=one.unit, sides=one.sides, at=at, values=one.values, differing=one.differing, elements=one.elements,
        ratio=ratio, guess=_guess(one.ratio),
    )


def _guess(ratio: float) -> str:
    """What a ratio that is the same everywhere is known for."""
    if not isfinite(ratio):
        return ""
    known = next((text for value, text in RATIOS.items() if abs(ratio / value - 1) < 1e-6), "")
    return known.replace("what is required", "that of the first").replace("of that of", "that of")


def falling(fall: Waterfall | None, side: Side) -> WaterfallEntry | None:
    if fall is None:
        return None
    at = where(Sample(((side.tile_axis, fall.element),), nan, nan, nan, nan), side)
    ratio, ratio_at, left, left_at = (None if isnan(x) else x for x in (fall.ratio, fall.ratio_at, fall.left, fall.left_at))
    return WaterfallEntry(
        quantity=fall.quantity, sides=fall.sides, at=at, ratio=ratio, ratio_at_element=ratio_at, left=left, left_at_element=left_at,
        steps=tuple(WaterfallStep(clauses=s.clauses, side=s.side, target=s.target, factor=s.factor, at_element=s.at_element, share=s.share) for s in fall.steps),
    )
