"""`conform mutate`: would the rules notice a mistake?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conform.cli.options import Format, Fresh, Inputs, Output, Quirks, RunName, load_spec, pairs


def mutate(
    rules: Annotated[Path, typer.Argument(help="Rules file.", show_default=False)],
    run: RunName,
    side: Annotated[str | None, typer.Option("--side", metavar="NAME", help="The side on whose values mistakes are made; default: the run's last.")] = None,
    input: Inputs = None,
    quirks: Quirks = None,
    format: Annotated[Format, typer.Option(help="How to show the report.")] = Format.terminal,
    output: Output = None,
    fresh: Fresh = False,
    full: Annotated[bool, typer.Option("--full", help="List the mistakes that do not show on this run.")] = False,
) -> None:
    """Make every kind of mistake in every clause of RULES: which of them would break it on this run?

    Exit 0: all. 1: some stay within the bounds. 3: some do not show on this run.
    """
    from conform.adequacy.mutate import mutate as each_mistake
    from conform.cli.output import check_writable, deliver
    from conform.cli.progress import Bars
    from conform.engine.operands import open_side
    from conform.pipeline import profiles_of
    from conform.report.mutation import build, terminal
    from conform.run.gather import Choices, gather
    from conform.run.project import find_project
    from conform.run.runfile import load_run

    check_writable(output)
    spec, project = load_spec(rules), find_project()
    loaded = load_run(project, run)
    name = side or list(loaded.file.sides)[-1]
    profiles = profiles_of(project)
    choices = Choices({}, {key: Path(value) for key, value in pairs("--input", input).items()}, pairs("--quirks", quirks), fresh)
    bars = Bars()
    bundle = gather(project, loaded, choices, bars, only=(name,))[name].bundle
    with bars.tiles("making mistakes", len(spec.clauses)) as tick:
        report = build(each_mistake(spec, open_side(name, bundle, spec), profiles, tick), rules.name, loaded.name, name)
    text = report.model_dump_json(indent=1) + "\n" if format is Format.json else terminal(report, full)
    deliver(text, output)
    raise typer.Exit(report.exit_code)
