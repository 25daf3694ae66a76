"""`conform compare`: two bundles or logs beside each other, without a run."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from conform.cli.options import Dialects, Output, load_spec, pairs
from conform.cli.output import check_writable, deliver, is_screen, screen
from conform.errors import UsageProblem

Given = Annotated[list[str] | None, typer.Option("--given", metavar="NAME=VALUE", help="An input or set-up value that no log shows, in the spec's unit: N=36,47,29 or shape=square.")]


class Form(str, Enum):
    terminal = "terminal"
    json = "json"


def compare(
    sides: Annotated[list[str], typer.Argument(metavar="NAME=KIND:WHERE...", help="Two sides (or one): c=log:FILE, torch=bundle:DIR.", show_default=False)],
    rules: Annotated[Path, typer.Option("--rules", help="Rules file.", show_default=False)],
    dialect: Dialects = None,
    given: Given = None,
    format: Annotated[Form, typer.Option(help="How to show the comparison.")] = Form.terminal,
    output: Output = None,
    full: Annotated[bool, typer.Option("--full", help="List everything.")] = False,
) -> None:
    """Put two bundles or logs beside each other: where they part first, and the verdicts of the clauses that they let be judged.

    Exit status 1 if a clause breaks or the sides part, 0 if not, 3 if there was nothing to compare or judge.

    \b
    For example: conform compare c=log:old.log torch=bundle:new --rules my.rules
    """
    from conform.comparing import check_kinds, compare
    from conform.memo import remembered
    from conform.run.project import find_project, make_cache

    check_writable(output)
    named = pairs("compare", sides)
    if len(named) > 2:
        raise UsageProblem(f"compare: {len(named)} sides, where two can stand beside each other", "compare them in pairs")
    check_kinds(named)
    project = find_project()
    make_cache(project)                  # checked rules are kept in it: the next comparison is quick
    spec = load_spec(rules, project)
    with remembered(project.cache):
        found = compare(project, spec, rules, named, pairs("--dialect", dialect), pairs("--given", given))
    deliver(_rendered(found, format, output, full, rules.parent), output)
    raise typer.Exit(found.exit_code)


def _rendered(found, format: Form, output: Path | None, full: bool, folder: Path) -> str:
    if format is Form.json:
        return found.model_dump_json(indent=2) + "\n"
    from conform.report.beside import render

    width, colour = screen(is_screen(output))
    return render(found, width=width, colour=colour, full=full, folder=str(folder))
