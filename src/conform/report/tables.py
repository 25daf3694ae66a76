"""Tables below the first screen: a line for each clause, or every verdict and every quantity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from conform.report import causes
from conform.report.model import Judgement, Report

_STYLES = {"breaks": "bold red", "waived": "yellow", "unchecked": "dim", "ill-conditioned": "yellow"}


def margins(report: Report) -> Iterator[RenderableType]:
    """Every clause in graph order: on each side its margin, which is its worst residual in bounds, or the outcome that is none."""
    titles = {one.clause: one.title for one in report.stated}
    rows: dict[str, dict[str, Judgement]] = {}
    for verdict in report.verdicts:
        rows.setdefault(verdict.clause, {})[verdict.side] = verdict
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("clause", no_wrap=True)
    table.add_column("title", ratio=1)
    for side in report.sides:
        table.add_column(side, justify="right", no_wrap=True)
    for clause, verdicts in rows.items():
        table.add_row(clause, titles.get(clause, ""), *(_margin(verdicts.get(side)) for side in report.sides))
    yield Text("")
    yield table
    yield Text("of each side the margin: the worst residual over its bound; 0: to the last bit", style="dim")


def _margin(verdict: Judgement | None) -> Text:
    if verdict is None:
        return Text("")
    figure = "" if verdict.margin is None else f"{verdict.margin:.2g}"
    word = "" if verdict.outcome == "holds" and figure else verdict.outcome
    return Text(" ".join(part for part in (word, figure) if part), style=_STYLES.get(verdict.outcome, ""))


def everything(report: Report) -> Iterator[RenderableType]:
    """Every figure of every verdict and every quantity."""
    if report.waterfall:
        yield Text("")
        place = ", ".join(f"{axis} {i}" for axis, i in report.waterfall.at.items() if axis != report.tile_axis)
        yield table_of(("break", "side", "quantity", "sum", f"at {place}" if place else "at one", "share"), 3, causes.waterfall_rows(report.waterfall))
    yield from verdicts(report.verdicts)
    if report.parity:
        yield Text("")
        rows = ((p.quantity, "/".join(p.sides), f"{p.largest:.2g}", f"{p.differing:,}", f"{p.elements:,}") for p in report.parity)
        yield table_of(("quantity", "sides", "largest difference", "beyond rounding", "of"), 2, rows)


def verdicts(shown: Sequence[Judgement]) -> Iterator[RenderableType]:
    yield Text("")
    yield table_of(("clause", "side", "outcome", "margin", "ulps", "bits", "elements"), 3, map(_figures, shown))


def _figures(v: Judgement) -> Sequence[str]:
    return v.clause, v.side, v.outcome, *("" if x is None else f"{x:.3g}" for x in (v.margin, v.ulps, v.bits)), f"{v.elements:,}"


def table_of(names: Sequence[str], words: int, rows: Iterable[Sequence[str]]) -> Table:
    """`words`: so many columns from the left are text."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for i, name in enumerate(names):
        table.add_column(name, justify="left" if i < words else "right")
    for row in rows:
        table.add_row(*row)
    return table
