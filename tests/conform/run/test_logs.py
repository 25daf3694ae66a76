"""Sides that are logs, and programs that print one: beside a neighbour that was traced."""

from __future__ import annotations

import json
import math

import pytest

from conform.errors import UsageProblem

from ..lamp_dialect import DIALECT

WRONG = UsageProblem.exit_code


@pytest.fixture
def lamps(tiny_project):
    """The project with a dialect, and the log that a right program would print of one pixel."""
    tiny_project.write("conform.toml", 'dialects = "dialects"\n' + tiny_project.text("conform.toml"))
    tiny_project.write("dialects/lamp.toml", DIALECT)
    return tiny_project


def log_of(project, slow=1, fast=2, **changed) -> str:
    """As printed; `changed` values are what a wrong program would print."""
    height, *power = map(float, project.text("runs/inputs/lamp.txt").split())
    bundle = project.root / "whole"
    if not bundle.exists():
        project.trace("b", "whole")
    import numpy as np

    x = float(np.load(bundle / "x.npy")[[tuple(p) for p in zip(np.load(bundle / "slow.npy").tolist(), np.load(bundle / "fast.npy").tolist(), strict=True)].index((slow, fast))])
    distance = changed.get("distance", math.sqrt(x * x + height * height))
    light = [changed.get(f"light{i}", p * height / distance**3) for i, p in enumerate(power)]
    stored = changed.get("stored", float(np.float32(sum(light))))
    lines = [f"LAMP: height_m {height:.15g}", f"LAMP pixel {slow},{fast}", f"LAMP: x_m {x:.15g}", f"LAMP: dist_mm {distance:.15g}",
             *(f"LAMP_TURN turn={i} light={value:.15g}" for i, value in enumerate(light)), f"LAMP: stored {stored:.15g}", f"LAMP: turns {len(light)}"]
    return "\n".join(lines) + "\n"


def test_a_log_is_a_side_and_its_neighbour_traces_the_same_pixel(lamps):
    lamps.write("a.log", log_of(lamps))
    report = lamps.judge("--side", "a=log:a.log")
    assert (report["exit_code"], report["elements"], report["roots"]) == (0, 1, [])
    held = {(v["clause"], v["side"]) for v in report["verdicts"] if v["outcome"] == "holds"}
    assert {("lamp.1", "a"), ("lamp.2", "a"), ("lamp.3", "a"), ("lamp.1", "b")} <= held
    assert report["provenance"][0]["inputs_from"] == "b"
    (label,) = report["wrong_labels"]
    assert (label["raw"], label["says"], label["true"], label["sides"]) == ("dist_mm", "mm", "m", ["a"]) and {"lamp.1", "lamp.2"} <= set(label["clauses"])


def test_a_single_input_that_a_log_lacks_is_lent_and_the_report_says_so(lamps):
    lamps.write("a.log", log_of(lamps))                          # shows height and x, and not the power of the turns
    report = lamps.judge("--side", "a=log:a.log")
    lent = report["provenance"][0]["lent"]
    assert lent["power"] == "b" and not {"height", "x"} & set(lent) and report["provenance"][1]["lent"] == {}
    text = lamps.check("--side", "a=log:a.log", "--full").out
    assert "a is a log that does not show all of the run's inputs; those of b" in " ".join(text.split()) and "power" in text


def test_two_logs_lend_each_other_what_one_of_them_lacks(lamps):
    lamps.write("a.log", log_of(lamps))
    power = lamps.text("runs/inputs/lamp.txt").split()[1:]
    shown = "".join(f"LAMP_TURN turn={i} power_w={value}\n" for i, value in enumerate(power))
    lamps.write("b.log", log_of(lamps, light1=1.0).replace("LAMP: height_m", "LAMP: heigth_m") + shown)
    report = lamps.call("compare", "a=log:a.log", "b=log:b.log", "--rules", "specs/lamp.rules", "--format", "json").report["report"]
    assert [one["lent"] for one in report["provenance"]] == [{"power": "b"}, {"height": "a"}]
    held = {(v["clause"], v["side"], v["outcome"]) for v in report["verdicts"]}
    assert {("lamp.2", "a", "holds"), ("lamp.2", "b", "breaks"), ("lamp.1", "b", "holds")} <= held
    text = lamps.call("compare", "a=log:a.log", "b=log:b.log", "--rules", "specs/lamp.rules").out
    assert "those of b stand in for them: power" in " ".join(text.split())


