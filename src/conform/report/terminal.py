"""The report for a terminal: what was not checked, the first break and whose it is, what follows, what holds.

Good at 80 columns; colour only where it is asked for. Returns text and prints nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conform.report import causes, tables
from conform.report.amount import Amount
from conform.report.model import Break, Explained, Judgement, Report, Unchecked, Waived
from conform.report.paper import on_paper
from conform.report.words import accepted, besides, by, conforms, counted, still, terms, unjudged, values, where

LABEL = 14                               # width of the words on the left
MOST_ROOTS = 12
MOST_REASONS = 6                         # why a run is not meant to judge clauses
MOST_LENT = 6                            # names of inputs that another side lent
MOST_NOTES = 6                           # of one log
MOST_LINES = 6                           # of clauses that one side did not trace


def render(report: Report, width: int = 80, colour: bool = False, elapsed: str = "", amount: Amount = Amount.USUAL, folder: str = "") -> str:
    """The first screen, or as much as is asked for. `folder`: where the reader finds the rules."""
    parts = _quiet(report, elapsed, folder) if amount is Amount.QUIET else _parts(report, elapsed, amount, folder)
    return on_paper(Group(*parts), width, colour)


def _quiet(report: Report, elapsed: str, folder: str) -> Iterator[RenderableType]:
    """What breaks first and where, or why not all is well."""
    yield headline(report, elapsed)
    yield from not_alike(report)
    if report.first_break:
        yield _break_line(report.first_break, folder, "FIRST BREAK")
        yield indented(Text(where(report.first_break)))
        if more := len(report.roots) - 1:
            yield indented(Text(f"and {counted(more, 'break')} more"))
    yield from _failed_waivers(report)
    if not report.first_break:
        yield verdict_line(report)


def _parts(report: Report, elapsed: str, amount: Amount, folder: str) -> Iterator[RenderableType]:
    full = amount is Amount.FULL
    yield headline(report, elapsed)
    yield from _not_checked(report, full)
    yield from wrong_labels(report)
    yield from not_alike(report)
    if report.first_break:
        yield from one_break(report.first_break, folder)
        if report.explained:
            yield labelled("what follows", follows(report.explained, report.roots[1:]))
        elif report.incomparable:
            yield labelled("no parity", Text(report.incomparable))
        if found := causes.largest(report):
            yield labelled("largest", Text(found))
        yield from _further(report.roots[1:], full)
    said = len(report.roots) == 1 and report.explained is not None and report.explained.still
    for left in () if said else report.left:
        yield labelled("unexplained", Text(causes.left(left)), "yellow")
    yield from waivers(report)
    yield _holding(report)
    if not report.first_break:
        yield verdict_line(report)
    if amount is Amount.VERBOSE:
        yield from tables.by_clause(report)
    if full:
        yield from tables.everything(report)


def not_alike(report: Report) -> Iterator[RenderableType]:
    """Sides that did something else, and inputs that differ: before any blame."""
    for one in report.unlike:
        yield labelled("NOT THE SAME", Text(one.text), "bold red")
    if report.given:
        yield labelled("INPUTS DIFFER", Group(*map(Text, causes.given_lines(report))), "bold red")


def lent(report: Report, full: bool) -> Iterator[RenderableType]:
    """The inputs that a side did not show, and whose stand in for them."""
    for one in report.provenance:
        if one.lent:
            shows = "is a log that does not show all" if one.language == "log" else "traced none"
            names = list(one.lent) if full else [*one.lent][:MOST_LENT]
            more = f" and {len(one.lent) - len(names)} more (--full)" if len(one.lent) > len(names) else ""
            lenders = " and ".join(dict.fromkeys(one.lent.values()))
            yield labelled("inputs", Text(f"{one.side} {shows} of the run's inputs; those of {lenders} stand in for them: {', '.join(names)}{more}"), "yellow")


def noted(side: str, notes: Sequence[str], full: bool) -> Iterator[RenderableType]:
    """What in a log is odd, or was not read."""
    shown = notes if full else notes[:MOST_NOTES]
    more = [f"and {len(notes) - len(shown)} more (--full lists them)"] if len(notes) > len(shown) else []
    if notes:
        yield labelled(f"in {side}'s log"[:13], Group(*(Text(note) for note in [*shown, *more])), "yellow")


def broken_clauses(report: Report, folder: str, full: bool) -> Iterator[RenderableType]:
    """The first break and the others, as they stand in a report."""
    if report.first_break:
        yield from one_break(report.first_break, folder)
        yield from _further(report.roots[1:], full)


def wrong_labels(report: Report) -> Iterator[RenderableType]:
    if lines := causes.label_lines(report):
        yield labelled("WRONG LABEL", Group(*map(Text, lines)), "bold yellow")


# --- the lines of the first screen -----------------------------------------------------------------------------------


def headline(report: Report, elapsed: str) -> RenderableType:
    sides = f"{len(report.sides)} sides" if len(report.sides) != 1 else f"side {report.sides[0]}"
    parts = ["conform", report.spec, report.run, sides, counted(report.elements, report.tile_axis), counted(report.judged, "clause")]
    return across(Text(" · ".join(part for part in parts if part), style="bold"), Text(elapsed, style="dim"))


def labelled(label: str, body: RenderableType, style: str = "bold") -> RenderableType:
    line = Table.grid(padding=(0, 0))
    line.add_column(width=LABEL, no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(label, style=style), body)
    return line


def _not_checked(report: Report, full: bool) -> Iterator[RenderableType]:
    """First what nobody excused, each with its reason; then, in one paragraph, what the run does not reach."""
    open_ones = [item for item in report.unchecked if item.excused is None]
    if open_ones:
        yield labelled("NOT CHECKED", Group(*_open_lines(open_ones, report, full)), "bold yellow")
    yield from lent(report, full)
    for one in report.provenance:
        yield from noted(one.side, one.notes, full)
    if ill := [v for v in report.verdicts if v.ill and v.outcome != "ill-conditioned"]:
        yield labelled("ill-cond.", Text(_ill(ill)), "yellow")
    excused: dict[str, list[str]] = {}
    for item in report.unchecked:
        if item.excused is not None and item.clause not in excused.setdefault(item.excused, []):
            excused[item.excused].append(item.clause)
    if excused:
        yield labelled("not checked", Text(_excused(excused, full), style="dim"), "dim")


def _ill(verdicts: Sequence[Judgement]) -> str:
    """Elements that are neither right nor wrong, although their clause could be judged at others."""
    shown = [f"{v.ill:,} of {v.ill + v.elements:,} elements of {v.clause} on {v.side}" for v in verdicts[:MOST_LINES]]
    more = [f"{len(verdicts) - MOST_LINES} more"] if len(verdicts) > MOST_LINES else []
    return f"{', '.join([*shown, *more])}: rounding alone may make anything of them, and they count as neither right nor wrong"


def _open_lines(items: Sequence[Unchecked], report: Report, full: bool) -> Iterator[Text]:
    """A line each; where a side traced little, its clauses in one."""
    for sides in dict.fromkeys(item.sides for item in items):
        own = [item for item in items if item.sides == sides]
        untraced = [item for item in own if item.reason.endswith("is not in the trace")]
        if full or len(untraced) <= MOST_LINES:
            untraced = []
        yield from (_open(item, report) for item in own if item not in untraced)
        if untraced:
            names = ", ".join(item.clause for item in untraced)
            yield Text(f"{counted(len(untraced), 'clause')} on {' and '.join(sides)}, whose values are not in the trace: {names}")


def _excused(excused: dict[str, list[str]], full: bool) -> str:
    """Every clause with its reason; on the first screen, where they are many, the reasons that cover most, so that the break stays in sight."""
    total = sum(map(len, excused.values()))
    if full or total <= 4:
        return " · ".join(f"{', '.join(clauses)} ({why})" for why, clauses in excused.items())
    shown = sorted(excused, key=lambda why: -len(excused[why]))[:MOST_REASONS]
    more = len(excused) - len(shown)
    rest = f" · {more} more {'reason' if more == 1 else 'reasons'} (--full)" if more else ""
    return f"{counted(total, 'clause')} that this run is not meant to judge: {' · '.join(shown)}{rest}"


def _open(item: Unchecked, report: Report) -> Text:
    on = "" if len(item.sides) == len(report.sides) else f", side {' and '.join(item.sides)}"
    return Text.assemble((item.clause, "bold"), f" {item.title}{on}: {item.reason}")


def one_break(found: Break, folder: str, label: str = "FIRST BREAK", quoted: bool = True) -> Iterator[RenderableType]:
    yield _break_line(found, folder, label)
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
        yield indented(Text(f"  {found.instead_equation}", style="italic"))


def _break_line(found: Break, folder: str, label: str) -> RenderableType:
    place = Text(os.path.normpath(os.path.join(folder, found.source)), style="cyan")
    return across(Text(f"{found.clause} {found.title}, side {found.side}", style="bold red"), place, Text(label, style="bold red"))


def across(left: Text, right: Text, label: Text | None = None) -> RenderableType:
    """One line from edge to edge."""
    line = Table.grid(expand=True)
    if label is not None:
        line.add_column(width=LABEL, no_wrap=True)
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True)
    line.add_row(*([label] if label is not None else []), left, Text.assemble(" ", right))       # a blank between them, however full
    return line


def indented(body: RenderableType) -> RenderableType:
    return Padding(body, (0, 0, 0, 2))


def follows(explained: Explained, others: Sequence[Break]) -> Text:
    """What differs because of the first break, and whether its repair explains it all."""
    names = list(explained.differing)
    if not names:
        return Text(f"nothing that depends on it differs between the sides; {still(explained, others)}")
    shown = ", ".join(names if len(names) <= 14 else [*names[:12], f"{len(names) - 12} more"])
    differ = "differs" if len(names) == 1 else "differ"
    return Text(f"{shown} {differ} between the sides, {by(max(explained.worst.values()))}; {still(explained, others)}")


def _further(roots: Sequence[Break], full: bool) -> Iterator[RenderableType]:
    """Independent breaks. The same clause on another side is one of them."""
    shown = roots if full else roots[:MOST_ROOTS]
    if shown:
        lines = [Text(f"{root.clause} {root.title}, side {root.side}: {where(root)}{'; has ' + root.computes_instead if root.computes_instead else ''}") for root in shown]
        more = [Text(f"and {len(roots) - len(shown)} more (--full lists them)")] if len(roots) > len(shown) else []
        yield labelled("breaks too", Group(*lines, *more), "bold red")


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
    if report.exit_code == 0:
        return Text(conforms(report), style="bold green")
    if report.waivers_failed:
        return Text(f"nothing else breaks, but {counted(len(report.waivers_failed), 'waiver')} no longer {'fits' if len(report.waivers_failed) == 1 else 'fit'}", style="bold red")
    if report.given:
        return Text(f"no clause breaks, but the sides did not compute the same thing: {counted(len(report.given), 'input')} differ{'s' if len(report.given) == 1 else ''}", style="bold red")
    if report.unlike:
        return Text("no clause breaks, but the sides did not do the same thing", style="bold red")
    count = len({item.clause for item in report.unchecked if item.excused is None})
    return Text(f"nothing breaks, but {counted(count, 'clause')} that this run is meant to judge could not be judged", style="bold yellow")
