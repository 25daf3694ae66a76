"""The verdict of a clause on one side, from its statements, each merged over all tiles."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, inf, isfinite, log2, nan

from conform.engine.precision import Precision
from conform.engine.verdicts import Outcome, Partial, Reason, Sample, Verdict
from specs_dsl.spec import Clause


def conclude(clause: Clause, side: str, judged_in: Sequence[tuple[Partial, Precision]]) -> Verdict:
    """Breaks if a statement breaks; unchecked, with a reason, if anything that it says could not be judged; ill-conditioned
    if every element is; else holds."""
    parts = [part for part, _ in judged_in]
    judged = [part for part in parts if part.judged]
    spoken = tuple(sorted(frozenset().union(*(part.spoken for part in judged))))
    common = {"clause": clause.id, "side": side, "elements": sum(part.sound for part in parts), "ties": sum(part.ties for part in parts), "spoken": spoken,
              "ill": sum(part.ill for part in parts)}
    worst, precision = max(((part.worst, own) for part, own in judged_in if part.judged and part.worst), key=lambda one: one[0].ratio, default=(None, None))
    breaking = next((part for part in parts if part.broken), None)
    if breaking is not None:
        problem = next((part.problem for part in parts if part.problem), "")
        return Verdict(outcome=Outcome.BREAKS, worst=worst, broken=breaking, detail=problem, **_figures(worst, precision), **common)
    reason, detail, lost = _why_not(clause, parts)
    if reason is not None:
        outcome = Outcome.ILL_CONDITIONED if reason is Reason.ILL else Outcome.UNCHECKED
        said = f"{detail}, at {lost:,} element{'s' if lost > 1 else ''}" if lost else detail
        return Verdict(outcome=outcome, reason=reason, detail=said, lost=lost, **common)
    outcome = Outcome.TIE if common["ties"] else Outcome.HOLDS
    return Verdict(outcome=outcome, worst=worst, **_figures(worst, precision), **common)


def _figures(worst: Sample | None, precision: Precision | None) -> dict[str, float]:
    """The margin, and the worst residual in ulps of the precision that it was computed in, and in agreeing bits."""
    if worst is None or precision is None:
        return {"margin": nan, "ulps": nan, "bits": nan}
    residual, size = abs(worst.traced - worst.required), abs(worst.required)
    if not isfinite(residual):
        return {"margin": worst.ratio, "ulps": inf, "bits": 0.0}
    ulp = 2 * precision.unit * 2.0 ** floor(log2(size)) if size > 0 else precision.tiny
    most = -log2(precision.unit)
    bits = most if residual == 0 else 0.0 if size == 0 else min(most, max(0.0, -log2(residual / size)))
    return {"margin": worst.ratio, "ulps": residual / max(ulp, precision.tiny), "bits": bits}


def _why_not(clause: Clause, parts: Sequence[Partial]) -> tuple[Reason | None, str, int]:
    """Why a clause without a break is not a pass, if it is none; and at how many elements, if only at some."""
    if clause.suspect:
        return Reason.SUSPECT, Reason.SUSPECT.value, 0
    seen = any(part.sound for part in parts)
    if problem := next((part.problem for part in parts if part.problem and not (part.hidden and seen)), ""):
        return Reason.NO_PROBE, problem, 0
    for reason in (Reason.NAN, Reason.UNDEFINED, Reason.UNSET):
        if count := _lost(parts, reason):
            return reason, reason.value, count
    active = [part for part in parts if part.sound]
    if active:
        return (None, "", 0) if any(part.nonzero for part in active) else (Reason.ZERO, Reason.ZERO.value, 0)
    if count := sum(part.ill for part in parts):
        return Reason.ILL, Reason.ILL.value, count
    if _lost(parts, Reason.HIDDEN):
        return Reason.HIDDEN, Reason.HIDDEN.value, 0
    if parts and all(part.guarded_out for part in parts):
        return Reason.GUARD, Reason.GUARD.value, 0
    return Reason.EMPTY, Reason.EMPTY.value if any(part.unset for part in parts) else "the selection is empty", 0


def _lost(parts: Sequence[Partial], reason: Reason) -> int:
    return sum(part.not_judged.get(reason.name, 0) for part in parts)
