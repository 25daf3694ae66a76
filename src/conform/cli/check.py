"""`conform check`: run the sides, judge every clause, report."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conform.cli.options import Bindings, Dialects, Fresh, Inputs, Output, Quirks, RunName, Sides, choices_of, load_spec
from conform.cli.output import check_writable, deliver, is_screen, screen
from conform.cli.progress import Bars

if TYPE_CHECKING:
    from conform.pipeline import Checked
    from conform.report.cases import Suite
    from conform.report.model import Report
    from conform.report.sarif import Places
    from conform.run.gather import Choices
    from specs_dsl.spec import Spec


class ReportFormat(str, Enum):
    terminal = "terminal"
    json = "json"
    html = "html"
    junit = "junit"
    sarif = "sarif"
    markdown = "markdown"


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
    full: Annotated[bool, typer.Option("--full", help="List every verdict and every quantity.")] = False,
    pixel: Annotated[str | None, typer.Option("--pixel", metavar="SLOW,FAST", help="Show also what every clause says of one pixel.")] = None,
) -> None:
    """Judge every clause of RULES on each side of a run, and name the clause that breaks first."""
    from time import perf_counter

    start = perf_counter()
    check_writable(output)
    spec = load_spec(rules)
    choices = choices_of(side, input, quirks, fresh, binding, dialect)
    if _has_cases(run):
        code, text = _cases(spec, rules, run, choices, waivers, jobs, format, full, lambda: f"{perf_counter() - start:.1f} s")
        deliver(text, output)
        raise typer.Exit(code)
    checked, report = _judged(spec, rules, run, choices, waivers)
    match format:
        case ReportFormat.terminal:
            text = _terminal(checked, report, spec, full, pixel, lambda: f"{perf_counter() - start:.1f} s", is_screen(output), rules.parent)
        case ReportFormat.html:
            text = _page(checked, report, spec, pixel)
        case _:
            text = _plain(report, format, rules.parent)
    deliver(text, output)
    raise typer.Exit(report.exit_code)


def _has_cases(run: str) -> bool:
    from conform.run.project import find_project
    from conform.run.runfile import load_runs

    return ":" not in run and load_runs(find_project(), run)[0].name.count(":") > 0


def _cases(spec: Spec, rules: Path, name: str, choices: Choices, waivers: Path | None, jobs: int, format: ReportFormat, full: bool, elapsed: Callable[[], str]) -> tuple[int, str]:
    from conform.cli.waivers import under_waivers
    from conform.errors import UsageProblem
    from conform.report import cases, terminal
    from conform.run.project import find_project
    from conform.run.runfile import load_runs
    from conform.suite import judge_runs

    project = find_project()
    runs = load_runs(project, name)
    if format is ReportFormat.html:
        raise UsageProblem(f"--format html shows one run, and `{name}` has {len(runs)} cases", f"name one: --run {runs[0].name}")
    found = judge_runs(project, spec, rules, runs, choices, Bars(), jobs)
    reports = [under_waivers(one.report, spec, project, run, waivers) for one, run in zip(found, runs, strict=True)]
    whole = cases.suite(name, rules.name, [(run.name.partition(":")[2], run.file.title, report) for run, report in zip(runs, reports, strict=True)])
    if format is not ReportFormat.terminal:
        return whole.exit_code, _plain_suite(whole, format, rules.parent)
    return whole.exit_code, cases.render(whole, lambda report: terminal.render(report, width=80, colour=False, elapsed="", full=full, folder=str(rules.parent)), elapsed(), full)


def _judged(spec: Spec, rules: Path, name: str, choices: Choices, waivers: Path | None) -> tuple[Checked, Report]:
    from conform.cli.waivers import under_waivers
    from conform.pipeline import judge_run
    from conform.run.project import find_project
    from conform.run.runfile import load_run

    project = find_project()
    loaded = load_run(project, name)
    checked = judge_run(project, spec, rules, loaded, choices, Bars())
    return checked, under_waivers(checked.report, spec, project, loaded, waivers)


def _plain(report: Report, format: ReportFormat, folder: Path) -> str:
    """The formats that hold the report and nothing else."""
    from importlib import import_module

    if format is ReportFormat.sarif:
        from conform.report.sarif import render

        return render(report, _places(folder))
    return import_module(f"conform.report.{format.value}").render(report)


def _plain_suite(whole: Suite, format: ReportFormat, folder: Path) -> str:
    from importlib import import_module

    if format is ReportFormat.json:
        return whole.model_dump_json(indent=1) + "\n"
    reports = [case.report for case in whole.cases]
    more = (_places(folder),) if format is ReportFormat.sarif else ()
    return import_module(f"conform.report.{format.value}").render_all(reports, *more)


def _places(folder: Path) -> Places:
    """Where the rules and the programs' files lie, as seen from the project. What has its name twice is left out."""
    import os

    from conform.report.sarif import Places
    from conform.run.project import find_project

    project = find_project()
    files = [file for side in project.file.sides.values() for pattern in side.sources for file in project.root.glob(pattern)]
    names = [file.name for file in files]
    programs = {file.name: file.relative_to(project.root).as_posix() for file in files if names.count(file.name) == 1}
    return Places(Path(os.path.relpath(folder.resolve(), project.root)).as_posix(), programs)


def _page(checked: Checked, report: Report, spec: Spec, pixel: str | None) -> str:
    from conform.cli.elements import of_page
    from conform.report.html import render

    return render(report, of_page(checked, report, spec, pixel))


def _terminal(checked: Checked, report: Report, spec: Spec, full: bool, pixel: str | None, elapsed, to_screen: bool, folder: Path) -> str:
    from conform.report.terminal import render

    width, colour = screen(to_screen)
    text = render(report, width=width, colour=colour, elapsed=elapsed(), full=full, folder=str(folder))
    if pixel is None:
        return text
    from conform.cli.elements import rows_at
    from conform.report import audit

    return f"{text}\n{audit.render(rows_at(checked, spec, pixel), report.sides, width, colour)}"
