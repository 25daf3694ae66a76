"""`conform lint`: every mistake in a rules file, before any trace exists."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conform.cli.options import load_spec
from conform.cli.output import show
from conform.exits import CONFORMS, WRONG


def lint(rules: Annotated[list[Path], typer.Argument(help="Rules files.", show_default=False)]) -> None:
    """Check names, axes, units, guards and quotes of RULES. Exit 2 if one cannot be used.

    \b
    For example: conform lint specs/scaling.rules
    """
    from conform.errors import UsageProblem
    from specs_dsl.diagnostics import render

    failed = False
    for path in rules:
        try:
            spec = load_spec(path)
        except UsageProblem as problem:
            failed = True
            typer.echo(f"conform: {problem}", err=True)
            continue
        for warning in spec.warnings:
            show(render(warning) + "\n\n")
        equations = sum(len(clause.equations) + len(clause.requirements) for clause in spec.clauses)
        counts = ((len(spec.clauses), "clause", "clauses"), (equations, "statement", "statements"),
                  (len(spec.quantities), "quantity", "quantities"), (len(spec.warnings), "warning", "warnings"))
        show(f"{path}: {', '.join(f'{n} {one if n == 1 else many}' for n, one, many in counts)}\n")
    raise typer.Exit(WRONG if failed else CONFORMS)
