"""Conditions and choices among words are selected from, chosen between and compared like numbers; both evaluators agree."""

from __future__ import annotations

import numpy as np
import pytest

from conform.engine.balls import Balls
from conform.engine.check import arithmetic_of
from conform.engine.operands import Elsewhere
from conform.engine.verdicts import Outcome

HEAD = """
axis k
axis ab = one, two
input g[pixel, k] : flag
input h[pixel] : flag
input s[pixel, k] : near | far
input r[pixel] : near | far
input e[ab] : flag
"""
CODES = [[0, 1, 1], [1, 0, 0]]
VALUES = {"g": ("pixel k", CODES), "h": ("pixel", [1, 0]), "s": ("pixel k", CODES), "r": ("pixel", [1, 0]), "e": ("ab", [1, 0])}


def rules(declared: str, right: str) -> str:
    return f'{HEAD}value y{declared}\nclause one.1 "One"\n  "It is so."\n  y = {right}\n'


CASES = [
    ("[pixel] : flag", "g[k = first]", [0, 1]),
    ("[pixel] : flag", "g[k = last] and h", [1, 0]),
    ("[pixel] : flag", "e[ab = two] or g[k = 1]", [1, 0]),
    ("[pixel, k] : flag", "g[k = previous otherwise h]", [[1, 0, 1], [0, 1, 0]]),
    ("[pixel, k] : flag", "not g[k = previous otherwise h]", [[0, 1, 0], [1, 0, 1]]),
    ("[pixel, k] : flag", "s[k = previous otherwise r] is far", [[1, 0, 1], [0, 1, 0]]),
    ("[pixel] : flag", "s[k = first] is near", [1, 0]),
    ("[pixel] : flag", "(if h then s[k = first] else r) is far", [0, 0]),
    ("[pixel] : 1", "if g[k = first] then 1 else 2", [2, 1]),
    ("[pixel] : 1", "if g[k = previous otherwise h][k = last] then 1 else 2", [1, 2]),
    ("[pixel] : near | far", "s[k = first]", [0, 1]),
    ("[pixel, k] : near | far", "s[k = previous otherwise r]", [[1, 0, 1], [0, 1, 0]]),
    ("[pixel, k] : near | far", "s[k = previous otherwise near]", [[0, 0, 1], [0, 1, 0]]),
]


@pytest.mark.parametrize(("declared", "right", "wanted"), CASES)
def test_words_and_conditions_are_selected_from(case, declared, right, wanted):
    axes = "pixel k" if "k]" in declared else "pixel"
    assert case(rules(declared, right), **VALUES, y=(axes, wanted)).verdict().outcome is Outcome.HOLDS
    wrong = np.array(wanted)
    wrong.flat[-1] = 3 - wrong.flat[-1] if declared.endswith(": 1") else 1 - wrong.flat[-1]
    found = case(rules(declared, right), **VALUES, y=(axes, wrong)).verdict()
    assert found.outcome is Outcome.BREAKS and found.broken.broken == 1


@pytest.mark.parametrize(("declared", "right", "wanted"), [item for item in CASES if "far" not in item[0]])
def test_balls_give_the_same(case, declared, right, wanted):
    made = case(rules(declared, right), **VALUES, y=("pixel k" if "k]" in declared else "pixel", wanted))
    node = made.spec.clauses[0].equations[0].right
    for place in np.ndindex(np.shape(wanted)):
        at = dict(zip(("pixel", "k"), place, strict=False))
        found = Balls(made.side).truth(node, at) if "flag" in declared else int(Balls(made.side).number(node, at).unique_fmpz())
        assert found == np.array(wanted)[place]


def test_words_and_conditions_of_another_side_are_asked_for(case):
    page = HEAD + 'clause one.1 "One"\n  "It is so."\n  require r@other is near or g[k = first]@other\n'
    here = case(page, **VALUES)
    for other, outcome in (({"r": ("pixel", [0, 1])}, Outcome.HOLDS), ({}, Outcome.BREAKS)):
        there = case(page, **VALUES | other)
        here.side.elsewhere["other"] = Elsewhere(there.side, arithmetic_of(there.side, there.profiles)[0])
        assert here.verdict().outcome is outcome
