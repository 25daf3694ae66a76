"""Run files and the project: what they say, and where they are looked for. Mistakes in them: cli/test_bad_input.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from conform.errors import UsageProblem
from conform.run.project import find_project
from conform.run.runfile import load_run, names_of_runs
from conform.toml import check_placeholders, check_relative


def test_flags_are_split_as_a_shell_does_and_remarks_are_left_out(tiny_project):
    tiny_project.replace("runs/wall.toml", 'flags = "-lamp lamp.txt -wall wall.txt -out out.bin   # a remark"', "flags = \"\"\"-title 'two words'\n-n 3 # why\n-x\"\"\"")
    assert load_run(find_project(), "wall").file.arguments == ("-title", "two words", "-n", "3", "-x")


def test_a_run_is_found_by_its_name_and_by_its_path(tiny_project):
    project = find_project()
    tiny_project.write("elsewhere/other.toml", tiny_project.text("runs/wall.toml"))
    assert names_of_runs(project) == ("wall",)
    assert load_run(project, "wall").path == project.runs / "wall.toml"
    assert load_run(project, "elsewhere/other.toml").name == "other"


def test_inputs_are_looked_for_beside_the_run_file(tiny_project, complains):
    tiny_project.write("elsewhere/other.toml", tiny_project.text("runs/wall.toml"))
    ended = tiny_project.call("check", "specs/lamp.rules", "--run", "elsewhere/other.toml")
    complains(ended, 2, "elsewhere/inputs/")


def test_an_excused_clause_has_the_reason_of_the_run(tiny_project):
    run = load_run(find_project(), "wall")
    assert run.file.excused("lamp.4") == "no shutter" and run.file.excused("lamp.1") is None


def test_a_clause_that_is_not_excused_ends_the_check_with_three(tiny_project):
    tiny_project.replace("runs/wall.toml", '"no shutter" = ["lamp.4"]', "")
    ended = tiny_project.check("--format", "json")
    assert ended.status == ended.report["exit_code"] == 3
    assert [(item["clause"], item["excused"]) for item in ended.report["unchecked"]] == [("lamp.4", None)]


def test_an_excuse_does_not_hide_a_break(tiny_project):
    tiny_project.replace("runs/wall.toml", '"no shutter" = ["lamp.4"]', '"all of it" = ["lamp.1", "lamp.2", "lamp.3", "lamp.4"]')
    report = tiny_project.judge("--quirks", "a=far")
    assert report["exit_code"] == 1 and report["first_break"]["clause"] == "lamp.1"


def test_the_project_is_found_from_a_folder_below_it(tiny_project, monkeypatch):
    (tiny_project.root / "deep/er").mkdir(parents=True)
    monkeypatch.chdir(tiny_project.root / "deep/er")
    assert find_project().root == tiny_project.root
    ended = tiny_project.call("check", "../../specs/lamp.rules", "--run", "wall")
    assert ended.status == 0 and tiny_project.kept("traces") != []


def test_the_nearest_project_counts(tiny_project, monkeypatch):
    tiny_project.write("inner/conform.toml", tiny_project.text("conform.toml"))
    monkeypatch.chdir(tiny_project.root / "inner")
    assert find_project().root == tiny_project.root / "inner"


def test_elsewhere_the_project_is_the_one_of_the_script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_project().root == Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("cache, where", [(None, ".conform"), ("", ".conform"), ("mine", "mine")])
def test_the_cache_lies_in_the_project_unless_the_environment_says_otherwise(tiny_project, monkeypatch, cache, where):
    if cache is not None:
        monkeypatch.setenv("CONFORM_CACHE", cache)
    assert find_project().cache == tiny_project.root / where


def test_placeholders_that_nobody_fills_in_are_refused():
    check_placeholders(["{a}/x", "{{b}}", "plain"], ["a"])
    for word in ("{b}", "{}", "{0}", "{a.b}", "{a", "a}"):
        with pytest.raises(ValueError, match="`"):
            check_placeholders([word], ["a"])


def test_patterns_lie_below_the_folder():
    check_relative(["a/*.c", "**/*.py"])
    for pattern in ("", "/etc/*"):
        with pytest.raises(ValueError, match="relative"):
            check_relative([pattern])


def test_a_file_that_is_not_text_is_not_toml(tiny_project):
    (tiny_project.root / "runs/wall.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageProblem, match="not valid TOML"):
        load_run(find_project(), "wall")


def test_a_project_without_tolerances_is_judged_by_those_of_conform(tiny_project):
    (tiny_project.root / "specs/tolerances").rename(tiny_project.root / "unused")
    tiny_project.replace("conform.toml", 'tolerances = "specs/tolerances"\n', "")
    assert tiny_project.check().status == 0
    assert find_project().tolerances("float64") == Path(__file__).resolve().parents[3] / "specs/tolerances/float64.toml"


def test_a_folder_of_tolerances_counts_whether_it_is_named_or_not(tiny_project):
    tiny_project.replace("conform.toml", 'tolerances = "specs/tolerances"\n', "")
    assert find_project().tolerances("float32") == tiny_project.root / "specs/tolerances/float32.toml"


def test_named_tolerances_that_are_not_there_are_a_mistake(tiny_project, complains):
    tiny_project.replace("conform.toml", 'tolerances = "specs/tolerances"\n', 'tolerances = "specs/tolerance"\n')
    complains(tiny_project.check(), UsageProblem.exit_code, "specs/tolerance/float64.toml", "there is no such tolerance profile")
