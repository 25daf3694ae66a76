"""What a set of runs leaves unexercised, for a terminal: first the gaps that nobody gives a reason for, then those with one."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from conform.exits import CONFORMS
from conform.report.coverage import CoverageReport, Gap, NotJudged, NotTaken

WIDTH = 80


def render(report: CoverageReport) -> str:
    """Good at 80 columns."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: CoverageReport) -> Iterator[str]:
    yield from _wrapped(f"conform coverage · {report.spec} · {', '.join(report.runs)} · {', '.join(report.sides)}", "", "  ")
    gaps: tuple[tuple[str, Sequence[Gap], int], ...] = (
        ("clauses of the document without a rule", report.clauses_without_rule, report.clauses),
        ("rules not judged", report.clauses_not_judged, report.judged + len(report.clauses_not_judged)),
        ("guards never taken", report.guards_not_taken, report.guards),
        ("branches never taken", report.branches_not_taken, report.branches),
    )
    for title, found, total in gaps:
        open_ones = [gap for gap in found if gap.reason is None]
        yield f"{title}: {len(found)} of {total}" + (f", {len(open_ones)} without a reason" if found else "")
        for gap in sorted(found, key=lambda gap: gap.reason is not None):
            yield from _wrapped(_said(gap, report), "  ", "      ")
    for name in report.reasons_not_needed:
        yield from _wrapped(f"{name} gives a reason although nothing of it is missing: take it out", "", "  ")
    yield "covered, or with a reason" if report.exit_code == CONFORMS else "not covered"


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def _said(gap: Gap, report: CoverageReport) -> str:
    reason = f" ({gap.reason}, because {gap.because})" if gap.reason else ""
    on = "" if not isinstance(gap, NotJudged | NotTaken) or gap.sides == report.sides else f", side {' and '.join(gap.sides)}"
    match gap:
        case NotJudged():
            what = "; ".join(dict.fromkeys(f"{why.reason}{f' ({why.excused})' if why.excused else ''}" for why in gap.why))
            return f"{gap.clause} {gap.title}{on}: {what}{reason}"
        case NotTaken():
            asked = f"{gap.branch} of `if {gap.condition}`" if gap.branch else f"when {gap.condition}"
            return f"{gap.clause} {gap.target or 'require'}{on}: {asked}{f' cannot be told: {gap.unknown}' if gap.unknown else ''}, {gap.source}{reason}"
    return f"{gap.clause} {gap.title}{reason}"
