"""The reports of a run file with many cases: `conform-suite/1`, and the same for a person.

Each case has an ordinary report; this says only which there are and what comes of all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from conform import exits
from conform.report.amount import Amount
from conform.report.model import Entry, Report
from conform.report.words import verdict


class CaseReport(Entry):
    name: str
    title: str
    report: Report


class Suite(Entry):
    """`exit_code`: 1 if any case has a break, else 3 if any could not be judged whole, else 0."""

    format: Literal["conform-suite/1"] = "conform-suite/1"
    run: str
    rules: str
    exit_code: int
    cases: tuple[CaseReport, ...]


def suite(run: str, rules: str, named: Sequence[tuple[str, str, Report]]) -> Suite:
    return suite_of(run, rules, [CaseReport(name=name, title=title, report=report) for name, title, report in named])


def suite_of(run: str, rules: str, cases: Sequence[CaseReport]) -> Suite:
    """In the order of their names, so that shards can be joined to the same bytes."""
    codes = {case.report.exit_code for case in cases}
    return Suite(run=run, rules=rules, exit_code=exits.verdict(exits.BREAKS in codes, exits.OPEN in codes), cases=tuple(sorted(cases, key=lambda case: case.name)))


def render(found: Suite, whole: Callable[[Report], str], elapsed: str, amount: Amount) -> str:
    """A line for each case; the report of every case that does not conform, or of all. Quiet: a line for each that does not."""
    sides = max((len(case.report.sides) for case in found.cases), default=0)
    lines = [f"conform · {found.run} · {len(found.cases)} cases · {sides} sides · {found.rules}    {elapsed}"]
    width = max(len(case.name) for case in found.cases)
    for case in (case for case in found.cases if case.report.exit_code or amount is not Amount.QUIET):
        report = case.report
        lines.append(f"  {case.name:<{width}}  {report.judged} of {report.clauses} clauses judged  {_said(report)}")
    shown = [whole(case.report) for case in found.cases if amount is Amount.FULL or case.report.exit_code and amount is not Amount.QUIET]
    holding = sum(1 for case in found.cases if not case.report.exit_code)
    ending = "conforms" if found.exit_code == exits.CONFORMS else f"{holding} of {len(found.cases)} cases conform"
    return "\n".join(lines) + "\n" + "".join(f"\n{text}" for text in shown) + ending + "\n"


def _said(report: Report) -> str:
    if report.roots:
        return "BREAKS " + ", ".join(dict.fromkeys(f"{root.clause} on {root.side}" for root in report.roots))
    if report.exit_code == exits.OPEN:
        return "NOT JUDGED " + ", ".join(dict.fromkeys(item.clause for item in report.unchecked if item.excused is None))
    return verdict(report).upper() if report.exit_code else verdict(report)
