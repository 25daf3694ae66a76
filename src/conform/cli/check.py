"""`conform check`: run the sides, judge every clause, report."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from conform.cli.options import Fresh, Inputs, Output, Quirks, RunName, Sides, load_spec, pairs
from conform.cli.output import check_writable, deliver, is_screen
from conform.cli.progress import Bars


class ReportFormat(str, Enum):
    terminal = "terminal"
    json = "json"
    junit = "junit"
    sarif = "sarif"
    markdown = "markdown"


def check(
    rules: Annotated[Path, typer.Argument(help="Rules file.", show_default=False)],
    run: RunName,
    side: Sides = None,
    input: Inputs = None,
    quirks: Quirks = None,
    format: Annotated[ReportFormat, typer.Option(help="How to show the report.")] = ReportFormat.terminal,
    output: Output = None,
    waivers: Annotated[Path | None, typer.Option("--waivers", help="Accepted breaks; else those that the run file names, if it does.")] = None,
    fresh: Fresh = False,
    full: Annotated[bool, typer.Option("--full", help="List every verdict and every quantity.")] = False,
) -> None:
    """Judge every clause of RULES on each side of a run, and name the clause that breaks first."""
    from time import perf_counter

    start = perf_counter()
    check_writable(output)
    spec = load_spec(rules)
    report = _report(spec, rules, run, pairs("--side", side), pairs("--input", input), pairs("--quirks", quirks), fresh, waivers)
    _show(report, format, output, full, f"{perf_counter() - start:.1f} s", rules.parent)
    raise typer.Exit(report.exit_code)


def _report(spec, rules: Path, name: str, sides: dict[str, str], inputs: dict[str, str], quirks: dict[str, str], fresh: bool, waivers: Path | None):
    from conform.cli.waivers import under_waivers
    from conform.pipeline import check_run
    from conform.run.gather import Choices
    from conform.run.project import find_project
    from conform.run.runfile import load_run

    project = find_project()
    choices = Choices(sides, {key: Path(value) for key, value in inputs.items()}, quirks, fresh)
    loaded = load_run(project, name)
    return under_waivers(check_run(project, spec, rules, loaded, choices, Bars()), spec, project, loaded, waivers)


def _show(report, format: ReportFormat, output: Path | None, full: bool, elapsed: str, folder: Path) -> None:
    if format is ReportFormat.terminal:
        text = _terminal(report, full, elapsed, is_screen(output), folder)
    elif format is ReportFormat.sarif:
        from conform.report.sarif import render

        text = render(report, _places(folder))
    else:
        from importlib import import_module

        text = import_module(f"conform.report.{format.value}").render(report)
    deliver(text, output)


def _places(folder: Path):
    """Where the rules and the programs' files lie, as seen from the project. What has its name twice is left out."""
    import os

    from conform.report.sarif import Places
    from conform.run.project import find_project

    project = find_project()
    files = [file for side in project.file.sides.values() for pattern in side.sources for file in project.root.glob(pattern)]
    names = [file.name for file in files]
    programs = {file.name: file.relative_to(project.root).as_posix() for file in files if names.count(file.name) == 1}
    return Places(Path(os.path.relpath(folder.resolve(), project.root)).as_posix(), programs)


def _terminal(report, full: bool, elapsed: str, to_screen: bool, folder: Path) -> str:
    import os
    import shutil
    import sys

    from conform.report.terminal import render

    person = to_screen and sys.stdout.isatty()
    colour = person and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    width = max(60, shutil.get_terminal_size((80, 24)).columns) if person else 80
    return render(report, width=width, colour=colour, elapsed=elapsed, full=full, folder=str(folder))
