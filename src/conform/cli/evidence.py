"""`conform evidence` and `conform replay`: a verdict with all that it stands on, and its judgement again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from conform.cli.options import Bindings, Dialects, Fresh, Inputs, Quirks, RunName, Sides, choices_of, load_spec
from conform.cli.output import is_screen, screen, show
from conform.cli.progress import Bars


def evidence(
    rules: Annotated[Path, typer.Argument(help="Rules file.", show_default=False)],
    run: RunName,
    output: Annotated[Path, typer.Option("--output", "-o", help="A folder or a .zip file; it must not exist yet.", show_default=False)],
    side: Sides = None,
    input: Inputs = None,
    quirks: Quirks = None,
    binding: Bindings = None,
    dialect: Dialects = None,
    fresh: Fresh = False,
) -> None:
    """Check a run and keep all that the verdict stands on: rules, traces cut to what matters, patch, logs, report, an audit note.

    Exit status as of check.

    \b
    For example: conform evidence specs/scaling.rules --run quick -o verdict.zip
    """
    from conform.errors import UsageProblem
    from conform.evidence.pack import write_evidence
    from conform.files import no_space_is_a_side_problem
    from conform.pipeline import judge_run
    from conform.run.project import find_project
    from conform.run.runfile import load_run

    if output.exists():
        raise UsageProblem(f"{output}: there is something already", "name a folder or a .zip file that does not exist yet")
    project, spec = find_project(), load_spec(rules)
    loaded = load_run(project, run)
    checked = judge_run(project, spec, rules, loaded, choices_of(side, input, quirks, fresh, binding, dialect), Bars())
    with no_space_is_a_side_problem(f"writing {output}"):
        write_evidence(output, project, spec, rules, loaded, checked, ["conform", *sys.argv[1:]])
    first = checked.report.first_break
    show(f"{output}: {f'{first.clause} {first.title} breaks first, on side {first.side}' if first else 'no clause breaks'}; read audit.md\n")
    raise typer.Exit(checked.report.exit_code)


def replay(
    place: Annotated[Path, typer.Argument(metavar="FOLDER|FILE.zip", help="What conform evidence wrote.", show_default=False)],
    full: Annotated[bool, typer.Option("--full", help="List every verdict and every quantity.")] = False,
) -> None:
    """Judge evidence again, from its own files: no compiler, no program and no torch.

    Exit status as of check; 2 if the evidence was changed, or is judged otherwise than when it was packed.

    \b
    For example: conform replay verdict.zip
    """
    from conform.evidence.model import RULES
    from conform.evidence.replay import replay as judge
    from conform.report.amount import Amount
    from conform.report.terminal import render

    found = judge(place)
    width, colour = screen(is_screen(None))
    show(render(found.report, width=width, colour=colour, amount=Amount.FULL if full else Amount.USUAL, folder=str(place / RULES)))
    if found.differing:
        from conform.errors import UsageProblem

        shown = "\n".join(f"  {line}" for line in found.differing[:12])
        raise UsageProblem(f"{place}: judged otherwise than when it was packed, with conform {found.evidence.environment.conform}:\n{shown}", "another version of conform, or of a library that it stands on")
    show("judged as when it was packed\n")
    raise typer.Exit(found.report.exit_code)
