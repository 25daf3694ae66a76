"""The report of one clause: what it says, and what it makes of each side. `--clause ID` of the terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from conform import exits
from conform.report import tables, terminal
from conform.report.layout import across, indented, labelled
from conform.report.model import Judgement, Report
from conform.report.paper import on_paper
from conform.report.terminal_breaks import follows, one_break


def of_clause(report: Report, clause: str) -> Report:
    """What `report` says of `clause`, and the exit status that this alone gives."""
    own = [verdict for verdict in report.verdicts if verdict.clause == clause]
    roots = tuple(root for root in report.roots if root.clause == clause)
    unchecked = tuple(item for item in report.unchecked if item.clause == clause)
    failed = tuple(item for item in report.waivers_failed if item.clause == clause)
    first = roots[0] if roots else None
    return report.model_copy(update={
        "clauses": 1, "judged": int(any(verdict.outcome not in ("unchecked", "ill-conditioned") for verdict in own)), "verdicts": tuple(own), "roots": roots, "first_break": first,
        "unchecked": unchecked, "waived": tuple(one for one in report.waived if one.found.clause == clause), "waivers_failed": failed,
        "waived_unjudged": tuple(one for one in report.waived_unjudged if one.clause == clause),
        "explained": next((one for one in report.repairs if first and (one.clause, one.side) == (clause, first.side)), None),
        "repairs": tuple(one for one in report.repairs if one.clause == clause),
        "stated": tuple(one for one in report.stated if one.clause == clause),
        "left": (), "waterfall": None, "parity": (), "wrong_labels": tuple(label for label in report.wrong_labels if clause in label.clauses),
        "exit_code": exits.verdict(roots or failed or report.given or report.unlike, left_open=any(item.excused is None for item in unchecked)),
    })


def render(report: Report, clause: str, width: int = 80, colour: bool = False, elapsed: str = "", folder: str = "") -> str:
    """`report` is that of the whole run."""
    return on_paper(Group(*_parts(report, of_clause(report, clause), elapsed, folder)), width, colour)


def _parts(whole: Report, report: Report, elapsed: str, folder: str) -> Iterator[RenderableType]:
    yield terminal.headline(report, elapsed)
    for one in report.stated:
        yield across(Text(f"{one.clause} {one.title}", style="bold"), Text(os.path.normpath(os.path.join(folder, one.source)), style="cyan"))
        yield from (indented(Text(f"“{quote}”", style="italic")) for quote in one.quotes)
    yield from terminal.not_alike(report)
    yield from terminal.wrong_labels(report)
    for root in report.roots:
        first = whole.first_break is not None and (root.clause, root.side) == (whole.first_break.clause, whole.first_break.side)
        yield from one_break(root, folder, "FIRST BREAK" if first else "BREAKS", quoted=False)
    if report.explained:
        others = [root for root in whole.roots if (root.clause, root.side) != (report.explained.clause, report.explained.side)]
        yield labelled("what follows", follows(report.explained, others))
    yield from terminal.waivers(report)
    yield from tables.verdicts(report.verdicts)
    yield from (Text(line) for line in _reasons(report))
    yield Text("")
    yield _ending(whole, report)


def _reasons(report: Report) -> Iterator[str]:
    """Why a side was not judged, what its verdict speaks for, what is neither right nor wrong."""
    for verdict in report.verdicts:
        if verdict.reason:
            yield f"{verdict.side}: {verdict.reason}{f' ({verdict.excused})' if verdict.excused else ''}"
        if verdict.worst_at and verdict.margin:
            yield f"{verdict.side}: {'farthest beyond its bound' if verdict.margin > 1 else 'closest to its bound'} at {_place(verdict, report.tile_axis)}"
        if verdict.speaks_for:
            yield f"{verdict.side}: the verdict speaks for {', '.join(verdict.speaks_for)}, too, whose values {verdict.side} did not trace"
        if verdict.ill:
            yield f"{verdict.side}: {verdict.ill:,} elements more are ill-conditioned: neither right nor wrong"
        if verdict.ties:
            yield f"{verdict.side}: {verdict.ties:,} of its decisions fell the other way inside their rounding"


def _place(verdict: Judgement, tile_axis: str) -> str:
    at = verdict.worst_at or {}
    named = {axis: i for axis, i in at.items() if axis != tile_axis} or at
    return ", ".join(f"{axis} {i}" for axis, i in named.items())


def _ending(whole: Report, report: Report) -> Text:
    others = len({root.clause for root in whole.roots} - {root.clause for root in report.roots})
    besides = f"; {others:,} other {'clause breaks' if others == 1 else 'clauses break'} in this run" if others else ""
    if report.roots:
        return Text(f"breaks on {' and '.join(root.side for root in report.roots)}{besides}", style="bold red")
    if report.exit_code == exits.CONFORMS and report.waived_unjudged:
        return Text(f"not judged on {' and '.join(one.side for one in report.waived_unjudged)}, as a waiver accepts{besides}", style="dim")
    if report.exit_code == exits.CONFORMS and not report.judged:
        return Text(f"not judged, and this run is not meant to{besides}", style="dim")
    if report.exit_code == exits.CONFORMS:
        return Text(f"{'accepted by a waiver' if report.waived else 'holds'}{besides}", style="bold green")
    if report.exit_code == exits.OPEN:
        return Text(f"this run is meant to judge it, and could not{besides}", style="bold yellow")
    return Text(f"{terminal.verdict_line(report).plain}{besides}", style="bold red")
