"""The bench of faults: it counts right, and it says so when the checker is wrong."""

from __future__ import annotations

import json
import shutil

from conform.cli.main import run


def bench(copy, *options: str) -> tuple[int, dict]:
    status = run(["bench", "faults", "--format", "json", *options])
    text = copy.read()
    return status, json.loads(text) if text else {}


def library(copy, root) -> None:
    shutil.copytree(root / "faults", copy.root / "faults")


def test_a_fault_that_is_said_as_expected_counts(copy, root):
    library(copy, root)
    status, report = bench(copy, "--only", "steps-off-by-one")
    assert status == 0
    assert report["summary"] == {"faults": 1, "detected": 1, "side": 1, "first_clause": 1, "equation": 1, "extra_breaks": 0, "false_alarms": 0, "clean_runs": 1}


def test_a_fault_that_changes_nothing_is_a_miss(copy, root):
    library(copy, root)
    path = copy.root / "faults" / "steps-off-by-one.toml"
    path.write_text(path.read_text().replace("(int)steps + 1;", "(int)steps + 0;"))
    status, report = bench(copy, "--only", "steps-off-by-one")
    assert status == 1 and report["summary"]["detected"] == 0


def test_a_fault_expected_elsewhere_is_an_extra_break(copy, root):
    library(copy, root)
    path = copy.root / "faults" / "steps-off-by-one.toml"
    path.write_text(path.read_text().replace('clause = "sampling.11"', 'clause = "scaling.8"').replace('side = "c"', 'side = "torch"'))
    status, report = bench(copy, "--only", "steps-off-by-one")
    assert status == 1
    assert report["faults"][0]["extra"] == ["sampling.11 on c"] and report["summary"]["side"] == report["summary"]["first_clause"] == 0


def test_a_program_that_breaks_as_it_is_is_a_false_alarm(copy, root):
    library(copy, root)
    status, report = bench(copy, "--only", "steps-off-by-one", "--quirks", "c=all")
    assert status == 1 and report["clean"] == {"quick": ["crystal.15 on c"]}


def test_a_text_that_does_not_stand_there_is_told(copy, root):
    library(copy, root)
    path = copy.root / "faults" / "steps-off-by-one.toml"
    path.write_text(path.read_text().replace("return (int)steps;", "return (long)steps;", 1))
    status, report = bench(copy, "--only", "steps-off-by-one")
    assert status == 1 and "holds 0 times: return (long)steps;" in report["faults"][0]["problem"]


def test_an_unknown_fault_and_a_bad_file_are_refused(copy, root, capsys):
    library(copy, root)
    assert run(["bench", "faults", "--only", "nope"]) == 2
    (copy.root / "faults" / "bad.toml").write_text("titel = 3\n")
    assert run(["bench", "faults"]) == 2
    assert "titel: unknown key" in capsys.readouterr().err
