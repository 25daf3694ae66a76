"""From findings and diagnosis to a report. Decides the exit status; formats nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from math import isfinite, isnan
from pathlib import Path

from conform import exits
from conform.engine.check import Findings
from conform.engine.diagnose import Diagnosis, Repair, Root, where
from conform.engine.labels import WrongLabel
from conform.engine.operands import Side
from conform.engine.parity import Parity, coordinates
from conform.engine.verdicts import Outcome, Verdict
from conform.engine.waterfall import Waterfall
from conform.report.model import Break, Difference, Explained, Judgement, Label, Left, Provenance, Report, Unchecked, UnlikeEntry
from conform.report.shares import falling, given
from conform.report.stated import quotes_of, source, stated
from conform.trace.borrow import Borrowing

Excuse = Callable[[str], str | None]


def build_report(findings: Findings, diagnosis: Diagnosis, rules: Path, run: str, excused: Excuse, text: bool = True, title: str = "") -> Report:
    """`excused` says of a clause why the run is not meant to judge it, or None. `text`: state the clauses as well."""
    roots = tuple(_break(findings, root, rules.parent) for root in diagnosis.roots)
    unchecked = tuple(_unchecked(findings, excused))
    first = findings.sides[0]
    repairs = tuple(_explained(one, diagnosis.fall) for one in diagnosis.repairs)
    judged = {v.clause for v in findings.verdicts if not v.open}
    return Report(
        spec=findings.spec.name, rules=rules.name, run=run, title=title, sides=tuple(side.name for side in findings.sides),
        elements=first.size(first.tile_axis) or 0, tile_axis=first.tile_axis, clauses=len(findings.spec.clauses), judged=len(judged),
        exit_code=exits.verdict(roots or diagnosis.given or diagnosis.unlike, left_open=any(item.excused is None for item in unchecked)),
        first_break=roots[0] if roots else None, roots=roots,
        verdicts=tuple(_judgement(findings, verdict, excused) for verdict in findings.verdicts),
        unchecked=unchecked, parity=tuple(_difference(one) for one in diagnosis.parity), incomparable=diagnosis.incomparable,
        explained=next((one for one in repairs if roots and (one.clause, one.side) == (roots[0].clause, roots[0].side)), None),
        repairs=repairs, given=tuple(given(one, first) for one in diagnosis.given),
        unlike=tuple(UnlikeEntry(kind=one.kind, side=one.side, text=one.text) for one in diagnosis.unlike), waterfall=falling(diagnosis.fall, first),
        left=tuple(Left(sides=one.sides, quantities=one.quantities, clauses=one.clauses, given=one.given) for one in diagnosis.left),
        provenance=tuple(_provenance(side) for side in findings.sides), stated=stated(findings.spec, rules.parent) if text else (),
        wrong_labels=tuple(_labels_of(findings)),
    )


def _labels_of(findings: Findings) -> Iterator[Label]:
    """One entry for the sides that share a wrong label."""
    found: dict[tuple[str, str, str, str], list[WrongLabel]] = {}
    for one in (label for side in findings.sides for label in side.wrong_labels):
        found.setdefault((one.quantity, one.raw, one.says, one.true), []).append(one)          # each holds at least one in common: that which defines it
    for (quantity, raw, says, true), ones in found.items():
        clauses = _in_order(findings, set.intersection(*(set(one.clauses) for one in ones)))
        yield Label(quantity=quantity, raw=raw, sides=tuple(one.side for one in ones), says=says, true=true, clauses=clauses)


def _written_at(side: Side, target: str) -> str:
    entry = side.bundle.manifest.quantities.get(target)
    return entry.source if entry is not None else ""


def _side(findings: Findings, name: str) -> Side:
    return next(side for side in findings.sides if side.name == name)


def _break(findings: Findings, root: Root, folder: Path) -> Break:
    verdict, side = root.verdict, _side(findings, root.verdict.side)
    part = verdict.broken
    assert part is not None and part.first is not None
    statements = root.clause.statements
    return Break(
        clause=root.clause.id, title=root.clause.title, quotes=quotes_of(root.clause, part.statement), source=source(statements[part.statement].span, folder),
        side=verdict.side, target=part.target, at=where(part.first, side), labels=_labels(side, part.first.at),
        traced=part.first.traced, required=part.first.required, margin=verdict.margin, ulps=verdict.ulps, bits=verdict.bits,
        relative=part.relative if isfinite(part.relative) else None, elements=part.judged, broken=part.broken, broken_at=_loops(side, part.broken_at), tile_axis=side.tile_axis,
        coordinates=tuple(name for name, axis in coordinates(side.spec).items() if axis == side.tile_axis and side.has(name)),
        tiles_judged=part.tiles_judged, tiles_broken=part.tiles_broken,
        others={other.side: _said(other) for other in root.others}, speaks_for=verdict.spoken, computes_instead=root.instead.text, instead_equation=root.instead.equation, pairs_tried=root.instead.cut,
        written_at=_written_at(side, part.target),
        trace_problem=root.lie.kind if root.lie else "", trace_says=root.lie.text if root.lie else "", ambiguous=root.flips,
    )


def _in_order(findings: Findings, clauses: Collection[str]) -> tuple[str, ...]:
    """In graph order."""
    return tuple(clause.id for clause in findings.spec.clauses if clause.id in clauses)


def _labels(side: Side, at: dict[str, int]) -> dict[str, str]:
    return {axis: side.spec.axes[axis].labels[i] for axis, i in at.items() if side.spec.axes[axis].labels}


def _loops(side: Side, broken_at) -> dict[str, tuple[int, ...]]:
    """Loop axes along which it breaks at some indices and not at others."""
    return {axis: tuple(counts) for axis, counts in broken_at.items() if side.spec.axes[axis].kind == "loop" and len(counts) < (side.size(axis) or 0)}


def _said(verdict: Verdict) -> str:
    match verdict.outcome:
        case Outcome.HOLDS | Outcome.TIE:
            return "holds it everywhere, to the last bit" if verdict.margin == 0 else f"holds it everywhere (worst {verdict.margin:.2g} of its bound)"
        case Outcome.BREAKS:
            return "breaks it too"
    return f"was not judged: {verdict.detail}"


def _judgement(findings: Findings, verdict: Verdict, excused: Excuse) -> Judgement:
    return Judgement(
        clause=verdict.clause, side=verdict.side, outcome=verdict.outcome.name.lower().replace("_", "-"), elements=verdict.elements,
        ties=verdict.ties, ill=verdict.ill,
        margin=_figure(verdict.margin), ulps=_figure(verdict.ulps), bits=_figure(verdict.bits),
        worst_at=where(verdict.worst, _side(findings, verdict.side)) if verdict.worst else None,
        reason=verdict.detail or None, lost=verdict.lost, excused=excused(verdict.clause) if verdict.open else None, speaks_for=_in_order(findings, verdict.spoken),
    )


def _figure(value: float) -> float | None:
    return None if isnan(value) else value


def _unchecked(findings: Findings, excused: Excuse) -> Iterator[Unchecked]:
    """In graph order; one entry for each clause and reason, with the sides that it concerns."""
    for clause in findings.spec.clauses:
        reasons: dict[str, list[str]] = {}
        for verdict in findings.verdicts:
            if verdict.clause == clause.id and verdict.open:
                reasons.setdefault(verdict.detail, []).append(verdict.side)
        for reason, sides in reasons.items():
            yield Unchecked(clause=clause.id, title=clause.title, sides=tuple(sides), reason=reason, excused=excused(clause.id))


def _difference(one: Parity) -> Difference:
    return Difference(quantity=one.quantity, sides=one.sides, elements=one.elements, differing=one.differing, worst=one.worst, largest=one.largest)


def _explained(repair: Repair, fall: Waterfall | None) -> Explained:
    step = next((step for step in fall.steps if repair.clause in step.clauses and step.side == repair.side), None) if fall else None
    return Explained(
        share=step.share if step else None,
        clause=repair.clause, side=repair.side, against=repair.against, differing=tuple(p.quantity for p in repair.differing),
        worst={p.quantity: p.worst for p in repair.differing}, still=tuple(p.quantity for p in repair.still), given=repair.given,
    )


def _provenance(side: Side) -> Provenance:
    manifest, bundle = side.bundle.manifest, side.bundle
    lent = {name: lender.side for name, lender in bundle.lenders.items()} if isinstance(bundle, Borrowing) else {}
    return Provenance(side=side.name, inputs_from=next(iter(lent.values()), None), lent=lent, command=manifest.command or (), inputs=manifest.inputs, **manifest.producer.model_dump())
