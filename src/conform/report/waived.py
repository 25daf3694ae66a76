"""What waivers make of a report: an accepted break that has not grown is shown, and no longer decides the exit status.

A waiver that no longer fits fails the run: the break grew, or has gone, or the clause says something else, or the day is
past, or nothing is called so. Takes a report and returns another.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conform.report.model import Break, FailedWaiver, Judgement, Report, Waived
from conform.run.waivers import Waiver

GROWTH = 1.01        # what another compiler or library may make of the same break
HOLDING = ("holds", "tie")


@dataclass(frozen=True)
class Context:
    """What the names in waivers may refer to, and the day."""

    texts: Mapping[str, str]             # clause of the rules -> what it says now
    clauses: Collection[str]             # of the spec's document: rules need not hold them all
    runs: Collection[str]                # of the project
    today: datetime.date


def apply(report: Report, waivers: Sequence[Waiver], context: Context) -> Report:
    """The report of a run under those of `waivers` that name it."""
    mine = [waiver for waiver in waivers if report.run in waiver.runs]
    failed = [*_nothing(waivers, report, context)]
    accepted: dict[tuple[str, str], Waived] = {}
    for waiver in mine:
        root = next((root for root in report.roots if (root.clause, root.side) == (waiver.clause, waiver.side)), None)
        problem = _problem(waiver, root, report, context)
        if problem is not None:
            failed.append(problem)
        elif root is not None:
            accepted[waiver.clause, waiver.side] = _waived(waiver, root)
    return _with(report, accepted, failed)


def _nothing(waivers: Sequence[Waiver], report: Report, context: Context) -> Iterator[FailedWaiver]:
    """Waivers that can match nothing, whatever the run shows."""
    for waiver in waivers:
        if unknown := next((run for run in waiver.runs if run.partition(":")[0] not in context.runs and run != report.run), None):
            yield _failed(waiver, "unmatched", f"there is no run `{unknown}`")
        elif waiver.clause not in context.texts and waiver.clause not in context.clauses:
            yield _failed(waiver, "unmatched", f"the spec has no clause {waiver.clause}")
        elif report.run in waiver.runs and waiver.side not in report.sides:
            yield _failed(waiver, "unmatched", f"{report.run} has no side `{waiver.side}`")


def _problem(waiver: Waiver, root: Break | None, report: Report, context: Context) -> FailedWaiver | None:
    if waiver.clause not in context.texts:
        return None                      # of another rules file
    if context.texts[waiver.clause] != waiver.text:
        return _failed(waiver, "changed", f"the clause no longer says what was accepted: look at it, and write text = \"{context.texts[waiver.clause]}\"")
    if root is None:
        gone = any(v.outcome in HOLDING for v in report.verdicts if (v.clause, v.side) == (waiver.clause, waiver.side))
        return _failed(waiver, "gone", f"{waiver.side} holds the clause now: remove the waiver") if gone else None
    if context.today > waiver.expires:
        return _failed(waiver, "expired", f"it was accepted until {waiver.expires.isoformat()}, by {waiver.owner}")
    if root.margin > GROWTH * waiver.margin:
        return _failed(waiver, "grew", f"{root.margin:.3g} bounds apart, and {waiver.margin:.3g} were accepted")
    if _share(root) > GROWTH * waiver.share:
        return _failed(waiver, "grew", f"{100 * _share(root):.3g} % of the elements break, and {100 * waiver.share:.3g} % were accepted")
    return None


def _share(root: Break) -> float:
    return root.broken / root.elements


def _failed(waiver: Waiver, problem: str, text: str) -> FailedWaiver:
    return FailedWaiver(clause=waiver.clause, side=waiver.side, problem=problem, text=text)


def _waived(waiver: Waiver, root: Break) -> Waived:
    return Waived(
        found=root, share=_share(root), accepted_margin=waiver.margin, accepted_share=waiver.share,
        reason=waiver.reason, owner=waiver.owner, expires=waiver.expires.isoformat(),
    )


def _with(report: Report, accepted: Mapping[tuple[str, str], Waived], failed: Sequence[FailedWaiver]) -> Report:
    roots = tuple(root for root in report.roots if (root.clause, root.side) not in accepted)
    open_ones = any(item.excused is None for item in report.unchecked)
    first = roots[0] if roots else None
    return report.model_copy(update={
        "roots": roots, "first_break": first, "explained": report.explained if first == report.first_break else None,
        "waived": tuple(accepted.values()), "waivers_failed": tuple(failed),
        "verdicts": tuple(_outcome(v, (v.clause, v.side) in accepted) for v in report.verdicts),
        "exit_code": 1 if roots or failed or report.given or report.unlike else 3 if open_ones else 0,
    })


def _outcome(verdict: Judgement, waived: bool) -> Judgement:
    return verdict.model_copy(update={"outcome": "waived"}) if waived else verdict


def waiver_of(root: Break, runs: Sequence[str], reason: str, owner: str, expires: datetime.date, text: str) -> Waiver:
    """The waiver that accepts a break as it is, its figures rounded up to three digits."""
    return Waiver(clause=root.clause, side=root.side, runs=tuple(runs), margin=_up(root.margin), share=min(1.0, _up(_share(root))), reason=reason, owner=owner, expires=expires, text=text)


def _up(value: float) -> float:
    """Three digits, and not less than the value."""
    rounded = float(f"{value:.2e}")
    return rounded if rounded >= value else float(f"{value * 1.005:.2e}")
