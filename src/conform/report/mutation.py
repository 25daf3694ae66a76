"""The report of `conform mutate` (`conform-mutation/1`): which mistakes the rules would notice on a run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Literal

from conform.adequacy.mutate import Fate, Skipped, Tried
from conform.report.model import Entry


class Mistake(Entry):
    clause: str
    target: str
    operator: str
    text: str
    fate: Literal["killed", "unseen", "within"]
    most: float
    localised: bool = True               # no earlier clause breaks
    named: str = ""                      # what the diagnosis would call it


class NotTried(Entry):
    clause: str
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
    localised: int = 0                   # of the killed
    named: int = 0                       # of the killed: by their own name, or by that of a mistake with the same values
    mistakes: tuple[Mistake, ...]
    not_tried: tuple[NotTried, ...]

    @property
    def exit_code(self) -> int:
        """1: a mistake stays within what a correct program may; 3: none does, but the run does not show all of them."""
        return 1 if self.within else 3 if self.unseen or not self.tried else 0


def build(results: Iterable[Tried | Skipped], rules: str, run: str, side: str) -> MutationReport:
    results = list(results)
    tried = [one for one in results if isinstance(one, Tried)]
    count = {fate: sum(one.fate is fate for one in tried) for fate in Fate}
    return MutationReport(
        rules=rules, run=run, side=side, tried=len(tried), killed=count[Fate.KILLED], unseen=count[Fate.UNSEEN], within=count[Fate.WITHIN],
        localised=sum(t.localised for t in tried if t.fate is Fate.KILLED), named=sum(bool(t.named) for t in tried if t.fate is Fate.KILLED),
        mistakes=tuple(Mistake(clause=t.clause, target=t.target, operator=t.operator, text=t.text, fate=t.fate.name.lower(), most=t.most, localised=t.localised, named=t.named) for t in tried),
        not_tried=tuple(NotTried(clause=s.clause, target=s.target, reason=s.reason) for s in results if isinstance(s, Skipped)),
    )


def terminal(report: MutationReport, full: bool) -> str:
    """A line for each clause; the mistakes that would pass, and with `full` those that the run does not show."""
    shown = ("within", "unseen") if full else ("within",)
    lines = [f"conform mutate · {report.rules} · {report.run} · side {report.side}",
             f"{report.killed} of {report.tried} mistakes break their clause; {report.unseen} do not show on this run; {report.within} stay within the bounds",
             f"of those that break it, {report.localised} break no clause before it; {report.named} are named"]
    for clause in dict.fromkeys(one.clause for one in report.mistakes):
        own = [one for one in report.mistakes if one.clause == clause]
        count = {fate: sum(one.fate == fate for one in own) for fate in ("killed", "unseen", "within")}
        rest = ", ".join(f"{count[fate]} {fate}" for fate in ("unseen", "within") if count[fate])
        lines.append(f"  {clause:<16}{count['killed']:>3} of {len(own):<4}{rest}".rstrip())
        lines += [f"      {one.fate}: {one.target}: {one.text}" for one in own if one.fate in shown]
    if report.not_tried:
        missing: dict[str, list[str]] = {}
        for one in report.not_tried:
            missing.setdefault(one.reason, []).append(f"{one.clause} {one.target}")
        lines += [f"not tried, {reason}: {', '.join(names)}" for reason, names in missing.items()]
    if report.unseen and not full:
        lines.append("--full lists what does not show on this run; another run may show it")
    return "\n".join(textwrap.fill(line, 80, subsequent_indent="      ", break_on_hyphens=False) for line in lines) + "\n"
