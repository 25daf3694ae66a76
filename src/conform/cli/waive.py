"""`conform waive`: accept what a run shows for a while, with its size as it is now."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from conform.cli.asking import ask
from conform.cli.options import Quirks, RunName, check_clause, load_spec, pairs
from conform.cli.progress import Bars
from conform.cli.waivers import under_waivers
from conform.errors import UsageProblem

if TYPE_CHECKING:
    import datetime

    from conform.report.model import Break, GivenDifference, Judgement, Report
    from conform.run.waivers import Unjudged, Waiver

LAST_DIGITS = 1e-5                       # of the largest value: some roundoffs of single precision


def waive(
    rules: Annotated[Path, typer.Argument(help="Rules file.", show_default=False)],
    run: RunName,
    clause: Annotated[list[str], typer.Option("--clause", help="Which break is accepted; or clauses that were not judged, --clause for each.", show_default=False)],
    side: Annotated[str | None, typer.Option("--side", help="On which side, if it is so on more than one.")] = None,
    because: Annotated[str | None, typer.Option("--because", metavar="CLAUSE", help="Of clauses that were not judged: the waived break that they follow from.")] = None,
    differing: Annotated[list[str] | None, typer.Option("--differing", metavar="INPUT", help="An input that the sides have differently because of the break.")] = None,
    last_digits: Annotated[bool, typer.Option("--last-digits", help="Only last digits are wrong: measure by the largest value, with room for other machines.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why it is accepted; asked for otherwise.", show_default=False)] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for it; asked for otherwise.", show_default=False)] = None,
    expires: Annotated[str | None, typer.Option(help="The last day, as 2027-12-31; asked for otherwise.", show_default=False)] = None,
    waivers: Annotated[Path | None, typer.Option("--waivers", help="The file to add it to; else the one that the run file names, or specs/waivers.toml.")] = None,
    quirks: Quirks = None,
) -> None:
    """Accept a break of CLAUSE as large as it is now, or that clauses are not judged. The waiver fails the run when that
    grows or goes, when the clause changes, and after its last day.

    \b
    For example: conform waive specs/scaling.rules --run quick --clause crystal.15
    """
    from conform.pipeline import check_run
    from conform.run.gather import Choices
    from conform.run.project import find_project
    from conform.run.runfile import load_run
    from conform.run.waiving import append
    from specs_dsl.identity import identity
    from specs_dsl.reader import shown

    reason = reason if reason is not None else ask("Why is this accepted?", "--reason")
    owner = owner if owner is not None else ask("Who answers for it?", "--owner")
    last = _day(expires if expires is not None else ask("Until which day (as 2027-12-31)?", "--expires"))
    for word, text in (("--reason", reason), ("--owner", owner)):
        if not text.strip():
            raise UsageProblem(f"{word}: says nothing", "a waiver that nobody can explain is a defect that nobody mends")
    spec, project = load_spec(rules), find_project()
    for name in [*clause, *([because] if because else [])]:
        check_clause(spec, rules, name)
    loaded = load_run(project, run)
    report = check_run(project, spec, rules, loaded, Choices(quirks=pairs("--quirks", quirks)), Bars())
    texts = {name: identity(spec.by_id[name]) for name in clause}
    terms = {"runs": [loaded.name], "reason": reason, "owner": owner, "expires": last}
    if because is None and len(clause) == 1 and any(root.clause == clause[0] for root in report.roots):
        found: Waiver | Unjudged = _break(report, clause[0], side, texts[clause[0]], last_digits, _inputs(report, differing or []), terms)
    else:
        found = _unjudged(report, clause, side, texts, because, terms)
    path = Path(shown(waivers or (loaded.path.parent / loaded.file.waivers if loaded.file.waivers else project.root / "specs" / "waivers.toml")))
    if because is not None:
        _check_cause(found, under_waivers(report, spec, project, loaded, path) if path.exists() else report)
    append(path, [found])
    typer.echo(f"{path}: {_said(found)} for {loaded.name} until {last.isoformat()}")


def _said(found: Waiver | Unjudged) -> str:
    from conform.run.waivers import Unjudged

    if isinstance(found, Unjudged):
        return f"that {', '.join(found.names)} {'is' if len(found.names) == 1 else 'are'} not judged on {found.side} is waived"
    return f"{found.clause} on {found.side}, {_size(found)}, is waived"


def _size(found: Waiver) -> str:
    if found.relative is not None:
        return f"up to {found.relative:.3g} of the largest value"
    margin = "beyond all rounding" if found.margin == inf else f"up to {found.margin:.3g} bounds"
    return f"{margin} on {100 * (found.share or 0):.3g} % of the elements"


def _break(report: Report, clause: str, side: str | None, text: str, last_digits: bool, inputs: list[GivenDifference], terms: dict) -> Waiver:
    from conform.report.waived import waiver_of

    root = _root(report, clause, side)
    if last_digits and (root.relative is None or root.relative > LAST_DIGITS):
        shown = "there is no largest value" if root.relative is None else f"up to {root.relative:.2g} of the largest {root.target}"
        raise UsageProblem(f"--last-digits: {clause} on {root.side} breaks by more than last digits: {shown}", "leave the option out")
    return waiver_of(root, text=text, last_digits=last_digits, inputs=inputs, **terms)


def _inputs(report: Report, names: list[str]) -> list[GivenDifference]:
    for name in names:
        if name not in {one.quantity for one in report.given}:
            known = ", ".join(one.quantity for one in report.given)
            raise UsageProblem(f"--differing {name}: the sides do not have such an input differently", f"what differs: {known or 'no input'}")
    return [one for one in report.given if one.quantity in names]


def _unjudged(report: Report, clauses: list[str], side: str | None, texts: dict[str, str], because: str | None, terms: dict) -> Unjudged:
    from conform.report.unjudged import unjudged_of

    found: dict[str, list[Judgement]] = {}
    for verdict in report.verdicts:
        if verdict.clause in clauses and side in (None, verdict.side) and verdict.outcome in ("unchecked", "ill-conditioned") and verdict.excused is None:
            found.setdefault(verdict.side, []).append(verdict)
    if len(found) > 1:
        raise UsageProblem(f"{', '.join(clauses)}: not judged on {' and '.join(found)}", "say which with --side; each has its own waiver")
    (verdicts,) = found.values() or ([],)
    if missing := [name for name in clauses if name not in {v.clause for v in verdicts}]:
        _nothing_to_accept(report, missing[0], side)
    return unjudged_of(verdicts, texts, because=because, **terms)


def _check_cause(found: Unjudged, under: Report) -> None:
    """UsageProblem if the waiver would fail at once, for what it gives as the cause is none."""
    from conform.report.unjudged import unfounded

    for name in found.names:
        if wrong := unfounded(found, name, under):
            raise UsageProblem(f"{name}: {wrong}", "leave --because out if that is right: then they are accepted for themselves")


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
    _nothing_to_accept(report, clause, side)


def _nothing_to_accept(report: Report, clause: str, side: str | None) -> NoReturn:
    on = "" if side is None else f" on {side}"
    roots = ", ".join(f"{root.clause} on {root.side}" for root in report.roots)
    open_ones = ", ".join(f"{item.clause} on {' and '.join(item.sides)}" for item in report.unchecked if item.excused is None)
    besides = f"; what was not judged: {open_ones}" if open_ones else ""
    raise UsageProblem(f"{clause} does not break{on} in {report.run}, and is not open: there is nothing to accept", f"what breaks: {roots or 'nothing'}{besides}")
