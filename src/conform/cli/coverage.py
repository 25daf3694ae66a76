"""`conform coverage`: what a set of runs leaves unexercised."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conform.cli.options import Format, Fresh, Output, load_spec
from conform.cli.progress import Bars

if TYPE_CHECKING:
    from conform.report.coverage import Seen
    from conform.run.project import Project
    from conform.run.runfile import Run
    from specs_dsl.exempt import Exempt
    from specs_dsl.quotes import Section
    from specs_dsl.spec import Spec

Runs = Annotated[list[str], typer.Option("--run", help="Name of a run file in the project's runs folder, or a path; repeat for more.", show_default=False)]


def coverage(
    rules: Annotated[Path, typer.Argument(help="Rules file.", show_default=False)],
    run: Runs,
    format: Annotated[Format, typer.Option(help="How to show the report.")] = Format.terminal,
    output: Output = None,
    fresh: Fresh = False,
) -> None:
    """Say which clauses, guards and branches of RULES no run exercises, and which clauses of the document have no rule.

    Exit 0: all is covered on every side, or has a reason. 1: something is not.

    \b
    For example: conform coverage specs/scaling.rules --run quick --run smooth
    """
    from conform.cli.output import check_writable, deliver
    from conform.report.coverage import build
    from conform.report.coverage_lines import render
    from conform.run.project import find_project

    check_writable(output)
    spec, project = load_spec(rules), find_project()
    sections, exempt = _reasons(spec)
    loaded = _runs(project, run)
    report = build(spec, rules, sections, exempt, [_seen(project, spec, one, fresh) for one in loaded])
    text = report.model_dump_json(indent=1) + "\n" if format is Format.json else render(report)
    deliver(text, output)
    raise typer.Exit(report.exit_code)


def _runs(project: Project, names: list[str]) -> list[Run]:
    """All runs of these names, of a run file of many cases each of them."""
    from conform.errors import UsageProblem
    from conform.run.runfile import load_runs

    loaded = [one for name in names for one in load_runs(project, name)]
    known = [one.name for one in loaded]
    twice = next((name for name in known if known.count(name) > 1), None)
    if twice is not None:
        raise UsageProblem(f"--run {twice}: given twice", "name each run once")
    return loaded


def _reasons(spec: Spec) -> tuple[dict[str, Section], dict[str, Exempt | None]]:
    """The clauses of the document, and what those of the rules say of themselves."""
    from conform.errors import UsageProblem
    from specs_dsl.exempt import NoReason, without_run
    from specs_dsl.quotes import clauses
    from specs_dsl.reader import MOST_BYTES, CannotRead, read_text

    try:
        text = read_text(Path(spec.document), MOST_BYTES)
        return dict(clauses(text, spec.document)), {clause.id: without_run(clause.span, clause.id) for clause in spec.clauses}
    except CannotRead as error:
        raise UsageProblem(f"{spec.document}: the document cannot be read: {error}") from None
    except NoReason as error:
        raise UsageProblem(str(error), "for example: no test needed, because …") from None


def _seen(project: Project, spec: Spec, run: Run, fresh: bool) -> Seen:
    """One run: its sides executed, judged, and looked at for what they exercise, of the clauses that it is there for."""
    from conform.beside import judged, with_others
    from conform.engine.check import check, tiles
    from conform.engine.coverage import exercised
    from conform.pipeline import open_sides
    from conform.report.coverage import Seen
    from conform.run.gather import Choices
    from conform.sides import profiles_of

    profiles, bars, choices = profiles_of(project), Bars(), Choices(fresh=fresh)
    spec = judged(spec, run)
    sides = with_others(open_sides(project, spec, run, choices, bars), project, spec, run, choices, profiles, bars)
    with bars.tiles(f"judging {run.name}", 2 * sum(1 for side in sides for _ in tiles(side))) as tick:
        findings = check(spec, sides, profiles, tick)
        found = {side.name: exercised(spec, side, profiles, tick) for side in sides}
    return Seen(run.name, findings, found, {clause.id: run.file.excused(clause.id) for clause in spec.clauses})
