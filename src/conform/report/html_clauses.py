"""What a page shows of each clause: its place in the graph, its verdicts with how its elements are spread, the sentence of the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from conform.engine.survey import Survey
from conform.report import document, pictures
from conform.report.model import Judgement, Report
from conform.report.words import counted

MARKS = {"holds": "✓", "breaks": "✗", "waived": "◇", "other": "~", "unchecked": "–"}
_STATES = {"holds": "holds", "tie": "holds", "breaks": "breaks", "waived": "waived", "unchecked": "unchecked"}
_WORST = ("breaks", "waived", "other", "unchecked", "holds")
_JUDGED = ("holds", "breaks", "waived")


def anchor(clause: str) -> str:
    return clause.replace(".", "-")


def _state(verdict: Judgement) -> str:
    return _STATES.get(verdict.outcome, "other")


def _of(report: Report, clause: str) -> list[Judgement]:
    return [v for v in report.verdicts if v.clause == clause]


def _overall(verdicts: Iterable[Judgement]) -> str:
    states = {_state(v) for v in verdicts}
    return next((state for state in _WORST if state in states), "unchecked")


def _said(verdicts: Iterable[Judgement]) -> str:
    return ", ".join(f"{v.outcome} on {v.side}" for v in verdicts)


def layers(report: Report) -> Iterator[list[dict]]:
    for layer in sorted({one.layer for one in report.stated}):
        row = []
        for one in (one for one in report.stated if one.layer == layer):
            state = _overall(_of(report, one.clause))
            row.append({"stated": one, "state": state, "mark": MARKS[state], "said": _said(_of(report, one.clause))})
        yield row


def clauses(report: Report, survey: Survey | None, whole: bool) -> Iterator[dict]:
    defined: dict[str, list[str]] = {}
    for one in report.stated:
        for name in one.defines:
            defined.setdefault(name, []).append(one.clause)
    for one in report.stated:
        needs = [{"name": name, "clauses": [clause for clause in defined.get(name, []) if clause != one.clause]} for name in one.needs]
        yield {"stated": one, "needs": needs, "in_document": bool(whole and one.document), "verdicts": [_line(v, survey) for v in _of(report, one.clause)]}


def _line(verdict: Judgement, survey: Survey | None) -> dict:
    margins = survey.margins.get((verdict.clause, verdict.side)) if survey else None
    state = _state(verdict)
    shown = margins is not None and bool(margins.counts.any()) and state in _JUDGED
    margin = "" if verdict.margin is None else "to the last bit" if verdict.margin == 0 else f"{verdict.margin:.2g} of its bound"
    return {
        "side": verdict.side, "state": state, "mark": MARKS[state], "outcome": verdict.outcome, "margin": margin, "elements": counted(verdict.elements, "element"),
        "spread": pictures.bars(margins) if shown and margins else [], "spread_said": pictures.bars_said(margins) if shown and margins else "",
        "reason": (verdict.reason or "") + (f" ({verdict.excused})" if verdict.excused else ""),
    }


def spec(report: Report, text: str) -> str:
    def badge(clause: str) -> str:
        verdicts = _of(report, clause)
        return " ".join(
            f'<span class="chip {_state(v)}">{MARKS[_state(v)]} {escape(v.side)}: {v.outcome}{"" if v.margin is None else f" {v.margin:.2g}"}</span>' for v in verdicts
        )

    return document.render(text, anchor, badge) if text else ""
