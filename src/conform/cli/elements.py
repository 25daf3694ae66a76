"""Single elements around a report: those of a pixel that was asked for, and all of them for a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conform.cli.progress import Bars
from conform.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conform.engine.survey import Row
    from conform.pipeline import Checked
    from conform.report.html import Elements
    from conform.report.model import Report
    from specs_dsl.spec import Spec

MOST_PIXELS = 6                          # of a page


def rows_at(checked: Checked, spec: Spec, pixel: str) -> Sequence[Row]:
    """What every clause says at `SLOW,FAST`, or at a plain index of the tile axis. UsageProblem if it was not traced."""
    from conform.engine.survey import audit

    return audit(spec, checked.sides, checked.profiles, _index(checked, pixel))


def of_page(checked: Checked, report: Report, spec: Spec, pixel: str | None) -> Elements:
    """Everything that a page shows and a report does not hold."""
    from conform.engine.check import tiles
    from conform.engine.survey import audit, survey
    from conform.report.html import Elements
    from specs_dsl.reader import MOST_BYTES, CannotRead, read_text

    with Bars().tiles("looking at every element", sum(1 for side in checked.sides for _ in tiles(side))) as tick:
        found = survey(spec, checked.sides, checked.profiles, tick)
    chosen = {} if pixel is None else {pixel: _index(checked, pixel)}
    for root in [*report.roots, *(one.found for one in report.waived)]:
        if (index := root.at.get(root.tile_axis)) is not None and index not in chosen.values() and len(chosen) < MOST_PIXELS:
            chosen[_name(root.at, root.coordinates, root.tile_axis)] = index
    if not chosen and report.elements:
        chosen[f"{report.tile_axis} 0"] = 0
    try:
        document = read_text(Path(spec.document), MOST_BYTES)
    except CannotRead:
        document = ""
    return Elements(found, {name: audit(spec, checked.sides, checked.profiles, i) for name, i in chosen.items()}, document)


def _name(at, coordinates: Sequence[str], tile_axis: str) -> str:
    return ", ".join(f"{name} {at[name]}" for name in coordinates) or f"{tile_axis} {at[tile_axis]}"


def _index(checked: Checked, pixel: str) -> int:
    from conform.engine.parity import coordinates

    try:
        wanted = [int(word) for word in pixel.split(",")]
    except ValueError:
        raise UsageProblem(f"--pixel {pixel}: not whole numbers", "write --pixel SLOW,FAST") from None
    side = checked.sides[0]
    names = [name for name, axis in coordinates(side.spec).items() if axis == side.tile_axis and side.has(name)]
    size = side.size(side.tile_axis) or 0
    if len(wanted) == 1 and 0 <= wanted[0] < size:
        return wanted[0]
    if len(wanted) == len(names):
        for index in range(size) if names else ():
            if all(int(side.bundle.values(name)[index]) == value for name, value in zip(names, wanted, strict=True)):
                return index
    form = ",".join(name.upper() for name in names) or "an index"
    raise UsageProblem(f"--pixel {pixel}: not among the {size:,} traced {side.tile_axis}s", f"write {form}; the run file's [capture] says what is traced")
