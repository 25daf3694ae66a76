"""What `benchmarks/lint.py` measures is a spec without a mistake, in which the language is used as its name says."""

from __future__ import annotations

from pathlib import Path

import pytest

from specs_dsl.check import load
from specs_dsl.syntax import Fold, If, Lookup, Reduce, walk
from tests.scripts import script

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def lint():
    with script(BENCHMARKS / "lint.py") as module:
        yield module


@pytest.mark.parametrize(("kinds", "used"), [("PLAIN", set()), ("RICH", {Fold, If, Lookup, Reduce})])
def test_a_thousand_clauses_are_a_thousand_clauses(lint, kinds, used, tmp_path):
    document, rules = lint.thousand(getattr(lint, kinds))
    (tmp_path / "big.md").write_text(document)
    (tmp_path / "big.rules").write_text(rules)
    spec = load(tmp_path / "big.rules")
    assert len(spec.clauses) == 1000 and not any(clause.suspect for clause in spec.clauses)
    assert used <= {type(node) for clause in spec.clauses for equation in clause.equations for node in walk(equation.right)}
