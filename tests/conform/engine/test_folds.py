"""Folds: hoisting and the plain-sum shortcut change nothing but the order of additions, which is nobody's business."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import conform.engine.folds as folds
from conform.engine.arithmetic import Arithmetic

F = np.float32
D = np.random.default_rng(3).uniform(-1, 4, (5, 6)).astype(F).astype(float)


@pytest.fixture
def names(make):
    return {
        "a": make.value(0.7), "c": make.value(D[0], "k"), "d": make.value(D, "p", "k"), "e": make.value(D[:, :3], "p", "xyz"),
        "on": make.truth(True), "off": make.truth(False), "g": make.truth(D > 0, "p", "k"),
    }


def by_turns(text: str, evaluate, names, monkeypatch):
    """The same fold without any shortcut."""
    monkeypatch.setattr(folds, "only_adds", lambda *_: None)
    return evaluate(text, **names)


@pytest.mark.parametrize("text", [
    "fold acc from 0 over k: acc + d", "fold acc from a over k: acc + d", "fold acc from c[k = first] over k: d + acc", "fold acc from 0 over p, k: acc + d",
    "fold acc from a over k: if g then acc else acc + d", "fold acc from a over k: (acc + d * a) * (if off then c else 1)", "fold acc from a over k: acc + a",
    "fold acc from 0 over k: (acc + d) * (if off then c else 1) * (if on then 1 else c)", "fold acc from 0 over k: if off then acc else acc + d^2",
    "fold acc from a over k: acc + floor(1000 * d)", "fold acc from a over k: if g then acc else acc + floor(d)", "fold acc from 0 over k: acc + floor(1000 * d)",
])
def test_the_plain_sum_is_what_turn_by_turn_gives(text, evaluate, names, monkeypatch):
    calls = []
    monkeypatch.setattr(Arithmetic, "accumulated", lambda self, *args, old=Arithmetic.accumulated: calls.append(1) or old(self, *args))
    short, long = evaluate(text, **names), by_turns(text, evaluate, names, monkeypatch)
    assert calls == [1] and short.axes == long.axes
    assert np.allclose(short.data, long.data, rtol=1e-14)
    assert (np.abs(short.data - long.data) <= short.bound).all()
    assert (np.asarray(long.bound) <= 1.01 * np.asarray(short.bound)).all()


@pytest.mark.parametrize(("text", "turn"), [
    ("fold acc from a over k: (acc + d) * c", lambda acc, d, c, a: (acc + d) * c),
    ("fold acc from a over k: (acc + d) * (if on then c else 1)", lambda acc, d, c, a: (acc + d) * c),
    ("fold acc from a over k: if g then acc else (acc + d) * c", lambda acc, d, c, a: np.where(d > 0, acc, (acc + d) * c)),
    ("fold acc from a over k: if acc > 2 then acc - d else acc + d", lambda acc, d, c, a: np.where(acc > 2, acc - d, acc + d)),
    ("fold acc from a over k: max(acc, d)", lambda acc, d, c, a: np.maximum(acc, d)),
    ("fold acc from a over k: -acc + sin(acc * d)", lambda acc, d, c, a: -acc + np.sin(acc * d)),
    ("fold acc from a over k: d", lambda acc, d, c, a: d),
    ("fold acc from a over k: acc / 2 + (sum over xyz: acc * e)", None),
    ("fold acc from a over k: if g and acc > 0 then acc else d", lambda acc, d, c, a: np.where((d > 0) & (acc > 0), acc, d)),
    ("fold acc from a over k: (acc + d)[k = first]", None),
    ("fold acc from a over k: acc + (fold in from acc over xyz: (in + e) * d)", None),
    ("fold acc from a over k: (fold in from 0 over xyz: if g then in else in + e * acc)", None),
    ("fold acc from a over k: T[nearest(acc) ties down otherwise acc] + d", None),
    ("fold acc from a over k: if inside(T, nearest(acc) ties down) then acc + 1 else d", None),
])
def test_a_fold_is_turned_in_loop_order(text, turn, evaluate, make, names):
    world = make.World(names, {"T": make.Grid(np.array([2.0, 3.0, 5.0]), (0,))}, {"p": 5, "k": 6})
    found = evaluate(text, world=world)
    assert np.allclose(found.data, (SPELLED.get(text) or plain(turn))(), rtol=1e-12)


def plain(turn):
    def run():
        acc = np.full(5, 0.7)
        for k in range(6):
            acc = turn(acc, D[:, k], D[0, k], 0.7)
        return acc

    return run


def spelled(turn):
    """One pixel after another, in plain Python."""

    def run():
        results = []
        for d in D:
            acc = 0.7
            for k in range(6):
                acc = turn(acc, d, k, d[:3])
            results.append(acc)
        return np.array(results)

    return run


def inner(acc, d, k, e):
    for x in e:
        acc = (acc + x) * d[k]
    return acc


def table(x, otherwise):
    at = int(np.ceil(x - 0.5))
    return (2.0, 3.0, 5.0)[at] if 0 <= at < 3 else otherwise


SPELLED = {
    "fold acc from a over k: acc / 2 + (sum over xyz: acc * e)": spelled(lambda acc, d, k, e: acc / 2 + sum(acc * x for x in e)),
    "fold acc from a over k: (acc + d)[k = first]": spelled(lambda acc, d, k, e: acc + d[0]),
    "fold acc from a over k: acc + (fold in from acc over xyz: (in + e) * d)": spelled(lambda acc, d, k, e: acc + inner(acc, d, k, e)),
    "fold acc from a over k: (fold in from 0 over xyz: if g then in else in + e * acc)": spelled(lambda acc, d, k, e: 0.0 if d[k] > 0 else sum(x * acc for x in e)),
    "fold acc from a over k: T[nearest(acc) ties down otherwise acc] + d": spelled(lambda acc, d, k, e: table(acc, acc) + d[k]),
    "fold acc from a over k: if inside(T, nearest(acc) ties down) then acc + 1 else d": spelled(lambda acc, d, k, e: acc + 1 if table(acc, None) else d[k]),
}


def test_a_switched_off_part_of_a_fold_is_never_asked_for(evaluate, make, names):
    world = make.World(names, sizes={"p": 5, "k": 6})
    evaluate("fold acc from 0 over k: (acc + d) * (if off then lost else 1)", world=world)
    evaluate("fold acc from 0 over k: if off and lost > 0 and acc > 1 then acc else acc + d", world=world)
    assert "lost" not in world.asked


def test_a_running_factor_that_happens_to_be_one_does_not_change_the_rule(evaluate, make):
    """Only a factor that is switched off is dropped; otherwise a bound would depend on what else is in a tile."""
    d = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    factor = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.3]])
    text = "fold acc from 0 over k: (acc + d) * f"
    whole = evaluate(text, d=make.value(d, "p", "k"), f=make.value(factor, "p", "k"))
    alone = evaluate(text, d=make.value(d[:1], "p", "k"), f=make.value(factor[:1], "p", "k"))
    assert alone.bound[0] == whole.bound[0]


@pytest.mark.parametrize("body", ["if x > 1 then acc else acc + d", "if x < 1 then acc + d else (acc + d) * 0.3", "(acc + d) * (if x > 1 then 0.3 else 1)"])
def test_a_condition_that_all_elements_of_a_tile_share_does_not_change_the_rule(body, evaluate, make):
    d, x = np.array([[1.1, 2.2, 3.3], [4.4, 5.5, 6.6]]), np.array([0.0, 5.0])

    def bounds(pixels):
        return evaluate(f"fold acc from 0.7 over k: {body}", x=make.value(x[pixels], "p"), d=make.value(d[pixels], "p", "k")).bound

    assert [float(np.ravel(bounds([i]))[0]) for i in (0, 1)] == bounds([0, 1]).tolist()


def test_adding_an_exact_zero_is_no_rounding(evaluate, make):
    found = evaluate("fold acc from a over k: acc + d", a=make.value(0.7), d=make.value([[0.0, 0.0, 0.0], [0.0, 0.3, 0.0], [0.1, 0.2, 0.3]], "p", "k"))
    assert found.bound[0] == 0 and 0 < found.bound[1] < found.bound[2]


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 60), spread=st.integers(0, 6), start=st.floats(-100, 100, width=32))
def test_a_sum_in_single_precision_in_any_order_stays_within_the_bound(evaluate, make, seed, count, spread, start):
    dice = np.random.default_rng(seed)
    terms = (dice.normal(size=count) * 10.0 ** dice.uniform(0, spread, count)).astype(F)
    found = evaluate("fold acc from s over k: acc + q", q=make.value(terms, "k"), s=make.value(start))
    parts = [F(start), *dice.permutation(terms)]
    while len(parts) > 1:
        parts.append(parts.pop(dice.integers(len(parts))) + parts.pop(dice.integers(len(parts))))
    assert abs(float(parts[0]) - found.data) <= found.bound * (1 + 1e-6) or found.bound == 0 == start


def test_terms_that_are_themselves_uncertain_are_rounded_as_they_may_be(evaluate, make):
    """A thousand terms of size zero, each uncertain by one: their sum may be a thousand, and is rounded as such."""
    found = evaluate("sum over k: q", q=make.value(np.zeros(1000), "k", bound=np.ones(1000)))
    assert found.bound >= 1000 * (1 + 999 * 2.0**-24)


def test_a_fold_over_an_axis_that_its_term_does_not_have_adds_it_at_every_turn(evaluate, make):
    world = make.World({"a": make.value(0.7)}, sizes={"k": 6})
    assert np.isclose(evaluate("fold acc from 0 over k: acc + a", world=world).data, 4.2)


def test_a_fold_over_no_turns_is_its_start(evaluate, make):
    world = make.World({"a": make.value(0.7), "d": make.value(np.zeros((5, 0)), "p", "k")}, sizes={"p": 5, "k": 0})
    for body in ("acc + d", "acc * d"):
        found = evaluate(f"fold acc from a over k: {body}", world=world)
        assert np.all(found.data == 0.7) and np.all(found.bound == 0)
