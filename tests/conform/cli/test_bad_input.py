"""What a user can do wrong ends in one message that says what, where and what to do, and in the documented status."""

from __future__ import annotations

import os
import stat

import pytest

from conform.errors import SideProblem, UsageProblem

WRONG, NO_SIDE = UsageProblem.exit_code, SideProblem.exit_code


def test_the_project_itself_conforms(tiny_project):
    ended = tiny_project.check()
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == "conforms"
    assert tiny_project.unfinished() == []


# --- rules -----------------------------------------------------------------------------------------------------------


def test_a_missing_rules_file_is_named_with_those_that_are_there(tiny_project, complains):
    complains(tiny_project.check(rules="specs/lamb.rules"), WRONG, "specs/lamb.rules", "there is no such file", "help: ", "lamp.rules")


def test_a_folder_is_no_rules_file(tiny_project, complains):
    complains(tiny_project.check(rules="specs"), WRONG, "specs", "it is a folder", "lamp.rules")


@pytest.mark.parametrize("old, new, code, said", [
    ("distance = sqrt(x^2 + height^2)", "distance = sqrt(x^2 + height^2", "CF01", "lamp.rules:"),
    ("light = power * height", "light = power * hieght", "CF02", "hieght"),
    ("light = power * height", "light = power + height", "CF0303", "lamp.rules:24:19"),
    ("input height             : m", "input height             : mm2", "CF", "mm2"),
    ("The stored light is the sum over the turns", "The stored light is the product over the turns", "CF", "lamp.3"),
])
def test_a_mistake_in_the_rules_has_a_code_and_a_place(tiny_project, old, new, code, said):
    tiny_project.replace("specs/lamp.rules", old, new)
    ended = tiny_project.check()
    shown = ended.err + ended.out
    assert ended.status in (2, 3) and "Traceback" not in shown
    assert said in shown
    if ended.status == 2:
        assert ended.err.startswith("conform: specs/lamp.rules: the rules cannot be used")
        assert f"error[{code}" in ended.err and "specs/lamp.rules:" in ended.err
        assert tiny_project.kept("traces") == []             # no side was run for rules that cannot be used


@pytest.mark.parametrize("words", [
    "lint specs/lamp.rules", "check specs/lamp.rules --run wall", "graph specs/lamp.rules", "coverage specs/lamp.rules --run wall", "accept specs/lamp.rules",
    "explain lamp.1 --rules specs/lamp.rules", "mutate specs/lamp.rules --run wall", "evidence specs/lamp.rules --run wall --output kept",
    "waive specs/lamp.rules --run wall --clause lamp.1 --reason so --owner me --expires 2030-01-01", "probe suggest specs/lamp.rules --run wall",
    "compare a=log:x b=log:y --rules specs/lamp.rules", "binding check x --rules specs/lamp.rules",
])
def test_files_that_include_each_other_are_told_by_every_command_that_reads_rules(tiny_project, complains, words):
    tiny_project.write("specs/more.rules", 'include "lamp.rules"\n')
    tiny_project.write("specs/lamp.rules", tiny_project.text("specs/lamp.rules") + 'include "more.rules"\n')
    complains(tiny_project.call(*words.split()), WRONG, "error[CF0107]: files include each other in a circle: lamp.rules → more.rules → lamp.rules", "specs/more.rules:1:1", "help: ")


def test_a_clause_whose_quote_left_the_spec_is_not_judged_and_not_passed(tiny_project):
    tiny_project.replace("specs/lamp.md", "is the sum over the turns", "is the mean over the turns")
    ended = tiny_project.check("--format", "json")
    assert ended.status == 3
    [open_one] = [item for item in ended.report["unchecked"] if item["excused"] is None]
    assert open_one["clause"] == "lamp.3" and open_one["sides"] == ["a", "b"] and "spec" in open_one["reason"]


# --- the run and the project -----------------------------------------------------------------------------------------


def test_an_unknown_run_is_answered_with_the_list_of_runs(tiny_project, complains):
    tiny_project.write("runs/ceiling.toml", tiny_project.text("runs/wall.toml"))
    ended = tiny_project.call("check", "specs/lamp.rules", "--run", "wal")
    complains(ended, WRONG, "no run `wal`", "did you mean `wall`?", "ceiling, wall")


