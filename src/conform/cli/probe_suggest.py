"""`conform probe suggest`: which value should be traced next?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conform.cli.options import Format, Fresh, Inputs, Output, Quirks, RunName, Sides, load_spec, pairs


def suggest(
    rules: Annotated[Path, typer.Argument(help="Rules file.", show_default=False)],
    run: RunName,
    on: Annotated[str | None, typer.Option("--on", metavar="NAME", help="The side whose probes are looked at; default: the one that traces least.")] = None,
    side: Sides = None,
    input: Inputs = None,
    quirks: Quirks = None,
    format: Annotated[Format, typer.Option(help="How to show the report.")] = Format.terminal,
    output: Output = None,
    fresh: Fresh = False,
    full: Annotated[bool, typer.Option("--full", help="List every probe that would say something.")] = False,
) -> None:
    """Rank the values that a side does not trace by what their probes would tell.

    A verdict on values that are not traced speaks for several clauses at once: a break may be in any of them.

    \b
    For example: conform probe suggest specs/scaling.rules --run quick --on torch
    """
    from conform.cli.output import check_writable, deliver
    from conform.cli.progress import Bars
    from conform.engine.check import check
    from conform.engine.suggest import groups, suggestions
    from conform.errors import UsageProblem
    from conform.pipeline import open_sides
    from conform.sides import profiles_of
    from conform.report.suggest import build, terminal
    from conform.run.gather import Choices
    from conform.run.project import find_project
    from conform.run.runfile import load_run

    check_writable(output)
    spec, project = load_spec(rules), find_project()
    loaded = load_run(project, run)
    if on is not None and on not in loaded.file.sides:
        raise UsageProblem(f"--on {on}: the run `{run}` has no such side", f"its sides are {', '.join(loaded.file.sides)}")
    choices = Choices(pairs("--side", side), {key: Path(value) for key, value in pairs("--input", input).items()}, pairs("--quirks", quirks), fresh)
    sides = open_sides(project, spec, loaded, choices, Bars())
    chosen = next(one for one in sides if one.name == on) if on else min(sides, key=lambda one: sum(one.has(name) for name in spec.quantities))
    findings = check(spec, [chosen], profiles_of(project))
    report = build(suggestions(findings, chosen), groups(findings, chosen.name), rules.name, loaded.name, chosen.name)
    deliver(report.model_dump_json(indent=1) + "\n" if format is Format.json else terminal(report, full), output)
