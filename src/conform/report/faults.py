"""The report of `conform bench faults` (`conform-faults/1`): what the checker said of each planted fault."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from conform.adequacy.faults import Outcome
from conform.report.model import Entry


class Summary(Entry):
    """Counts of faults; `clean_runs` are those of the project as it is, `false_alarms` the breaks that were reported there."""

    faults: int
    detected: int
    side: int
    first_clause: int
    equation: int
    extra_breaks: int
    false_alarms: int
    clean_runs: int
    unchanged: int = 0                   # faults that are detected although the image stays as it is
    together: int = 0                    # pairs of faults, among those counted above


class FaultEntry(Entry):
    name: str
    title: str
    expected: str
    detected: bool
    first_clause: bool
    side: bool
    equation: bool
    reported: str
    computes_instead: str
    extra: tuple[str, ...]
    problem: str
    seconds: float = 0.0


class FaultsReport(Entry):
    format: str = "conform-faults/1"
    summary: Summary
    faults: tuple[FaultEntry, ...]
    clean: dict[str, tuple[str, ...]]    # of each clean run, the breaks that were reported
    left_out: dict[str, str] = {}        # clean runs that could not be made, and why

    @property
    def exit_code(self) -> int:
        """1 if a fault went unnoticed, was pinned on the wrong side, or a break was reported that is not there."""
        s = self.summary
        return 0 if s.detected == s.side == s.faults and s.extra_breaks == s.false_alarms == 0 and not any(one.problem for one in self.faults) else 1


def build(outcomes: Sequence[Outcome], clean: dict[str, tuple[str, ...]], left_out: dict[str, str] | None = None) -> FaultsReport:
    entries = tuple(_entry(one) for one in outcomes)
    summary = Summary(
        faults=len(entries), detected=sum(e.detected for e in entries), side=sum(e.side for e in entries), first_clause=sum(e.first_clause for e in entries),
        equation=sum(e.equation for e in entries), extra_breaks=sum(len(e.extra) for e in entries), false_alarms=sum(map(len, clean.values())), clean_runs=len(clean),
        unchanged=sum(one.detected and one.unchanged and not one.problem for one in outcomes), together=sum(len(one.planted) > 1 for one in outcomes),
    )
    return FaultsReport(summary=summary, faults=entries, clean=clean, left_out=left_out or {})


def _entry(one: Outcome) -> FaultEntry:
    first = one.report.first_break if one.report else None
    return FaultEntry(
        name=one.name, title=one.title, expected=one.expected, seconds=round(one.seconds, 1), detected=one.detected, first_clause=one.first_clause,
        side=one.side, equation=one.equation, reported=f"{first.clause} on {first.side}" if first else "", extra=one.extra,
        computes_instead=(first.trace_problem or first.computes_instead) if first else "", problem=one.problem,
    )


def terminal(report: FaultsReport) -> str:
    """A line for each fault; what was said otherwise than expected stands below it."""
    s = report.summary
    lines = [f"conform bench faults · {s.detected} of {s.faults} detected · side right {s.side} · first clause right {s.first_clause} · equation right {s.equation}",
             f"{s.extra_breaks} further breaks that are not there · {s.false_alarms} false alarms in {s.clean_runs} clean runs",
             f"{s.unchanged} of them leave the image as it is · {s.together} are pairs"]
    for one in report.faults:
        mark = "ok  " if one.detected and one.first_clause and one.side and not one.extra else "MISS"
        lines.append(f"{mark}  {one.name:<28} {one.expected:<24} {'said ' if one.equation else '     '}{one.seconds:5.0f} s".rstrip())
        if one.problem:
            lines.append(f"      not as it should be: {one.problem}")
        elif mark == "MISS":
            lines.append(f"      reported: {one.reported or 'nothing'}{'; besides ' + ', '.join(one.extra) if one.extra else ''}")
        if one.computes_instead and not one.equation:
            lines.append(f"      has there {one.computes_instead}")
    if report.left_out:
        reasons = dict.fromkeys(report.left_out.values())
        lines += [f"left out, {reason}: {', '.join(name for name, why in report.left_out.items() if why == reason)}" for reason in reasons]
    lines += [f"ALARM {name}: {', '.join(breaks)}" for name, breaks in report.clean.items() if breaks]
    return "\n".join(textwrap.fill(line, 80, subsequent_indent="      ", break_on_hyphens=False, break_long_words=False) for line in lines) + "\n"
