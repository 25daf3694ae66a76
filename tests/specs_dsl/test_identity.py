"""What a clause says has a short hash, by which a waiver knows the clause that it was written for."""

from __future__ import annotations

import pytest

from specs_dsl.check import load
from specs_dsl.identity import identity

RULES = '''spec lamp "lamp.md"
axis pixel
input x[pixel] : m
value y[pixel] : m
let twice(a : m) = 2 * a
clause lamp.1 "Distance"
  "The distance is twice the offset."
  y = twice(x)   when x > 0
  y = 0 * x      otherwise
'''


@pytest.fixture
def of(tmp_path):
    def read(old: str = "", new: str = "") -> str:
        assert old in RULES
        (tmp_path / "lamp.md").write_text("### lamp.1 Distance\n\nThe distance is twice the offset. Indeed it is.\n")
        (tmp_path / "lamp.rules").write_text(RULES.replace(old, new) if old else RULES)
        return identity(load(tmp_path / "lamp.rules").by_id["lamp.1"])

    return read


@pytest.mark.parametrize("old, new", [
    ("twice(x)   when", "twice( x )  # a remark\n    when"), ('"Distance"', '"Far"'), ("let twice(a : m) = 2 * a", "let twice(b : m) = 2 * b"),
    ("twice(x) ", "2 * x "),
])
def test_layout_comments_and_names_of_parameters_do_not_count(of, old, new):
    assert of(old, new) == of()


@pytest.mark.parametrize("old, new", [
    ("x > 0", "x >= 0"), ("= 2 * a", "= 3 * a"), ("0 * x", "-x"), ("twice(x)   when", "twice(x)   within 4 ulp because \"so\" when"),
    ('"The distance is twice the offset."', '"Indeed it is."'),
])
def test_equations_guards_tolerances_and_quotes_count(of, old, new):
    assert of(old, new) != of()
