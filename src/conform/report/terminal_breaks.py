"""The lines about what breaks: the first break whole, what follows from it, the others in a line each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from conform.report.layout import across, indented, labelled
from conform.report.model import Break, Explained, Report
from conform.report.words import besides, by, counted, still, values, where

MOST_ROOTS = 12


def broken_clauses(report: Report, folder: str, full: bool) -> Iterator[RenderableType]:
    """The first break and the others, as they stand in a report."""
    if report.first_break:
        yield from one_break(report.first_break, folder)
        yield from further(report.roots[1:], full)


def one_break(found: Break, folder: str, label: str = "FIRST BREAK", quoted: bool = True) -> Iterator[RenderableType]:
    yield break_line(found, folder, label)
    for quote in found.quotes[:1] if quoted else ():
        yield indented(Text(f"“{quote}”", style="italic"))
    yield indented(Text("; ".join([where(found), *(f"{side} {said}" for side, said in found.others.items())])))
    yield indented(Text(values(found)))
    for kind, text in besides(found):
        yield indented(Text(f"{kind.upper()}: {text}", style="bold"))
    if found.speaks_for:
        yield indented(Text(f"it speaks for {counted(len(found.speaks_for), 'clause')} besides, whose values {found.side} did not trace: {', '.join(found.speaks_for)}"))
    if found.computes_instead:
        yield indented(Text(f"{found.side} has there {found.computes_instead}"))
    if found.instead_equation:
        yield Padding(Text(found.instead_equation, style="italic"), (0, 0, 0, 4))


def break_line(found: Break, folder: str, label: str) -> RenderableType:
    place = Text(os.path.normpath(os.path.join(folder, found.source)), style="cyan")
    return across(Text(f"{found.clause} {found.title}, side {found.side}", style="bold red"), place, Text(label, style="bold red"))


def follows(explained: Explained, others: Sequence[Break]) -> Text:
    """What differs because of the first break, and whether its repair explains it all."""
    names = list(explained.differing)
    if not names:
        return Text(f"nothing that depends on it differs between the sides; {still(explained, others)}")
    shown = ", ".join(names if len(names) <= 14 else [*names[:12], f"{len(names) - 12} more"])
    differ = "differs" if len(names) == 1 else "differ"
    return Text(f"{shown} {differ} between the sides, {by(max(explained.worst.values()))}; {still(explained, others)}")


def further(roots: Sequence[Break], full: bool) -> Iterator[RenderableType]:
    """Independent breaks. The same clause on another side is one of them."""
    shown = roots if full else roots[:MOST_ROOTS]
    if shown:
        lines = [Text(f"{root.clause} {root.title}, side {root.side}: {where(root)}{'; has ' + root.computes_instead if root.computes_instead else ''}") for root in shown]
        more = [Text(f"and {len(roots) - len(shown)} more (--full lists them)")] if len(roots) > len(shown) else []
        yield labelled("breaks too", Group(*lines, *more), "bold red")
