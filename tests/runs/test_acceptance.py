"""The acceptance run: every clause has a case, and a case shows a program that departs from the spec."""

from __future__ import annotations

import subprocess
from pathlib import Path

from conform.run.project import find_project
from conform.run.runfile import load_runs
from specs_dsl.check import load

ROOT = Path(__file__).parents[2]


def test_every_clause_of_the_acceptance_rules_has_a_case_and_every_case_its_clauses(monkeypatch):
    monkeypatch.chdir(ROOT)
    spec, runs = load(ROOT / "specs/acceptance.rules"), load_runs(find_project(), "acceptance")
    assert {clause for run in runs for clause in run.file.judge} == {clause.id for clause in spec.clauses}
    assert not spec.warnings and not any(clause.suspect for clause in spec.clauses)


def test_a_case_conforms_and_shows_the_original_rotation_as_a_break():
    command = [ROOT / "conform", "check", "specs/acceptance.rules", "--run", "acceptance:rotated"]
    plain, stale = (subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True) for more in ([], ["--quirks", "c=all"]))
    assert plain.returncode == 0, plain.stdout + plain.stderr
    assert stale.returncode == 1 and "FIRST BREAK   parallel.21 Rotation, side c" in stale.stdout
