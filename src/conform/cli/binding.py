"""`conform binding check`: what a log says, in which dialect, and whether its labels are right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conform import exits
from conform.cli.compare import Given
from conform.cli.options import load_spec, pairs
from conform.cli.output import is_screen, screen, show

app = typer.Typer(no_args_is_help=True, help="Names and units of logs that others print.\n\nFor example: conform binding check old.log --rules specs/scaling.rules")


@app.callback()
def _group() -> None:
    """A group, so that `binding check` is two words."""


@app.command(name="check")
def check(
    log: Annotated[Path, typer.Argument(help="A log.", show_default=False)],
    rules: Annotated[Path, typer.Option("--rules", help="Rules file.", show_default=False)],
    dialect: Annotated[str | None, typer.Option("--dialect", help="What it is written in, if that shall not be guessed.")] = None,
    given: Given = None,
) -> None:
    """List what the names in LOG are taken for, what is not known, and every label that says another unit than its numbers are in.

    Exit status 1 if a label is wrong that the dialect has right, 3 if no clause could tell.

    \b
    For example: conform binding check old.log --rules specs/scaling.rules
    """
    from conform.comparing import read_alone
    from conform.memo import remembered
    from conform.report.binding import render
    from conform.run.project import find_project, make_cache

    project = find_project()
    make_cache(project)
    spec = load_spec(rules, project)
    with remembered(project.cache):
        found = read_alone(project, spec, log, dialect, pairs("--given", given))
    width, colour = screen(is_screen(None))
    show(render(found, width, colour))
    raise typer.Exit(exits.verdict(any(not label.declared for label in found.side.wrong_labels), left_open=not found.judged))