@pytest.mark.parametrize("old, new, parts", [
    ("[capture]\n", "[capture]\nfancy = 1\n", ("capture.fancy: unknown key",)),
    ('title = "three', 'titel = "three', ("titel: unknown key", "keys at the top: title, flags")),
    ("slow = 4", 'slow = "four"', ("image.slow", "integer")),
    ("slow = 4", "slow = 0", ("image.slow", "greater than or equal to 1")),
    ('dtype = "float32"', 'dtype = "float16"', ("image.dtype", "float32")),
    ('dtype = "float64"\n\n[sides.b]', 'dtype = "double"\n\n[sides.b]', ("sides.a.dtype", "float64")),
    ('of = "a"', 'of = "z"', ("capture.brightest.of", "`z` is not a side of this run (a, b)")),
    ("pixels = [[0, 1], [2, 3]]", "pixels = [[0, -1]]", ("capture.pixels.0.1", "greater than or equal to 0")),
    ("pixels = [[0, 1], [2, 3]]", "pixels = [[0, 6]]", ("slow 0 fast 6 is outside the image of 4 by 6",)),
    ('flags = "', 'flags = "\'', ("flags: not a command line",)),
    ('as = "lamp.txt"', 'as = "a/lamp.txt"', ("inputs.lamp.as",)),
    ('as = "lamp.txt"', 'as = ".."', ("inputs.lamp.as",)),
    ('as = "lamp.txt"', 'as = "wall.txt"', ("two files of the run would be called `wall.txt`",)),
    ('as = "lamp.txt"', 'as = "out.bin"', ("two files of the run would be called `out.bin`",)),
    ('file = "out.bin"', 'file = "sub/out.bin"', ("image.file",)),
    ('file = "inputs/lamp.txt"', 'file = "inputs/lamp.txt"\nmake = ["{output}"]', ("inputs.lamp: give either `file` or `make`",)),
    ('"{output}"]', '"{outputs}"]', ("inputs.wall: `make` needs {output}",)),
    ('"{here}/', '"{there}/', ("inputs.wall", "nothing is called {there}", "{python}, {here}, {output}")),
    ('"{here}/', '"{here/', ("inputs.wall", "a brace that is meant is written twice")),
    ("[sides.b]", "[sides.c]", ("sides.c: conform.toml declares no such side", "a, b")),
    ("[image]", "[image", ("not valid TOML", "line")),
    ("[not_judged]", '[not_judged]\n"x" = "lamp.4"', ("not_judged.x",)),
])
def test_a_mistake_in_the_run_file_is_named_with_its_key(tiny_project, complains, old, new, parts):
    text = tiny_project.text("runs/wall.toml")
    tiny_project.write("runs/wall.toml", text.replace(old, new, 1))
    assert text != tiny_project.text("runs/wall.toml")
    complains(tiny_project.check(), WRONG, "runs/wall.toml", *parts)
    assert tiny_project.kept("traces") == []


@pytest.mark.parametrize("old, new, parts", [
    ('runs = "runs"', 'runs = "runs"\ncolour = "red"', ("colour: unknown key", "rules, runs, tolerances, cache, dialects, sides")),
    ('runs = "runs"', "runs = 7", ("runs: Input should be a valid string",)),
    ('kind = "reference"', 'kind = "oracle"', ("sides.a.kind",)),
    ('command = ["{python}", "{project}/a.py"]', "command = []", ("sides.a.command",)),
    ('"{project}/a.py"', '"{root}/a.py"', ("sides.a", "nothing is called {root}", "{project}")),
    ('"{project}/a.py"', '"{build}/a.py"', ("sides.a", "nothing is called {build}")),
    ('"a.py", "kit.py"', '"/a.py", "kit.py"', ("sides.a", "`/a.py` is not a path relative to")),
    ('"a.py", "kit.py"', '"", "kit.py"', ("sides.a", "`` is not a path relative to")),
    ("[sides.b]", "[sides.b", ("not valid TOML",)),
])
def test_a_mistake_in_conform_toml_is_named_with_its_key(tiny_project, complains, old, new, parts):
    tiny_project.replace("conform.toml", old, new)
    complains(tiny_project.check(), WRONG, "conform.toml", *parts)


