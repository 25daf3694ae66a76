"""What was made is made once, and again whenever something that determines it has changed."""

from __future__ import annotations

import shutil

import pytest

from conform.run.build import declared_program
from conform.run.execute import Execution
from conform.run.inputs import prepare_inputs
from conform.run.pixels import choose_pixels, pixel_hash
from conform.run.project import find_project
from conform.run.runfile import load_run

NEEDS_CC = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")


def test_a_second_check_runs_nothing_and_says_the_same(tiny_project):
    tiny_project.counted("a", "b")
    first = tiny_project.check("--format", "json")
    assert (tiny_project.runs_of("a"), tiny_project.runs_of("b")) == (2, 1)      # a: once more for the brightest pixels
    assert tiny_project.check("--format", "json").out == first.out
    assert (tiny_project.runs_of("a"), tiny_project.runs_of("b")) == (2, 1)


def test_fresh_runs_everything_again(tiny_project):
    tiny_project.counted("a", "b")
    first = tiny_project.check("--format", "json")
    kept = tiny_project.kept("traces")
    assert tiny_project.check("--format", "json", "--fresh").out == first.out
    assert (tiny_project.runs_of("a"), tiny_project.runs_of("b")) == (4, 2)
    assert tiny_project.kept("traces") == kept and tiny_project.unfinished() == []


def test_what_a_fresh_run_found_takes_the_place_of_what_was_kept(tiny_project):
    flag = tiny_project.root / "far"                         # something outside that the key cannot know of
    tiny_project.replace("b.py", "return math.hypot(x, height)", f"import os\n    return math.hypot(x, height) * (1.01 if os.path.exists({str(flag)!r}) else 1)")
    assert tiny_project.check().status == 0
    flag.touch()
    assert [tiny_project.check(*words).status for words in ([], ["--fresh"], [])] == [0, 1, 1]


def change_source(tiny):
    tiny.write("b.py", tiny.text("b.py") + "#")


def change_shared_source(tiny):
    tiny.write("kit.py", tiny.text("kit.py") + "#")


def change_name_of_source(tiny):
    tiny.replace("conform.toml", 'sources = ["b.py", "kit.py"]', 'sources = ["b.py", "kit.py", "*.txt"]')
    tiny.write("new.txt", "")


def change_flags(tiny):
    tiny.replace("runs/wall.toml", "-out out.bin", "-out out.bin -more 1")


def change_quirks(tiny):
    tiny.replace("conform.toml", 'dtypes = ["float64", "float32"]', 'dtypes = ["float64", "float32"]\nquirks = { flag = "-quirks" }')
    tiny.replace("runs/wall.toml", '[sides.b]\ndtype = "float64"', '[sides.b]\ndtype = "float64"\nquirks = "none"')


def change_given_input(tiny):
    tiny.write("runs/inputs/lamp.txt", "2.5 10.0 20.0 30.00\n")


def change_made_input(tiny):
    tiny.replace("runs/inputs/make_wall.py", "0.37", "0.38")


def change_pixels(tiny):
    tiny.replace("runs/wall.toml", "pixels = [[0, 1], [2, 3]]", "pixels = [[0, 2], [2, 3]]")


def change_all_pixels(tiny):
    tiny.replace("runs/wall.toml", "[capture]", "[capture]\nall = true")


def change_dtype(tiny):
    tiny.replace("runs/wall.toml", '[sides.b]\ndtype = "float64"', '[sides.b]\ndtype = "float32"')


def change_threads(tiny):
    tiny.environment("OMP_NUM_THREADS", "7")


def change_command(tiny):
    tiny.replace("conform.toml", '"{project}/b.py"]', '"-B", "{project}/b.py"]')


def change_environment(tiny):
    tiny.replace("conform.toml", '"{project}/b.py"]\nenv = { PYTHONDONTWRITEBYTECODE = "1" }', '"{project}/b.py"]\nenv = { PYTHONDONTWRITEBYTECODE = "2" }')


def change_image(tiny):
    tiny.replace("runs/wall.toml", 'unit = "W/m^2"', 'unit = "mW/m^2"')


CHANGES = [change_source, change_shared_source, change_name_of_source, change_flags, change_quirks, change_given_input, change_made_input,
           change_pixels, change_all_pixels, change_dtype, change_threads, change_command, change_environment, change_image]


def key_of_b(image=None) -> str:
    """The key under which the trace of side b is kept."""
    project = find_project()
    run = load_run(project, "wall")
    side = run.file.sides["b"]
    pixels = choose_pixels(run, image)
    ready = Execution(project, run, declared_program(project, "b", side.dtype), prepare_inputs(project, run, {}), side.dtype, side.quirks)
    return ready.key("trace " + pixel_hash(pixels))


@pytest.fixture
def tiny(tiny_project, monkeypatch):
    tiny_project.environment = monkeypatch.setenv
    tiny_project.replace("runs/wall.toml", 'brightest = { count = 3, of = "a" }\n', "")
    return tiny_project


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_key_of_a_side_changes_with_all_that_determines_its_trace(tiny, change):
    before = key_of_b()
    assert key_of_b() == before
    change(tiny)
    assert key_of_b() != before


