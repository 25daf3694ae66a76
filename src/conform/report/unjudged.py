"""Clauses that a side's known departure leaves unjudged, and the waivers that accept so.

Such a waiver names every clause, why it was not judged and at how many elements. It fails the run when one of them is judged
after all, when it is for another reason or at more elements, when it says something else; and when the break that it gives
as the cause is none. A clause that it does not name stays open, and the exit status 3.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence

from conform.report.accepting import Context, failure
from conform.report.model import FailedWaiver, Judgement, Report, Unchecked, WaivedUnjudged
from conform.run.waivers import Open, Unjudged

Key = tuple[str, str]                    # clause and side


def accept(report: Report, entries: Sequence[Unjudged], context: Context) -> tuple[Report, list[FailedWaiver]]:
    """The report with what `entries` accept taken from its open clauses; and what no longer fits."""
    failed: list[FailedWaiver] = []
    accepted: dict[Key, WaivedUnjudged] = {}
    for entry in entries:
        for one in entry.clauses:
            if one.clause not in context.texts:
                continue                 # of another rules file
            verdict = next((v for v in report.verdicts if (v.clause, v.side) == (one.clause, entry.side)), None)
            if problem := _problem(entry, one, verdict, report, context):
                failed.append(failure(one.clause, entry.side, *problem))
            elif verdict is not None:
                accepted[one.clause, entry.side] = _accepted(entry, verdict, report)
    return _without(report, accepted), failed


def _problem(entry: Unjudged, one: Open, verdict: Judgement | None, report: Report, context: Context) -> tuple[str, str] | None:
    if changed := context.said(one.clause, one.text):
        return "changed", changed
    if verdict is None:
        return None                      # the run has no such side, which is said already
    if verdict.reason is None or verdict.outcome not in ("unchecked", "ill-conditioned"):
        return "gone", f"it is judged on {entry.side} now: take it out of `clauses`"
    if verdict.excused is not None:
        return "gone", f"the run file gives a reason already ({verdict.excused}): take it out of `clauses`"
    if past := context.past(entry):
        return "expired", past
    if why_not(verdict) != one.why:
        return "otherwise", f"not judged since {why_not(verdict)}; accepted was: {one.why}"
    if verdict.lost > one.elements:
        return "grew", f"not judged at {verdict.lost:,} elements, and {one.elements:,} were accepted"
    if entry.because and (wrong := unfounded(entry, one.clause, report)):
        return "unfounded", wrong
    return None


def why_not(verdict: Judgement) -> str:
    """The reason of a verdict, without how many elements it concerns."""
    return (verdict.reason or "").removesuffix(f", at {verdict.lost:,} element{'s' if verdict.lost > 1 else ''}")


def unfounded(entry: Unjudged, clause: str, report: Report) -> str | None:
    """Why the break that a waiver gives as the cause cannot be it."""
    if (entry.because, entry.side) not in {(one.found.clause, one.found.side) for one in report.waived}:
        return f"{entry.because} is no waived break on {entry.side}: it was left unjudged for some other cause"
    return None if clause in below(report, entry.because) else f"it does not follow from {entry.because}"


def below(report: Report, clause: str) -> set[str]:
    """The clauses that need what `clause` defines, directly or through others; or, where it defines nothing, what it speaks of."""
    cause = next(one for one in report.stated if one.clause == clause)
    reached, found = set(cause.defines or cause.needs), set()
    for one in report.stated:            # in graph order
        if one.clause != clause and reached & set(one.needs):
            reached |= set(one.defines)
            found.add(one.clause)
    return found


def _accepted(entry: Unjudged, verdict: Judgement, report: Report) -> WaivedUnjudged:
    title = next((item.title for item in report.unchecked if item.clause == verdict.clause), "")
    return WaivedUnjudged(
        clause=verdict.clause, title=title, side=verdict.side, why=why_not(verdict), elements=verdict.lost, because=entry.because or "",
        reason=entry.reason, owner=entry.owner, expires=entry.expires.isoformat(),
    )


def _without(report: Report, accepted: Mapping[Key, WaivedUnjudged]) -> Report:
    def judged(v: Judgement) -> Judgement:
        one = accepted.get((v.clause, v.side))
        return v if one is None else v.model_copy(update={"excused": f"waived: {one.reason} ({one.owner}, until {one.expires})"})

    return report.model_copy(update={
        "unchecked": tuple(_still_open(report, accepted)), "waived_unjudged": tuple(accepted.values()), "verdicts": tuple(map(judged, report.verdicts)),
    })


def _still_open(report: Report, accepted: Mapping[Key, WaivedUnjudged]) -> Iterator[Unchecked]:
    for item in report.unchecked:
        sides = tuple(side for side in item.sides if (item.clause, side) not in accepted)
        if sides:
            yield item.model_copy(update={"sides": sides})


def unjudged_of(verdicts: Sequence[Judgement], texts: Mapping[str, str], runs: Sequence[str], because: str | None, reason: str, owner: str, expires: datetime.date) -> Unjudged:
    """The waiver that accepts clauses of one side as unjudged as they are."""
    clauses = tuple(Open(clause=v.clause, why=why_not(v), elements=v.lost, text=texts[v.clause]) for v in verdicts)
    return Unjudged(side=verdicts[0].side, runs=tuple(runs), because=because, clauses=clauses, reason=reason, owner=owner, expires=expires)
