"""The audit note: what was run, each term on both sides, where they part, and what to look at next. Markdown."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from conform.engine.suggest import suggestions
from conform.engine.survey import Row, audit
from conform.engine.tiling import relations
from conform.evidence.model import CUT_REPORT, REPORT, Evidence
from conform.evidence.replay import Again
from conform.exits import CONFORMS
from conform.report.model import Break, Report
from conform.report.words import counted, values, where

MOST_SUGGESTED = 3


def note(report: Report, again: Again, evidence: Evidence) -> str:
    return "\n".join([*_head(report, evidence), *_finding(report), *_relations(report, again), *_terms(report, again), *_next(again), *_provenance(report, evidence), *_again()]) + "\n"


def _head(report: Report, evidence: Evidence) -> Iterator[str]:
    yield f"# Audit of {' and '.join(report.sides)} against {report.spec}, run {report.run}"
    yield ""
    yield f"    {shlex.join(evidence.command)}"
    yield ""


def _finding(report: Report) -> Iterator[str]:
    yield "## First divergence"
    yield ""
    if report.first_break is None:
        yield "No clause breaks." if report.exit_code == CONFORMS else "No clause breaks, but not everything that the run is meant to judge could be judged."
        yield ""
        return
    yield from _break(report.first_break)
    if len(report.roots) > 1:
        yield "Further independent breaks:"
        yield ""
        yield from (f"* {_escaped(f'{one.clause} {one.title}, side {one.side}: {where(one)}')}{_instead(one)}" for one in report.roots[1:])
        yield ""


def _break(found: Break) -> Iterator[str]:
    yield f"**{_escaped(f'{found.clause} {found.title}, side {found.side}')}** (`{found.source}`)"
    yield ""
    yield from (f"> {_escaped(quote)}" for quote in found.quotes[:1])
    yield ""
    yield _escaped("; ".join([where(found), *(f"{side} {said}" for side, said in found.others.items())])) + "."
    yield _escaped(values(found)) + "."
    if found.speaks_for:
        yield f"It speaks for {', '.join(found.speaks_for)} besides, whose values {found.side} did not trace."
    if found.computes_instead:
        yield f"{found.side} has there {_escaped(found.computes_instead)}." + (f" `{found.instead_equation}`" if found.instead_equation else "")
    yield ""


def _instead(found: Break) -> str:
    return f"; has {_escaped(found.computes_instead)}" if found.computes_instead else ""


def _relations(report: Report, again: Again) -> Iterator[str]:
    """Clauses that compare runs or sides, which `conform replay` judges again as well."""
    found = relations(again.findings.spec)
    if not found:
        return
    yield "## Relations between runs and sides"
    yield ""
    for clause, places in found.items():
        said = ", ".join(f"{v.side} {v.outcome}" for v in report.verdicts if v.clause == clause)
        yield f"* {clause} (with {', '.join(sorted(places))}): {said}"
    yield ""


def _terms(report: Report, again: Again) -> Iterator[str]:
    """Each statement at the element of the first break, or at the first one."""
    first = again.sides[0]
    root = again.report.first_break
    index = (root.at.get(first.tile_axis, 0) if root else 0) if first.size(first.tile_axis) else None
    if index is None:
        return
    rows = audit(again.findings.spec, again.sides, again.profiles, index)
    names = [side.name for side in again.sides]
    at = ", ".join(f"{name} {root.at[name]}" for name in root.coordinates) if root and root.coordinates else f"{first.tile_axis} {index}"
    yield f"## Terms at {at}"
    yield ""
    yield f"| clause | quantity | {' | '.join(names)} |{' ratio |' if len(names) == 2 else ''} {' | '.join(f'of bound, {name}' for name in names)} | verdict |"
    yield f"|---|---|{'---:|' * len(names)}{'---:|' if len(names) == 2 else ''}{'---:|' * len(names)}---|"
    yield from (_row(row, names) for row in rows)
    yield ""


def _row(row: Row, names: Sequence[str]) -> str:
    place = ", ".join(f"{axis} {i}" for axis, i in row.at.items() if i)
    traced = [f"{row.sides[name].traced:.15g}" if name in row.sides else "" for name in names]
    bounds = [f"{row.sides[name].ratio:.2g}" if name in row.sides else "" for name in names]
    broken = [name for name in names if name in row.sides and not row.sides[name].ratio <= 1]
    verdict = f"**breaks on {' and '.join(broken)}**" if broken else "holds"
    ratio = []
    if len(names) == 2:
        both = all(name in row.sides for name in names) and row.sides[names[1]].traced != 0
        ratio = [f"{row.sides[names[0]].traced / row.sides[names[1]].traced:.9g}" if both else ""]
    cells = [row.clause, _escaped(row.target) + (f" ({place})" if place else ""), *traced, *ratio, *bounds, verdict]
    return f"| {' | '.join(cells)} |"


def _next(again: Again) -> Iterator[str]:
    """Per side, the probes that would say most."""
    lines = []
    for side in again.sides:
        for one in suggestions(again.findings, side)[:MOST_SUGGESTED]:
            judged = f"lets {', '.join(one.judges)} be judged" if one.judges else ""
            split = f"splits the group of {', '.join(dict.fromkeys(s.clause for s in one.splits))}" if one.splits else ""
            lines.append(f"* `{one.quantity.name}` on {side.name}: {' and '.join(part for part in (judged, split) if part)}")
    if lines:
        yield from ("## Suggested next probe", "", *lines, "")


def _provenance(report: Report, evidence: Evidence) -> Iterator[str]:
    yield "## What was judged"
    yield ""
    yield f"{counted(report.elements, report.tile_axis)}, {counted(report.judged, 'clause')} of {report.clauses}; full report: `{REPORT}`."
    yield ""
    yield "| side | program | precision | compiler | flags | command |"
    yield "|---|---|---|---|---|---|"
    for one in report.provenance:
        cells = (one.side, f"{one.program} {one.version}".strip(), one.dtype, one.compiler, one.flags, " ".join(one.command))
        yield f"| {' | '.join(_escaped(cell) for cell in cells)} |"
    yield ""
    for label in report.wrong_labels:
        yield f"* wrong label: {_escaped(label.raw)} is printed in {label.true}, not in {label.says} ({', '.join(label.clauses)})"
    machine = evidence.environment
    yield f"conform {machine.conform}, Python {machine.python}, {machine.platform}, compiler {machine.compiler}; {', '.join(f'{name} {number}' for name, number in machine.packages.items())}"
    yield ""


def _again() -> Iterator[str]:
    yield f"`conform replay` of this folder judges its bundles again and compares with `{CUT_REPORT}`; it needs no compiler and no program."


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
