"""What is a mistake and what only looks like one: told on operands that no run gave."""

from __future__ import annotations

import numpy as np
import pytest

from conform.adequacy.equivalent import Worlds
from conform.adequacy.mutate import Fate, Tried, mutate_equation, together, told_apart
from conform.adequacy.settling import settled
from conform.engine.check import arithmetic_of

RULES = """
input a[pixel] : 1
input b[pixel] : 1
input n : count
input on : flag
input way : up | down
value area[pixel] : 1
value apart[pixel] : 1
value large[pixel] : flag
value where : up | down
clause one.1 "Area"
  "It is so."
  area = 1 * a * b * (if on then n else 1)
clause one.2 "Apart"
  "It is so."
  apart = abs(a - b)
clause one.3 "Large"
  "It is so."
  large = a > 2 * b
clause one.4 "Where"
  "It is so."
  where = if way is up then down else up
"""
A, B = [2.0, 3.0, 5.0], [1.0, 2.0, 1.0]


@pytest.fixture
def tried(case):
    """All mistakes on operands that show little: a is the larger one everywhere, and there is one of everything."""
    one = case(RULES, a=("pixel", A), b=("pixel", B), n=("", 1), on=("", False), way=("", 0), area=("pixel", [2.0, 6.0, 5.0]), apart=("pixel", [1.0, 1.0, 4.0]),
               large=("pixel", [False, False, True]), where=("", 1))
    return [found for clause in one.spec.clauses for found in mutate_equation(clause, 0, one.side, one.profiles)], one


def fates(found) -> dict[tuple[str, str], Fate]:
    return {(one.clause, one.text): one.fate for one in found if isinstance(one, Tried)}


def test_what_is_no_mistake_is_told_from_what_the_operands_do_not_show(tried):
    found, one = tried
    fate = fates(settled(found, [one.side], one.profiles))
    assert fate["one.1", "the clause without its factor 1"] is Fate.EQUIVALENT
    assert fate["one.2", "the clause with a and b exchanged"] is Fate.EQUIVALENT
    assert fate["one.2", "the clause without abs of a - b"] is Fate.UNSEEN
    assert fate["one.1", "the clause as though on held nowhere"] is Fate.UNSEEN
    assert fate["one.1", "the clause without its factor a"] is Fate.KILLED


def test_some_statements_at_a_time_are_told_as_one_after_another(tried):
    found, one = tried
    ticks: list[int] = []
    alone = settled(found, [one.side], one.profiles)
    assert settled(found, [one.side], one.profiles, 2, lambda: ticks.append(1)) == alone
    assert len({clause for (clause, _), fate in fates(alone).items() if fate is Fate.EQUIVALENT}) > 1 and len(ticks) == sum(fate is Fate.UNSEEN for fate in fates(found).values())


def test_conditions_and_choices_have_mistakes_too(tried):
    fate = fates(tried[0])
    assert fate["one.3", "the clause turned round: true where it should be false, and false where it should be true"] is Fate.KILLED
    assert fate["one.3", "true, whatever its operands"] is Fate.KILLED
    assert fate["one.4", "always up"] is Fate.KILLED and fate["one.4", "always down"] is Fate.UNSEEN


def test_two_mistakes_of_the_same_words_are_two(case):
    one = case('input a[pixel] : 1\nvalue area[pixel] : 1\nclause one.1 "Area"\n  "It is so."\n  area = (a + 3) + (a + 3) * 2\n',
               a=("pixel", A), area=("pixel", A))
    texts = [variant.text for variant in told_apart(one.spec.by_id["one.1"].equations[0], one.side)]
    assert len(set(texts)) == len(texts) and any("(place 2)" in text for text in texts)


FOLLOWS = """
input step : 1
input n    : count
input on   : flag
value angle[pixel, turn] : 1
value turned[pixel, turn] : 1   when on
clause one.1 "Angle"
  "It is so."
  angle = step * (index(turn) + 1)
clause one.2 "Turned"
  "It is so."
  turned = 2 * angle + angle * n   when on
"""


def test_what_follows_from_less_is_the_same_at_every_place_of_the_other_loops(case):
    angles = np.broadcast_to(0.7 * np.arange(1, 4), (2, 3))
    one = case(FOLLOWS, step=("", 0.7), n=("", 2), on=("", True), angle=("pixel turn", angles), turned=("pixel turn", 4 * angles))
    found = list(mutate_equation(one.spec.by_id["one.2"], 0, one.side, one.profiles))
    fate = fates(settled(found, [one.side], one.profiles))
    assert fate["one.2", "what the clause requires at the first pixel, for all of them"] is Fate.EQUIVALENT
    assert fate["one.2", "what the clause requires at the first turn, for all of them"] is Fate.KILLED


RARE = """
input a     : 1
input b     : 1
input c     : 1
input n     : count
value d     : 1   when n == 1000
value total : 1
clause one.1 "Rare"
  "It is so."
  d = a   when n == 1000
clause one.2 "Total"
  "It is so."
  total = 1 * (d + b) * c
"""


def test_where_runs_in_which_a_statement_applies_are_rare_its_operands_are_drawn_themselves(case):
    one = case(RARE, a=("", 2.0), b=("", 3.0), c=("", 1.0), n=("", 1000), d=("", 2.0), total=("", 5.0))
    fate = fates(settled(list(mutate_equation(one.spec.by_id["one.2"], 0, one.side, one.profiles)), [one.side], one.profiles))
    assert fate["one.2", "the clause without its factor 1"] is Fate.EQUIVALENT
    assert fate["one.2", "the clause without its factor c"] is Fate.UNSEEN


def test_of_several_runs_a_mistake_must_be_localised_in_all(tried):
    (first, *_), _ = tried
    killed = Tried(first.clause, first.case, first.target, "x", "some", Fate.KILLED, 5.0, localised=True, named="some")
    elsewhere = Tried(first.clause, first.case, first.target, "x", "some", Fate.KILLED, 9.0, localised=False)
    (both,) = together([[killed], [elsewhere]])
    assert (both.localised, both.named, both.most) == (False, "some", 9.0)


def test_a_draw_is_the_same_every_time(tried):
    _, one = tried
    equation = one.spec.by_id["one.2"].equations[0]
    math, _ = arithmetic_of(one.side, one.profiles)
    answers = {tuple(Worlds(one.side, math).same(variant, equation, ("one.2", 0)) for variant in told_apart(equation, one.side)) for _ in range(2)}
    assert len(answers) == 1
