"""The report of `conform bench faults` (`conform-faults/1`): what the checker said of each planted fault."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from conform.adequacy.faults import Outcome
from conform.exits import BREAKS, CONFORMS
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
    unchanged: bool = False              # the image stays as it is
    pair: bool = False
    unsaid: str = ""                     # why no clause can be changed into the mistake
    others: tuple[str, ...] = ()         # of several mistakes, what the further ones are said to compute instead


class FaultsReport(Entry):
    format: str = "conform-faults/1"
    state: str = ""                      # hash of the checker, the rules, the programs and the runs
    summary: Summary
    faults: tuple[FaultEntry, ...]
    clean: dict[str, tuple[str, ...]]    # of each clean run, the breaks that were reported
    left_out: dict[str, str] = {}        # clean runs that could not be made, and why

    @property
    def exit_code(self) -> int:
        """1 if a fault went unnoticed, was pinned on the wrong side, or a break was reported that is not there."""
        s = self.summary
        return CONFORMS if s.detected == s.side == s.faults and s.extra_breaks == s.false_alarms == 0 and not any(one.problem for one in self.faults) else BREAKS


def build(entries: Sequence[FaultEntry], clean: dict[str, tuple[str, ...]], left_out: dict[str, str] | None = None, state: str = "") -> FaultsReport:
    summary = Summary(
        faults=len(entries), detected=sum(e.detected for e in entries), side=sum(e.side for e in entries), first_clause=sum(e.first_clause for e in entries),
        equation=sum(e.equation for e in entries), extra_breaks=sum(len(e.extra) for e in entries), false_alarms=sum(map(len, clean.values())), clean_runs=len(clean),
        unchanged=sum(e.detected and e.unchanged and not e.problem for e in entries), together=sum(e.pair for e in entries),
    )
    return FaultsReport(state=state[:12], summary=summary, faults=tuple(entries), clean=clean, left_out=left_out or {})


def entry(one: Outcome) -> FaultEntry:
    first = one.report.first_break if one.report else None
    said = [root.trace_problem or root.computes_instead for root in one.roots]
    return FaultEntry(
        name=one.name, title=one.title, expected=one.expected, seconds=round(one.seconds, 1), detected=one.detected, first_clause=one.first_clause,
        side=one.side, equation=one.equation, reported=f"{first.clause} on {first.side}" if first else "", extra=one.extra,
        computes_instead=said[0] if said else "", problem=one.problem, unchanged=one.unchanged, pair=len(one.planted) > 1, unsaid=one.unsaid,
        others=tuple(said[1:]) if len(one.planted) > 1 else (),
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


def markdown(report: FaultsReport) -> str:
    """Counts, a line for each fault, what was missed and why, and the clean matrix."""
    s = report.summary
    counts = {"faults": s.faults, "of them pairs, on different sides": s.together, "of them without effect on the image": s.unchanged, "detected": s.detected,
              "first clause right": s.first_clause, "side right": s.side, "equation right": s.equation, "further breaks that are not there": s.extra_breaks,
              "clean runs": s.clean_runs, "false alarms in them": s.false_alarms}
    lines = ["# What the checker said of planted faults", "", f"Written by `conform bench faults --format markdown`, state {report.state or 'unknown'} of checker, rules, programs and runs.", "",
             "| | |", "|---|---:|", *(f"| {name} | {count} |" for name, count in counts.items()), "",
             "| fault | must be reported | reported first | it computes instead | said | s |", "|---|---|---|---|---|---:|"]
    lines += [f"| {' | '.join(_cells(one))} |" for one in report.faults]
    missed = [one for one in report.faults if not (one.detected and one.first_clause and one.side and one.equation) or one.extra or one.problem]
    lines += ["", "## What was missed", "", *(f"* {one.name}: {_why(one)}" for one in missed), *(["Nothing."] if not missed else [])]
    lines += ["", "## The clean matrix", "", "| built and run | no break | breaks |", "|---|---|---|"]
    for way in dict.fromkeys(name.rpartition(", ")[0] for name in report.clean):
        own = {name.rpartition(", ")[2]: breaks for name, breaks in report.clean.items() if name.rpartition(", ")[0] == way}
        alarms = "; ".join(f"{run}: {', '.join(breaks)}" for run, breaks in own.items() if breaks)
        lines.append(f"| {way or 'as it is'} | {', '.join(run for run, breaks in own.items() if not breaks)} | {alarms or 'none'} |")
    lines += ["", *(f"Left out, {why}: {name}." for name, why in report.left_out.items())] if report.left_out else []
    return "\n".join(lines) + "\n"


def _cells(one: FaultEntry) -> tuple[str, ...]:
    said = "; ".join(part for part in (one.computes_instead, *one.others) if part)
    return one.name, one.expected, one.reported or "nothing", said.replace("|", "\\|"), "yes" if one.equation else "no", f"{one.seconds:.0f}"


def _why(one: FaultEntry) -> str:
    wrong = [word for word, right in (("not detected", one.detected), ("another clause first", one.first_clause), ("another side", one.side), ("not said", one.equation)) if not right]
    wrong += [f"reported besides: {', '.join(one.extra)}"] * bool(one.extra) + [one.problem] * bool(one.problem)
    return "; ".join([*wrong, *([one.unsaid] if one.unsaid else [])])
