"""`conform init`: a project to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conform.cli.asking import ask
from conform.errors import UsageProblem


def init(
    project: Annotated[str | None, typer.Argument(help="A project that comes with conform. Without it, a new one.", show_default=False)] = None,
    folder: Annotated[Path, typer.Option("--folder", help="Where to lay it down.")] = Path("."),
    name: Annotated[str | None, typer.Option("--name", help="What the new project's spec is called; asked for otherwise.", show_default=False)] = None,
    run: Annotated[str | None, typer.Option("--run", help="What its first run is called; asked for otherwise.", show_default=False)] = None,
) -> None:
    """Lay down a project: spec, rules, a run and two programs that conform, to be replaced by yours one after the other.

    \b
    For example: conform init --name mine --run first
    """
    from conform import starters

    if project is not None:
        _refuse(name, "--name")
        _refuse(run, "--run")
        files = starters.whole(project)
        command = starters.starter(project).begin
    else:
        name = name if name is not None else ask("What is the spec called?", "--name", "fall")
        run = run if run is not None else ask("What is the first run called?", "--run", "first")
        files = starters.skeleton(name, run)
        command = f"conform check specs/{name}.rules --run {run}"
    starters.lay_down(files, folder)
    typer.echo(f"{len(files)} files in {folder.resolve()}")
    typer.echo(f"next: {'' if folder == Path('.') else f'cd {folder} && '}{command}")


def _refuse(value: str | None, option: str) -> None:
    if value is not None:
        raise UsageProblem(f"{option}: only for a new project", "leave it out, or leave out the name of the project")
