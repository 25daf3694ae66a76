"""The acceptance run: every clause has a case, and a case shows a program that departs from the spec."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conform.run.project import find_project
from conform.run.runfile import load_runs
from specs_dsl.check import load

ROOT = Path(__file__).parents[2]


def test_every_clause_of_the_acceptance_rules_has_a_case_and_every_case_its_clauses(monkeypatch):
    monkeypatch.chdir(ROOT)
    spec, runs = load(ROOT / "specs/acceptance.rules"), load_runs(find_project(), "acceptance")
    assert {clause for run in runs for clause in run.file.judge} == {clause.id for clause in spec.clauses}
    assert not spec.warnings and not any(clause.suspect for clause in spec.clauses)


@pytest.mark.parametrize(("case", "clause"), [("conventions", "parallel.4 Conventions"), ("steep", "parallel.17 Steep")])
def test_a_case_shows_another_departure_of_the_original_as_a_break(case, clause):
    command = [ROOT / "conform", "check", "specs/acceptance.rules", "--run", f"acceptance:{case}", "--quirks", "c=all"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1 and f"FIRST BREAK   {clause}, side c" in ended.stdout


def test_spots_of_wrong_heights_are_a_break(tmp_path):
    """A table in which one amplitude is doubled."""
    (tmp_path / "wrong.hkl").write_text((ROOT / "runs/inputs/six.hkl").read_text().replace("0 1 0 25", "0 1 0 50"))
    command = [ROOT / "conform", "check", "specs/acceptance.rules", "--run", "acceptance:six-reflections", "--input", f"hkl={tmp_path / 'wrong.hkl'}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1 and "FIRST BREAK   parallel.27 Six reflections" in ended.stdout


def test_a_case_conforms_and_shows_the_original_rotation_as_a_break():
    command = [ROOT / "conform", "check", "specs/acceptance.rules", "--run", "acceptance:rotated"]
    plain, stale = (subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True) for more in ([], ["--quirks", "c=all"]))
    assert plain.returncode == 0, plain.stdout + plain.stderr
    assert stale.returncode == 1 and "FIRST BREAK   parallel.21 Rotation, side c" in stale.stdout
