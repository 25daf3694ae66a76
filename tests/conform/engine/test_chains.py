"""Loops that hand on: a mistake is followed into the next turn, and what a turn begins with is repaired like any other value."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from conform.engine import chains
from conform.engine.rework import downstream

RULES = """
input start[pixel] : 1
input raw[turn] : 1
input begin[pixel, turn] : 1
input half[pixel, turn] : 1
value rate[turn] : 1
value end[pixel, turn] : 1
input state[turn] : 1
value moved[turn] : 1
value image[pixel] : 1
clause one.1 "Rate"
  "It is so."
  rate = 2 * raw
clause one.2 "Chain"
  "It is so."
  require begin == end[turn = previous otherwise start]
  require half == begin / 2
clause one.3 "End"
  "It is so."
  end = begin * rate + 1
clause one.4 "Image"
  "It is so."
  image = end[turn = last]
clause one.5 "State"
  "It is so."
  require state == moved[turn = previous otherwise 0]
  moved = state + raw
"""
START, RAW = np.array([0.3, 1.1, 2.6, 4.2]), np.array([0.7, 1.2, 0.4, 0.9, 1.3])


def program(rate: float = 1.0, begun: float = 1.0, image: float = 1.0, stale: bool = False, moves: float = 1.0) -> dict[str, tuple]:
    """Each value times what is wrong with it; `stale`: a pixel begins with what the one before it ended with."""
    rates = 2 * RAW * rate
    begin, end = np.zeros((4, 5)), np.zeros((4, 5))
    for p in range(4):
        for t in range(5):
            before = end[p, t - 1] if t else end[p - 1, -1] if stale and p else START[p]
            begin[p, t] = before * (begun if t == 2 else 1)
            end[p, t] = begin[p, t] * rates[t] + 1
    moved = np.cumsum(RAW * moves)
    return {"state": ("turn", np.r_[0, moved[:-1]]), "moved": ("turn", moved), "start": ("pixel", START), "raw": ("turn", RAW), "begin": ("pixel turn", begin), "half": ("pixel turn", begin / 2),
            "rate": ("turn", rates), "end": ("pixel turn", end), "image": ("pixel", end[:, -1] * image)}


@pytest.fixture
def diagnosed(beside):
    return partial(beside, RULES)


def test_what_follows_goes_on_in_the_next_turn(case):
    assert downstream(case(RULES, **program()).spec, "rate") == {"begin", "end", "image"}


def test_a_mistake_is_followed_through_all_turns(diagnosed):
    found = diagnosed(program(rate=1.5), program())
    (repair,) = found.repairs
    assert {p.quantity for p in repair.differing} == {"rate", "begin", "end", "image"}
    assert repair.still == () and found.left == ()
    assert found.fall.left == pytest.approx(1) and found.fall.steps[0].factor == pytest.approx(found.fall.ratio)


def test_what_a_turn_begins_with_is_a_break_that_can_be_repaired(diagnosed):
    found = diagnosed(program(), program(begun=1.25))
    (root,) = found.roots
    assert (root.clause.id, root.verdict.side, root.verdict.broken.target) == ("one.2", "b", "begin")
    assert root.instead.text == "1.25 times what is required"
    assert found.repairs[0].still == () and found.fall.left == pytest.approx(1)


def test_a_state_that_is_carried_over_explains_all_that_differs(diagnosed):
    found = diagnosed(program(stale=True), program())
    assert found.roots[0].verdict.broken.broken_at["turn"] == {0: 3} and found.repairs[0].still == () and found.left == ()


def test_of_two_breaks_in_a_loop_the_other_is_kept_in_each_turn(diagnosed):
    found = diagnosed(program(rate=1.5, begun=1.25), program())
    assert [repair.clause for repair in found.repairs] == ["one.1", "one.2"]
    assert all({p.quantity for p in repair.still} == {"begin", "end", "image"} for repair in found.repairs[1:])
    assert found.left == () and found.fall.left == pytest.approx(1)
    assert found.fall.steps[0].factor * found.fall.steps[1].factor == pytest.approx(found.fall.ratio)


def test_turns_are_gone_through_once_for_each_state_whoever_asks(diagnosed, monkeypatch):
    """Repairs and shares of what differs ask for the same states."""
    gone, through = [], chains._gone_through
    monkeypatch.setattr(chains, "_gone_through", lambda side, math, tile, worked_out, changed: gone.append((side.name, worked_out, frozenset(changed))) or through(side, math, tile, worked_out, changed))
    diagnosed(program(rate=1.5, begun=1.25), program())
    assert len(gone) == len(set(gone)) > 1


def test_a_loop_too_long_to_be_followed_is_said_to_be_given(diagnosed, monkeypatch):
    monkeypatch.setattr(chains, "MOST_TURNS", 5)
    (repair,) = diagnosed(program(rate=1.5), program()).repairs
    assert {p.quantity for p in repair.still} == {"begin", "end", "image"} and repair.given == ("begin", "half")


def test_sides_whose_loops_have_another_number_of_turns_did_not_do_the_same_though_no_clause_breaks(diagnosed):
    short = {name: (axes, values[..., :4] if "turn" in axes else values) for name, (axes, values) in program().items()}
    short["image"] = ("pixel", short["end"][1][:, -1])
    found = diagnosed(program(), short)
    assert found.roots == () and [(one.kind, one.text) for one in found.unlike] == [("other elements", "a has 5 elements on the axis turn and b has 4")]
    assert diagnosed(program(), program(image=1.5)).unlike == ()


def test_a_value_that_is_not_a_number_is_followed_and_repaired_too(diagnosed):
    wrong = program()
    for name in ("begin", "half", "end"):
        wrong[name][1][2, (3 if name == "end" else 4) :] = np.nan
    wrong["end"][1][2, 2] = wrong["begin"][1][2, 3] = np.nan
    wrong["half"][1][2, 3] = np.nan
    wrong["image"][1][2] = np.nan
    found = diagnosed(wrong, program())
    assert [root.clause.id for root in found.roots] == ["one.3"]
    assert found.repairs[0].still == () and found.left == ()


def test_what_a_turn_hands_on_is_no_input_that_was_given(diagnosed):
    found = diagnosed(program(moves=1.5), program())
    assert [(root.clause.id, root.verdict.broken.target) for root in found.roots] == [("one.5", "moved")]
    assert found.given == () and found.repairs[0].still == ()


def test_a_loop_of_another_length_is_said_beside_a_break_that_has_nothing_to_do_with_it_and_not_beside_one_of_what_was_read_for_its_turns(diagnosed):
    short = {name: (axes, values[..., :4] if "turn" in axes else values) for name, (axes, values) in program().items()}
    assert [one.kind for one in diagnosed(program(image=1.5), short).unlike] == ["other elements"]
    axes, begin = short["begin"]
    found = diagnosed(program(), short | {"begin": (axes, begin * 1.5)})
    assert any(root.clause.id == "one.2" for root in found.roots) and found.unlike == ()
