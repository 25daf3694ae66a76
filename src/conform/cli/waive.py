"""`conform waive`: accept a break for a while, with its size as the run shows it now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conform.cli.options import Quirks, RunName, check_clause, load_spec, pairs
from conform.cli.progress import Bars
from conform.errors import UsageProblem

if TYPE_CHECKING:
    import datetime

    from conform.report.model import Break, Report


def waive(
    rules: Annotated[Path, typer.Argument(help="Rules file.", show_default=False)],
    run: RunName,
    clause: Annotated[str, typer.Option("--clause", help="Which break is accepted.", show_default=False)],
    side: Annotated[str | None, typer.Option("--side", help="On which side, if more than one breaks it.")] = None,
    reason: Annotated[str, typer.Option(help="Why it is accepted.", prompt="Why is this break accepted?")] = "",
    owner: Annotated[str, typer.Option(help="Who answers for it.", prompt="Who answers for it?")] = "",
    expires: Annotated[str, typer.Option(help="The last day, as 2027-12-31.", prompt="Until which day (as 2027-12-31)?")] = "",
    waivers: Annotated[Path | None, typer.Option("--waivers", help="The file to add it to; else the one that the run file names, or specs/waivers.toml.")] = None,
    quirks: Quirks = None,
) -> None:
    """Accept a break of CLAUSE as large as it is now. The waiver fails the run when the break grows or goes, when the
    clause changes, and after its last day.

    \b
    For example: conform waive specs/scaling.rules --run quick --clause crystal.15
    """
    from conform.pipeline import check_run
    from conform.report.waived import waiver_of
    from conform.run.gather import Choices
    from conform.run.project import find_project
    from conform.run.runfile import load_run
    from conform.run.waivers import append
    from specs_dsl.identity import identity

    last = _day(expires)
    for word, text in (("--reason", reason), ("--owner", owner)):
        if not text.strip():
            raise UsageProblem(f"{word}: says nothing", "a waiver that nobody can explain is a defect that nobody mends")
    spec, project = load_spec(rules), find_project()
    check_clause(spec, rules, clause)
    loaded = load_run(project, run)
    root = _root(check_run(project, spec, rules, loaded, Choices(quirks=pairs("--quirks", quirks)), Bars()), clause, side)
    path = waivers or (loaded.path.parent / loaded.file.waivers if loaded.file.waivers else project.root / "specs" / "waivers.toml")
    one = waiver_of(root, [loaded.name], reason, owner, last, identity(spec.by_id[clause]))
    append(path, [one])
    typer.echo(f"{path}: {one.clause} on {one.side} is waived for {loaded.name} until {last.isoformat()}, up to {one.margin:.3g} bounds on {100 * one.share:.3g} % of the elements")


def _day(text: str) -> datetime.date:
    import datetime

    try:
        day = datetime.date.fromisoformat(text.strip())
    except ValueError:
        raise UsageProblem(f"--expires {text}: not a day", "write it as 2027-12-31") from None
    if day < datetime.date.today():
        raise UsageProblem(f"--expires {text}: that day is past", "name the last day on which the waiver counts")
    return day


def _root(report: Report, clause: str, side: str | None) -> Break:
    found = [root for root in report.roots if root.clause == clause and side in (None, root.side)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageProblem(f"{clause} breaks on {' and '.join(root.side for root in found)}", "say which with --side; each has its own waiver")
    on = "" if side is None else f" on {side}"
    roots = ", ".join(f"{root.clause} on {root.side}" for root in report.roots)
    raise UsageProblem(f"{clause} does not break{on} in {report.run}: there is nothing to accept", f"what breaks: {roots or 'nothing'}")