@pytest.mark.parametrize("old, new, parts", [
    ("slack = 2.0", "slack = -2.0", ("slack", "greater than or equal to 1")),
    ("slack = 2.0", "slack = 1e9", ("slack", "less than or equal to 16")),
    ("slack = 2.0", "slack = nan", ("slack",)),
    ("slack = 2.0", "slak = 2.0", ("slak: unknown key",)),
    ("unit_roundoff = 1.1102230246251565e-16", "unit_roundoff = 1e-9", ("unit_roundoff", "the unit roundoff of float64 is")),
    ("unit_roundoff = 1.1102230246251565e-16", "unit_roundoff = -1.0", ("unit_roundoff",)),
    ("sqrt = 0.6", "", ("ulps are missing for sqrt",)),
    ("sqrt = 0.6", "sqrt = 0.6\nsinh = 1.0", ("no function is called sinh", "allowed are sqrt")),
    ("sqrt = 0.6", "sqrt = 1000.0", ("ulps.sqrt", "less than or equal to 64")),
    ("sqrt = 0.6", "sqrt = -1.0", ("ulps.sqrt",)),
    ("sqrt = 0.6", 'sqrt = "few"', ("ulps.sqrt",)),
    ("[ulps]", '[overrides."lamp.1"]\nslack = 4.0\n[ulps]', ("overrides.lamp.1.reason: is missing",)),
    ("[ulps]", '[overrides."lamp.1"]\nslack = 4.0\nreason = "so"\n[ulps]', ("overrides.lamp.1.reason",)),
    ("[ulps]", '[overrides."lamp.1"]\nslack = -4.0\nreason = "because I say so"\n[ulps]', ("overrides.lamp.1.slack",)),
    ("[ulps]", "[ulps", ("not valid TOML",)),
])
def test_a_mistake_in_a_tolerance_profile_is_named_before_any_side_is_run(tiny_project, complains, old, new, parts):
    tiny_project.replace("specs/tolerances/float64.toml", old, new)
    complains(tiny_project.check(), WRONG, "float64.toml", *parts)
    assert tiny_project.kept("traces") == []


def test_a_missing_tolerance_profile_is_named(tiny_project, complains):
    (tiny_project.root / "specs/tolerances/float32.toml").unlink()
    complains(tiny_project.check(), WRONG, "float32.toml", "there is no such tolerance profile", "help: ")


def test_without_a_project_above_the_one_of_the_script_is_used(tiny_project, tmp_path, monkeypatch, complains):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    ended = tiny_project.call("check", tiny_project.root / "specs/lamp.rules", "--run", "no such run")
    complains(ended, WRONG, "/runs: ", "supervisor", "the project is that of the working directory")


# --- words on the command line ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("words, parts", [
    (["--side", "z=model"], ("--side z", "has no such side", "a, b")),
    (["--side", "a"], ("--side a: not of the form NAME=VALUE",)),
    (["--side", "a="], ("not of the form NAME=VALUE",)),
    (["--side", "a=source:nanoBragg.c"], ("side a is a C source", "no `binding`", "--binding a=FILE.toml")),
    (["--side", "a=source:nanoBragg.c", "--binding", "a=none.toml"], ("none.toml: there is no such binding",)),
    (["--side", "a=source:"], ("not a side", "NAME=source:FILE.c")),
    (["--binding", "c=lamp.toml"], ("--binding c", "no such side")),
    (["--side", "a=log:trace.log"], ("trace.log: there is no such log",)),
    (["--dialect", "a=lamp"], ("side a is no log", "NAME=log:FILE")),
    (["--side", "a=oracle"], ("--side a=oracle: not a side", "NAME=bundle:DIR")),
    (["--side", "a=bundle"], ("not a side",)),
    (["--side", "a=bundle:"], ("not a side",)),
    (["--side", "a=reference:x"], ("not a side",)),
    (["--side", "a=model", "--side", "a=model"], ("a is given twice",)),
    (["--side", "a=bundle:nowhere"], ("nowhere", "manifest.json", "No such file")),
    (["--side", "a=bundle:a.py"], ("a.py", "Not a directory")),
    (["--quirks", "z=none"], ("--quirks z", "has no such side", "a, b")),
    (["--quirks", "none"], ("--quirks none: not of the form",)),
    (["--quirks", "b=none"], ("side b cannot be told which quirks to show",)),
    (["--input", "lmap=x"], ("--input lmap", "has no such input", "lamp, wall")),
    (["--input", "lamp=nowhere.txt"], ("nowhere.txt", "no such input file")),
    (["--input", "lamp=runs"], ("runs", "this is a folder")),
    (["--output", "specs"], ("specs", "it is a folder")),
    (["--output", "a.py/report.txt"], ("a.py/report.txt", "cannot be written")),
])
def test_wrong_words_are_answered_with_the_right_ones(tiny_project, complains, words, parts):
    complains(tiny_project.check(*words), WRONG, *parts)
    assert tiny_project.kept("traces") == []


@pytest.mark.parametrize("words", [["check"], ["check", "specs/lamp.rules"], ["chekc"], ["check", "specs/lamp.rules", "--run"],
                                   ["check", "specs/lamp.rules", "--run", "wall", "--format", "poem"], ["trace", "--run", "wall"]])
