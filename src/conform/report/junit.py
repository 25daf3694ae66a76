"""The report as JUnit: a suite for each side, a test case for each clause, with the property `clause`.

A break is a failure; what should have been judged and could not be is an error; what the run is not meant to judge, and an
accepted break, is skipped. A waiver that no longer fits, a side that did something else and an input that differs are failing cases of
their own. No times: equal findings, equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from conform.report.alike import NotAlike, not_alike
from conform.report.model import Break, Judgement, Report, Waived
from conform.report.words import accepted, besides, counted, terms, values, where


def render(report: Report) -> str:
    return render_all([report])


def render_all(reports: Sequence[Report]) -> str:
    """Several cases of one run: the suites of each."""
    suites = Element("testsuites", name=_text(f"conform {reports[0].spec}"))
    for report in reports:
        for side in report.sides:
            suites.append(_suite(f"{report.run} {side}", [_case(report, v) for v in report.verdicts if v.side == side]))
        if others := [_not_alike(report, one) for one in not_alike(report)]:
            suites.append(_suite(f"{report.run} sides", others))
        if report.waivers_failed:
            suites.append(_suite(f"{report.run} waivers", list(_failed(report))))
    for count in ("tests", "failures", "errors"):            # how many are skipped has no place here in the schema
        suites.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _suite(name: str, cases: Sequence[Element]) -> Element:
    suite = Element("testsuite", name=_text(name), tests=str(len(cases)))
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(case.find(tag) is not None for case in cases)))
    suite.extend(cases)
    return suite


def _case(report: Report, verdict: Judgement) -> Element:
    case = _named(report, verdict.side, f"{verdict.clause} {_title(report, verdict)}".strip(), verdict.clause, margin=verdict.margin, elements=verdict.elements)
    match verdict.outcome:
        case "breaks":
            root = next(root for root in report.roots if (root.clause, root.side) == (verdict.clause, verdict.side))
            _ending(case, "failure", "breaks", where(root), "\n".join(_story(root)))
        case "waived":
            one = next(one for one in report.waived if (one.found.clause, one.found.side) == (verdict.clause, verdict.side))
            _ending(case, "skipped", "waived", _accepted(one))
        case "holds" | "tie":
            pass
        case _:
            excused = verdict.excused is not None
            _ending(case, "skipped" if excused else "error", verdict.outcome, f"{verdict.reason}{f' ({verdict.excused})' if excused else ''}")
    return case


def _title(report: Report, verdict: Judgement) -> str:
    return next((one.title for one in report.stated if one.clause == verdict.clause), "")


def _named(report: Report, side: str, name: str, clause: str | None, **properties: object) -> Element:
    case = Element("testcase", classname=_text(f"{report.spec}.{report.run}.{side}"), name=_text(name))
    listed = SubElement(case, "properties")
    for key, value in {"clause": clause, "side": side, "run": report.run, **properties}.items():
        if value is not None:
            SubElement(listed, "property", name=key, value=_text(f"{value:.6g}" if isinstance(value, float) else str(value)))
    return case


def _ending(case: Element, tag: str, kind: str, message: str, text: str = "") -> None:
    SubElement(case, tag, type=kind, message=_text(message)).text = _text(text) or None


def _story(root: Break) -> Iterator[str]:
    yield from root.quotes[:1]
    yield values(root)
    yield from (f"{kind}: {text}" for kind, text in besides(root))
    if root.computes_instead:
        yield f"{root.side} has there {root.computes_instead}" + (f": {root.instead_equation}" if root.instead_equation else "")
    if root.speaks_for:
        yield f"it speaks for {counted(len(root.speaks_for), 'clause')} besides: {', '.join(root.speaks_for)}"
    yield f"rule: {root.source}"


def _accepted(one: Waived) -> str:
    return f"waived: {accepted(one)}; {terms(one)}"


def _failed(report: Report) -> Iterator[Element]:
    for item in report.waivers_failed:
        case = _named(report, item.side, f"waiver of {item.clause} on {item.side}", item.clause)
        _ending(case, "failure", item.problem, item.text)
        yield case


def _not_alike(report: Report, one: NotAlike) -> Element:
    case = _named(report, one.side, f"{one.kind}: {one.what}", None)
    _ending(case, "failure", one.kind, one.text)
    return case


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(text: str) -> str:
    """Without the characters that XML 1.0 cannot carry."""
    return _NOT_XML.sub("\ufffd", text)
