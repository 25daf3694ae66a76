"""Questions at the terminal, for what no option says."""

from __future__ import annotations

import sys

import typer

from conform.errors import UsageProblem
from conform.exits import INTERRUPTED


def ask(question: str, option: str, default: str | None = None) -> str:
    """The answer. UsageProblem if nobody is there to give one; an interrupt ends the command as it does anywhere."""
    try:
        return typer.prompt(question, default=default)
    except typer.Abort:
        if sys.stdin.isatty():
            raise typer.Exit(INTERRUPTED) from None
        typer.echo(err=True)                     # behind the question
        raise UsageProblem(f"nobody answers: {question}", f"say it with {option}") from None
