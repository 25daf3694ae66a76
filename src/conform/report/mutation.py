"""The report of `conform mutate` (`conform-mutation/1`): which mistakes the rules would notice on a run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Literal

from conform import exits
from conform.adequacy.mutate import Fate, Skipped, Tried
from conform.report.model import Entry


class Mistake(Entry):
    clause: str
    case: int = 0                        # number of the statement in its clause
    target: str
    operator: str
    text: str
    fate: Literal["killed", "unseen", "within", "equivalent"]
    most: float
    localised: bool = True               # no earlier clause breaks
    named: str = ""                      # what the diagnosis would call it


class NotTried(Entry):
    clause: str
    case: int = 0
    target: str
    reason: str


class MutationReport(Entry):
    format: Literal["conform-mutation/1"] = "conform-mutation/1"
    rules: str
    run: str
    side: str
    tried: int
    killed: int
    unseen: int
    within: int
    equivalent: int = 0                  # no mistakes: the same but for rounding, whatever the operands are
    localised: int = 0                   # of the killed
    named: int = 0                       # of the killed: by their own name, or by that of a mistake with the same values
    mistakes: tuple[Mistake, ...]
    not_tried: tuple[NotTried, ...]

    @property
    def exit_code(self) -> int:
        """1: a mistake stays within what a correct program may; 3: none does, but the run does not show all of them."""
        return exits.verdict(self.within, left_open=self.unseen or not self.tried)


def build(results: Iterable[Tried | Skipped], rules: str, run: str, side: str) -> MutationReport:
    results = list(results)
    tried = [one for one in results if isinstance(one, Tried)]
    count = {fate: sum(one.fate is fate for one in tried) for fate in Fate}
    return MutationReport(
        rules=rules, run=run, side=side, tried=len(tried), killed=count[Fate.KILLED], unseen=count[Fate.UNSEEN], within=count[Fate.WITHIN], equivalent=count[Fate.EQUIVALENT],
        localised=sum(t.localised for t in tried if t.fate is Fate.KILLED), named=sum(bool(t.named) for t in tried if t.fate is Fate.KILLED),
        mistakes=tuple(Mistake(clause=t.clause, case=t.case, target=t.target, operator=t.operator, text=t.text, fate=t.fate.name.lower(), most=t.most, localised=t.localised, named=t.named) for t in tried),
        not_tried=tuple(NotTried(clause=s.clause, case=s.case, target=s.target, reason=s.reason) for s in results if isinstance(s, Skipped)),
    )


def _share(part: int, whole: int) -> str:
    """In per cent, rounded down: what is not all of them is not 100."""
    return f"{int(1000 * part / whole) / 10:g} %" if whole else "none"


def _head(report: MutationReport) -> list[str]:
    real = report.tried - report.equivalent
    return [f"{report.killed:,} of {real:,} mistakes break their clause ({_share(report.killed, real)}); {report.unseen:,} do not show on these runs; {report.within:,} stay within the bounds",
            f"{report.equivalent:,} more are none: the same but for rounding, whatever the operands are",
            f"of those that break it, {report.localised:,} break no clause before it ({_share(report.localised, report.killed)}); {report.named:,} are named ({_share(report.named, report.killed)})"]


def _missing(report: MutationReport) -> Iterator[tuple[str, str]]:
    missing: dict[str, list[str]] = {}
    for one in report.not_tried:
        missing.setdefault(one.reason, []).append(f"{one.clause} {one.target}")
    return ((reason, ", ".join(dict.fromkeys(names))) for reason, names in missing.items())


def terminal(report: MutationReport, full: bool) -> str:
    """A line for each clause; the mistakes that would pass, and with `full` those that the run does not show."""
    shown = ("within", "unseen") if full else ("within",)
    lines = [f"conform mutate · {report.rules} · {report.run} · side {report.side}", *_head(report)]
    for clause, count, own in _by_clause(report):
        rest = ", ".join(f"{count[fate]} {fate}" for fate in ("unseen", "within") if count[fate])
        lines.append(f"  {clause:<16}{count['killed']:>3} of {len(own) - count['equivalent']:<4}{rest}".rstrip())
        lines += [f"      {one.fate}: {one.target}: {one.text}" for one in own if one.fate in shown]
    lines += [f"not tried, {reason}: {names}" for reason, names in _missing(report)]
    if report.unseen and not full:
        lines.append("--full lists what does not show on these runs; another run may show it")
    return "\n".join(textwrap.fill(line, 80, subsequent_indent="      ", break_on_hyphens=False) for line in lines) + "\n"


def _by_clause(report: MutationReport) -> Iterator[tuple[str, dict[str, int], list[Mistake]]]:
    for clause in dict.fromkeys(one.clause for one in report.mistakes):
        own = [one for one in report.mistakes if one.clause == clause]
        yield clause, {fate: sum(one.fate == fate for one in own) for fate in ("killed", "unseen", "within", "equivalent")}, own


def markdown(report: MutationReport) -> str:
    """A table of the clauses; below it every mistake that lived, and every one that an earlier clause would be blamed for."""
    lines = [f"# Mistakes on purpose: {report.rules}", "", f"Runs: {report.run}; values of side {report.side}.", "", *(f"* {line}" for line in _head(report)), "",
             "| clause | mistakes | break it | break no earlier one | named | do not show | within the bounds | are none |", f"|---|{'---:|' * 7}"]
    for clause, count, own in _by_clause(report):
        killed = [one for one in own if one.fate == "killed"]
        figures = (len(own), len(killed), sum(one.localised for one in killed), sum(bool(one.named) for one in killed), *(count[fate] for fate in ("unseen", "within", "equivalent")))
        lines.append(f"| {clause} | {' | '.join(str(figure) for figure in figures)} |")
    lived = [one for one in report.mistakes if one.fate in ("unseen", "within")]
    lines += ["", "## What lived", "", *(f"* {one.clause} {one.target}, {one.fate}: {one.text}" for one in lived), *(["Nothing."] if not lived else [])]
    elsewhere = [one for one in report.mistakes if one.fate == "killed" and not one.localised]
    lines += ["", "## What breaks an earlier clause, too", "", *(f"* {one.clause} {one.target}: {one.text}" for one in elsewhere), *(["Nothing."] if not elsewhere else [])]
    lines += ["", "## What was not tried", "", *(f"* {reason}: {names}" for reason, names in _missing(report)), *(["Nothing."] if not report.not_tried else [])]
    return "\n".join(lines) + "\n"