def test_wrong_usage_ends_with_two_and_no_traceback(tiny_project, words):
    ended = tiny_project.call(*words)
    assert ended.status == WRONG and "Error: " in ended.err and "Traceback" not in ended.err


def test_a_dtype_that_a_side_does_not_have_is_wrong_usage(tiny_project, complains):
    tiny_project.replace("runs/wall.toml", '[sides.a]\ndtype = "float64"', '[sides.a]\ndtype = "float32"')
    complains(tiny_project.check(), WRONG, "side a computes in float64, not in float32", "help: ")


# --- inputs ----------------------------------------------------------------------------------------------------------


def test_a_missing_input_file_is_named(tiny_project, complains):
    (tiny_project.root / "runs/inputs/lamp.txt").unlink()
    complains(tiny_project.check(), WRONG, "runs/inputs/lamp.txt", "no such input file")


def test_an_input_that_a_side_cannot_read_shows_the_sides_own_words(tiny_project, complains):
    tiny_project.write("bad.txt", "2.5 ten 20\n")
    ended = complains(tiny_project.check("--input", "lamp=bad.txt"), NO_SIDE, "side a ended with status 1", "could not convert string to float: 'ten'")
    assert "its whole output is in" in ended.err and tiny_project.kept("traces") == []


def test_a_script_that_fails_to_make_an_input_is_quoted(tiny_project, complains):
    tiny_project.write("runs/inputs/make_wall.py", "raise SystemExit('no plaster left')\n")
    complains(tiny_project.check(), NO_SIDE, "making the input `wall` ended with status 1", "no plaster left")
    assert tiny_project.kept("inputs") == []


def test_a_script_that_makes_no_input_is_found_out(tiny_project, complains):
    tiny_project.write("runs/inputs/make_wall.py", "pass\n")
    complains(tiny_project.check(), WRONG, "inputs.wall", "wrote no {output}", "help: ")


def test_a_missing_source_of_an_input_is_named(tiny_project, complains):
    (tiny_project.root / "runs/inputs/make_wall.py").unlink()
    complains(tiny_project.check(), WRONG, "make_wall.py", "No such file")


# --- output ----------------------------------------------------------------------------------------------------------


def test_an_output_that_cannot_be_written_is_said_before_the_work(tiny_project, complains):
    tiny_project.counted("a")
    complains(tiny_project.check("--output", "specs"), WRONG, "specs", "cannot be written")
    assert tiny_project.runs_of("a") == 0


def test_a_full_standard_output_is_one_message(tiny_project):
    with open("/dev/full", "w") as full:
        ended = tiny_project.run("check", "specs/lamp.rules", "--run", "wall", stdout=full)
    assert (ended.status, ended.err) == (WRONG, "conform: standard output cannot be written: No space left on device\n")


@pytest.mark.parametrize("quirks, status", [([], 0), (["--quirks", "a=far"], 1)])
def test_a_reader_that_stops_early_changes_nothing_about_the_status(tiny_project, quirks, status):
    reader, writer = os.pipe()
    os.close(reader)
    ended = tiny_project.run("check", "specs/lamp.rules", "--run", "wall", *quirks, stdout=writer)
    os.close(writer)
    assert (ended.status, ended.err) == (status, "")


def test_a_reader_of_lint_that_stops_early_changes_nothing_about_the_status(tiny_project):
    reader, writer = os.pipe()
    os.close(reader)
    ended = tiny_project.run("lint", "specs/lamp.rules", stdout=writer)
    os.close(writer)
    assert (ended.status, ended.err) == (0, "")


def test_a_standard_output_that_knows_only_ascii_still_gets_the_report(tiny_project):
    ended = tiny_project.run("check", "specs/lamp.rules", "--run", "wall", "--quirks", "a=far", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert ended.status == 1 and "FIRST BREAK" in ended.out and ended.err == ""


@pytest.mark.parametrize("words", [["lint", "FILE"], ["lint", "FILE.gone"], ["check", "FILE", "--run", "wall"], ["check", "FILE", "--run", "FILE"]])
def test_a_file_name_that_is_no_text_is_no_reason_to_fail(tiny_project, words):
    name = os.fsdecode(b"specs/l\xff.rules")
    (tiny_project.root / name).write_text(tiny_project.text("specs/lamp.rules"))
    ended = tiny_project.run(*(word.replace("FILE", name) for word in words))
    assert ended.status in (0, 2) and "Traceback" not in ended.err and (ended.status == 2) == (ended.err != "")


def test_a_report_file_has_the_permissions_of_any_new_file(tiny_project):
    assert tiny_project.check("--output", "report.txt").status == 0
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tiny_project.root / "report.txt").stat().st_mode) == 0o666 & ~mask
