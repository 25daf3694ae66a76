"""What `conform check` shows: the report of one run or of many cases, in the form and as much of it as somebody asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from conform.cli.forms import Form, of_report, of_suite
from conform.cli.output import screen
from conform.errors import UsageProblem
from conform.report.amount import Amount

if TYPE_CHECKING:
    from conform.pipeline import Checked
    from conform.report.cases import Suite
    from conform.report.model import Report
    from specs_dsl.spec import Spec


ReportFormat = Enum("ReportFormat", {"terminal": "terminal"} | {form.name: form.value for form in Form}, type=str)


@dataclass(frozen=True)
class Look:
    """How much of a report is shown, and the one clause and pixel that somebody wants to see."""

    amount: Amount
    clause: str | None
    pixel: str | None


def look_of(on_terminal: bool, quiet: bool, verbose: bool, full: bool, clause: str | None, pixel: str | None) -> Look:
    """UsageProblem if the options speak against each other, or of what the format does not have."""
    asked = [option for option, given in (("--quiet", quiet), ("--verbose", verbose), ("--full", full), ("--clause", clause is not None)) if given]
    if len(asked) > 1:
        raise UsageProblem(f"{asked[0]} and {asked[1]}: one of them at a time")
    if asked and not on_terminal:
        raise UsageProblem(f"{asked[0]}: says how much the terminal shows; every other format holds the whole report", "leave it out, or leave out --format")
    if quiet and pixel is not None:
        raise UsageProblem("--quiet and --pixel: one of them at a time")
    return Look(Amount.QUIET if quiet else Amount.VERBOSE if verbose else Amount.FULL if full else Amount.USUAL, clause, pixel)


@dataclass(frozen=True)
class Show:
    """Each method gives the exit status and the text."""

    spec: Spec
    rules: Path
    format: ReportFormat
    look: Look
    to_screen: bool
    elapsed: Callable[[], str]

    def one(self, checked: Checked, report: Report) -> tuple[int, str]:
        match self.format:
            case ReportFormat.terminal:
                return self._terminal(checked, report)
            case ReportFormat.html:
                from conform.cli.elements import of_page
                from conform.report import html

                return report.exit_code, html.render(report, of_page(checked, report, self.spec, self.look.pixel))
            case _:
                return report.exit_code, of_report(Form(self.format.value), report, self.rules)

    def cases(self, suite: Suite) -> tuple[int, str]:
        if self.format is ReportFormat.terminal:
            return self._suite(suite)
        return suite.exit_code, of_suite(Form(self.format.value), suite, self.rules)

    def no_pixel(self, run: str) -> None:
        """Before many cases are judged: UsageProblem if one pixel of them is asked for."""
        if self.look.pixel is not None:
            raise UsageProblem(f"--pixel {self.look.pixel}: `{run}` has cases, and this is of one run", f"name the case: --run {run}:CASE")

    # --- the terminal ------------------------------------------------------------------------------------------------

    def _terminal(self, checked: Checked, report: Report) -> tuple[int, str]:
        width, colour = screen(self.to_screen)
        code, text = self._clause(report, width, colour, self.elapsed()) if self.look.clause else (report.exit_code, self._whole(report, width, colour, self.elapsed()))
        if self.look.pixel is None:
            return code, text
        from conform.cli.elements import rows_at
        from conform.report import audit

        rows = [row for row in rows_at(checked, self.spec, self.look.pixel) if self.look.clause in (None, row.clause)]
        return code, f"{text}\n{audit.render(rows, report.sides, width, colour)}"

    def _whole(self, report: Report, width: int = 80, colour: bool = False, elapsed: str = "") -> str:
        from conform.report import terminal

        return terminal.render(report, width, colour, elapsed, self.look.amount, str(self.rules.parent))

    def _clause(self, report: Report, width: int = 80, colour: bool = False, elapsed: str = "") -> tuple[int, str]:
        from conform.report import one_clause

        clause = self.look.clause or ""
        own = one_clause.of_clause(report, clause)
        if not own.verdicts:
            raise _not_among(clause, report.run)
        return own.exit_code, one_clause.render(report, clause, width, colour, elapsed, str(self.rules.parent))

    def _suite(self, suite: Suite) -> tuple[int, str]:
        from conform.report import cases, one_clause

        if self.look.clause is None:
            return suite.exit_code, cases.render(suite, self._whole, self.elapsed(), self.look.amount)
        whole = {case.report.run: case.report for case in suite.cases if any(v.clause == self.look.clause for v in case.report.verdicts)}
        if not whole:
            raise _not_among(self.look.clause, suite.run)
        own = [case.model_copy(update={"report": one_clause.of_clause(case.report, self.look.clause)}) for case in suite.cases if case.report.run in whole]
        part = cases.suite_of(suite.run, suite.rules, own)
        return part.exit_code, cases.render(part, lambda report: self._clause(whole[report.run])[1], self.elapsed(), self.look.amount)


def _not_among(clause: str, run: str) -> UsageProblem:
    return UsageProblem(f"--clause {clause}: {run} is not there for it", "its run file names with `judge` the clauses that it judges; choose another run")
