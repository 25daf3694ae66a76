"""`conform coverage`: what a set of runs leaves unexercised, and which reasons count."""

from __future__ import annotations

import json

import pytest

LAMP, DOCUMENT = "specs/lamp.rules", "specs/lamp.md"


@pytest.fixture
def cover(tiny_project):
    """The report on some runs; its exit status is that of the command."""

    def report(*runs: str) -> dict:
        ended = tiny_project.call("coverage", LAMP, *(word for run in runs or ("wall",) for word in ("--run", run)), "--format", "json")
        assert ended.err == ""
        found = json.loads(ended.out)
        assert found["format"] == "conform-coverage/1" and found["exit_code"] == ended.status
        return found

    return report


def brief(gaps, *keys):
    return [tuple(gap[key] for key in keys) for gap in gaps]


def test_coverage_shows_every_gap_with_its_reason(tiny_project):
    tiny_project.write(DOCUMENT, tiny_project.text(DOCUMENT) + "\n### lamp.5 Colour\nThe light is white.\n*No rule:* not testable, because no program knows a colour.\n")
    ended = tiny_project.call("coverage", LAMP, "--run", "wall")
    assert (ended.status, ended.err) == (1, "")
    assert ended.out == """conform coverage · lamp · wall · a, b
clauses of the document without a rule: 1 of 5, 0 without a reason
  lamp.5 Colour (not testable, because no program knows a colour.)
rules not judged: 1 of 4, 1 without a reason
  lamp.4 Shutter: its guard is never true (no shutter)
guards never taken: 1 of 1, 1 without a reason
  lamp.4 shut: when shuttered, lamp.rules:32
branches never taken: 0 of 0
not covered
"""


def test_what_has_a_reason_counts_as_covered(tiny_project, cover):
    tiny_project.replace(LAMP, "  shut = light * transmission", "  shut = light * transmission  # No run: no test needed, because nobody has a shutter")
    found = cover()
    assert found["exit_code"] == 0
    for gap in (*found["clauses_not_judged"], *found["guards_not_taken"]):
        assert (gap["clause"], gap["reason"], gap["because"]) == ("lamp.4", "no test needed", "nobody has a shutter")


def test_the_reason_of_a_run_file_is_shown_and_does_not_count(cover):
    found = cover()
    assert found["exit_code"] == 1
    assert {why["excused"] for why in found["clauses_not_judged"][0]["why"]} == {"no shutter"} and found["clauses_not_judged"][0]["reason"] is None


def test_a_clause_of_the_document_without_rule_and_reason_is_a_gap(tiny_project, cover):
    tiny_project.write(DOCUMENT, tiny_project.text(DOCUMENT) + "\n### lamp.5 Colour\nThe light is white.\n")
    assert brief(cover()["clauses_without_rule"], "clause", "title", "reason", "because") == [("lamp.5", "Colour", None, None)]


@pytest.mark.parametrize("file, old, new, clause", [
    (LAMP, "  image = f32(sum over turn: light)", "  image = f32(sum over turn: light)  # No run: not testable, because so", "lamp.3"),
    (DOCUMENT, "rounded to single precision.", "rounded to single precision.\n\n*No rule:* not testable, because so", "lamp.3"),
])
def test_a_reason_for_something_that_is_covered_is_found(tiny_project, cover, file, old, new, clause):
    tiny_project.replace(LAMP, "  shut = light * transmission", "  shut = light * transmission  # No run: no test needed, because nobody has a shutter")
    tiny_project.replace(file, old, new)
    found = cover()
    assert (found["reasons_not_needed"], found["exit_code"]) == ([clause], 1)
    assert f"{clause} gives a reason although nothing of it is missing" in tiny_project.call("coverage", LAMP, "--run", "wall").out


