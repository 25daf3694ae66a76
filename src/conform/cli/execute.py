"""`conform exec`: one side as an ordinary program, with its own flags, files and exit status."""

from __future__ import annotations

from typing import Annotated

import typer


def execute(
    side: Annotated[str, typer.Argument(help="A side that conform.toml declares.", show_default=False)],
    flags: Annotated[list[str] | None, typer.Argument(help="After --: the program's own flags.", show_default=False)] = None,
    quirks: Annotated[str | None, typer.Option(help="Which named departures from the spec it shows: all, none, or a list.")] = None,
    dtype: Annotated[str, typer.Option(help="float64 or float32, where the side has both.")] = "float64",
) -> None:
    """Run one side in this folder, as the program that it is.

    \b
    For example: conform exec c -- -help
    """
    from conform.cli.progress import Bars
    from conform.errors import UsageProblem
    from conform.run.gather import program_of
    from conform.run.process import become
    from conform.run.project import find_project

    project = find_project()
    if side not in project.file.sides:
        raise UsageProblem(f"conform.toml declares no side `{side}`", f"its sides are {', '.join(project.file.sides)}")
    with Bars().stage(f"building {side}"):
        program = program_of(project, side, "", dtype)
    become([*program.command, *(flags or ()), *program.arguments(quirks)], f"side {side}", program.env)
