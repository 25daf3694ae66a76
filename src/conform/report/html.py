"""The report as one page that needs nothing else: no network, no server, no file beside it.

Works by keyboard, in light and dark, on paper. The same bytes for the same findings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conform.engine.survey import Row, Survey
from conform.report import document, pictures
from conform.report.causes import given_lines, label_lines, largest, left, waterfall_rows
from conform.report.model import Judgement, Report, Stated
from conform.report.words import accepted, besides, counted, still, terms, unjudged, values, verdict, where

PAGE = Path(__file__).parent / "page"
MARKS = {"holds": "✓", "breaks": "✗", "waived": "◇", "other": "~", "unchecked": "–"}
_STATES = {"holds": "holds", "tie": "holds", "breaks": "breaks", "waived": "waived", "unchecked": "unchecked"}
_WORST = ("breaks", "waived", "other", "unchecked", "holds")
TONES = {0: "good", 1: "bad", 3: "warn"}    # by exit status


@dataclass(frozen=True)
class Elements:
    """What a report itself does not hold: the survey of all elements, some single ones, and the text of the document."""

    survey: Survey | None = None
    audits: Mapping[str, Sequence[Row]] = field(default_factory=dict)        # name of the pixel -> its rows
    document: str = ""


def render(report: Report, elements: Elements = Elements()) -> str:
    drawn, places, left_out = pictures.maps(elements.survey, _order(report)) if elements.survey else ([], [], 0)
    data = {"maps": [{"codes": one.codes, "place": one.place} for one in drawn], "places": places}
    return page(
        "page.html.j2", report=report, verdict=verdict(report), tone=TONES[report.exit_code], script=Markup(_file("page.js")), data=Markup(_json(data)),
        said=findings(report), excused=_excused(report), layers=list(_layers(report)), chain=_chain(report),
        maps=drawn, maps_left=left_out, audits=list(_audits(report, elements.audits)), clauses=list(_clauses(report, elements)), document=Markup(_document(report, elements.document)),
    )


def page(template: str, **shown: object) -> str:
    """A template filled in; it knows the words of a report and the style of all pages."""
    environment = Environment(loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["capitalise"] = lambda text: text[:1].upper() + text[1:]
    environment.globals.update(where=where, values=values, besides=besides, counted=counted, figure=_figure, anchor=anchor, accepted=accepted, terms=terms, unjudged=unjudged)
    return environment.get_template(template).render(style=Markup(_file("page.css")), **shown)


def findings(report: Report) -> dict[str, object]:
    """Sentences about what was found, most important first."""
    return {
        "follows": _follows(report), "largest": largest(report) if report.roots else "", "left": [left(one) for one in report.left],
        "given": given_lines(report), "labels": label_lines(report), "open_ones": [item for item in report.unchecked if item.excused is None],
    }


def anchor(clause: str) -> str:
    return clause.replace(".", "-")


def _file(name: str) -> str:
    return (PAGE / name).read_text("utf-8")


def _json(data: object) -> str:
    """Within a script element: nothing in it may end that."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _figure(value: float) -> str:
    return f"{value:.3g}"


def _follows(report: Report) -> str:
    if report.explained is None:
        return ""
    names = ", ".join(report.explained.differing) or "nothing"
    return f"What follows: {names} differ between the sides; {still(report.explained, report.roots[1:])}"


def _excused(report: Report) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in report.unchecked:
        if item.excused is not None and item.clause not in found.setdefault(item.excused, []):
            found[item.excused].append(item.clause)
    return found


def _order(report: Report) -> list[tuple[str, str]]:
    """What matters most first: breaks, then by how close to the bound."""
    ranked = sorted(report.verdicts, key=lambda v: (v.outcome not in ("breaks", "waived"), -(v.margin or 0.0)))
    return [(v.clause, v.side) for v in ranked]