def test_a_guard_that_one_side_takes_is_missing_on_the_other(tiny_project, cover):
    tiny_project.replace("kit.py", '"int64", [0])', '"int64", [int(program == "a")])')
    assert brief(cover()["guards_not_taken"], "clause", "condition", "sides") == [("lamp.4", "shuttered", ["b"])]


def test_what_one_run_leaves_out_another_may_take(tiny_project, cover):
    tiny_project.replace("kit.py", '"int64", [0])', '"int64", [int("-dark" in flags())])')
    tiny_project.replace("kit.py", '        "distance":', '        "transmission": ("", [], dtype, [0.5]),\n        "shut": ("W/m^2", ["pixel", "turn"], dtype, [0.5 * value for i in chosen for value in turns[i]]),\n        "distance":')
    tiny_project.write("runs/dark.toml", tiny_project.text("runs/wall.toml").replace('flags = "', 'flags = "-dark 1 '))
    assert cover("wall")["exit_code"] == 1
    found = cover("wall", "dark")
    assert (found["runs"], found["exit_code"], found["judged"], found["clauses_not_judged"], found["guards_not_taken"]) == (["wall", "dark"], 0, 4, [], [])


def test_a_run_of_many_cases_covers_what_each_of_them_does(tiny_project, cover):
    tiny_project.replace("kit.py", '"int64", [0])', '"int64", [int("-dark" in flags())])')
    tiny_project.replace(LAMP, "  shut = light * transmission", "  shut = light * transmission  # No run: no test needed, because nobody traces it")
    tiny_project.write("runs/wall.toml", tiny_project.text("runs/wall.toml") + '\n[cases.light]\n\n[cases.dark]\nflags = "-dark 1"\njudge = ["lamp.4"]\n')
    found = cover()
    assert (found["runs"], found["guards_not_taken"]) == (["wall:light", "wall:dark"], [])
    assert [(why["run"], why["reason"]) for why in found["clauses_not_judged"][0]["why"] if why["side"] == "a"] == [
        ("wall:light", "its guard is never true"), ("wall:dark", "`shut` is not in the trace")]


def test_what_is_beside_a_side_is_there_and_a_count_in_a_requirement_is_no_branch(tiny_project, cover):
    tiny_project.replace(LAMP, "  image = f32(sum over turn: light)", "  image = f32(sum over turn: light)\n  require (count over pixel: image != image@b) == 0\n"
                         "  require (if image > image@b then 1 else 2) == 2")
    found = cover()
    assert found["branches"] == 2
    assert brief(found["branches_not_taken"], "clause", "condition", "branch", "unknown") == [("lamp.3", "image > image@b", "then", None)]


def test_a_guard_that_asks_for_what_was_not_traced_cannot_be_told(tiny_project, cover):
    tiny_project.replace(LAMP, "when shuttered", "when shuttered and transmission > 0")
    tiny_project.replace("kit.py", '"int64", [0])', '"int64", [1])')
    [gap] = cover()["guards_not_taken"]
    assert gap["unknown"] == "`transmission` is not in the trace" and gap["sides"] == ["a", "b"]
    assert "cannot be told: `transmission` is not in the trace" in " ".join(tiny_project.call("coverage", LAMP, "--run", "wall").out.split())


def test_branches_are_followed_to_where_they_are_taken(tiny_project, cover):
    tiny_project.replace(LAMP, "distance = sqrt(x^2 + height^2)", "distance = if height > 0 then (if x > 1e9 * height then x else sqrt(x^2 + height^2))\n"
                         "             else (if x > 0 then x else height)")
    found = cover()
    assert brief(found["branches_not_taken"], "clause", "target", "condition", "branch", "sides", "source") == [
        ("lamp.1", "distance", "height > 0", "else", ["a", "b"], "lamp.rules:20"), ("lamp.1", "distance", "x > 1e9 * height", "then", ["a", "b"], "lamp.rules:20")]
    assert found["branches"] == 6


