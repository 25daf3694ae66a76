"""A tolerance typed by hand stands in the specs only where it is defended: an equation has its bound from the arithmetic."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from specs_dsl.check import load

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT / "specs"
EQUATIONS = {("random.3", "mosaic_angle")}       # a chain that is formed in single precision whatever the side computes in
TYPED = re.compile(r"(<=|<|>=|>|==)\s*(\d+(\.\d*)?e-\d+|0\.0\d*)")


def typed_at(lines: list[str]) -> list[int]:
    """The lines in which a small number stands as an edge, without a word why: in a comment beside or above, in a quote, or as `because`."""
    found = []
    for i, line in enumerate(lines):
        rule = re.sub(r'"[^"]*"', "", line).partition("#")[0]
        defended = "#" in line or lines[i - 1].lstrip().startswith("#") or lines[i - 1].lstrip().startswith('"')
        if TYPED.search(rule) and not defended:
            found.append(i + 1)
    return found


def undefended(rules: Path) -> list[str]:
    """The tolerances of a rules file that replace a derived bound, or that give no reason."""
    found = []
    for clause in load(rules).clauses:
        found += [f"{clause.id} {one.target}" for one in clause.equations if one.tolerance and (clause.id, one.target) not in EQUATIONS]
        statements = [*clause.equations, *clause.requirements]
        found += [f"{clause.id}: no reason" for one in statements if one.tolerance and len(one.tolerance.reason or "") < 20]
    return found


@pytest.mark.parametrize("rules", ["nanobragg.rules", "acceptance.rules"])
def test_only_laws_that_follow_from_several_clauses_have_a_tolerance_of_their_own_and_each_says_why(rules):
    assert undefended(SPECS / rules) == []


def test_no_clause_has_another_slack_than_the_others():
    assert all("overrides" not in tomllib.loads(path.read_text()) for path in (SPECS / "tolerances").glob("*.toml"))


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.rules")), ids=lambda path: path.stem)
def test_a_small_number_in_a_condition_is_defended_by_a_comment(path):
    assert typed_at(path.read_text("utf-8").splitlines()) == []


def test_a_tolerance_of_an_equation_and_a_bare_number_are_noticed(tmp_path):
    (tmp_path / "tiny.md").write_text("### some.1 Some\n> It is so.\n")
    text = 'spec tiny "tiny.md"\ninput a : m\nvalue b : m\nclause some.1 "Some" "It is so."\n  b = 2 * a within 1e-6 relative because "six digits are printed of it"\n  require b > 1e-3 m\n'
    (tmp_path / "tiny.rules").write_text(text.replace("1e-3 m", "0.001 * a"))
    assert undefended(tmp_path / "tiny.rules") == ["some.1 b"]
    assert typed_at(text.splitlines()) == [6] and typed_at(text.replace("1e-3 m", "1e-3 m  # why").splitlines()) == []
