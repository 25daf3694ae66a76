"""The second domain: as shipped one clause breaks, and it is named; planted faults are named too; nothing else breaks."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from conform.cli.main import run
from conform.run.build import compiler


def only_break(report: dict) -> tuple[str, str]:
    assert report["exit_code"] == 1 and report["unchecked"] == []
    (found,) = report["roots"]
    return found["clause"], found["side"]


@pytest.mark.parametrize("name", ["swing", "single"])
def test_as_shipped_the_drive_breaks_alone_for_its_phase_is_in_degrees(pendulum, name):
    report = pendulum.judge(name)
    assert only_break(report) == ("force.2", "c")
    found = report["first_break"]
    assert "pi / 180" in found["computes_instead"] or "degrees" in found["computes_instead"]
    assert (found["tiles_broken"], found["tiles_judged"]) == (11, 12)                  # the first has no phase
    assert found["at"] == {"pendulum": 1, "step": 0, "line": 2}
    assert "drive" in report["explained"]["differing"] and "drive" not in report["explained"]["still"]


@pytest.mark.parametrize("name, dtype", [("swing", "float64"), ("single", "float32")])
def test_without_the_quirk_it_conforms_in_both_precisions(pendulum, name, dtype):
    report = pendulum.judge(name, "--quirks", "c=none")
    assert report["exit_code"] == 0 and report["unchecked"] == []
    assert [side["dtype"] for side in report["provenance"]] == ["float64", dtype]
    assert all(verdict["margin"] < 1 for verdict in report["verdicts"])


def test_nothing_of_the_rules_goes_unjudged(pendulum):
    report = pendulum.judge("swing", "--quirks", "c=none")
    assert report["judged"] == report["clauses"] == 11 and report["elements"] == 12
    assert {verdict["outcome"] for verdict in report["verdicts"]} == {"holds"}


def test_the_programs_agree_on_what_they_print(pendulum):
    """To the last printed digit with the quirk off; with it, only where the phase is zero."""
    def printed(*words: str) -> list[float]:
        code = "import sys; from conform.cli.main import main; main()"
        done = subprocess.run([sys.executable, "-c", code, "exec", *words, "--", "runs/pendulums.txt", "400", "0.01"], capture_output=True, text=True, check=True)
        return [float(line) for line in done.stdout.split()]

    torch, good, quirk = printed("torch"), printed("--quirks", "none", "c"), printed("c")
    assert len(torch) == 12 and all(math.isclose(a, b, abs_tol=2e-4) for a, b in zip(torch, good, strict=True))
    assert [math.isclose(a, b, abs_tol=2e-4) for a, b in zip(torch, quirk, strict=True)] == [True] + [False] * 11


C_FAULTS = [
    ("sin(middle)", "sin(angle)", "force.1", ""),                                       # the force of the step's beginning
    ("velocity += acceleration * dt;", "static double before; velocity += before * dt; before = acceleration;", "step.4", ""),   # of the step before
    ("(step + 0.5) * dt", "step * dt", "step.3", "0.5"),
    ("(step + 0.5) * dt", "(step + 1 + 0.5) * dt", "step.3", "counted from one"),
    ("friction = -0.25", "friction = 0.25", "force.3", "sign"),
    ("velocity = radians(p->push)", "velocity = p->push", "start.1", "pi / 180"),
    ("acceleration = gravity + drive + friction;", "acceleration = gravity + drive;", "force.4", "friction"),
    ("CONFORM_AT(step, step);", "CONFORM_AT(step, step); if (step == 7) velocity *= 1 + 1e-9;", "step.1", ""),
    ("CONFORM_PUT_INT(line, i + 1)", "CONFORM_PUT_INT(line, n - i)", "row.1", ""),
]


@pytest.mark.parametrize("old, new, clause, instead", C_FAULTS)
def test_a_fault_in_the_c_program_is_named(pendulum, old, new, clause, instead):
    pendulum.replace("pendulum.c", old, new)
    report = pendulum.judge("swing", "--quirks", "c=none")
    assert only_break(report) == (clause, "c")
    assert instead in report["first_break"]["computes_instead"]


@pytest.mark.parametrize("old, new, clause, instead", [
    ("middle, time = angle + velocity * (dt / 2)", "middle, time = angle + velocity * dt", "step.2", "2"),
    ("torch.sin(middle)", "torch.sin(middle.float()).to(middle)", "force.1", "single"),
])
def test_a_fault_in_the_torch_program_is_named(pendulum, old, new, clause, instead):
    pendulum.replace("pendulum.py", old, new)
    report = pendulum.judge("swing", "--quirks", "c=none")
    assert only_break(report) == (clause, "torch")
    assert instead in report["first_break"]["computes_instead"]


def test_the_two_programs_may_both_break_and_each_is_told(pendulum):
    pendulum.replace("pendulum.py", "friction = -0.25", "friction = -0.35")
    report = pendulum.judge()
    assert [(root["clause"], root["side"]) for root in report["roots"]] == [("force.3", "torch"), ("force.2", "c")]


def test_the_c_program_without_probes_is_an_ordinary_program(pendulum, tmp_path):
    subprocess.run([compiler(), "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I../../c_probes", "-o", tmp_path / "plain", "pendulum.c", "-lm"], check=True)
    plain = subprocess.run([tmp_path / "plain", "runs/pendulums.txt", "400", "0.01"], capture_output=True, text=True, check=True)
    assert len(plain.stdout.split()) == 12
    assert b"CONFORM_TRACE" not in (tmp_path / "plain").read_bytes()


def test_lint_and_the_formatter_have_nothing_to_say(pendulum):
    pendulum.read()
    assert run(["lint", "pendulum.rules"]) == 0
    out, err = pendulum.read()
    assert out.startswith("pendulum.rules: 11 clauses") and out.endswith(", 0 warnings\n") and err == ""
    assert run(["fmt", "--check", "pendulum.rules"]) == 0
