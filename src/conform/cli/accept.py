"""`conform accept`: after a changed sentence of the spec, the rules quote it as it stands now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conform.cli.options import load_spec
from conform.cli.output import rewrite, show
from conform.exits import BREAKS, CONFORMS

if TYPE_CHECKING:
    from specs_dsl.spans import Source


def accept(
    rules: Annotated[Path, typer.Argument(help="Rules file.", show_default=False)],
    clause: Annotated[str | None, typer.Argument(help="Only this clause.", show_default=False)] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    """Show each quote that the spec no longer contains beside the sentence that stands there now, and put that in its place.

    A clause whose quote is gone is suspect and not judged: read its equations before you accept. Exit 1 if a quote is left as it was.

    \b
    For example: conform accept specs/scaling.rules crystal.15
    """
    import sys

    from conform.errors import UsageProblem
    from specs_dsl.accept import changed, rewritten
    from specs_dsl.diagnostics import did_you_mean
    from specs_dsl.printer import show as expression
    from specs_dsl.quotes import sections
    from specs_dsl.reader import MOST_BYTES, read_text

    spec = load_spec(rules)
    if clause is not None and clause not in spec.by_id:
        raise UsageProblem(f"{rules} has no clause {clause}", did_you_mean(clause, spec.by_id) or "conform graph RULES lists them")
    found = changed(spec, sections(read_text(Path(spec.document), MOST_BYTES)), clause)
    taken = []
    for one in found:
        show(f"{one.clause} {spec.by_id[one.clause].title}    {one.span.where}\n  was  “{one.old}”\n  now  {f'“{one.new}”' if one.new else 'no sentence like it'}\n")
        for equation in spec.by_id[one.clause].equations:
            show(f"       {equation.target} = {expression(equation.right)}\n")
        if one.new is not None and (yes or (sys.stdin.isatty() and typer.confirm("does the clause still say this?"))):
            taken.append(one)
    for source in {one.span.source.name: one.span.source for one in taken}.values():
        _write(source, rewritten(source.text, [one for one in taken if one.span.source is source]))
        show(f"{source.name}: written\n")
    if not found:
        show("every quote stands in the spec\n")
    elif len(taken) < len(found):
        show(f"{len(found) - len(taken)} left as they were{'' if yes else '; --yes takes every sentence that was found'}\n")
    raise typer.Exit(BREAKS if len(taken) < len(found) else CONFORMS)


def _write(source: Source, text: str) -> None:
    """With the line ends that the file has. What was written to it while its reader was thinking is not lost."""
    from conform.errors import UsageProblem
    from specs_dsl.accept import as_in
    from specs_dsl.reader import CannotRead, read_text

    path = Path(source.name)
    try:
        same = read_text(path) == source.text
    except CannotRead:
        same = False
    if not same:
        raise UsageProblem(f"{path}: the file has changed meanwhile", "call conform accept again")
    rewrite(path, as_in(path.read_bytes().decode("utf-8"), text))
