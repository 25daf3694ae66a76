"""The bench of faults: it counts right, and it says so when the checker is wrong."""

from __future__ import annotations

import json
import shutil

from conform.cli.main import run


def bench(small_copy, *options: str) -> tuple[int, dict]:
    status = run(["bench", "faults", "--format", "json", *options])
    text = small_copy.read()
    return status, json.loads(text) if text else {}


def library(small_copy, root) -> None:
    shutil.copytree(root / "faults", small_copy.root / "faults")


def test_a_fault_that_is_said_as_expected_counts(small_copy, root):
    library(small_copy, root)
    status, report = bench(small_copy, "--only", "steps-off-by-one")
    assert status == 0
    assert report["summary"] == {"faults": 1, "detected": 1, "side": 1, "first_clause": 1, "equation": 1, "extra_breaks": 0, "false_alarms": 0, "clean_runs": 1,
                                 "unchanged": 0, "together": 0}


def test_a_fault_that_changes_nothing_is_a_miss(small_copy, root):
    library(small_copy, root)
    path = small_copy.root / "faults" / "steps-off-by-one.toml"
    path.write_text(path.read_text().replace("(int)steps + 1;", "(int)steps + 0;"))
    status, report = bench(small_copy, "--only", "steps-off-by-one")
    assert status == 1 and report["summary"]["detected"] == 0


def test_a_fault_expected_elsewhere_is_an_extra_break(small_copy, root):
    library(small_copy, root)
    path = small_copy.root / "faults" / "steps-off-by-one.toml"
    path.write_text(path.read_text().replace('clause = "sampling.11"', 'clause = "scaling.8"').replace('side = "c"', 'side = "torch"'))
    status, report = bench(small_copy, "--only", "steps-off-by-one")
    assert status == 1
    assert report["faults"][0]["extra"] == ["sampling.11 on c"] and report["summary"]["side"] == report["summary"]["first_clause"] == 0


def test_a_program_that_breaks_as_it_is_is_a_false_alarm(small_copy, root):
    library(small_copy, root)
    status, report = bench(small_copy, "--only", "steps-off-by-one", "--quirks", "c=all")
    assert status == 1 and report["clean"] == {"quick": ["crystal.15 on c"]}


def test_a_text_that_does_not_stand_there_is_told(small_copy, root):
    library(small_copy, root)
    path = small_copy.root / "faults" / "steps-off-by-one.toml"
    path.write_text(path.read_text().replace("return (int)steps;", "return (long)steps;", 1))
    status, report = bench(small_copy, "--only", "steps-off-by-one")
    assert status == 1 and "holds 0 times: return (long)steps;" in report["faults"][0]["problem"]


def test_an_unknown_fault_and_a_bad_file_are_refused(small_copy, root, capsys):
    library(small_copy, root)
    assert run(["bench", "faults", "--only", "nope"]) == 2
    (small_copy.root / "faults" / "bad.toml").write_text("titel = 3\n")
    assert run(["bench", "faults"]) == 2
    assert "titel: unknown key" in capsys.readouterr().err


def test_two_faults_at_once_are_two_breaks_on_their_sides(small_copy, root):
    library(small_copy, root)
    name = "pair-steps-off-by-one-and-cell-in-angstrom"
    status, report = bench(small_copy, "--only", name)
    assert (status, report["summary"]["detected"], report["summary"]["together"]) == (0, 1, 1)
    path = small_copy.root / "faults" / f"{name}.toml"
    path.write_text(path.read_text().replace("steps-off-by-one", "nowhere"))
    assert bench(small_copy, "--only", name)[0] == 2


def test_a_fault_of_the_trace_alone_leaves_the_image_as_it_is_and_one_that_does_not_is_told(small_copy, root):
    library(small_copy, root)
    name = "omega-traced-in-square-millimetres"
    status, report = bench(small_copy, "--only", name)
    assert (status, report["summary"]["unchanged"]) == (0, 1) and report["faults"][0]["computes_instead"] == "the label's unit is wrong"
    path = small_copy.root / "faults" / "steps-off-by-one.toml"
    path.write_text("unchanged = true\n" + path.read_text())
    status, report = bench(small_copy, "--only", "steps-off-by-one")
    assert status == 1 and "image moves by" in report["faults"][0]["problem"]


def test_the_clean_matrix_counts_what_breaks_in_it(small_copy, root):
    (small_copy.root / "faults" / "clean").mkdir(parents=True)
    shutil.copy(root / "faults" / "steps-off-by-one.toml", small_copy.root / "faults")
    (small_copy.root / "faults" / "clean" / "matrix.toml").write_text("""
runs = ["quick"]
[[variant]]
name = "as it is"
[[variant]]
name = "with a mistake"
edits = [{ file = "c_probes/nanobragg/scaling.c", old = "walk->I / run->steps;", new = "walk->I / run->steps / 2;" }]
[[variant]]
name = "by nobody"
needs = "no-such-compiler"
[[variant]]
name = "built otherwise"
edits = [{ file = "conform.toml", old = '"-std=c11"', new = '"-std=c11", "--as-nobody-builds"' }]
""")
    status, report = bench(small_copy)
    assert report["clean"]["as it is, quick"] == [] and report["left_out"].pop("by nobody, quick") == "there is no no-such-compiler here"
    (unbuilt,) = report["left_out"].values()
    assert unbuilt.startswith("building side c ended with status 1: ") and "--as-nobody-builds" in unbuilt
    assert report["clean"]["with a mistake, quick"] == ["scaling.8 on c"]
    assert (status, report["summary"]["clean_runs"], report["summary"]["false_alarms"]) == (1, 2, 1)
