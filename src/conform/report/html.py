"""The report as one page that needs nothing else: no network, no server, no file beside it.

Works by keyboard, in light and dark, on paper. The same bytes for the same findings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conform.engine.survey import Row, Survey
from conform.exits import BREAKS, CONFORMS, OPEN
from conform.report import pictures
from conform.report.causes import given_lines, label_lines, largest, left, waterfall_rows
from conform.report.html_clauses import anchor, clauses, layers, spec
from conform.report.model import Report, Stated
from conform.report.words import accepted, besides, counted, still, terms, unjudged, values, verdict, where

PAGE = Path(__file__).parent / "page"
TONES = {CONFORMS: "good", BREAKS: "bad", OPEN: "warn"}


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
        said=findings(report), excused=_excused(report), layers=list(layers(report)), chain=_chain(report),
        maps=drawn, maps_left=left_out, audits=list(_audits(report, elements.audits)), clauses=list(clauses(report, elements.survey, bool(elements.document))), document=Markup(spec(report, elements.document)),
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


def _order(report: Report) -> list[tuple[str, str]]:
    """What matters most first: breaks, then by how close to the bound."""
    ranked = sorted(report.verdicts, key=lambda v: (v.outcome not in ("breaks", "waived"), -(v.margin or 0.0)))
    return [(v.clause, v.side) for v in ranked]


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


def _chain(report: Report) -> dict | None:
    fall = report.waterfall
    if fall is None or not fall.steps:
        return None
    shares = [step.share for step in fall.steps]
    rows = [(*row, f"{8 * shares[i]:.2f}" if i < len(shares) else "0") for i, row in enumerate(waterfall_rows(fall))]
    place = ", ".join(f"{axis} {i}" for axis, i in fall.at.items() if axis != report.tile_axis or len(fall.at) == 1)
    return {"rows": rows, "place": place}


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
