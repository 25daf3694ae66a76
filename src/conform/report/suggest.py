"""The report of `conform probe suggest` (`conform-suggest/1`): which probe would split the groups of clauses best."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Literal

from conform.engine.suggest import Suggestion
from conform.report.model import Entry

MOST = 10


class SplitEntry(Entry):
    clause: str
    before: int
    after: int


class SuggestionEntry(Entry):
    quantity: str
    unit: str
    axes: tuple[str, ...]
    judges: tuple[str, ...]
    splits: tuple[SplitEntry, ...]
    score: int


class SuggestReport(Entry):
    format: Literal["conform-suggest/1"] = "conform-suggest/1"
    rules: str
    run: str
    side: str
    groups: Mapping[str, tuple[str, ...]]        # of each verdict that speaks for several clauses, all of them
    suggestions: tuple[SuggestionEntry, ...]


def build(found: Sequence[Suggestion], groups: Mapping[str, tuple[str, ...]], rules: str, run: str, side: str) -> SuggestReport:
    return SuggestReport(rules=rules, run=run, side=side, groups=groups, suggestions=tuple(_entry(one) for one in found))


def _entry(one: Suggestion) -> SuggestionEntry:
    splits = tuple(SplitEntry(clause=s.clause, before=s.before, after=s.after) for s in one.splits)
    return SuggestionEntry(quantity=one.quantity.name, unit=one.quantity.unit, axes=one.quantity.axes, judges=one.judges, splits=splits, score=one.score)


def terminal(report: SuggestReport, full: bool) -> str:
    lines = [f"conform probe suggest · {report.rules} · {report.run} · side {report.side}"]
    if not report.suggestions:
        lines.append("every value that this run reaches is traced: no probe would tell clauses apart that one verdict speaks for")
    shown = report.suggestions if full else report.suggestions[:MOST]
    for rank, one in enumerate(shown, 1):
        axes = f"[{', '.join(one.axes)}]" if one.axes else ""
        lines.append(f"{rank:>3}  {one.quantity}{axes} : {one.unit}")
        if one.judges:
            lines.append(f"     lets {', '.join(one.judges)} be judged, which nothing judges now")
        lines += [f"     {s.clause} speaks for {s.before} clauses, and would for {s.after}" for s in one.splits]
    if more := len(report.suggestions) - len(shown):
        lines.append(f"     {more} more (--full lists them)")
    return "\n".join(textwrap.fill(line, 80, subsequent_indent="     ", break_on_hyphens=False) for line in lines) + "\n"
