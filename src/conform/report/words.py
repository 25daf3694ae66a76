"""Sentences about a break that every format says in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, isinf, isnan

from conform.exits import CONFORMS
from conform.report.model import Break, Explained, Report, Waived, WaivedUnjudged


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def verdict(report: Report) -> str:
    """The whole report in a word or a few."""
    if report.exit_code == CONFORMS:
        if not report.judged:
            return "nothing was meant to be judged"
        return conforms(report)
    if report.roots:
        return "breaks"
    if report.waivers_failed:
        return "a waiver no longer fits"
    if report.given:
        return "the inputs differ"
    return "the sides did different things" if report.unlike else "not everything could be judged"


def conforms(report: Report) -> str:
    """What is accepted is told with the verdict."""
    parts = [
        *([counted(len(report.waived), "waived break")] if report.waived else []),
        *([f"{counted(len(report.waived_unjudged), 'clause')} waived unjudged"] if report.waived_unjudged else []),
    ]
    return f"conforms, but for {' and '.join(parts)}" if parts else "conforms"


def accepted(one: Waived) -> str:
    """How large an accepted break is, what was accepted, and the inputs that differ because of it."""
    found = one.found
    if one.accepted_relative is not None:
        size = f"up to {found.relative or inf:.2g} of the largest {found.target} ({one.accepted_relative:.3g} accepted)"
    elif isinf(found.margin):
        size = "beyond all rounding, as accepted"
    else:
        size = f"{found.margin:.3g} bounds apart ({one.accepted_margin:.3g} accepted)"
    inputs = [f"{given.quantity} ({' and '.join(map(_value, given.values))})" for given in one.inputs]
    return size + (f", and with it the sides have {', '.join(inputs)} differently" if inputs else "")


def _value(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.15g}"


def terms(one: Waived | WaivedUnjudged) -> str:
    """Why, by whom and until when."""
    return f"{one.reason} ({one.owner}, until {one.expires})"


def unjudged(report: Report) -> Iterator[tuple[str, str, WaivedUnjudged]]:
    """Clauses that are waived unjudged, those of one waiver together: which, and why they were not judged; and one of them."""
    groups: dict[tuple[str, str, str, str, str], list[WaivedUnjudged]] = {}
    for one in report.waived_unjudged:
        groups.setdefault((one.side, one.because, one.reason, one.owner, one.expires), []).append(one)
    for ones in groups.values():
        because = f" because of {ones[0].because}" if ones[0].because else ""
        names = f"{', '.join(one.clause for one in ones)}, side {ones[0].side}, not judged{because}"
        yield names, "; ".join(dict.fromkeys(one.why for one in ones)), ones[0]


def where(found: Break) -> str:
    loops = [f"{axis} {ranges(indices)}" for axis, indices in found.broken_at.items()]
    at = f"at {', '.join(loops)}, " if loops else ""
    if found.tiles_judged == 0:
        return f"{at}once in the run" if found.elements == 1 else f"{at}on {found.broken:,} of {found.elements:,} elements"
    return f"{at}on {found.tiles_broken:,} of {counted(found.tiles_judged, found.tile_axis)}"


def ranges(indices: Sequence[int]) -> str:
    """0, 2-5"""
    groups: list[list[int]] = []
    for i in indices:
        if groups and i == groups[-1][-1] + 1:
            groups[-1].append(i)
        else:
            groups.append([i])
    shown = [f"{group[0]}" if len(group) == 1 else f"{group[0]}-{group[-1]}" for group in groups]
    return ", ".join(shown if len(shown) <= 6 else [*shown[:5], "…"])


def values(found: Break) -> str:
    """What was traced and what is required, at the first broken element in loop order."""
    components = f"[{', '.join(found.labels.values())}]" if found.labels else ""
    hidden = {*found.labels, *([found.tile_axis] if found.coordinates else [])}
    place = [f"{name} {i}" for name, i in sorted(found.at.items(), key=lambda item: item[0] in found.broken_at) if name not in hidden]
    at = f" at {', '.join(place)}" if place else ""
    traced = "not a number" if isnan(found.traced) else f"{found.traced:.15g}"
    return f"{found.side} traced {found.target}{components} = {traced}{at}; the clause requires {found.required:.15g}: {apart(found)}"


def apart(found: Break) -> str:
    """The worst distance anywhere, in bounds, and how many leading bits agree there."""
    if isinf(found.margin):
        return "no rounding makes the one of the other"
    return f"{found.margin:.2g} bounds apart" + (f" at worst, {found.bits:.0f} bits agree" if found.bits >= 1 else " at worst")


def besides(found: Break) -> Iterator[tuple[str, str]]:
    """What else is to be known of a break: what it may be besides a mistake of the side's, and what was not looked for."""
    if found.ambiguous:
        yield "spec ambiguous", found.ambiguous
    if found.trace_problem:
        yield found.trace_problem, found.trace_says
    if found.pairs_tried:
        yield "search cut short", f"no single mistake gives what {found.side} has; of pairs of mistakes {found.pairs_tried:,} were tried, and not all"


def by(worst: float) -> str:
    return "beyond all measure" if isinf(worst) or isnan(worst) else f"by up to {percent(worst)}"


def percent(relative: float) -> str:
    return f"{100 * relative:.3g} %" if 1e-4 <= relative < 100 else f"{relative:.2g} relative"


def still(explained: Explained, others: Sequence[Break]) -> str:
    """What is left once the first break is mended. Other breaks may be behind it."""
    mended = f"with {explained.clause} repaired"
    if not explained.still:
        return f"{mended} all agree with {explained.against}"
    names = [*explained.still[:6], *(["more"] if len(explained.still) > 6 else [])]
    shown = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    why = "the other breaks may explain that" if others else "something is left unexplained"
    if explained.given and not others:
        why = f"so {'does' if len(explained.given) == 1 else 'do'} {', '.join(explained.given[:6])}{' and more' if len(explained.given) > 6 else ''}, which the rules take as given"
    return f"{mended} {shown} still {'differs' if len(names) == 1 else 'differ'}: {why}"
