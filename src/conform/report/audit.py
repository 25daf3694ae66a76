"""The audit table of one pixel, for a terminal: every clause, what each side has there, and how close to its bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from conform.engine.survey import Held, Row
from conform.report.paper import on_paper


def render(rows: Sequence[Row], sides: Sequence[str], width: int = 80, colour: bool = False) -> str:
    """A line for each statement and side, and one below it for the required value where that is another."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name, justify, whole in (("clause", "left", True), ("quantity", "left", False), ("side", "left", True), ("traced", "right", True), ("of bound", "right", True)):
        table.add_column(name, justify=justify, overflow="fold", no_wrap=whole)
    for row in rows:
        at = ", ".join(f"{axis} {i}" for axis, i in row.at.items() if i)
        names = [row.clause, f"{row.target}{f' ({at})' if at else ''}"]
        for side in (side for side in sides if side in row.sides):
            for line in _lines(side, row.sides[side]):
                table.add_row(*names, *line)
                names = ["", ""]
    return on_paper(table, width, colour)


def _lines(side: str, held: Held) -> Iterator[tuple[str, str, str | Text]]:
    traced, required = f"{held.traced:.15g}", f"{held.required:.15g}"
    yield side, traced, Text(f"{held.ratio:.2g}", style="bold red" if held.ratio > 1 else "")
    if required != traced:
        yield "", f"requires {required}", ""
