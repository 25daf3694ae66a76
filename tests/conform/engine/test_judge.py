"""One planted case for every outcome and every reason; what a verdict says of where and how much; tiles leave no mark."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conform.engine import check as checking
from conform.engine.check import check, judge_side
from conform.engine.tolerances import Override
from conform.engine.verdicts import Outcome, Reason

DOUBLE = """
input x[pixel] : 1
value y[pixel] : 1
clause one.1 "One"
  "It is so."
  y = 3 * x
"""


def scaled(rules: str, statement: str) -> str:
    return rules.replace("y = 3 * x", statement)


# --- outcomes --------------------------------------------------------------------------------------------------------


def test_values_within_the_bound_hold(case):
    x = np.array([0.1, 0.2, 0.3])
    found = case(DOUBLE, x=("pixel", x), y=("pixel", 3 * x)).verdict()
    assert (found.outcome, found.elements, found.reason, found.detail) == (Outcome.HOLDS, 3, None, "")
    assert 0 <= found.margin < 1


def test_a_value_outside_the_bound_breaks_and_is_named(case):
    found = case(DOUBLE, x=("pixel", [1.0, 2.0, 3.0]), y=("pixel", [3.0, 6.5, 9.0])).verdict()
    assert found.outcome is Outcome.BREAKS
    assert (found.broken.first.at, found.worst.at) == ({"pixel": 1}, {"pixel": 1})
    assert (found.worst.traced, found.worst.required) == (6.5, 6.0)
    assert (found.broken.broken, found.broken.judged, found.broken.tiles_broken) == (1, 3, 1)
    assert found.margin > 1e14 and 3 < found.bits < 4


def test_a_few_units_in_the_last_place_break_and_are_counted(case):
    x, ulp = 0.1, 2.0**-54
    found = case(DOUBLE, x=("pixel", [x]), y=("pixel", [3 * x + 32 * ulp])).verdict()
    assert found.outcome is Outcome.BREAKS and 31 <= found.ulps <= 33 and found.bits > 45


TIE = scaled(DOUBLE, "y = nearest(0.1 * x) ties down")


def test_a_decision_inside_its_own_rounding_that_fell_the_other_way_is_a_tie(case):
    found = case(TIE, x=("pixel", [5.0, 12.0]), y=("pixel", [1.0, 1.0])).verdict()       # 0.1 * 5 may be a little more than a half
    assert (found.outcome, found.ties, found.elements) == (Outcome.TIE, 1, 2)


def test_a_decision_that_fell_the_other_way_outside_its_rounding_breaks(case):
    found = case(TIE, x=("pixel", [5.0, 4.99]), y=("pixel", [1.0, 1.0])).verdict()
    assert found.outcome is Outcome.BREAKS and found.broken.first.at == {"pixel": 1}


def test_a_result_that_no_decision_explains_breaks_even_beside_a_tie(case):
    assert case(TIE, x=("pixel", [5.0]), y=("pixel", [2.0])).verdict().outcome is Outcome.BREAKS


# --- reasons ---------------------------------------------------------------------------------------------------------

GUARDED = DOUBLE.replace("y = 3 * x", "y = 3 * x when on").replace("value y[pixel] : 1", "input on : flag\nvalue y[pixel] : 1 when on")


def reason(found) -> Reason | None:
    assert found.outcome is Outcome.UNCHECKED and not found.breaks
    assert found.detail
    return found.reason


def test_a_guard_that_is_never_true_is_no_pass(case):
    assert reason(case(GUARDED, x=("pixel", [1.0]), y=("pixel", [99.0]), on=("", False)).verdict()) is Reason.GUARD


def test_what_is_not_in_the_trace_is_named(case):
    for arrays in ({"x": ("pixel", [1.0])}, {"y": ("pixel", [1.0])}):
        found = case(DOUBLE, **arrays).verdict()
        assert reason(found) is Reason.NO_PROBE
        assert f"`{'y' if 'x' in arrays else 'x'}`" in found.detail


def test_a_value_that_was_never_reached_is_no_pass(case):
    found = case(DOUBLE, x=("pixel", [1.0, 2.0]), y=("pixel", [nan, nan], [True, True])).verdict()
    assert reason(found) is Reason.EMPTY


def test_no_elements_at_all_are_no_pass(case):
    assert reason(case(DOUBLE, x=("pixel", []), y=("pixel", [])).verdict()) is Reason.EMPTY


def test_an_operand_that_is_not_a_number_leaves_the_clause_unchecked(case):
    for bad in (nan, inf):
        found = case(DOUBLE, x=("pixel", [1.0, bad]), y=("pixel", [3.0, bad])).verdict()
        assert reason(found) is Reason.NAN and "1 element" in found.detail


def test_a_traced_value_that_is_not_a_number_breaks(case):
    for bad in (nan, inf, -inf):
        found = case(DOUBLE, x=("pixel", [1.0, 2.0]), y=("pixel", [3.0, bad])).verdict()
        assert found.outcome is Outcome.BREAKS and found.broken.first.at == {"pixel": 1} and found.margin == inf


def test_operands_that_are_all_zero_are_no_pass(case):
    assert reason(case(DOUBLE, x=("pixel", [0.0, 0.0]), y=("pixel", [0.0, 0.0])).verdict()) is Reason.ZERO


def test_a_flag_that_is_off_and_the_first_of_some_words_are_no_zeros(case):
    words = scaled(DOUBLE, "y = x").replace("x[pixel] : 1", "x[pixel] : near | far").replace("y[pixel] : 1", "y[pixel] : near | far")
    flags = scaled(DOUBLE, "y = x").replace("x[pixel] : 1", "x[pixel] : flag").replace("y[pixel] : 1", "y[pixel] : flag")
    for rules in (words, flags):
        assert case(rules, x=("pixel", [0, 0]), y=("pixel", [0, 0])).verdict().outcome is Outcome.HOLDS
        assert case(rules, x=("pixel", [0, 0]), y=("pixel", [0, 1])).verdict().outcome is Outcome.BREAKS


def test_a_constant_zero_is_a_statement_and_is_judged(case):
    rules = scaled(DOUBLE, "y = 0").replace("input x[pixel] : 1\n", "")
    assert case(rules, y=("pixel", [0.0, 0.0])).verdict().outcome is Outcome.HOLDS
    assert case(rules, y=("pixel", [0.0, 1e-300])).verdict().outcome is Outcome.BREAKS


ILL = DOUBLE.replace("y = 3 * x", "y = 1 / (0.1 * x - 0.1)")


def test_an_element_that_rounding_may_change_entirely_is_not_judged(case):
    for dtype in ("float32", "float64"):
        found = case(ILL.replace("- 0.1)", "- 0.3)"), x=("pixel", [3.0]), y=("pixel", [5.0]), dtype=dtype).verdict()
        assert (found.outcome, found.reason, found.elements, found.ill) == (Outcome.ILL_CONDITIONED, Reason.ILL, 0, 1)
        assert found.open and not found.breaks and "1 element" in found.detail


def test_ill_conditioned_elements_are_counted_beside_those_that_were_judged(case):
    y = 1 / (0.1 * 5.0 - 0.3)
    found = case(ILL.replace("- 0.1)", "- 0.3)"), x=("pixel", [3.0, 5.0]), y=("pixel", [5.0, y])).verdict()
    assert (found.outcome, found.elements, found.ill) == (Outcome.HOLDS, 1, 1)


GRATING = DOUBLE.replace("y = 3 * x", "y = if pi * x == 0 then 5 else sin(5 * (pi * x)) / sin(pi * x)")


def test_the_grating_function_at_a_whole_index_is_neither_right_nor_wrong(case):
    def grating(x):
        return np.where(x == 0, 5.0, np.sin(5 * np.pi * x) / np.sin(np.pi * np.where(x == 0, 1, x)))

    x = np.array([0.0, 0.25, 3.0, -2.0])
    found = case(GRATING, x=("pixel", x), y=("pixel", [*grating(x[:2]), 2.934, 1.7])).verdict()      # 5 would be physical
    assert (found.outcome, found.elements, found.ill) == (Outcome.HOLDS, 2, 2)
    assert case(GRATING, x=("pixel", x), y=("pixel", [4.0, *grating(x[1:])])).verdict().broken.first.at == {"pixel": 0}


ROUND = DOUBLE.replace("y = 3 * x", "y = if x == 0 then 1 else 3 * (sin(x) / x - cos(x)) / x^2")


def test_a_bound_beyond_every_value_is_ill_conditioned_although_it_is_finite(case):
    """The round crystal on its own reciprocal point: everything cancels, and builds differ at will."""
    x = np.array([0.0, 0.5, 1e-12])
    y = [1.0, 3 * (np.sin(0.5) / 0.5 - np.cos(0.5)) / 0.25, 0.0]
    found = case(ROUND, x=("pixel", x), y=("pixel", y)).verdict()
    assert (found.outcome, found.elements, found.ill) == (Outcome.HOLDS, 2, 1)
    y[1] *= 1.001
    assert case(ROUND, x=("pixel", x), y=("pixel", y)).verdict().breaks


def test_what_cancels_to_nothing_beside_larger_values_is_judged(case):
    found = case(scaled(DOUBLE, "y = x - 0.3"), x=("pixel", [0.1 * 3, 5.0]), y=("pixel", [0.0, 4.7])).verdict()
    assert (found.outcome, found.elements, found.ill) == (Outcome.HOLDS, 2, 0)
    assert case(scaled(DOUBLE, "y = x - 0.3"), x=("pixel", [0.1 * 3, 5.0]), y=("pixel", [1e-12, 4.7])).verdict().breaks


def test_a_clause_without_a_finite_value_is_no_pass(case):
    found = case(scaled(DOUBLE, "y = 1 / x"), x=("pixel", [0.0, 1.0]), y=("pixel", [1.0, 1.0])).verdict()
    assert reason(found) is Reason.UNDEFINED


def test_an_operand_that_was_not_reached_where_the_value_was_is_no_pass(case):
    found = case(DOUBLE, x=("pixel", [1.0, 2.0], [False, True]), y=("pixel", [3.0, 6.0])).verdict()
    assert reason(found) is Reason.UNSET


def test_the_same_trace_twice_is_no_pass(case):
    one = case(DOUBLE, x=("pixel", [1.0]), y=("pixel", [3.0]))
    findings = check(one.spec, [one.side, replace(one.side, name="b")], one.profiles)
    assert findings.of("one.1", "a").outcome is Outcome.HOLDS
    assert reason(findings.of("one.1", "b")) is Reason.SAME and "a and b" in findings.of("one.1", "b").detail


def test_the_same_build_on_both_sides_is_no_pass(case):
    one = case(DOUBLE, x=("pixel", [1.0]), y=("pixel", [3.0]))
    two = case(DOUBLE, x=("pixel", [2.0]), y=("pixel", [6.0]))
    sides = []
    for name, side in (("a", one.side), ("b", two.side)):
        producer = side.bundle.manifest.producer.model_copy(update={"build": "4711"})
        sides.append(replace(side, name=name, spec=one.spec, bundle=replace(side.bundle, manifest=side.bundle.manifest.model_copy(update={"producer": producer}))))
    findings = check(one.spec, sides, one.profiles)
    assert findings.of("one.1", "a").outcome is Outcome.HOLDS
    assert reason(findings.of("one.1", "b")) is Reason.SAME_BUILD and "a and b" in findings.of("one.1", "b").detail


def test_sides_that_are_both_no_numbers_do_not_agree(case):
    one = case(DOUBLE, x=("pixel", [1.0, nan]), y=("pixel", [3.0, nan]))
    two = case(DOUBLE, x=("pixel", [2.0, nan]), y=("pixel", [6.0, nan]))
    findings = check(one.spec, [one.side, replace(two.side, name="b", spec=one.spec)], one.profiles)
    for side in "ab":
        assert reason(findings.of("one.1", side)) is Reason.NAN_BOTH and "at 1 element" in findings.of("one.1", side).detail


def test_a_clause_whose_quote_the_spec_does_not_hold_is_suspect(case):
    found = case(DOUBLE.replace("It is so", "It is otherwise"), x=("pixel", [1.0]), y=("pixel", [99.0])).verdict()
    assert reason(found) is Reason.SUSPECT


def test_an_operand_that_a_log_does_not_show_leaves_the_others_judged(case):
    rules = DOUBLE.replace("y = 3 * x", "y = 3 * x + z").replace("input x", "input z[pixel] : 1\ninput x")
    shown = case(rules, x=("pixel", [1.0, 2.0], [0, 1]), z=("pixel", [0.0, 0.0]), y=("pixel", [3.0, 6.0]))
    assert reason(shown.verdict()) is Reason.UNSET
    entries = shown.side.bundle.manifest.quantities
    entries = {**entries, "x": entries["x"].model_copy(update={"partial": True})}
    shown.side.bundle = replace(shown.side.bundle, manifest=shown.side.bundle.manifest.model_copy(update={"quantities": entries}))
    found = shown.verdict()
    assert (found.outcome, found.elements) == (Outcome.HOLDS, 1)
    shown.side.bundle._masks["x"] = np.array([True, True])
    assert reason(shown.verdict()) is Reason.HIDDEN


def test_every_outcome_and_every_reason_is_planted_above():
    text = open(__file__, encoding="utf-8").read()
    assert [outcome.name for outcome in Outcome if f"Outcome.{outcome.name}" not in text] == ["WAIVED"]      # not given by the engine
    assert not [reason.name for reason in Reason if f"Reason.{reason.name}" not in text]


# --- how far is too far ----------------------------------------------------------------------------------------------


def test_a_whole_number_that_is_off_by_nothing_but_type_holds_and_by_one_breaks(case):
    rules = DOUBLE.replace("input x[pixel] : 1", "input x[pixel] : count").replace("value y[pixel] : 1", "value y[pixel] : count")
    assert case(rules, x=("pixel", [5, 7]), y=("pixel", [15, 21])).verdict().margin == 0
    assert case(rules, x=("pixel", [5, 7]), y=("pixel", [15, 22])).verdict().outcome is Outcome.BREAKS


def test_flags_agree_or_break(case):
    rules = DOUBLE.replace("value y[pixel] : 1", "value y[pixel] : flag").replace("y = 3 * x", "y = x > 2")
    assert case(rules, x=("pixel", [1.0, 3.0]), y=("pixel", [False, True])).verdict().outcome is Outcome.HOLDS
    assert case(rules, x=("pixel", [1.0, 3.0]), y=("pixel", [True, True])).verdict().broken.first.at == {"pixel": 0}


def test_a_flag_that_rounding_decides_is_a_tie(case):
    rules = DOUBLE.replace("value y[pixel] : 1", "value y[pixel] : flag").replace("y = 3 * x", "y = 0.1 * x > 0.3")
    assert case(rules, x=("pixel", [3.0, 9.0]), y=("pixel", [not 0.1 * 3 > 0.3, True])).verdict().outcome is Outcome.TIE


@pytest.mark.parametrize(("within", "off", "outcome"), [
    ("4 ulp", 3, Outcome.HOLDS), ("4 ulp", 6, Outcome.BREAKS),
    ("4 ulp", 9, Outcome.BREAKS), ("1e-6 relative", 1000, Outcome.HOLDS), ("1e-12 relative", 100000, Outcome.BREAKS),
    ("0.1 ulp", 1, Outcome.BREAKS),
])
def test_a_written_tolerance_takes_the_place_of_the_derived_one(within, off, outcome, case):
    x = 1.1
    y = 3 * x + off * 2.0**-51
    rules = scaled(DOUBLE, f'y = 3 * x within {within} because "we say so, for this test"')
    assert case(rules, x=("pixel", [x]), y=("pixel", [y])).verdict().outcome is outcome


def test_an_override_changes_the_slack_of_one_clause_only(case, profiles):
    rules = DOUBLE + DOUBLE.split("value")[0].replace("input x[pixel] : 1", "value z[pixel] : 1") + 'clause two.1 "Two"\n  "It is so."\n  z = 3 * x\n'
    own = {name: profile.model_copy(update={"overrides": {"two.1": Override(slack=100.0, reason="only in this test")}}) for name, profile in profiles.items()}
    off = np.array([3 * 1.1 + 10 * 2.0**-51])
    one = case(rules, x=("pixel", [1.1]), y=("pixel", off), z=("pixel", off), own=own)
    assert (one.verdict("one.1").outcome, one.verdict("two.1").outcome) == (Outcome.BREAKS, Outcome.HOLDS)


@pytest.mark.parametrize(("dtype", "outcome"), [("float32", Outcome.HOLDS), ("float64", Outcome.BREAKS)])
def test_the_precision_that_a_side_claims_sets_its_bound(dtype, outcome, case):
    x = np.linspace(0.1, 3, 50).astype(np.float32)
    assert case(DOUBLE, x=("pixel", x), y=("pixel", np.float32(3) * x), dtype=dtype).verdict().outcome is outcome


def test_a_unit_is_converted_before_anything_is_compared(case):
    rules = DOUBLE.replace("value y[pixel] : 1", "value y[pixel] : m").replace("input x[pixel] : 1", "input x[pixel] : m")
    x = np.array([0.1, 0.7])
    found = case(rules, x=("pixel", x * 1000), y=("pixel", 3 * x), units={"x": "mm", "y": "m"}).verdict()
    assert found.outcome is Outcome.HOLDS


@pytest.mark.parametrize(("condition", "y", "outcome"), [
    ("0 <= y <= 1", [0.0, 1.0], Outcome.HOLDS), ("0 <= y <= 1", [0.0, 1.1], Outcome.BREAKS), ("y == 3 * x", [3.0, 6.0], Outcome.HOLDS),
    ("y == 3 * x", [3.0, 6.1], Outcome.BREAKS), ("y * 0.1 <= 0.3", [3.0, 1.0], Outcome.TIE), ("y > 0", [nan, 1.0], Outcome.BREAKS),
])
def test_a_requirement_holds_breaks_or_is_a_tie(condition, y, outcome, case):
    rules = DOUBLE.replace("value y", "input y").replace("y = 3 * x", f"require {condition}")
    if "y * 0.1" in condition:
        y = [v if 0.1 * v > 0.3 else 3.0 for v in y[:1]] + y[1:]
    assert case(rules, x=("pixel", [1.0, 2.0]), y=("pixel", y)).verdict().outcome is outcome


def test_a_value_that_was_not_traced_is_spoken_for(case):
    rules = DOUBLE + 'value z[pixel] : 1\nclause two.1 "Two"\n  "It is so."\n  z = y * y\n'
    one = case(rules, x=("pixel", [1.1, 2.0]), z=("pixel", [(3 * 1.1) ** 2, 36.0]))
    assert one.verdict("two.1").spoken == ("one.1",) and one.verdict("two.1").outcome is Outcome.HOLDS
    assert reason(one.verdict("one.1")) is Reason.NO_PROBE


def test_a_guard_leaves_out_elements_and_counts_only_the_others(case):
    rules = DOUBLE.replace("y = 3 * x", "y = 3 * x when x > 0\n  y = 0 otherwise")
    found = case(rules, x=("pixel", [1.0, -1.0, 2.0]), y=("pixel", [3.0, 0.0, 6.0])).verdict()
    assert (found.outcome, found.elements) == (Outcome.HOLDS, 3)
    assert case(rules, x=("pixel", [1.0, -1.0]), y=("pixel", [3.0, -3.0])).verdict().broken.statement == 1


# --- tiles -----------------------------------------------------------------------------------------------------------

TILED = """
input a[pixel, turn] : 1
input b[pixel] : 1
input n[pixel] : count
value y[pixel, turn] : 1
value r[pixel] : count
value s[pixel] : 1
value f[pixel] : flag
input nowhere[pixel] : 1
value t[pixel] : 1
value some[pixel] : 1 when b > 3
value u[pixel] : 1
value part[pixel] : 1
value v[pixel] : 1
clause one.1 "One"
  "It is so."
  y = 3 * a + 0.1 * b
