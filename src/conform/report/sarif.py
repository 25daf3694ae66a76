"""The report as SARIF 2.1.0, for code scanning: a result for each clause on each side, whatever its outcome.

The location is the clause in the rules file; related are the sentence of the spec and the line of the program that handed the
value over. A break carries the chain of clauses that follow from it as a code flow. A waived break is suppressed, so that
alerts neither vanish nor flap. Paths are relative to the project (uriBaseId %SRCROOT%).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import join, normpath
from urllib.parse import quote

from conform.report.alike import TITLES, not_alike
from conform.report.model import Break, Judgement, Report, Stated, Waived
from conform.report.words import besides, values, where

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "%SRCROOT%"
_KIND = {"holds": "pass", "tie": "pass", "breaks": "fail", "waived": "fail"}
MOST_STEPS = 40                          # of a code flow


@dataclass(frozen=True)
class Places:
    """Where files lie in the project: the folder of the rules, and files of programs by their names."""

    rules: str = ""
    programs: Mapping[str, str] = field(default_factory=dict)

    def of_rules(self, place: str) -> dict:
        """`lattice.rules:12`, as seen from the folder of the rules."""
        file, _, line = place.rpartition(":")
        return _location(normpath(join(self.rules, file)), int(line))

    def of_program(self, place: str) -> dict | None:
        """`crystal.c:40`, if the project has one file of that name."""
        file, _, line = place.rpartition(":")
        known = self.programs.get(file)
        return _location(known, int(line)) if known and line.isdigit() and int(line) > 0 else None


def render(report: Report, places: Places = Places()) -> str:
    return render_all([report], places)


def render_all(reports: Sequence[Report], places: Places = Places()) -> str:
    """Several cases of one run: each is a run of the tool."""
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, places) for report in reports]}, indent=1, ensure_ascii=False) + "\n"


def _run(report: Report, places: Places) -> dict:
    return {
        "tool": {"driver": {"name": "conform", "rules": [*(_rule(one) for one in report.stated), *_kinds(report)]}},
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": f"conform/{report.spec}/{report.run}/"},
        "results": [*(_result(report, v, places) for v in report.verdicts), *_failed(report, places), *_apart(report, places)],
        "properties": {"exit_code": report.exit_code, "sides": list(report.sides), "rules": report.rules},
    }


def _rule(one: Stated) -> dict:
    rule: dict = {"id": one.clause, "name": one.title or one.clause, "shortDescription": {"text": one.title or one.clause}}
    if one.quotes:
        rule["fullDescription"] = {"text": " ".join(one.quotes)}
    return rule | {"help": {"text": one.text}}


def _result(report: Report, verdict: Judgement, places: Places) -> dict:
    root, accepted = _root(report, verdict), _accepted(report, verdict)
    found = accepted.found if accepted else root
    one = next((one for one in report.stated if one.clause == verdict.clause), None)
    result: dict = {
        "ruleId": verdict.clause, "kind": _KIND.get(verdict.outcome, _unjudged(verdict)), "level": _level(verdict),
        "message": {"text": _message(verdict, found)}, "partialFingerprints": {"clauseSide/v1": f"{verdict.clause}/{verdict.side}/{report.run}"},
        "properties": {"side": verdict.side, "outcome": verdict.outcome, "elements": verdict.elements} | _figures(verdict),
    }
    if one is not None:
        result |= {"ruleIndex": report.stated.index(one), "locations": [places.of_rules(found.source if found else one.source)]}
        related = [{"id": i} | place | _said(text) for i, (place, text) in enumerate(_related(one, found, places), 1)]
        result |= {"relatedLocations": related} if related else {}
    if root is not None and one is not None:
        result["codeFlows"] = [{"threadFlows": [{"locations": list(_flow(report, root, places))}]}]
    if accepted is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": f"{accepted.reason} ({accepted.owner}, until {accepted.expires})"}]
    return result


def _root(report: Report, verdict: Judgement) -> Break | None:
    return next((root for root in report.roots if (root.clause, root.side) == (verdict.clause, verdict.side)), None)


def _accepted(report: Report, verdict: Judgement) -> Waived | None:
    return next((one for one in report.waived if (one.found.clause, one.found.side) == (verdict.clause, verdict.side)), None)


def _unjudged(verdict: Judgement) -> str:
    return "notApplicable" if verdict.excused is not None else "open"


def _level(verdict: Judgement) -> str:
    """Only a failure has a level, in SARIF's words."""
    return "error" if verdict.outcome in ("breaks", "waived") else "none"


