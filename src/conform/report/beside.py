"""A comparison for a terminal: the table of quantities, and where the two sides part first. Good at 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from conform.exits import OPEN
from conform.report.comparison import Aligned, Comparison
from conform.report.layout import labelled
from conform.report.paper import on_paper
from conform.report.terminal import not_alike, wrong_labels
from conform.report.terminal_breaks import broken_clauses
from conform.report.terminal_unjudged import lent, noted
from conform.report.words import counted

STYLE = {"differs": "bold red", "breaks": "bold red", "follows": "yellow", "rounding": "dim", "same": "dim", "alone": "dim"}


def render(found: Comparison, width: int = 80, colour: bool = False, full: bool = False, folder: str = "") -> str:
    """`full`: every note. `folder`: where the reader finds the rules."""
    return on_paper(Group(*_parts(found, full, folder)), width, colour)


def _parts(found: Comparison, full: bool, folder: str) -> Iterator[RenderableType]:
    sides = " · ".join(f"{name}{f' ({found.dialects[name]}, {found.dtypes[name]})' if name in found.dialects else ''}" for name in found.sides)
    at = " ".join(f"{name} {i}" for name, i in found.element.items()) or counted(found.report.elements, found.report.tile_axis)
    yield Text(f"conform · {found.report.spec} · {sides} · {at}", style="bold")
    for label, taken in (("given", found.given), ("assumed", found.assumed)):
        if taken:
            yield labelled(label, Text(" · ".join(f"{name} {value}" for name, value in taken.items()), style="dim"), "dim")
    yield from not_alike(found.report)
    for name, notes in found.notes.items():
        yield from noted(name, notes, full)
    yield from lent(found.report, full)
    yield from wrong_labels(found.report)
    yield Text("")
    yield _table(found)
    yield Text("")
    yield from broken_clauses(found.report, folder, full)
    yield _conclusion(found)


def _table(found: Comparison) -> Table:
    """A line for each quantity; `>` marks where the sides part first."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    table.add_column("", width=1)
    table.add_column("quantity", overflow="fold", min_width=18)
    for side in found.sides:
        table.add_column(side, justify="right", no_wrap=True)
    if len(found.sides) > 1:
        table.add_column("apart", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in found.rows:
        figures = [_number(row.values.get(side)) for side in found.sides]
        apart = [f"{row.relative:.1e}" if row.relative else ""] if len(found.sides) > 1 else []
        cells = [">" if row == found.first else "", _name(row, found), *figures, *apart, _said(row, found)]
        table.add_row(*map(Text, cells), style=STYLE[row.state])
    return table


def _name(row: Aligned, found: Comparison) -> str:
    """With its components, and its place on the loops that turn more than once."""
    known = {*row.labels, *found.element}
    if len(row.at) > 1 and any(name not in (found.report.tile_axis, *known) for name in row.at):
        known.add(found.report.tile_axis)        # its coordinates say it better
    if row.state in ("same", "alone"):
        known |= set(row.at)
    labels = f"[{','.join(row.labels.values())}]" if row.labels else ""
    return " ".join([f"{row.quantity}{labels}", *(f"{axis} {i}" for axis, i in row.at.items() if axis not in known)])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"


def _said(row: Aligned, found: Comparison) -> str:
    if row.state == "alone" and len(found.sides) == 1:
        return ""
    return "" if row.state == "same" else row.state


def _conclusion(found: Comparison) -> Text:
    judged = f"{counted(found.report.judged, 'clause')} could be judged"
    both = [row for row in found.rows if len(row.values) > 1]
    if found.first is not None and found.first.state == "differs":
        row = found.first
        why = f"no clause speaks of it for all sides ({', '.join(row.clauses)})" if row.clauses else "the rules take it as given"
        by = "beyond all measure" if isinf(row.beyond) else f"{row.beyond:.2g} times what their digits allow"
        return Text(f"the sides part first at {row.quantity}, {by}: {why}; {judged}", style="bold red")
    if found.first is not None:
        return Text(f"the sides part first at {found.first.quantity}; {judged}", style="bold red")
    if not both and found.exit_code == OPEN:
        return Text("nothing could be compared, and no clause judged", style="bold yellow")
    agree = f"{counted(len(both), 'quantity') if len(both) == 1 else f'{len(both)} quantities'} agree, or differ only by what they follow from; " if len(found.sides) > 1 else ""
    return Text(f"{agree}{judged}{', all hold' if not found.report.roots else ''}", style="bold green" if not found.report.roots else "bold red")
