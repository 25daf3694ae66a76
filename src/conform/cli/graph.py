"""`conform graph`: which clause needs which quantity, and which clause defines it."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from conform.cli.options import Output, load_spec


class Format(str, Enum):
    text = "text"
    mermaid = "mermaid"


def graph(
    rules: Annotated[Path, typer.Argument(help="Rules file.", show_default=False)],
    format: Annotated[Format, typer.Option(help="Layers as text, or a drawing in Mermaid's language.")] = Format.text,
    start: Annotated[str | None, typer.Option("--from", metavar="NAME", help="Only what depends on this clause or quantity.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="NAME", help="Only what this clause or quantity depends on.")] = None,
    output: Output = None,
) -> None:
    """Show the clause graph of RULES: what needs what, from the inputs on.

    \b
    For example: conform graph specs/scaling.rules --to intensity
    """
    from conform.cli.output import check_writable, deliver
    from conform.report import graph as layers
    from conform.report import mermaid
    from specs_dsl.graph import between
    from specs_dsl.graph import graph as graph_of

    check_writable(output)
    whole = graph_of(load_spec(rules))
    for option, name in (("--from", start), ("--to", end)):
        _check_name(option, name, whole.names)
    part = between(whole, start, end)
    text = (layers if format is Format.text else mermaid).render(part)
    deliver(text, output)


def _check_name(option: str, name: str | None, known: tuple[str, ...]) -> None:
    from conform.errors import UsageProblem
    from specs_dsl.diagnostics import did_you_mean

    if name is not None and name not in known:
        help = did_you_mean(name, known) or "conform graph without it lists them"
        raise UsageProblem(f"{option} {name}: neither a clause nor a quantity of these rules", help)