def _message(verdict: Judgement, found: Break | None) -> str:
    if found is None:
        what = {"holds": "holds", "tie": "holds, with decisions that fell the other way inside their rounding"}.get(verdict.outcome, f"not judged: {verdict.reason}")
        return f"{verdict.clause} on {verdict.side}: {what}" + (f" ({verdict.excused})" if verdict.excused else "")
    instead = f" {found.side} has there {found.computes_instead}." if found.computes_instead else ""
    other = "".join(f" {kind[:1].upper()}{kind[1:]}: {text}." for kind, text in besides(found))
    return f"{found.clause} {found.title}, side {found.side}: breaks {where(found)}. {values(found)}.{instead}{other}"


def _figures(verdict: Judgement) -> dict[str, str]:
    return {name: f"{value:.6g}" for name in ("margin", "ulps", "bits") if (value := getattr(verdict, name)) is not None}


def _related(one: Stated, found: Break | None, places: Places) -> Iterator[tuple[dict, str]]:
    if one.document:
        yield places.of_rules(one.document), "the sentence of the spec"
    if found is not None and (place := places.of_program(found.written_at)):
        yield place, f"where {found.side} hands over {found.target}"


def _flow(report: Report, root: Break, places: Places) -> Iterator[dict]:
    """The clauses that the first wrong value goes through, in graph order."""
    reached = {root.target}
    yield {"location": places.of_rules(root.source) | _said(f"{root.target} breaks here, on {root.side}")}
    steps = 1
    for one in report.stated:
        through = [name for name in one.needs if name in reached]
        if through and one.clause != root.clause and steps < MOST_STEPS:
            reached |= set(one.defines)
            steps += 1
            yield {"location": places.of_rules(one.source) | _said(f"{one.clause} {one.title}: takes {', '.join(through)}")}


def _failed(report: Report, places: Places) -> Iterator[dict]:
    index = {one.clause: i for i, one in enumerate(report.stated)}
    for item in report.waivers_failed:
        result: dict = {"ruleId": item.clause, "kind": "fail", "level": "error", "message": {"text": f"waiver of {item.clause} on {item.side}: {item.text}"}}
        if item.clause in index:
            result |= {"ruleIndex": index[item.clause], "locations": [places.of_rules(report.stated[index[item.clause]].source)]}
        yield result | {"partialFingerprints": {"clauseSide/v1": f"waiver/{item.clause}/{item.side}/{report.run}"}, "properties": {"problem": item.problem, "side": item.side}}


def _kinds(report: Report) -> Iterator[dict]:
    """Rules of ours, of which the sides broke one before any clause was judged."""
    for kind in dict.fromkeys(one.kind for one in not_alike(report)):
        yield {"id": _id(kind), "name": TITLES[kind], "shortDescription": {"text": TITLES[kind]}}


def _apart(report: Report, places: Places) -> Iterator[dict]:
    kinds = [one["id"] for one in _kinds(report)]
    for one in not_alike(report):
        yield {
            "ruleId": _id(one.kind), "ruleIndex": len(report.stated) + kinds.index(_id(one.kind)), "kind": "fail", "level": "error",
            "message": {"text": one.text}, "locations": [places.of_rules(f"{report.rules}:1")],
            "partialFingerprints": {"clauseSide/v1": f"{_id(one.kind)}/{one.what}/{one.side}/{report.run}"}, "properties": {"side": one.side},
        }


def _id(kind: str) -> str:
    return kind.replace(" ", "-")


def _location(uri: str, line: int) -> dict:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(uri), "uriBaseId": BASE}, "region": {"startLine": line}}}


def _said(text: str) -> dict:
    return {"message": {"text": text}}