def test_a_mistake_in_a_log_breaks_its_clause_and_no_other(lamps):
    lamps.write("a.log", log_of(lamps, light1=1.0))
    report = lamps.judge("--side", "a=log:a.log")
    assert (report["first_break"]["clause"], report["first_break"]["side"], len(report["roots"])) == ("lamp.2", "a", 1)


def test_logs_of_different_pixels_are_refused_with_both_named(lamps, complains):
    lamps.write("a.log", log_of(lamps, 1, 2))
    lamps.write("b.log", log_of(lamps, 2, 1))
    complains(lamps.check("--side", "a=log:a.log", "--side", "b=log:b.log"), WRONG, "different pixels", "a has slow 1 fast 2", "b has slow 2 fast 1")


def test_quirks_of_a_log_are_no_question(lamps, complains):
    lamps.write("a.log", log_of(lamps))
    complains(lamps.check("--side", "a=log:a.log", "--quirks", "a=none"), WRONG, "side a is a log, which is not executed again")


def test_a_label_that_nobody_knew_is_found_by_the_rules(lamps):
    lamps.write("dialects/lamp.toml", DIALECT.replace('unit = "m", label = "mm"', 'unit = "mm"'))
    lamps.write("a.log", log_of(lamps))
    report = lamps.judge("--side", "a=log:a.log")
    assert report["exit_code"] == 0 and [(label["raw"], label["says"], label["true"]) for label in report["wrong_labels"]] == [("dist_mm", "mm", "m")]


def test_a_value_that_is_computed_in_the_wrong_unit_is_no_label(lamps):
    """What follows was computed from the wrong value: no factor on it makes all clauses hold."""
    lamps.write("a.log", log_of(lamps, distance=1275.0))
    report = lamps.judge("--side", "a=log:a.log")
    assert report["exit_code"] == 1 and "lamp.1" in [root["clause"] for root in report["roots"]]


def binary(lamps, log: str) -> str:
    """A program that writes the image of side a and prints a log."""
    import sys

    lamps.write("printed.log", log)
    path = lamps.write("printing.sh", f'#!/bin/sh\nunset CONFORM_TRACE\n{sys.executable} {lamps.root / "a.py"} "$@" >/dev/null || exit 1\ncat {lamps.root / "printed.log"}\n')
    path.chmod(0o755)
    return "a=binary:printing.sh"


def test_what_a_binary_prints_in_a_known_dialect_is_read_beside_its_image(lamps):
    report = lamps.judge("--side", binary(lamps, "hello\n" + log_of(lamps) + "bye\n"))
    held = {v["clause"]: v["elements"] for v in report["verdicts"] if v["side"] == "a" and v["outcome"] == "holds"}
    assert (held["lamp.1"], held["lamp.3"]) == (1, report["elements"]) and report["elements"] > 1


def test_what_a_binary_prints_wrong_breaks(lamps):
    report = lamps.judge("--side", binary(lamps, log_of(lamps, light0=3.0)))
    assert ("lamp.2", "a") in [(root["clause"], root["side"]) for root in report["roots"]]


def test_a_binary_that_prints_what_nobody_knows_still_shows_its_image(lamps):
    report = lamps.judge("--side", binary(lamps, "hello\n"))
    verdicts = {v["clause"]: v["outcome"] for v in report["verdicts"] if v["side"] == "a"}
    assert (verdicts["lamp.1"], verdicts["lamp.3"]) == ("unchecked", "holds")


