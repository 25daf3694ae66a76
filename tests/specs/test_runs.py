"""Both programs against the whole spec: without quirks each small run conforms; with them the waivers that we ship accept what breaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conform.cli.main import run
from conform.cli.waivers import context
from conform.engine import diagnose
from conform.engine.instead import Instead
from conform.report.model import Report
from conform.report.waived import apply
from conform.run.project import find_project
from conform.run.waivers import load_waivers
from specs_dsl.check import load

ROOT = Path(__file__).resolve().parents[2]
WAIVERS = ROOT / "specs" / "waivers.toml"
UNEVEN = tuple(f"uneven:{case}" for case in ("sizes", "sides", "near-point", "centre", "askew", "cut", "cut-off"))
GIVEN = tuple(f"given:{case}" for case in ("one", "two", "three", "four", "five", "six", "round", "gauss", "tophat", "curved", "empty", "overruled", "even", "odd", "overload", "fringe"))
RUNS = ("adxv", "ball", "bare", "custom", "dark", "denzo", "dials", "listed", "masked", "mosflm", "noisy", "pivoted", "xds", *UNEVEN, *GIVEN)
BROKEN = {                               # by the C program with its quirks, among others
    "adxv": {"cli.16"}, "ball": {"structure.1"}, "bare": {"crystal.6"}, "custom": {"geometry.21"}, "dark": {"crystal.5"}, "denzo": {"crystal.8"},
    "dials": {"cli.11", "units.4"}, "listed": {"beam.2"}, "pivoted": {"cli.18", "crystal.15"}, "mosflm": {"geometry.21", "crystal.5", "crystal.8", "beam.22"},
    "xds": {"sampling.12"}, "uneven:sizes": {"detector.8"}, "uneven:askew": {"beam.22"},
    "quick": {"crystal.15"}, "discriminating": {"detector.1", "detector.9"}, "running": {"detector.8", "sampling.12"}, "tophat": {"detector.1", "detector.9"},
    "smooth": {"detector.2", "structure.14", "structure.15"},
}
CLEAN = ("masked", "noisy", "uneven:sides", "uneven:near-point", "uneven:centre", "uneven:cut", "uneven:cut-off", *GIVEN)     # no quirk of the C program shows in these


@pytest.fixture(scope="session")
def spec():
    return load(ROOT / "specs" / "nanobragg.rules")


@pytest.fixture
def check(shared_cache, spec, monkeypatch, capsys):
    """A function: words of a check to (exit status, report). What breaks is asked here, and not what a side computes instead of it, for
    which half the time would go; and the rules are read once."""
    monkeypatch.setattr(diagnose, "computes_instead", lambda *_: Instead())
    monkeypatch.setattr("conform.cli.check.load_spec", lambda rules: spec)
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CONFORM_CACHE", str(shared_cache))

    def go(*words: str) -> tuple[int, dict]:
        capsys.readouterr()
        status = run(["check", "specs/nanobragg.rules", "--format", "json", *words])
        return status, json.loads(capsys.readouterr().out)
    return go


def breaking(report: dict) -> set[str]:
    return {f"{root['clause']} on {root['side']}" for root in report["roots"]}


@pytest.mark.parametrize("name", RUNS)
def test_both_programs_conform_without_quirks_and_then_every_waiver_of_theirs_has_to_go(check, spec, name):
    status, report = check("--run", name, "--quirks", "c=none")
    assert (breaking(report), [item["clause"] for item in report["unchecked"] if not item["excused"]], status) == (set(), [], 0)
    waivers = load_waivers(WAIVERS)
    under = apply(Report.model_validate(report), waivers, context(spec, find_project()))
    own = {clause for entry in (*waivers.waiver, *waivers.unjudged) if name in entry.runs for clause in entry.names}
    assert {one.clause: one.problem for one in under.waivers_failed} == dict.fromkeys(own, "gone")
    assert under.exit_code == (1 if own else 0) and own or name in CLEAN


@pytest.mark.parametrize("name, clauses", BROKEN.items(), ids=BROKEN)
def test_with_its_quirks_the_c_program_breaks_their_clauses_and_the_waivers_that_we_ship_accept_them(check, name, clauses):
    status, report = check("--run", name, "--waivers", "specs/waivers.toml")
    assert (status, report["roots"], report["waivers_failed"], report["given"]) == (0, [], [], [])
    assert {(one["found"]["clause"], one["found"]["side"]) for one in report["waived"]} >= {(clause, "c") for clause in clauses}
    assert all((one["found"]["relative"] if one["accepted_margin"] is None else one["found"]["margin"]) not in (None, 0) for one in report["waived"])
    assert not any(one["found"]["side"] == "torch" for one in report["waived"])


def test_every_run_that_the_c_program_breaks_has_its_waivers():
    said = {run for entry in (*load_waivers(WAIVERS).waiver, *load_waivers(WAIVERS).unjudged) for run in entry.runs}
    runs = {path.stem for path in (ROOT / "runs").glob("*.toml")} - {"uneven", "given"} | set(UNEVEN) | set(GIVEN)
    assert runs - said == {"acceptance", *CLEAN}      # acceptance: tests/runs
    assert said == {"supervisor", *BROKEN}            # each of which a test checks under them; supervisor: tests/docs/test_readme.py


@pytest.mark.parametrize("name, quirk, clause", [("masked", "masked_in_deviation", "output.16"), ("noisy", "curved_by_lab_axes", "detector.4"), ("noisy", "curved_last_ignored", "cli.17")])
def test_a_quirk_alone_breaks_its_clause_alone(check, name, quirk, clause):
    status, report = check("--run", name, "--quirks", f"c=none,+{quirk}")
    assert (status, breaking(report)) == (1, {f"{clause} on c"})
