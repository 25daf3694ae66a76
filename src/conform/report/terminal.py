"""The report for a terminal: what was not checked, the first break and whose it is, what follows, what holds.

Good at 80 columns; colour only where it is asked for. Returns text and prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from conform.exits import CONFORMS
from conform.report import causes, tables
from conform.report.amount import Amount
from conform.report.layout import across, indented, labelled
from conform.report.model import Judgement, Report, Waived
from conform.report.paper import on_paper
from conform.report.terminal_breaks import break_line, follows, further, one_break
from conform.report.terminal_unjudged import not_checked
from conform.report.words import accepted, conforms, counted, terms, unjudged, where


def render(report: Report, width: int = 80, colour: bool = False, elapsed: str = "", amount: Amount = Amount.USUAL, folder: str = "") -> str:
    """The first screen, or as much as is asked for. `folder`: where the reader finds the rules."""
    parts = _quiet(report, elapsed, folder) if amount is Amount.QUIET else _parts(report, elapsed, amount, folder)
    return on_paper(Group(*parts), width, colour)


def _quiet(report: Report, elapsed: str, folder: str) -> Iterator[RenderableType]:
    """What breaks first and where, or why not all is well."""
    yield headline(report, elapsed)
    yield from not_alike(report)
    if report.first_break:
        yield break_line(report.first_break, folder, "FIRST BREAK")
        yield indented(Text(where(report.first_break)))
        if more := len(report.roots) - 1:
            yield indented(Text(f"and {counted(more, 'break')} more"))
    yield from _failed_waivers(report)
    if not report.first_break:
        yield verdict_line(report)


def _parts(report: Report, elapsed: str, amount: Amount, folder: str) -> Iterator[RenderableType]:
    full = amount is Amount.FULL
    yield headline(report, elapsed)
    yield from not_checked(report, full)
    yield from wrong_labels(report)
    yield from not_alike(report)
    if report.first_break:
        yield from one_break(report.first_break, folder)
        if report.explained:
            yield labelled("what follows", follows(report.explained, report.roots[1:]))
        elif report.incomparable and report.incomparable not in (one.text for one in report.unlike):
            yield labelled("no parity", Text(report.incomparable))
        if found := causes.largest(report):
            yield labelled("largest", Text(found))
        yield from further(report.roots[1:], full)
    said = len(report.roots) == 1 and report.explained is not None and report.explained.still
    for left in () if said else report.left:
        yield labelled("unexplained", Text(causes.left(left)), "yellow")
    yield from waivers(report)
    yield _holding(report)
    if not report.first_break:
        yield verdict_line(report)
    if amount is Amount.VERBOSE:
        yield from tables.margins(report)
    if full:
        yield from tables.everything(report)


def not_alike(report: Report) -> Iterator[RenderableType]:
    """Sides that did something else, and inputs that differ: before any blame."""
    for one in report.unlike:
        yield labelled("NOT THE SAME", Text(one.text), "bold red")
    if report.given:
        yield labelled("INPUTS DIFFER", Group(*map(Text, causes.given_lines(report))), "bold red")


def wrong_labels(report: Report) -> Iterator[RenderableType]:
    if lines := causes.label_lines(report):
        yield labelled("WRONG LABEL", Group(*map(Text, lines)), "bold yellow")


# --- the lines of the first screen -----------------------------------------------------------------------------------


def headline(report: Report, elapsed: str) -> RenderableType:
    sides = f"{len(report.sides)} sides" if len(report.sides) != 1 else f"side {report.sides[0]}"
    parts = ["conform", report.spec, report.run, sides, counted(report.elements, report.tile_axis), counted(report.judged, "clause")]
    return across(Text(" · ".join(part for part in parts if part), style="bold"), Text(elapsed, style="dim"))


def waivers(report: Report) -> Iterator[RenderableType]:
    """Waivers that no longer fit, then accepted breaks with their measured size."""
    yield from _failed_waivers(report)
    if report.waived:
        yield labelled("waived", Group(*map(_accepted, report.waived)), "yellow")
    if lines := [Text(f"{names}: {why}; {terms(one)}") for names, why, one in unjudged(report)]:
        yield labelled("" if report.waived else "waived", Group(*lines), "yellow")


def _failed_waivers(report: Report) -> Iterator[RenderableType]:
    if report.waivers_failed:
        lines = [Text.assemble((item.clause, "bold"), f" on {item.side}: {item.text}") for item in report.waivers_failed]
        yield labelled("WAIVER FAILS", Group(*lines), "bold red")


def _accepted(one: Waived) -> Text:
    found = one.found
    return Text(f"{found.clause} {found.title}, side {found.side}: {where(found)}, {accepted(one)}; {terms(one)}")


def _holding(report: Report) -> Text:
    """How many clauses hold, and which of them comes closest to its bound."""
    good = {"holds", "tie"}
    by_clause: dict[str, list[Judgement]] = {}
    for verdict in report.verdicts:
        by_clause.setdefault(verdict.clause, []).append(verdict)
    everywhere = [clause for clause, verdicts in by_clause.items() if all(v.outcome in good for v in verdicts)]
    closest = max((v for v in report.verdicts if v.outcome in good and v.margin is not None), key=lambda v: v.margin or 0.0, default=None)
    on = {1: f"on side {report.sides[0]}", 2: "on both sides"}.get(len(report.sides), "on all sides")
    near = _near(closest) if closest is not None and everywhere else ""
    ties = sum(v.ties for v in report.verdicts)
    tied = f"; {counted(ties, 'decision')} fell the other way inside {'its' if ties == 1 else 'their'} rounding" if ties else ""
    return Text(f"{counted(len(everywhere), 'clause')} {'holds' if len(everywhere) == 1 else 'hold'} {on}{near}{tied}", style="green" if everywhere else "")


def _near(closest: Judgement) -> str:
    if not closest.margin:
        return ", to the last bit"
    return f" (closest to its bound: {closest.clause} on {closest.side}, at {closest.margin:.2g} of it)"


def verdict_line(report: Report) -> Text:
    if report.exit_code == CONFORMS:
        return Text(conforms(report), style="bold green")
    if report.waivers_failed:
        return Text(f"nothing else breaks, but {counted(len(report.waivers_failed), 'waiver')} no longer {'fits' if len(report.waivers_failed) == 1 else 'fit'}", style="bold red")
    if report.given:
        return Text(f"no clause breaks, but the sides did not compute the same thing: {counted(len(report.given), 'input')} differ{'s' if len(report.given) == 1 else ''}", style="bold red")
    if report.unlike:
        return Text("no clause breaks, but the sides did not do the same thing", style="bold red")
    count = len({item.clause for item in report.unchecked if item.excused is None})
    return Text(f"nothing breaks, but {counted(count, 'clause')} that this run is meant to judge could not be judged", style="bold yellow")
