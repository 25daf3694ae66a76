"""The report as SARIF 2.1.0, for code scanning: a result for each clause on each side, whatever its outcome.

The location is the clause in the rules file; related are the sentence of the spec and the line of the program that handed the
value over. A break carries the chain of clauses that follow from it as a code flow. A waived break is suppressed, so that
alerts neither vanish nor flap. Where they point to: conform.report.sarif_places.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from conform.report.alike import TITLES, not_alike
from conform.report.model import Break, Judgement, Report, Stated, Waived
from conform.report.sarif_places import Places, flow, related, said
from conform.report.words import besides, values, where

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_KIND = {"holds": "pass", "tie": "pass", "breaks": "fail", "waived": "fail"}


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
        others = [{"id": i} | place | said(text) for i, (place, text) in enumerate(related(one, found, places), 1)]
        result |= {"relatedLocations": others} if others else {}
    if root is not None and one is not None:
        result["codeFlows"] = [{"threadFlows": [{"locations": list(flow(report, root, places))}]}]
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
