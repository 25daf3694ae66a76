"""What a log was read as: names, quantities, units, digits; wrong labels; what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from conform.engine.labels import WrongLabel
from conform.engine.operands import Side
from conform.report.paper import on_paper
from conform.report.layout import labelled
from conform.report.words import counted

MOST_UNKNOWN = 24


@dataclass(frozen=True)
class Read:
    """A log as it was understood. `judged`: clauses that could tell something of it; `unread`: raw names, how often, and why."""

    name: str
    dialect: str
    lines: int
    side: Side
    judged: int
    notes: tuple[str, ...]
    unread: tuple[tuple[str, int, str], ...]
    element: str


def render(found: Read, width: int = 80, colour: bool = False) -> str:
    return on_paper(Group(*_parts(found)), width, colour)


def _parts(found: Read) -> Iterator[RenderableType]:
    dtype = found.side.bundle.manifest.producer.dtype
    yield Text(" · ".join(part for part in (found.name, f"dialect {found.dialect}", counted(found.lines, "line"), dtype, found.element) if part), style="bold")
    yield Text("")
    yield _table(found.side)
    yield Text("")
    if found.notes:
        yield labelled("odd", Group(*map(Text, found.notes)), "yellow")
    reasons = dict.fromkeys(why for _, _, why in found.unread)
    told = [Text(f"{why}: {_listed([one for one in found.unread if one[2] == why])}", style="dim") for why in reasons if why]
    if told:
        yield labelled("not read", Group(*told), "dim")
    if "" in reasons:
        yield labelled("not known", Text(_listed([one for one in found.unread if not one[2]]), style="dim"), "dim")
    if found.side.wrong_labels:
        yield labelled("WRONG LABEL", Group(*(Text(_said(label)) for label in found.side.wrong_labels)), "bold yellow")
    else:
        yield Text(f"no label is wrong by what {counted(found.judged, 'clause')} can tell" if found.judged else "no clause could tell whether the labels are right")


def _listed(names: Sequence[tuple[str, int, str]]) -> str:
    shown = ", ".join(f"{name}{f' ({count})' if count > 1 else ''}" for name, count, _ in names[:MOST_UNKNOWN])
    return f"{shown} and {len(names) - MOST_UNKNOWN} more" if len(names) > MOST_UNKNOWN else shown


def _said(label: WrongLabel) -> str:
    held = f"{', '.join(label.clauses)} {'hold' if len(label.clauses) > 1 else 'holds'} so"
    knew = "as the dialect knows" if label.declared else "correct the dialect"
    return f"{label.raw} is printed in {label.true}, not in {label.says}: {held}; {knew}"


def _table(side: Side) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    for name, justify in (("raw name", "left"), ("quantity", "left"), ("unit", "left"), ("first line", "right"), ("shown", "right"), ("known to", "right")):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for name, entry in side.bundle.manifest.quantities.items():
        if entry.told:
            continue
        unset, values = side.bundle.unset(name), side.bundle.values(name)
        shown = values.size - (0 if unset is None else int(unset.sum()))
        cells = (entry.raw or name, name, entry.unit, entry.source.rpartition(":")[2] if ":" in entry.source else "", f"{shown} of {values.size}", _known(side, name))
        table.add_row(*map(Text, cells))
    return table


def _known(side: Side, name: str) -> str:
    """The worst relative half unit of what is shown."""
    halves, values = side.bundle.half_units(name), np.abs(side.bundle.values(name))
    if halves is None or not (values > 0).any() or not (halves[values > 0] > 0).any():
        return "exactly"
    return f"{float((halves[values > 0] / values[values > 0]).max()):.0e}"