def test_a_branch_is_taken_only_where_the_branches_around_lead_to_it(tiny_project, cover):
    tiny_project.replace(LAMP, "distance = sqrt(x^2 + height^2)", "distance = if x > height then (if x <= height then x else sqrt(x^2 + height^2)) else sqrt(x^2 + height^2)")
    tiny_project.write("runs/inputs/lamp.txt", "0.5 10 20 30\n")
    assert brief(cover()["branches_not_taken"], "condition", "branch") == [("x <= height", "then")]


def test_branches_of_a_statement_whose_guard_is_never_true_are_not_asked_for(tiny_project, cover):
    tiny_project.replace(LAMP, "shut = light * transmission", "shut = light * (if height > 0 then transmission else 1)")
    found = cover()
    assert (found["branches"], found["branches_not_taken"]) == (2, [])


def test_a_branch_on_a_running_value_cannot_be_told(tiny_project, cover):
    tiny_project.replace(LAMP, "f32(sum over turn: light)", "f32(fold acc from 0 * light[turn = first] over turn: if acc < 0 then acc else acc + light)")
    found = cover()
    assert brief(found["branches_not_taken"], "branch", "unknown") == [(branch, "it asks for the running value acc") for branch in ("then", "else")]


def test_a_clause_that_one_side_does_not_trace_is_not_judged_there(tiny_project, cover):
    tiny_project.replace("kit.py", '    entries = {}\n', '    entries = {}\n    if program == "b":\n        del quantities["light"]\n')
    gaps = {gap["clause"]: gap for gap in cover()["clauses_not_judged"]}
    assert gaps["lamp.2"]["sides"] == ["b"] and [(why["run"], why["side"]) for why in gaps["lamp.2"]["why"]] == [("wall", "b")]


def test_coverage_writes_its_report_to_a_file(tiny_project):
    shown = tiny_project.call("coverage", LAMP, "--run", "wall")
    ended = tiny_project.call("coverage", LAMP, "--run", "wall", "--output", "report.txt")
    assert (ended.status, ended.out) == (1, "") and tiny_project.text("report.txt") == shown.out


@pytest.mark.parametrize("words, parts", [
    (["specs/gone.rules", "--run", "wall"], ("specs/gone.rules", "there is no such file")),
    ([LAMP, "--run", "wal"], ("no run `wal`", "did you mean `wall`?")),
    ([LAMP, "--run", "wall", "--run", "wall"], ("--run wall: given twice",)),
    ([LAMP, "--run", "wall:light"], ("has no case `light`",)),
    ([LAMP, "--run", "wall", "--output", "specs"], ("specs", "it is a folder")),
])
def test_coverage_answers_what_it_cannot_use(tiny_project, complains, words, parts):
    complains(tiny_project.call("coverage", *words), 2, *parts)
    assert tiny_project.kept("traces") == []


@pytest.mark.parametrize("file, old, new, parts", [
    (DOCUMENT, "rounded to single precision.", "rounded to single precision.\n*No rule:* too hard", ("specs/lamp.md: lamp.3: `*No rule:*` without one of the reasons", "help: ")),
    (LAMP, "shut = light * transmission", "shut = light * transmission # No run: too hard", ("specs/lamp.rules:30: lamp.4: `No run:` without one of the reasons", "`still to be written`")),
])
def test_a_reason_that_is_none_is_named_before_any_side_is_run(tiny_project, complains, file, old, new, parts):
    tiny_project.replace(file, old, new)
    complains(tiny_project.call("coverage", LAMP, "--run", "wall"), 2, *parts)
    assert tiny_project.kept("traces") == []


@pytest.mark.parametrize("words", [["coverage"], ["coverage", LAMP], ["coverage", LAMP, "--run", "wall", "--format", "poem"]])
def test_coverage_used_wrongly_ends_with_two(tiny_project, words):
    ended = tiny_project.call(*words)
    assert ended.status == 2 and "Traceback" not in ended.err and "Error: " in ended.err
