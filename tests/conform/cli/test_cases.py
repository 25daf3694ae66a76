"""A run file of many cases: each is a run of its own, all are executed and judged, and the report names the case."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from conform.cli.forms import Form
from tests.conform.report.test_formats import SARIF
from tests.conform.report.test_html import Reader

CASES = """
[cases.bright]
title = "as it is"
not_judged = { "no shutter" = ["lamp.4"] }

[cases.far]
title = "a departs from the spec"
sides = { a = { quirks = "far" } }
judge = ["lamp.1", "lamp.2"]
"""


def with_cases(tiny_project):
    text = tiny_project.text("runs/wall.toml").replace('[not_judged]\n"no shutter" = ["lamp.4"]', "")
    tiny_project.write("runs/many.toml", text + CASES)


def test_each_case_is_judged_and_the_worst_decides(tiny_project):
    with_cases(tiny_project)
    ended = tiny_project.call("check", "specs/lamp.rules", "--run", "many", "--format", "json")
    suite = json.loads(ended.out)
    bright, far = suite["cases"]
    assert (suite["format"], ended.status, suite["exit_code"]) == ("conform-suite/1", 1, 1)
    assert (bright["name"], bright["report"]["exit_code"], far["report"]["exit_code"]) == ("bright", 0, 1)
    assert far["report"]["run"] == "many:far" and {entry["clause"] for entry in far["report"]["verdicts"]} == {"lamp.1", "lamp.2"}
    assert {root["side"] for root in far["report"]["roots"]} == {"a"}


def test_the_terminal_shows_a_line_for_each_and_the_report_of_what_does_not_conform(tiny_project):
    with_cases(tiny_project)
    ended = tiny_project.call("check", "specs/lamp.rules", "--run", "many", "--jobs", "1")
    assert "  bright  " in ended.out and "BREAKS lamp.1 on a" in ended.out and ended.out.endswith("1 of 2 cases conform\n")
    assert ended.out.count("FIRST BREAK") == 1


def test_one_case_is_a_run_for_every_command(tiny_project):
    with_cases(tiny_project)
    assert tiny_project.call("check", "specs/lamp.rules", "--run", "many:bright").status == 0
    assert tiny_project.call("coverage", "specs/lamp.rules", "--run", "many:far").status in (0, 1)


def test_what_is_wrong_with_a_case_is_said(tiny_project, complains):
    with_cases(tiny_project)
    complains(tiny_project.call("check", "specs/lamp.rules", "--run", "many:brigth"), 2, "no case `brigth`", "did you mean `bright`")
    complains(tiny_project.call("check", "specs/lamp.rules", "--run", "many", "--pixel", "1,1"), 2, "has cases, and this is of one run", "many:CASE")
    tiny_project.replace("runs/many.toml", '"lamp.2"]', '"lamp.22"]')
    complains(tiny_project.call("check", "specs/lamp.rules", "--run", "many"), 2, "lamp.22, which is no clause of these rules")
    tiny_project.replace("runs/many.toml", 'quirks = "far"', 'quirk = "far"')
    complains(tiny_project.call("check", "specs/lamp.rules", "--run", "many"), 2, "cases.far", "unknown key")


def test_mistakes_are_tried_on_every_case(tiny_project):
    with_cases(tiny_project)
    assert "lamp.rules · many:bright, many:far" in tiny_project.call("mutate", "specs/lamp.rules", "--run", "many").out


def shard(tiny_project, case: str) -> str:
    tiny_project.call("check", "specs/lamp.rules", "--run", f"many:{case}", "--format", "json", "--output", f"{case}.json")
    return f"{case}.json"


def test_shards_are_joined_to_the_bytes_of_the_whole_in_any_order(tiny_project):
    with_cases(tiny_project)
    whole = tiny_project.call("check", "specs/lamp.rules", "--run", "many", "--format", "json")
    bright, far = shard(tiny_project, "bright"), shard(tiny_project, "far")
    tiny_project.write("whole.json", whole.out)
    for words in ([bright, far], [far, bright], [far, "whole.json", far]):
        joined = tiny_project.call("report", "merge", *words)
        assert joined.out == whole.out and joined.status == whole.status == 1
    assert tiny_project.call("report", "merge", bright).status == 0


@pytest.mark.parametrize("form", Form)
def test_joined_shards_are_the_bytes_of_the_whole_in_every_form(tiny_project, form):
    with_cases(tiny_project)
    whole = tiny_project.call("check", "specs/lamp.rules", "--run", "many", "--format", form.value)
    words = ["report", "merge", shard(tiny_project, "far"), shard(tiny_project, "bright"), "--format", form.value]
    assert tiny_project.call(*words).out == tiny_project.call(*words, "--rules", "specs/lamp.rules").out == whole.out != ""
    tiny_project.write("far.json", tiny_project.text("far.json").replace("The distance", "No distance"))
    assert tiny_project.call(*words).out != whole.out


def test_sarif_of_shards_needs_the_rules_whose_lines_it_names(tiny_project, complains):
    with_cases(tiny_project)
    far = shard(tiny_project, "far")
    (tiny_project.root / "rules").mkdir()
    (tiny_project.root / "specs/lamp.rules").rename(tiny_project.root / "rules/lamp.rules")
    complains(tiny_project.call("report", "merge", far, "--format", "sarif"), 2, "specs/lamp.rules is not there", "--rules")
    assert '"uri": "rules/lamp.rules"' in tiny_project.call("report", "merge", far, "--format", "sarif", "--rules", "rules/lamp.rules").out


def test_what_cannot_be_joined_is_said(tiny_project, complains):
    with_cases(tiny_project)
    far = shard(tiny_project, "far")
    tiny_project.write("other.json", tiny_project.text(far).replace('"elements": 9', '"elements": 8', 1))
    complains(tiny_project.call("report", "merge", far, "other.json"), 2, "say different things of the case far")
    tiny_project.write("else.json", tiny_project.text(far).replace('"many:far"', '"more:far"'))
    complains(tiny_project.call("report", "merge", far, "else.json"), 2, "else.json is of more and lamp.rules")
    tiny_project.write("plain.json", json.dumps(tiny_project.judge()))
    complains(tiny_project.call("report", "merge", "plain.json"), 2, "a run without cases")
    tiny_project.write("none.json", "{}")
    complains(tiny_project.call("report", "merge", "none.json"), 2, "none.json: not a report of conform")
    complains(tiny_project.call("report", "merge", "missing.json"), 2, "missing.json: cannot be read")


@pytest.fixture
def shown(tiny_project):
    """A function: a format to what a check of all cases writes in it."""
    with_cases(tiny_project)

    def show(format: str) -> str:
        ended = tiny_project.call("check", "specs/lamp.rules", "--run", "many", "--format", format)
        assert ended.status == 1
        return ended.out
    return show


def test_junit_has_a_case_for_each_clause_on_each_side_in_each_case(shown):
    suites = ElementTree.fromstring(shown("junit"))
    assert {suite.get("name") for suite in suites} == {"many:bright a", "many:bright b", "many:far a", "many:far b"}
    cases = [tuple(next(item.get("value") for item in case.iter("property") if item.get("name") == name) for name in ("run", "side", "clause")) for case in suites.iter("testcase")]
    verdicts = [(one["report"]["run"], v["side"], v["clause"]) for one in json.loads(shown("json"))["cases"] for v in one["report"]["verdicts"]]
    assert sorted(cases) == sorted(verdicts) and len(set(cases)) == len(cases) == int(suites.get("tests")) == 12
    assert len({(case.get("classname"), case.get("name")) for case in suites.iter("testcase")}) == len(cases)
    failed = [case.get("classname") for case in suites.iter("testcase") if case.find("failure") is not None]
    assert failed == ["lamp.many:far.a"] and suites.get("failures") == "1"


def test_sarif_has_a_run_for_each_case_and_no_fingerprint_twice(shown):
    report = json.loads(shown("sarif"))
    assert [error.message for error in SARIF.iter_errors(report)] == []
    assert [run["automationDetails"]["id"] for run in report["runs"]] == ["conform/lamp/many:bright/", "conform/lamp/many:far/"]
    prints = [one["partialFingerprints"]["clauseSide/v1"] for run in report["runs"] for one in run["results"]]
    assert len(set(prints)) == len(prints) == 12


def test_markdown_lists_the_cases_and_then_those_that_do_not_conform(shown):
    text = shown("markdown")
    assert text.startswith("## conform: lamp: 1 of 2 cases conform") and "| many:bright | conforms | 3 of 4 |" in text and "### First break: lamp.1" in text
    assert text.count("### First break") == 1


def test_the_page_of_many_cases_lists_them_with_the_first_break_of_each(shown):
    text = shown("html")
    read = Reader(text)
    assert read.fetched == [] and len(read.ids) == len(set(read.ids)) and {link[1:] for link in read.links} <= set(read.ids)
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td class="(\w+)">([^<]*)</td><td>([^<]*)</td>', text)
    assert rows == [('<a href="#case-0">far</a>', "bad", "breaks", "lamp.1 Distance, side a"), ("bright", "good", "conforms", "")]      # what breaks first
    assert text.count("First break:") == 1 and "1 of 2 cases conform" in text and shown("html") == text


def test_one_clause_of_many_cases(tiny_project, complains):
    with_cases(tiny_project)

    def call(*words):
        return tiny_project.call("check", "specs/lamp.rules", "--run", "many", *words)
    broken, other, quiet = call("--clause", "lamp.1"), call("--clause", "lamp.3"), call("--quiet")
    assert broken.status == 1 and "bright  1 of 1 clauses judged  conforms" in broken.out and "far     1 of 1 clauses judged  BREAKS lamp.1 on a" in broken.out
    assert other.status == 0 and "far" not in other.out and other.out.endswith("conforms\n")      # that case is there for other clauses
    assert quiet.status == 1 and "bright" not in quiet.out and "BREAKS lamp.1 on a" in quiet.out and len(quiet.out.splitlines()) == 3
    complains(tiny_project.call("check", "specs/lamp.rules", "--run", "many:far", "--clause", "lamp.3"), 2, "many:far is not there for it", "judge")


def test_a_run_beside_the_one_that_is_judged_is_executed_on_every_side(tiny_project):
    lines = ['input out_flag : first | second from "-again" is second', "run again with out_flag = second", 'clause lamp.9 "Again" "Twice the same."', "  require image == image@again and (sum over pixel: image)@b == (sum over pixel: image)@b@again"]
    tiny_project.write("specs/again.rules", 'include "lamp.rules"\n' + "\n".join(lines) + "\n")
    tiny_project.write("specs/lamp.md", tiny_project.text("specs/lamp.md") + "\n### lamp.9 Again\n\nTwice the same.\n")
    before = len(tiny_project.kept("traces"))
    ended = tiny_project.call("check", "specs/again.rules", "--run", "wall", "--format", "json")
    verdicts = [(entry["side"], entry["outcome"]) for entry in json.loads(ended.out)["verdicts"] if entry["clause"] == "lamp.9"]
    assert verdicts == [("a", "holds"), ("b", "holds")]
    assert len(tiny_project.kept("traces")) == before + 4


def test_a_case_without_a_trace_shows_its_image_alone(tiny_project):
    text = tiny_project.text("runs/wall.toml")
    start, end = text.index("[capture]"), text.index("[not_judged]")
    tiny_project.write("runs/blind.toml", text[:start] + "[capture]\ntrace = false\n\n" + text[end:])
    report = json.loads(tiny_project.call("check", "specs/lamp.rules", "--run", "blind", "--format", "json").out)
    assert report["elements"] == 24 and report["judged"] < report["clauses"]
