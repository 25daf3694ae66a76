"""What is behind a difference, for the terminal: what the sides were given, the largest break, what nothing explains, the
waterfall of the final values. Gives labels and sentences; how they are laid out is the terminal's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from conform.report.model import Break, GivenDifference, Left, Report, WaterfallEntry, WaterfallStep
from conform.report.words import counted

MOST = 6


def given_lines(report: Report) -> list[str]:
    """A line for each input that the sides have differently."""
    lines = [given_line(one) for one in report.given[:MOST]]
    more = len(report.given) - MOST
    return [*lines, *([f"and {counted(more, 'input')} more"] if more > 0 else [])]


def given_line(one: GivenDifference) -> str:
    place = ", ".join(f"{axis} {i}" for axis, i in one.at.items())
    shown = ", ".join(f"{side} has {value if isinstance(value, str) else f'{value:.15g}'}" for side, value in zip(one.sides, one.values, strict=True))
    unit = f" {one.unit}" if one.unit not in ("", "1", "count", "flag") and not isinstance(one.values[0], str) else ""
    of = f" at {place}, and {one.differing:,} of {one.elements:,} differ" if place else ""
    ratio = f": {one.sides[1]} has {one.guess or f'{one.ratio:.9g} times that of the first'}" if one.ratio is not None else ""
    return f"{one.quantity}: {shown}{unit}{of}{ratio}"


def label_lines(report: Report) -> list[str]:
    """Values in another unit than their name says, where the rules bear out that the computation is right."""
    return [f"{one.raw} is printed in {one.true}, not in {one.says}, by {' and '.join(one.sides)} ({', '.join(one.clauses)} {'hold' if len(one.clauses) > 1 else 'holds'} so)" for one in report.wrong_labels]


def largest(report: Report) -> str:
    """The break that changes most of the final values, in one sentence; empty if nothing can be said."""
    fall = report.waterfall
    if fall is None or not fall.steps:
        return ""
    step = max(fall.steps, key=lambda one: one.share)
    if step.share == 0:
        return f"none: no break changes {fall.quantity}"
    name = f"{', '.join(step.clauses)} on {step.side}"
    also = "the first, too: " if _is(report.roots[0], step) else f"{name}: "
    share = f"{100 * step.share:.3g} % of what the breaks change in {fall.quantity}; " if len(fall.steps) > 1 else ""
    place = ", ".join(f"{axis} {i}" for axis, i in fall.at.items() if axis != report.tile_axis or len(fall.at) == 1)
    return f"{also}{share}it makes the sum of {fall.quantity} {_times(step.factor, ' what it would be without')}, and that at {place} {_times(step.at_element)}"


def _is(root: Break, step: WaterfallStep) -> bool:
    return root.side == step.side and root.clause in step.clauses


def _times(factor: float, what: str = "") -> str:
    if not isfinite(factor):
        return "no number"
    near = abs(factor - 1)
    return (f"1 {'+' if factor > 1 else '-'} {near:.2g} times" if 0 < near < 1e-4 else f"{factor:.5g} times") + what


def left(one: Left) -> str:
    """What nothing explains, and what may."""
    names = ", ".join(one.quantities[:MOST]) + (f" and {len(one.quantities) - MOST} more" if len(one.quantities) > MOST else "")
    head = f"{counted(len(one.quantities), 'difference')} left between {' and '.join(one.sides)} that no judged clause explains: {names}"
    may = [*(f"the input {name}, which differs" for name in one.given[:MOST]), *([f"{', '.join(one.clauses[:MOST])}, not judged on both"] if one.clauses else [])]
    return f"{head}; candidates: {'; '.join(may)}" if may else f"{head}; no clause that they follow from is unjudged, and no input differs"


def waterfall_rows(fall: WaterfallEntry) -> Iterator[Sequence[str]]:
    """Break, side, quantity, factor on the sum, factor at the element, share."""
    for step in fall.steps:
        yield ", ".join(step.clauses), step.side, step.target, f"{step.factor:.6g}", f"{step.at_element:.6g}", f"{100 * step.share:.3g} %"
    if fall.ratio is not None:
        one, other = fall.sides
        yield "not explained by a break", "", "", *(f"{x:.6g}" if x is not None else "" for x in (fall.left, fall.left_at_element)), ""
        yield f"{fall.quantity} of {one} over that of {other}", "", "", *(f"{x:.6g}" if x is not None else "" for x in (fall.ratio, fall.ratio_at_element)), ""