def _chain(report: Report) -> dict | None:
    fall = report.waterfall
    if fall is None or not fall.steps:
        return None
    shares = [step.share for step in fall.steps]
    rows = [(*row, f"{8 * shares[i]:.2f}" if i < len(shares) else "0") for i, row in enumerate(waterfall_rows(fall))]
    place = ", ".join(f"{axis} {i}" for axis, i in fall.at.items() if axis != report.tile_axis or len(fall.at) == 1)
    return {"rows": rows, "place": place}


# --- clauses ---------------------------------------------------------------------------------------------------------


def _state(verdict: Judgement) -> str:
    return _STATES.get(verdict.outcome, "other")


def _of(report: Report, clause: str) -> list[Judgement]:
    return [v for v in report.verdicts if v.clause == clause]


def _overall(verdicts: Iterable[Judgement]) -> str:
    states = {_state(v) for v in verdicts}
    return next((state for state in _WORST if state in states), "unchecked")


def _said(verdicts: Iterable[Judgement]) -> str:
    return ", ".join(f"{v.outcome} on {v.side}" for v in verdicts)


def _layers(report: Report) -> Iterator[list[dict]]:
    for layer in sorted({one.layer for one in report.stated}):
        row = []
        for one in (one for one in report.stated if one.layer == layer):
            state = _overall(_of(report, one.clause))
            row.append({"stated": one, "state": state, "mark": MARKS[state], "said": _said(_of(report, one.clause))})
        yield row


def _clauses(report: Report, elements: Elements) -> Iterator[dict]:
    defined: dict[str, list[str]] = {}
    for one in report.stated:
        for name in one.defines:
            defined.setdefault(name, []).append(one.clause)
    for one in report.stated:
        needs = [{"name": name, "clauses": [clause for clause in defined.get(name, []) if clause != one.clause]} for name in one.needs]
        yield {"stated": one, "needs": needs, "in_document": bool(elements.document and one.document), "verdicts": [_line(v, elements.survey) for v in _of(report, one.clause)]}


def _line(verdict: Judgement, survey: Survey | None) -> dict:
    margins = survey.margins.get((verdict.clause, verdict.side)) if survey else None
    shown = margins is not None and bool(margins.counts.any())
    state = _state(verdict)
    margin = "" if verdict.margin is None else "to the last bit" if verdict.margin == 0 else f"{verdict.margin:.2g} of its bound"
    return {
        "side": verdict.side, "state": state, "mark": MARKS[state], "outcome": verdict.outcome, "margin": margin, "elements": counted(verdict.elements, "element"),
        "spread": pictures.bars(margins) if shown and margins else [], "spread_said": pictures.bars_said(margins) if shown and margins else "",
        "reason": (verdict.reason or "") + (f" ({verdict.excused})" if verdict.excused else ""),
    }


# --- single elements -------------------------------------------------------------------------------------------------


def _audits(report: Report, audits: Mapping[str, Sequence[Row]]) -> Iterator[dict]:
    titles: Mapping[str, Stated] = {one.clause: one for one in report.stated}
    for name, rows in audits.items():
        yield {"name": name, "rows": [_row(report, row) for row in rows if row.clause in titles]}


def _row(report: Report, row: Row) -> dict:
    cells = []
    for side in report.sides:
        held = row.sides.get(side)
        cells.append({"traced": "", "required": "", "ratio": "", "bad": False} if held is None else
                     {"traced": f"{held.traced:.12g}", "required": f"{held.required:.12g}", "ratio": f"{held.ratio:.2g}", "bad": held.ratio > 1})
    return {"clause": row.clause, "target": row.target, "at": ", ".join(f"{axis} {i}" for axis, i in row.at.items() if i), "cells": cells}


def _document(report: Report, text: str) -> str:
    def badge(clause: str) -> str:
        verdicts = _of(report, clause)
        return " ".join(
            f'<span class="chip {_state(v)}">{MARKS[_state(v)]} {escape(v.side)}: {v.outcome}{"" if v.margin is None else f" {v.margin:.2g}"}</span>' for v in verdicts
        )

    return document.render(text, anchor, badge) if text else ""
