"""The cases of one run as a page: a table of them all with each one's first break, then what was found in those that do not conform.

Like the page of one run it needs nothing else, and is the same bytes for the same findings.
"""

from __future__ import annotations

from conform.exits import CONFORMS, WORST_FIRST
from conform.report.cases import Suite
from conform.report.html import TONES, findings, page
from conform.report.words import counted, verdict


def render(suite: Suite) -> str:
    conforming = sum(case.report.exit_code == CONFORMS for case in suite.cases)
    cases = [
        {"key": f"case-{i}", "name": case.name, "title": case.title, "report": case.report, "verdict": verdict(case.report), "tone": TONES[case.report.exit_code],
         "first": case.report.first_break, "said": findings(case.report), "shown": bool(case.report.exit_code or case.report.waived or case.report.waived_unjudged)}
        for i, case in enumerate(sorted(suite.cases, key=lambda case: WORST_FIRST.index(case.report.exit_code)))
    ]
    whole = "conforms" if suite.exit_code == CONFORMS else f"{conforming} of {counted(len(cases), 'case')} conform"
    return page("cases.html.j2", suite=suite, verdict=whole, tone=TONES[suite.exit_code], cases=cases)