def test_the_key_does_not_change_with_what_determines_nothing(tiny):
    before = key_of_b()
    tiny.replace("runs/wall.toml", 'title = "three turns', 'title = "some turns')
    tiny.replace("runs/wall.toml", "# a remark", "# another remark")
    tiny.replace("runs/wall.toml", '"no shutter" =', '"nothing to shut" =')
    tiny.write("a.py", "")
    tiny.write("specs/lamp.rules", "")
    assert key_of_b() == before


def test_a_changed_source_is_run_again(tiny_project):
    assert tiny_project.check().status == 0
    tiny_project.replace("b.py", "return math.hypot(x, height)", "return 1.01 * math.hypot(x, height)")
    assert tiny_project.check().status == 1


def test_a_changed_input_reaches_both_sides(tiny_project):
    tiny_project.write("other.txt", "2.5 11.0 20.0 30.0\n")
    first, second = tiny_project.judge(), tiny_project.judge("--input", "lamp=other.txt")
    assert first["exit_code"] == second["exit_code"] == 0
    assert [p["inputs"] for p in first["provenance"]] != [p["inputs"] for p in second["provenance"]]


# --- inputs ----------------------------------------------------------------------------------------------------------


def counting_maker(tiny):
    """The script that makes an input also counts how often it did."""
    tiny.write("runs/inputs/make_wall.py", f"open({str(tiny.root / 'made.runs')!r}, 'a').write('x')\n" + tiny.text("runs/inputs/make_wall.py"))


def test_an_input_is_made_once_and_again_when_its_sources_change(tiny_project):
    counting_maker(tiny_project)
    project = find_project()

    def prepared():
        return prepare_inputs(project, load_run(project, "wall"), {})["wall"]

    first = prepared()
    assert prepared() == first and tiny_project.runs_of("made") == 1
    tiny_project.replace("runs/inputs/make_wall.py", "0.37", "0.38")
    second = prepared()
    assert second.sha256 != first.sha256 and tiny_project.runs_of("made") == 2
    tiny_project.replace("runs/wall.toml", '"{output}"]', '"{output}", "more"]')
    assert prepared().path != second.path and tiny_project.runs_of("made") == 3


def test_an_input_that_is_given_is_not_made(tiny_project):
    counting_maker(tiny_project)
    tiny_project.write("mine.txt", "0.5\n" * 24)
    project = find_project()
    found = prepare_inputs(project, load_run(project, "wall"), {"wall": tiny_project.root / "mine.txt"})
    assert found["wall"].path == tiny_project.root / "mine.txt" and found["wall"].name == "wall.txt"
    assert tiny_project.runs_of("made") == 0


# --- builds ----------------------------------------------------------------------------------------------------------

BUILT = """
[sides.c]
title = "a compiled program"
kind = "reference"
sources = ["*.c"]
build = [["{cc}", "-O1", "-c", "-o", "{build}/tool.o", "tool.c"], ["{cc}", "-o", "{build}/tool", "{build}/*.o"]]
command = ["{build}/tool"]
"""


@NEEDS_CC
def test_a_program_is_built_once_and_again_when_source_or_compiler_flags_change(tiny_project):
    tiny_project.write("conform.toml", tiny_project.text("conform.toml") + BUILT)
    tiny_project.write("tool.c", "int main(void) { return 0; }\n")
    first = declared_program(find_project(), "c", "float64")
    assert declared_program(find_project(), "c", "float64") == first
    tiny_project.replace("conform.toml", '"-O1"', '"-O2"')
    second = declared_program(find_project(), "c", "float64")
    tiny_project.write("tool.c", "int main(void) { return 1; }\n")
    third = declared_program(find_project(), "c", "float64")
    assert len({first.identity, second.identity, third.identity}) == 3
    assert len(tiny_project.kept("builds")) == 3 and tiny_project.unfinished() == []


# --- at once ---------------------------------------------------------------------------------------------------------


def test_two_checks_at_once_on_an_empty_cache_both_succeed(tiny_project):
    tiny_project.replace("runs/inputs/make_wall.py", "import sys", "import sys, time\ntime.sleep(0.2)")
    both = [tiny_project.start("check", "specs/lamp.rules", "--run", "wall", "--format", "json") for _ in range(2)]
    outputs = [process.communicate(timeout=30) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert outputs[0] == outputs[1] and outputs[0][1] == ""
    assert tiny_project.unfinished() == []
    assert [name[0] for name in tiny_project.kept("traces")] == ["a", "b"]


# --- git -------------------------------------------------------------------------------------------------------------


def test_a_new_cache_keeps_itself_out_of_git(tiny_project):
    assert tiny_project.check().status == 0
    assert (tiny_project.cache / ".gitignore").read_text() == "*\n"


def test_a_folder_that_was_there_is_not_marked(tiny_project, monkeypatch):
    (tiny_project.root / "scratch").mkdir()
    monkeypatch.setenv("CONFORM_CACHE", "scratch")
    assert tiny_project.check().status == 0
    assert not (tiny_project.root / "scratch/.gitignore").exists() and (tiny_project.root / "scratch/traces").is_dir()
