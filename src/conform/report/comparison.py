"""The comparison `conform-comparison/1`: two sides' quantities beside each other, and the report of what could be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from conform import exits
from conform.engine.check import Findings
from conform.engine.diagnose import where
from conform.engine.operands import Side
from conform.engine.parity import coordinates
from conform.engine.table import Row, State
from conform.engine.verdicts import Sample
from conform.report.model import Entry, Report


class Aligned(Entry):
    """One quantity on both sides, at the element where they are farthest apart. `beyond`: in half units of the last digits and roundoffs."""

    quantity: str
    unit: str
    state: State
    at: Mapping[str, int]
    labels: Mapping[str, str]
    values: Mapping[str, float]          # of the sides that show it
    raw: Mapping[str, str]               # what the logs call it
    relative: float
    beyond: float
    elements: int
    clauses: tuple[str, ...]
    verdicts: Mapping[str, Literal["holds", "breaks"]]


class Comparison(Entry):
    format: Literal["conform-comparison/1"] = "conform-comparison/1"
    sides: tuple[str, ...]
    dialects: Mapping[str, str]          # of the logs
    dtypes: Mapping[str, str]
    element: Mapping[str, int]           # the one that both show; empty if they show several, or do not say
    given: Mapping[str, str]             # inputs that no side shows, as the command line says
    assumed: Mapping[str, str]           # and as the dialect says of a run that was told nothing else
    notes: Mapping[str, tuple[str, ...]]
    rows: tuple[Aligned, ...]
    first: Aligned | None                # where the sides part first, for no reason that stands above
    report: Report
    exit_code: exits.Verdict


def build_comparison(findings: Findings, report: Report, rows: Sequence[Row], first: Row | None, dialects: Mapping[str, str], given: Mapping[str, str],
                     assumed: Mapping[str, str], notes: Mapping[str, tuple[str, ...]]) -> Comparison:
    """Exit status 1 if a clause breaks or the sides part, 3 if there was nothing to judge or compare."""
    sides = {side.name: side for side in findings.sides}
    aligned = tuple(_aligned(row, sides) for row in rows)
    something = report.judged or any(len(row.values) > 1 for row in aligned)
    return Comparison(
        sides=tuple(sides), dialects=dialects, dtypes={name: side.bundle.manifest.producer.dtype for name, side in sides.items()}, element=_element(findings.sides[0]),
        given=given, assumed=assumed, notes=notes, rows=aligned, first=next((row for row, found in zip(aligned, rows, strict=True) if found is first), None), report=report,
        exit_code=exits.verdict(report.roots or report.unlike or first is not None, left_open=not something),
    )


def _element(side: Side) -> dict[str, int]:
    names = [name for name, axis in coordinates(side.spec).items() if axis == side.tile_axis and side.has(name)]
    return {name: int(side.bundle.values(name)[0]) for name in names} if side.size(side.tile_axis) == 1 else {}


def _aligned(row: Row, sides: Mapping[str, Side]) -> Aligned:
    first = next(iter(sides.values()))
    quantity, place = first.spec.quantities[row.quantity], dict(row.place)
    shown = {name: value for name, value in zip(sides, row.values, strict=True) if value is not None}
    at = {axis: i for axis, i in where(Sample(row.place, 0.0, 0.0, 0.0, 0.0), first).items() if not first.spec.axes.get(axis) or not first.spec.axes[axis].labels}
    return Aligned(
        quantity=row.quantity, unit=quantity.unit, state=row.state, at=at, labels={axis: first.spec.axes[axis].labels[i] for axis, i in place.items() if first.spec.axes[axis].labels},
        values=shown, raw={name: sides[name].bundle.manifest.quantities[row.quantity].raw for name in shown}, relative=row.relative, beyond=row.beyond,
        elements=row.elements, clauses=row.clauses, verdicts={name: "breaks" if outcome.name == "BREAKS" else "holds" for name, outcome in row.verdicts.items()},
    )
