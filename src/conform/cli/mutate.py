"""`conform mutate`: would the rules notice a mistake?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conform.cli.options import Fresh, Tabled, Inputs, Output, Quirks, load_spec, pairs


def mutate(
    rules: Annotated[Path, typer.Argument(help="Rules file.", show_default=False)],
    run: Annotated[list[str], typer.Option("--run", help="Name of a run; repeat it, and a mistake counts as noticed if one of them shows it. What one shows is not tried on those that follow.", show_default=False)],
    side: Annotated[str | None, typer.Option("--side", metavar="NAME", help="The side on whose values mistakes are made; default: the run's last.")] = None,
    input: Inputs = None,
    quirks: Quirks = None,
    format: Annotated[Tabled, typer.Option(help="How to show the report.")] = Tabled.terminal,
    output: Output = None,
    fresh: Fresh = False,
    jobs: Annotated[int, typer.Option(min=1, help="Statements tried at a time.")] = 1,
    full: Annotated[bool, typer.Option("--full", help="List the mistakes that do not show on this run.")] = False,
) -> None:
    """Make every kind of mistake in every clause of RULES: which of them would break it on these runs?

    What was tried before on the same values is not tried again (--fresh: it is). Exit 0: all. 1: some stay within the bounds.
    3: some do not show on these runs.

    \b
    For example: conform mutate specs/scaling.rules --run quick --jobs 2
    """
    from conform.adequacy.many import mutate_runs
    from conform.adequacy.mutate import Fate, Tried, together
    from conform.adequacy.settling import settled
    from conform.cli.output import check_writable, deliver
    from conform.cli.progress import Bars
    from conform.engine.operands import open_side
    from conform.sides import profiles_of
    from conform.report.mutation import build, markdown, terminal
    from conform.run.gather import Choices, gather
    from conform.run.project import find_project
    from conform.run.runfile import load_runs

    check_writable(output)
    spec, project = load_spec(rules), find_project()
    runs = [one for name in run for one in load_runs(project, name)]
    name = side or list(runs[0].file.sides)[-1]
    profiles = profiles_of(project)
    choices = Choices({}, {key: Path(value) for key, value in pairs("--input", input).items()}, pairs("--quirks", quirks), fresh)
    bars, kept = Bars(), None if fresh else project.cache / "mutations"
    sides = [open_side(name, gather(project, one, choices, bars, only=(name,))[name].bundle, spec) for one in runs]
    with bars.tiles("making mistakes", len(runs) * sum(len(clause.equations) for clause in spec.clauses), "statement") as tick:
        found = mutate_runs(spec, sides, profiles, kept, jobs, tick)
    found = together(found)
    with bars.tiles("asking what is no mistake", sum(isinstance(one, Tried) and one.fate is Fate.UNSEEN for one in found), "mistake") as tick:
        found = settled(found, sides, profiles, jobs, tick)
    report = build(found, rules.name, ", ".join(one.name for one in runs), name)
    text = report.model_dump_json(indent=1) + "\n" if format is Tabled.json else markdown(report) if format is Tabled.markdown else terminal(report, full)
    deliver(text, output)
    raise typer.Exit(report.exit_code)
