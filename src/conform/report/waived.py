"""What waivers make of a report: what was accepted and has not grown is shown, and no longer decides the exit status.

A waiver that no longer fits fails the run: the break grew, or has gone, or the clause says something else, or the day is
past, or nothing is called so. Takes a report and returns another. Clauses that were left unjudged: conform.report.unjudged.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from math import inf

from conform import exits
from conform.report.accepting import Context, failure
from conform.report.model import Break, FailedWaiver, GivenDifference, Judgement, Report, Waived
from conform.report.unjudged import accept
from conform.run.waivers import Unjudged, Waiver, WaiverFile

GROWTH = 1.01        # what another compiler or library may make of the same break
ROOM = 4             # and of one that is a matter of last digits: which elements it strikes is chance
HOLDING = ("holds", "tie")


def apply(report: Report, waivers: WaiverFile, context: Context) -> Report:
    """The report of a run under those of `waivers` that name it."""
    failed = [*_nothing([*waivers.waiver, *waivers.unjudged], report, context)]
    accepted: dict[tuple[str, str], Waived] = {}
    for waiver in waivers.waiver:
        root = next((root for root in report.roots if (root.clause, root.side) == (waiver.clause, waiver.side)), None)
        if report.run not in waiver.runs:
            continue
        problem = _problem(waiver, root, report, context)
        if problem is not None:
            failed.append(problem)
        elif root is not None:
            accepted[waiver.clause, waiver.side] = _waived(waiver, root, report)
    under = _with(report, accepted)
    under, more = accept(under, [entry for entry in waivers.unjudged if report.run in entry.runs], context)
    return _decided(under.model_copy(update={"waivers_failed": (*failed, *more)}))


def _nothing(entries: Sequence[Waiver | Unjudged], report: Report, context: Context) -> Iterator[FailedWaiver]:
    """Waivers that can match nothing, whatever the run shows."""
    for entry in entries:
        first = entry.names[0]
        if unknown := next((run for run in entry.runs if run.partition(":")[0] not in context.runs and run != report.run), None):
            yield failure(first, entry.side, "unmatched", f"there is no run `{unknown}`")
        elif strange := next((name for name in entry.names if name not in context.texts and name not in context.clauses), None):
            yield failure(strange, entry.side, "unmatched", f"the spec has no clause {strange}")
        elif report.run in entry.runs and entry.side not in report.sides:
            yield failure(first, entry.side, "unmatched", f"{report.run} has no side `{entry.side}`")


def _problem(waiver: Waiver, root: Break | None, report: Report, context: Context) -> FailedWaiver | None:
    if waiver.clause not in context.texts:
        return None                      # of another rules file
    if changed := context.said(waiver.clause, waiver.text):
        return failure(waiver.clause, waiver.side, "changed", changed)
    if root is None:
        gone = _gone(waiver, report)
        return failure(waiver.clause, waiver.side, "gone", gone) if gone else None
    if past := context.past(waiver):
        return failure(waiver.clause, waiver.side, "expired", past)
    if grown := _grown(waiver, root):
        return failure(waiver.clause, waiver.side, "grew", grown)
    return next(_other_inputs(waiver, report), None)


def _gone(waiver: Waiver, report: Report) -> str | None:
    verdict = next((v for v in report.verdicts if (v.clause, v.side) == (waiver.clause, waiver.side)), None)
    if verdict is None or verdict.outcome == "breaks":
        return None                      # no such side; or a break that another one explains, which is no root
    if verdict.outcome in HOLDING:
        return f"{waiver.side} holds the clause now: remove the waiver"
    return f"{waiver.side} does not break it now, and it is not judged: {verdict.reason}"


def _grown(waiver: Waiver, root: Break) -> str | None:
    """By which measure a break is larger than what was accepted."""
    if waiver.relative is not None:
        found = inf if root.relative is None else root.relative
        return f"up to {found:.3g} of the largest {root.target}, and {waiver.relative:.3g} were accepted" if found > waiver.relative else None
    assert waiver.margin is not None and waiver.share is not None
    if root.margin > GROWTH * waiver.margin:
        return f"{'no rounding makes the one of the other' if root.margin == inf else f'{root.margin:.3g} bounds apart'}, and {waiver.margin:.3g} bounds were accepted"
    if _share(root) > GROWTH * waiver.share:
        return f"{100 * _share(root):.3g} % of the elements break, and {100 * waiver.share:.3g} % were accepted"
    return None


def _other_inputs(waiver: Waiver, report: Report) -> Iterator[FailedWaiver]:
    """Inputs that the waiver names, and that the sides have otherwise than when it was accepted."""
    for name, values in waiver.inputs.items():
        found = next((one for one in report.given if one.quantity == name), None)
        if found is None:
            yield failure(waiver.clause, waiver.side, "gone", f"the sides have `{name}` alike now: take it out of `inputs`")
        elif tuple(found.values) != values:
            said = " and ".join(f"{side} has {value}" for side, value in zip(found.sides, found.values, strict=True))
            yield failure(waiver.clause, waiver.side, "grew", f"`{name}`: {said}, and {' and '.join(map(str, values))} were accepted")


def _share(root: Break) -> float:
    return root.broken / root.elements


def _waived(waiver: Waiver, root: Break, report: Report) -> Waived:
    return Waived(
        found=root, share=_share(root), accepted_margin=waiver.margin, accepted_share=waiver.share, accepted_relative=waiver.relative,
        inputs=tuple(one for one in report.given if one.quantity in waiver.inputs),
        reason=waiver.reason, owner=waiver.owner, expires=waiver.expires.isoformat(),
    )


def _with(report: Report, accepted: Mapping[tuple[str, str], Waived]) -> Report:
    roots = tuple(root for root in report.roots if (root.clause, root.side) not in accepted)
    inputs = {one.quantity for waived in accepted.values() for one in waived.inputs}
    first = roots[0] if roots else None
    return report.model_copy(update={
        "roots": roots, "first_break": first, "explained": report.explained if first == report.first_break else None,
        "waived": tuple(accepted[key] for root in report.roots if (key := (root.clause, root.side)) in accepted), "given": tuple(one for one in report.given if one.quantity not in inputs),
        "verdicts": tuple(_outcome(v, (v.clause, v.side) in accepted) for v in report.verdicts),
    })


def _outcome(verdict: Judgement, waived: bool) -> Judgement:
    return verdict.model_copy(update={"outcome": "waived"}) if waived else verdict


def _decided(report: Report) -> Report:
    open_ones = any(item.excused is None for item in report.unchecked)
    failing = report.roots or report.waivers_failed or report.given or report.unlike
    return report.model_copy(update={"exit_code": exits.verdict(failing, open_ones)})


def waiver_of(root: Break, runs: Sequence[str], reason: str, owner: str, expires: datetime.date, text: str, last_digits: bool = False,
              inputs: Sequence[GivenDifference] = ()) -> Waiver:
    """The waiver that accepts a break as it is, its figures rounded up to three digits. `last_digits`: measured by the largest
    value, and with room, for on another machine other elements have other last digits."""
    size = {"relative": up(ROOM * (root.relative or inf))} if last_digits else {"margin": up(root.margin), "share": min(1.0, up(_share(root)))}
    given = {one.quantity: tuple(one.values) for one in inputs}
    return Waiver(clause=root.clause, side=root.side, runs=tuple(runs), reason=reason, owner=owner, expires=expires, text=text, inputs=given, **size)


def up(value: float) -> float:
    """Three digits, and not less than the value."""
    rounded = float(f"{value:.2e}")
    return rounded if rounded >= value else float(f"{value * 1.005:.2e}")
