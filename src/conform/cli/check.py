"""`conform check`: run the sides, judge every clause, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conform.cli.options import Bindings, Dialects, Fresh, Inputs, Output, Quirks, RunName, Sides, check_clause, choices_of, load_spec
from conform.cli.output import check_writable, deliver, is_screen
from conform.cli.progress import Bars
from conform.cli.shown import ReportFormat, Show, look_of

if TYPE_CHECKING:
    from conform.run.gather import Choices


def check(
    rules: Annotated[Path, typer.Argument(help="Rules file.", show_default=False)],
    run: RunName,
    side: Sides = None,
    input: Inputs = None,
    quirks: Quirks = None,
    dialect: Dialects = None,
    format: Annotated[ReportFormat, typer.Option(help="How to show the report.")] = ReportFormat.terminal,
    output: Output = None,
    waivers: Annotated[Path | None, typer.Option("--waivers", help="Accepted breaks; else those that the run file names, if it does.")] = None,
    binding: Bindings = None,
    fresh: Fresh = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="How many cases of a run file are executed at a time.")] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show the first break or the verdict, and nothing else.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show also every clause with its margin on each side.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Show also every figure of every verdict and quantity, and cut nothing.")] = False,
    clause: Annotated[str | None, typer.Option("--clause", metavar="ID", help="Show this clause alone; the exit status is what it alone gives.")] = None,
    pixel: Annotated[str | None, typer.Option("--pixel", metavar="SLOW,FAST", help="Show also what every clause says of one pixel.")] = None,
) -> None:
    """Judge every clause of RULES on each side of a run, and name the clause that breaks first.

    \b
    For example: conform check specs/scaling.rules --run supervisor
                 conform check specs/scaling.rules --run quick --verbose
    """
    from time import perf_counter

    start = perf_counter()
    check_writable(output)
    look = look_of(format is ReportFormat.terminal, quiet, verbose, full, clause, pixel)
    spec = load_spec(rules)
    if clause is not None:
        check_clause(spec, rules, clause)
    choices = choices_of(side, input, quirks, fresh, binding, dialect)
    show = Show(spec, rules, format, look, is_screen(output), lambda: f"{perf_counter() - start:.1f} s")
    code, text = _cases(show, run, choices, waivers, jobs) if _has_cases(run) else _one(show, run, choices, waivers)
    deliver(text, output)
    raise typer.Exit(code)


def _has_cases(run: str) -> bool:
    from conform.run.project import find_project
    from conform.run.runfile import load_runs

    return ":" not in run and load_runs(find_project(), run)[0].name.count(":") > 0


def _one(show: Show, name: str, choices: Choices, waivers: Path | None) -> tuple[int, str]:
    from conform.cli.waivers import under_waivers
    from conform.pipeline import judge_run
    from conform.run.project import find_project
    from conform.run.runfile import load_run

    project = find_project()
    loaded = load_run(project, name)
    checked = judge_run(project, show.spec, show.rules, loaded, choices, Bars())
    return show.one(checked, under_waivers(checked.report, show.spec, project, loaded, waivers))


def _cases(show: Show, name: str, choices: Choices, waivers: Path | None, jobs: int) -> tuple[int, str]:
    from conform.cli.waivers import under_waivers
    from conform.report import cases
    from conform.run.project import find_project
    from conform.run.runfile import load_runs
    from conform.suite import judge_runs

    show.no_pixel(name)
    project = find_project()
    runs = load_runs(project, name)
    found = judge_runs(project, show.spec, show.rules, runs, choices, Bars(), jobs)
    reports = [under_waivers(one.report, show.spec, project, run, waivers) for one, run in zip(found, runs, strict=True)]
    return show.cases(cases.suite(name, show.rules.name, [(run.name.partition(":")[2], run.file.title, report) for run, report in zip(runs, reports, strict=True)]))
