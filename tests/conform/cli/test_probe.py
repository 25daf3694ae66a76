"""`conform probe instrument` as a person meets it: what it says, leaves and refuses."""

from __future__ import annotations

import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="needs a C compiler")
CALL = ("probe", "instrument", "theirs/lamp.c", "--binding", "theirs/lamp.toml")


@pytest.fixture
def lamp(tiny_project, monkeypatch):
    monkeypatch.delenv("CFLAGS", raising=False)
    return tiny_project


def test_it_says_what_it_did_and_leaves_all_that_it_takes_to_do_it_by_hand(lamp):
    ended = lamp.call(*CALL, "--out", "probed")
    assert ended == type(ended)(0, "lamp.c: 7 probes placed\nprobed: lamp.c with its probes, probes.diff, program\n", "")
    files = sorted(path.name for path in (lamp.root / "probed").iterdir())
    assert files == ["conform_probe.h", "conform_trace.c", "conform_trace.h", "conform_trace.o", "lamp.c", "probes.diff", "probes.json", "program"]
    subprocess.run(["cc", "-DCONFORM_PROBES", "-I.", "-o", "by-hand", "lamp.c", "conform_trace.c", "-lm"], cwd=lamp.root / "probed", check=True)
    subprocess.run(["cc", "-Wall", "-Werror", "-I.", "-o", "without", "lamp.c", "conform_trace.c", "-lm"], cwd=lamp.root / "probed", check=True)
    assert lamp.unfinished() == [] and [path.name for path in lamp.root.glob("*.log")] == []


def test_in_full_it_lists_every_probe_with_its_line(lamp):
    lamp.replace("theirs/lamp.c", "distance = sqrt", "if (x < -1e9) continue;\n\t\t\tdistance = sqrt")
    out = lamp.call(*CALL, "--full").out
    assert "  distance: line 46, behind distance = sqrt(x * x + height * height);\n      unset after line 45: continue where (x < -1e9)\n" in out
    assert "  height: line 37, behind height = numbers[0];\n" in out and "  x: line 44, behind" in out
    assert max(map(len, out.splitlines())) <= 80


def test_with_rules_it_says_what_has_no_probe_and_which_unit_cannot_be(lamp):
    lamp.replace("theirs/lamp.toml", 'x = { unit = "m"', 'x = { unit = "s"')
    lamp.replace("theirs/lamp.toml", "height =", 'sum = { unit = "", level = "pixel", value = "sum", inner = "after" }\nheight =')
    out = lamp.call(*CALL, "--rules", "specs/lamp.rules").out
    assert "specs/lamp.rules: 9 of 11 quantities have a probe\n  without one: transmission, shut\n  not in the rules: sum\n" in out
    assert "  x: the binding says s, the rules m: not the same dimension\n" in out


def test_with_a_run_the_bundle_is_there_too(lamp):
    ended = lamp.call(*CALL, "--out", "probed", "--run", "wall", "--side", "a")
    assert (ended.status, ended.err) == (0, "")
    assert lamp.check("--side", "a=bundle:probed/bundle").status == 0


def test_a_probe_without_a_place_is_named_with_the_lines_that_may_be_meant_and_the_status_says_so(lamp):
    lamp.replace("theirs/lamp.toml", 'value = "distance" }', 'value = "distanze" }')
    ended = lamp.call(*CALL, "--out", "probed")
    assert ended.status == 3
    assert ended.out.startswith("lamp.c: 6 probes placed, 1 refused\n  no probe for distance: there is no `distanze` in `main` (a name")
    assert "      line 25: distance\n" in ended.out and (lamp.root / "probed/program").exists()
    lamp.replace("theirs/lamp.toml", 'value = "distanze" }', 'value = "distanze", optional = true }')
    ended = lamp.call(*CALL)
    assert (ended.status, ended.out) == (0, "lamp.c: 6 probes placed, 1 that this version does not have\n")


def test_a_reason_that_many_quantities_have_in_common_is_said_once(lamp):
    lamp.replace("theirs/lamp.c", "\t\t\tx = numbers", "\t\t\tsetjmp(where); x = numbers")
    ended = lamp.call(*CALL)
    assert ended.status == 3
    assert ended.out == ("lamp.c: 4 probes placed, 3 refused\n"
                         "  no probe for 3 quantities: the level may be entered again in its middle, by\n      setjmp\n"
                         "      line 44: setjmp(where)\n"
                         "      x, distance, image\n")


@pytest.mark.parametrize("words, said", [
    (("--out", "specs"), "specs: there is something already"),
    (("--run", "wall"), "--run without --out"),
    (("--rules", "specs/none.rules"), "the rules file cannot be read"),
])
def test_wrong_words_are_one_message(lamp, complains, words, said):
    complains(lamp.call(*CALL, *words), 2, said)


@pytest.mark.parametrize("old, new, said", [
    ('program = "lamp"', 'programme = "lamp"', "programme: unknown key"),
    ('value = "x" }', 'value = "x", vector = "x" }', "quantities.x: give one of `value`, `vector`"),
    ('level = "turn", value = "light"', 'level = "trun", value = "light"', "quantities.light: there is no level `trun`; levels: run, after, pixel, turn"),
    ('turn = { loop = "turn" }', 'turn = { function = "f", index = "n" }', "levels.turn: without a `loop` it needs a `size`"),
    ('value = "x" }', 'value = "x\\n#define x" }', "quantities.x.value"),
    ('index = ["slow", "fast"]', 'index = "fast"', "only of pixels is `index` a pair"),
])
def test_a_binding_that_is_none_is_said_with_the_key(lamp, complains, old, new, said):
    lamp.replace("theirs/lamp.toml", old, new)
    complains(lamp.call(*CALL), 2, "theirs/lamp.toml: not a valid binding", said)


def test_what_does_not_compile_is_quoted_and_its_whole_log_stays(lamp, complains):
    lamp.replace("theirs/lamp.c", "sum += light;", "sum += lihgt;")
    complains(lamp.call(*CALL, "--out", "probed"), 4, "building lamp.c with its probes", "lihgt", "probed.build.log", lines=14)
    assert "lihgt" in lamp.text("probed.build.log") and not (lamp.root / "probed").exists()


def test_help_shows_examples_and_loads_no_parser(lamp):
    code = "import sys\nfrom conform.cli.main import run\nrun(['probe', 'instrument', '--help'])\nassert not {'tree_sitter', 'torch', 'numpy'} & set(sys.modules), sys.modules.keys()"
    import sys

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "conform probe instrument mine.c --binding mine.toml" in done.stdout
    assert "--side c=source:mine.c" in done.stdout


@pytest.mark.parametrize("flags", ["-std=c90 -pedantic-errors -Wdeclaration-after-statement -Werror", "-std=c2x -Wall -Werror"])
def test_the_copy_compiles_in_the_dialect_of_the_program(lamp, monkeypatch, flags):
    monkeypatch.setenv("CFLAGS", flags)
    assert lamp.call(*CALL, "--out", "probed").status == 0
