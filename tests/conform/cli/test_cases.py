"""A run file of many cases: each is a run of its own, all are executed and judged, and the report names the case."""

from __future__ import annotations

import json

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
    complains(tiny_project.call("mutate", "specs/lamp.rules", "--run", "many"), 2, "has cases, and this command takes one run", "many:bright")
    complains(tiny_project.call("check", "specs/lamp.rules", "--run", "many", "--format", "html"), 2, "shows one run", "many:bright")
    tiny_project.replace("runs/many.toml", '"lamp.2"]', '"lamp.22"]')
    complains(tiny_project.call("check", "specs/lamp.rules", "--run", "many"), 2, "lamp.22, which is no clause of these rules")
    tiny_project.replace("runs/many.toml", 'quirks = "far"', 'quirk = "far"')
    complains(tiny_project.call("check", "specs/lamp.rules", "--run", "many"), 2, "cases.far", "unknown key")


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


def test_every_format_for_programs_shows_every_case(tiny_project):
    from xml.etree import ElementTree

    with_cases(tiny_project)

    def shown(format: str) -> str:
        ended = tiny_project.call("check", "specs/lamp.rules", "--run", "many", "--format", format)
        assert ended.status == 1
        return ended.out

    assert {suite.get("name") for suite in ElementTree.fromstring(shown("junit"))} == {"many:bright a", "many:bright b", "many:far a", "many:far b"}
    assert [run["automationDetails"]["id"] for run in json.loads(shown("sarif"))["runs"]] == ["conform/lamp/many:bright/", "conform/lamp/many:far/"]
    assert shown("markdown").startswith("## conform: lamp: 1 of 2 cases conform") and "### First break: lamp.1" in shown("markdown")


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
