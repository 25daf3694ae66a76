"""Of several sentences of a clause, a report quotes the one that the broken statement stands for."""

from __future__ import annotations

import pytest

from conform.report.stated import quotes_of
from specs_dsl.check import load

RULES = """
spec tiny "tiny.md"
axis pixel
input x[pixel] : 1
value cross_angle[pixel] : 1
value along_angle[pixel] : 1
value low[pixel] : 1
value spread : 1
clause one.1 "Angles" "The along angle is three." "The cross angle is x."
  cross_angle = x
  along_angle = 3
clause one.2 "Low" "It is x below one." "Above it is one."
  low = x when x < 1
  low = 1 otherwise
clause one.3 "Spread" "It stands alone." "The spread is the sum." "Nothing else is asked."
  spread = sum over pixel: x
"""


@pytest.mark.parametrize(("clause", "statement", "said"), [
    ("one.1", 0, "The cross angle is x."), ("one.1", 1, "The along angle is three."),
    ("one.2", 0, "It is x below one."), ("one.2", 1, "Above it is one."), ("one.3", 0, "The spread is the sum."),
])
def test_the_sentence_that_names_the_quantity_comes_first_or_else_the_one_in_its_place(tmp_path, clause, statement, said):
    (tmp_path / "tiny.rules").write_text(RULES)
    (tmp_path / "tiny.md").write_text("".join(f"### one.{i} Some\n> {text}\n" for i, text in (
        (1, "The along angle is three. The cross angle is x."), (2, "It is x below one. Above it is one."), (3, "It stands alone. The spread is the sum. Nothing else is asked."))))
    found = load(tmp_path / "tiny.rules").by_id[clause]
    quotes = quotes_of(found, statement)
    assert quotes[0] == said and sorted(quotes) == sorted(found.quotes)
