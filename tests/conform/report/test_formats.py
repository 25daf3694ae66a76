"""Every format says the same of one report: in the form that its readers validate."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml

from conform.report import html, junit, markdown, sarif, terminal
from conform.report.model import FailedWaiver, Left, Stated, Waived
from tests.conform.report.made import broken, judgement, not_alike, report, unchecked

SCHEMAS = Path(__file__).parent / "schemas"
SCHEMA = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text("utf-8"))
SARIF = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
# The schema by which Jenkins reads JUnit, as it stands in pytest's sources (9.2, testing/example_scripts; MIT). It was made before cases had
# properties, which JUnit, pytest and Surefire write and Jenkins, GitLab and GitHub read: they alone are added.
JENKINS = (SCHEMAS / "junit-10.xsd").read_text("utf-8")
OF_CASES = '<xs:element name="testcase">\n        <xs:complexType>\n            <xs:sequence>\n'
JUNIT = xmlschema.XMLSchema10(JENKINS.replace(OF_CASES, OF_CASES + '<xs:element ref="properties" minOccurs="0"/>\n'))


def stated(clause="lamp.1", title="Distance", needs=("offset",), defines=("distance",), layer=1) -> Stated:
    return Stated(clause=clause, title=title, quotes=("The distance is so.",), source="lamp.rules:20", document="lamp.md:3", text=f'clause {clause} "{title}"', needs=needs, defines=defines, layer=layer)


def whole(**more):
    """One break, one waived, one excused and one open clause, one that holds, a waiver that no longer fits."""
    found = broken(written_at="lamp.c:7", computes_instead="twice what the clause requires", instead_equation="distance = 2 * hypot(x, h)")
    waived = Waived(found=broken(clause="lamp.2", side="b"), share=0.5, accepted_margin=8e12, accepted_share=0.5, reason="known", owner="us", expires="2030-01-02")
    usual = dict(
        roots=(found,), exit_code=1, waived=(waived,), waivers_failed=(FailedWaiver(clause="lamp.3", side="a", problem="gone", text="a holds the clause now"),),
        unchecked=(unchecked(excused="no shutter"), unchecked("lamp.5", reason="`flux` is not in the trace")),
        stated=(stated(), stated("lamp.2", "Light", ("distance",), ("light",), 2), stated("lamp.3", "Sum", ("light",), ("image",), 3), stated("lamp.4"), stated("lamp.5")),
        verdicts=(judgement(outcome="breaks", margin=7.9e12), judgement("lamp.2", "b", "waived"), judgement("lamp.3"), judgement("lamp.4", outcome="unchecked", margin=None, reason="its guard is never true", excused="no shutter"),
                  judgement("lamp.5", outcome="unchecked", margin=None, reason="`flux` is not in the trace")),
    )
    return report(**(usual | more))


def results(text: str) -> list[dict]:
    return json.loads(text)["runs"][0]["results"]


# --- SARIF -----------------------------------------------------------------------------------------------------------


def test_sarif_is_valid_by_its_schema():
    assert [error.message for error in SARIF.iter_errors(json.loads(sarif.render(whole())))] == []


def test_the_schema_would_notice():
    planted = json.loads(sarif.render(whole()))
    planted["runs"][0]["results"][0]["level"] = "catastrophe"
    assert list(SARIF.iter_errors(planted))


def test_a_result_for_each_clause_and_side_with_its_outcome():
    found = results(sarif.render(whole()))
    assert [(r["ruleId"], r["kind"], r["level"]) for r in found] == [
        ("lamp.1", "fail", "error"), ("lamp.2", "fail", "error"), ("lamp.3", "pass", "none"), ("lamp.4", "notApplicable", "none"), ("lamp.5", "open", "none"), ("lamp.3", "fail", "error"),
    ]
    assert [bool(r.get("suppressions")) for r in found] == [False, True, False, False, False, False]


def test_a_break_stands_in_the_rules_and_points_to_the_spec_and_the_program():
    places = sarif.Places("specs", {"lamp.c": "programs/lamp.c"})
    found = results(sarif.render(whole(), places))[0]
    uris = [item["physicalLocation"]["artifactLocation"]["uri"] for item in (*found["locations"], *found["relatedLocations"])]
    assert uris == ["specs/lamp.rules", "specs/lamp.md", "programs/lamp.c"]
    unknown = results(sarif.render(whole()))[0]
    assert len(unknown["relatedLocations"]) == 1            # a file that nobody can find is no location


def test_the_flow_of_a_break_goes_through_the_clauses_that_take_its_value():
    steps = results(sarif.render(whole()))[0]["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"].split()[0] for step in steps] == ["distance", "lamp.2", "lamp.3"]


def test_what_the_sides_did_otherwise_is_a_result_of_its_own_whether_a_clause_breaks_or_not():
    for made in (report(**not_alike()), whole(**not_alike())):
        text = sarif.render(made)
        assert [error.message for error in SARIF.iter_errors(json.loads(text))] == []
        mine = [r for r in results(text) if r["ruleId"] in ("another-command", "another-input", "inputs-differ")]
        rules = json.loads(text)["runs"][0]["tool"]["driver"]["rules"]
        assert [(r["kind"], r["level"], r["properties"]["side"]) for r in mine] == [("fail", "error", "b"), ("fail", "error", "b"), ("fail", "error", "a and b")]
        assert [rules[r["ruleIndex"]]["id"] for r in mine] == [r["ruleId"] for r in mine] and "flux: a has 2, b has 3" in mine[2]["message"]["text"]
        assert len({r["partialFingerprints"]["clauseSide/v1"] for r in results(text)}) == len(results(text))
    assert not {r["ruleId"] for r in results(sarif.render(whole()))} & {"another-command", "another-input", "inputs-differ"}


# --- JUnit -----------------------------------------------------------------------------------------------------------


def test_junit_is_read_by_a_parser_with_the_right_counts(tmp_path):
    (tmp_path / "report.xml").write_text(junit.render(whole()), "utf-8")
    suites = JUnitXml.fromfile(str(tmp_path / "report.xml"))
    assert (suites.tests, suites.failures, suites.errors, sum(suite.skipped for suite in suites)) == (6, 2, 1, 2)


@pytest.mark.parametrize("made", [whole(), report(), report(**not_alike())], ids=["all kinds", "conforms", "not alike"])
def test_junit_is_valid_by_the_schema_of_its_readers(made):
    JUNIT.validate(junit.render(made))
    JUNIT.validate(junit.render_all([made, whole()]))
    bare = ElementTree.fromstring(junit.render(made))
    for case in bare.iter("testcase"):
        case.remove(case.find("properties"))
    xmlschema.XMLSchema10(JENKINS).validate(ElementTree.tostring(bare, encoding="unicode"))


@pytest.mark.parametrize("old, new", [
    ('<testcase classname="lamp.wall.a" name=', '<testcase classname="lamp.wall.a" label='), ("<failure ", "<broken "), ('failures="', 'failing="'), ("<properties>", "<properties><clause/>"),
])
def test_the_schema_of_junit_would_notice(old, new):
    text = junit.render(whole())
    planted = text.replace(old, new, 1).replace("</failure>", "</broken>", 1) if "broken" in new else text.replace(old, new, 1)
    assert planted != text and not JUNIT.is_valid(planted)


def test_each_case_carries_its_clause_as_a_property():
    cases = list(ElementTree.fromstring(junit.render(whole())).iter("testcase"))
    properties = [{item.get("name"): item.get("value") for item in case.iter("property")} for case in cases]
    assert [one["clause"] for one in properties] == ["lamp.1", "lamp.3", "lamp.4", "lamp.5", "lamp.2", "lamp.3"]
    assert cases[0].get("name") == "lamp.1 Distance" and cases[0].find("failure").get("type") == "breaks"
    assert cases[3].find("error").get("message") == "`flux` is not in the trace" and cases[4].find("skipped").get("message").startswith("waived")


def test_what_the_sides_did_otherwise_is_a_failing_case_even_where_no_clause_breaks(tmp_path):
    (tmp_path / "report.xml").write_text(junit.render(report(**not_alike())), "utf-8")
    suites = JUnitXml.fromfile(str(tmp_path / "report.xml"))
    assert (suites.tests, suites.failures, suites.errors) == (5, 3, 0)
    cases = [case for case in ElementTree.fromstring(junit.render(report(**not_alike()))).iter("testcase") if case.find("failure") is not None]
    assert [case.get("name") for case in cases] == ["another command: b", "another input: b", "inputs differ: flux"]
    assert cases[2].find("failure").get("message").startswith("flux: a has 2, b has 3")


# --- Markdown --------------------------------------------------------------------------------------------------------


def test_the_job_summary_begins_with_the_first_break():
    text = markdown.render(whole())
    assert text.startswith("## conform: lamp · wall: **breaks**\n\n### First break: lamp.1 Distance, side `a`")
    for part in ("### Waivers that no longer fit", "### Not checked", "### Waived", "no shutter", "distance = 2 * hypot(x, h)"):
        assert part in text


def test_the_job_summary_shows_what_the_sides_did_otherwise_and_values_under_a_wrong_name():
    text = markdown.render(report(**not_alike()))
    for part in ("### The sides did not do the same thing\n\n- b was traced with another command", "- flux: a has 2, b has 3", "### Wrong labels\n\n- offset\\_mm is printed in m, not in mm, by a"):
        assert part in text
    assert "### Wrong" not in markdown.render(whole()) and "same thing" not in markdown.render(whole())


def test_a_job_summary_is_never_larger_than_its_page_and_says_what_was_cut():
    long = "so " * 2000
    text = markdown.render(whole(unchecked=tuple(unchecked(f"lamp.{i}", reason=long) for i in range(400))))
    assert len(text.encode()) <= markdown.MOST_BYTES and "Cut here: the whole report has" in text
    assert "and 200 clauses more" in markdown.render(whole(unchecked=tuple(unchecked(f"lamp.{i}") for i in range(400))))


DOUBTS = {"ambiguous": dict(ambiguous="it flips at 3e-9"), "trace": dict(trace_problem="wrong place", trace_says="it is the sum"), "search": dict(pairs_tried=83)}
SAID = {"ambiguous": ("spec ambiguous", "it flips at 3e-9"), "trace": ("wrong place", "it is the sum"), "search": ("search cut short", "83 were tried")}


@pytest.mark.parametrize("render", [junit.render, sarif.render, markdown.render, html.render, terminal.render])
@pytest.mark.parametrize("doubt", DOUBTS)
def test_every_format_says_what_a_break_may_be_besides_a_mistake(render, doubt):
    kind, why = SAID[doubt]
    text = render(whole(roots=(broken(**DOUBTS[doubt]),)))
    assert kind in text.lower() and why in " ".join(text.split()) and kind not in render(whole()).lower()


@pytest.mark.parametrize("render", [markdown.render, html.render, terminal.render])
def test_what_nothing_explains_is_told_whether_a_clause_breaks_or_not(render):
    left = (Left(sides=("a", "b"), quantities=("light",), clauses=("lamp.4",), given=()),)
    for made in (report(left=left), whole(left=left)):
        assert " ".join(render(made).split()).count("1 difference left between a and b that no judged clause explains") == 1
    assert "explains" not in render(report())


@pytest.mark.parametrize("render", [markdown.render, html.render])
def test_a_further_break_has_its_doubts_beside_it(render):
    text = render(whole(roots=(broken(), broken(clause="lamp.2", side="b", **DOUBTS["ambiguous"]))))
    assert "; spec ambiguous: it flips at 3e-9" in text


# --- all of them -----------------------------------------------------------------------------------------------------

TEXTS = st.text(max_size=60)


@settings(max_examples=60)
@given(TEXTS, TEXTS, TEXTS)
def test_no_text_of_others_breaks_a_format(title, reason, run):
    made = whole(run=run or "run", roots=(broken(title=title, computes_instead=reason, quotes=(reason,)),), unchecked=(unchecked("lamp.5", reason=reason, title=title),))
    JUNIT.validate(junit.render(made))
    assert not list(SARIF.iter_errors(json.loads(sarif.render(made))))
    lines = markdown.render(made).splitlines()
    assert not any(line.startswith("<") and not line.startswith(("<details>", "</details>")) for line in lines)


def test_the_published_schema_is_that_of_real_reports_and_notices_what_is_none(tiny_project):
    schema = json.loads(tiny_project.call("report", "schema").out)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for options in ([], ["--quirks", "a=far"]):
        assert [error.message for error in validator.iter_errors(tiny_project.judge(*options))] == []
    assert list(validator.iter_errors({**tiny_project.judge(), "exit_code": 7}))