def test_compare_needs_no_run(lamps):
    lamps.write("a.log", log_of(lamps))
    lamps.write("b.log", log_of(lamps, light1=1.0))
    ended = lamps.call("compare", "a=log:a.log", "b=log:b.log", "--rules", "specs/lamp.rules", "--format", "json")
    found = json.loads(ended.out)
    states = {row["quantity"]: row["state"] for row in found["rows"]}
    assert ended.status == 1 and found["first"]["quantity"] == "light" and states["distance"] == "same" and found["element"] == {"slow": 1, "fast": 2}
    same = lamps.call("compare", "a=log:a.log", "b=log:a.log", "--rules", "specs/lamp.rules")
    assert same.status == 0 and "agree" in same.out
    for out in (same.out, lamps.call("binding", "check", "a.log", "--rules", "specs/lamp.rules").out):
        assert "dist_mm is printed in m, not in mm" in " ".join(out.split())
    [label] = found["report"]["wrong_labels"]
    assert (label["raw"], label["says"], label["true"], label["sides"]) == ("dist_mm", "mm", "m", ["a", "b"])


def test_what_is_not_read_of_a_log_is_said_with_its_reason_or_as_unknown(lamps):
    lamps.write("a.log", log_of(lamps) + "LAMP: mood 3\nLAMP: mood 4\nLAMP: smell 5\n")
    report = lamps.judge("--side", "a=log:a.log")
    [note] = report["provenance"][0]["notes"]
    assert note == "1 names that the dialect does not know are not read: smell (conform binding check lists them)" and report["provenance"][1]["notes"] == []
    assert "do not know are not read: smell" in " ".join(lamps.check("--side", "a=log:a.log").out.split()).replace("does not", "do not")
    listed = " ".join(lamps.call("binding", "check", "a.log", "--rules", "specs/lamp.rules").out.split())
    assert "not read it is not of this world: mood (2) not known smell" in listed
    assert "not known" not in lamps.call("compare", "a=log:a.log", "b=log:a.log", "--rules", "specs/lamp.rules").out
    lamps.write("dialects/lamp.toml", DIALECT.replace("[ignored]\n", '[ignored]\nsmell = "nobody can smell it"\n'))
    assert lamps.judge("--side", "a=log:a.log")["provenance"][0]["notes"] == []


def test_a_log_that_says_its_command_is_held_against_the_run_s(lamps):
    run = lamps.judge()["provenance"][0]["command"]
    lamps.write("a.log", f"LAMP made by ./lamp {' '.join(run)}\n" + log_of(lamps))
    report = lamps.judge("--side", "a=log:a.log")
    assert (report["exit_code"], report["unlike"], report["provenance"][0]["command"]) == (0, [], run)
    lamps.write("a.log", f"LAMP made by ./lamp {' '.join(run[:-1])} 12345\n" + log_of(lamps))
    [other] = lamps.judge("--side", "a=log:a.log")["unlike"]
    assert other["side"] == "a" and "12345" in other["text"] and other["kind"] == "another command"


def test_two_logs_that_say_different_commands_are_named_with_both(lamps):
    lamps.write("a.log", "LAMP made by ./lamp -turns 2\n" + log_of(lamps))
    lamps.write("b.log", "LAMP made by ./lamp -turns 3\n" + log_of(lamps))
    both = lamps.call("compare", "a=log:a.log", "b=log:b.log", "--rules", "specs/lamp.rules")
    assert both.status == 1 and "a and b were made by different commands: `-turns 2` and `-turns 3`" in " ".join(both.out.split())
    assert lamps.call("compare", "a=log:a.log", "b=log:a.log", "--rules", "specs/lamp.rules").status == 0


def test_a_log_that_says_two_commands_has_none(lamps):
    lamps.write("a.log", "LAMP made by ./lamp -turns 2\nLAMP made by ./lamp -turns 3\n" + log_of(lamps))
    found = lamps.judge("--side", "a=log:a.log")["provenance"][0]
    assert "2 different commands made it" in found["notes"][0]


def test_a_command_that_reads_no_logs_executes_nothing_in_their_place(lamps, complains):
    lamps.write("a.log", log_of(lamps))
    complains(lamps.call("trace", "--run", "wall", "--side", "a=log:a.log", "--output", "out"), WRONG, "a log is not executed")
