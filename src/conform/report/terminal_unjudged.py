"""The lines about what was not judged: first what nobody excused, then inputs that were lent, then what the run does not reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from conform.report.layout import labelled
from conform.report.model import Judgement, Report, Unchecked
from conform.report.words import counted

MOST_REASONS = 6                         # why a run is not meant to judge clauses
MOST_LENT = 6                            # names of inputs that another side lent
MOST_NOTES = 6                           # of one log
MOST_LINES = 6                           # of clauses that one side did not trace


def not_checked(report: Report, full: bool) -> Iterator[RenderableType]:
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
