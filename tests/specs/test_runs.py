"""Both programs, without quirks, against the whole spec: each small run conforms, and the quirks that it reaches are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conform.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
UNEVEN = tuple(f"uneven:{case}" for case in ("sizes", "sides", "near-point", "centre", "askew"))
RUNS = ("adxv", "ball", "bare", "custom", "dark", "denzo", "dials", "listed", "masked", "mosflm", "noisy", "pivoted", "xds", *UNEVEN)


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def check(cache, monkeypatch, capsys):
    """A function: words of a check to (exit status, report)."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CONFORM_CACHE", str(cache))

    def go(*words: str) -> tuple[int, dict]:
        capsys.readouterr()
        status = run(["check", "specs/nanobragg.rules", "--format", "json", *words])
        return status, json.loads(capsys.readouterr().out)
    return go


def breaking(report: dict) -> set[str]:
    return {f"{root['clause']} on {root['side']}" for root in report["roots"]}


@pytest.mark.parametrize("name", RUNS)
def test_both_programs_conform_without_quirks(check, name):
    status, report = check("--run", name, "--quirks", "c=none")
    assert (breaking(report), [item["clause"] for item in report["unchecked"] if not item["excused"]], status) == (set(), [], 0)


@pytest.mark.parametrize("name, clauses", [
    ("adxv", {"cli.16"}), ("ball", {"structure.1"}), ("bare", {"crystal.6"}), ("dials", {"cli.11", "units.4"}), ("listed", {"beam.2"}), ("pivoted", {"cli.18", "crystal.15"}),
    ("mosflm", {"geometry.21", "crystal.5", "crystal.8", "beam.22"}),
])
def test_with_its_quirks_the_c_program_breaks_their_clauses(check, name, clauses):
    status, report = check("--run", name)
    assert status == 1
    assert breaking(report) >= {f"{clause} on c" for clause in clauses}
    assert not any(root.endswith(" on torch") for root in breaking(report))


@pytest.mark.parametrize("name, breaks", [("bare", 5), ("dark", 4)])
def test_the_waivers_that_we_ship_accept_what_the_c_program_breaks_and_fail_when_it_has_gone(check, name, breaks):
    status, report = check("--run", name, "--waivers", "specs/waivers.toml")
    assert (status, len(report["waived"]), report["roots"], report["waivers_failed"]) == (0, breaks, [], [])
    assert all(one["found"]["margin"] <= one["accepted_margin"] for one in report["waived"])
    mended, report = check("--run", name, "--waivers", "specs/waivers.toml", "--quirks", "c=none")
    assert (mended, [item["problem"] for item in report["waivers_failed"]]) == (1, ["gone"] * breaks)


@pytest.mark.parametrize("name, quirk, clause", [("masked", "masked_in_deviation", "output.16"), ("noisy", "curved_by_lab_axes", "detector.4"), ("noisy", "curved_last_ignored", "cli.17")])
def test_a_quirk_alone_breaks_its_clause_alone(check, name, quirk, clause):
    status, report = check("--run", name, "--quirks", f"c=none,+{quirk}")
    assert (status, breaking(report)) == (1, {f"{clause} on c"})