clause one.2 "Two"
  "It is so."
  r = nearest(0.1 * b) ties down
clause one.3 "Three"
  "It is so."
  s = fold acc from b over turn: if a > 2 then acc else acc + a * (if n > 1 then n else 1)
clause one.4 "Four"
  "It is so."
  f = b > 3
clause one.5 "Five"
  "It is so."
  require (n * n) >= n when n >= 0
clause one.6 "Six"
  "It is so."
  t = if b > 3 then 2 * b else nowhere
clause one.7 "Seven"
  "It is so."
  some = 3 * b
  u = some + 1
clause one.8 "Eight"
  "It is so."
  part = 2 * b         when b > 3
  part = nowhere       otherwise
  v = part + 1
"""


def in_tiles(one, size: int, monkeypatch):
    """Each verdict, judged in tiles of `size` pixels."""
    with monkeypatch.context() as patch:
        patch.setattr(checking, "tiles", lambda side: [slice(i, min(i + size, side.size("pixel"))) for i in range(0, side.size("pixel"), size)])
        return list(judge_side(one.spec, one.side, one.profiles, lambda: None))


def same(a, b) -> None:
    assert (a.outcome, a.reason, a.detail, a.elements, a.ties, a.ill, a.spoken) == (b.outcome, b.reason, b.detail, b.elements, b.ties, b.ill, b.spoken)
    assert a.margin == pytest.approx(b.margin, rel=1e-9, nan_ok=True) and (a.worst and a.worst.at) == (b.worst and b.worst.at)
    if a.broken:
        left, right = a.broken, b.broken
        assert left.first.at == right.first.at and left.broken_at == right.broken_at
        assert (left.broken, left.judged, left.tiles_broken, left.tiles_judged, left.unset) == (right.broken, right.judged, right.tiles_broken, right.tiles_judged, right.unset)


FAULTS = st.lists(st.tuples(st.sampled_from("yrsftuv"), st.integers(0, 8), st.integers(0, 2), st.sampled_from((1e-15, 1e-3, 1.0, nan))), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), faults=FAULTS, size=st.integers(1, 8), unset=st.lists(st.integers(0, 8), max_size=3))
def test_tiles_of_any_size_give_the_same_verdicts(case, monkeypatch, seed, faults, size, unset):
    dice = np.random.default_rng(seed)
    a, b, n = dice.choice([0.0, 1.0, 0.3, 2.7, 1.1], (9, 3)), dice.choice([5.0, 15.0, 0.7, 3.0, 0.0], 9), dice.integers(0, 4, 9)
    arrays = {"y": 3 * a + 0.1 * b[:, None], "r": np.ceil(0.1 * b - 0.5), "s": b + (np.where(a > 2, 0, a) * np.maximum(n, 1)[:, None]).sum(axis=1), "f": b > 3,
              "t": 2 * b, "u": 3 * b + 1, "v": 2 * b + 1}
    for name, pixel, turn, amount in faults:
        at = (pixel, turn) if name == "y" else pixel
        arrays[name][at] = not arrays[name][at] if name == "f" else arrays[name][at] + amount
    mask = np.isin(np.arange(9), unset)
    one = case(
        TILED, a=("pixel turn", a), b=("pixel", b, mask[::-1]), n=("pixel", n), y=("pixel turn", arrays["y"], np.repeat(mask[:, None], 3, axis=1)), r=("pixel", arrays["r"]),
        s=("pixel", arrays["s"]), f=("pixel", arrays["f"]), t=("pixel", arrays["t"]), u=("pixel", arrays["u"]), v=("pixel", arrays["v"]),
    )
    for whole, tiled in zip(in_tiles(one, 9, monkeypatch), in_tiles(one, size, monkeypatch), strict=True):
        same(whole, tiled)
