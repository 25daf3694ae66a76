"""What the checker finds beyond the examples of the pages: mistakes in company, and slips that once passed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specs_dsl.grammar import KEYWORDS

PRELUDE = 'include "demo.rules"\nunit photon\ninput t : s\ninput p[xyz] : m\ninput off : flag\ninput n : count\n'
USES = "  require t > 0 and norm(p) > 0 and not off and n > 0\n"
CLAUSE = 'clause scaling.1 "Signal" "A pixel that is switched off reads zero."\n'


def rules(statements: str = "", declarations: str = "") -> str:
    return f"{PRELUDE}{declarations}\n{CLAUSE}{USES}{statements}\n"


# --- several at once -------------------------------------------------------------------------------------------------

# A declaration and a statement with one mistake each, and its code; {i} makes the names of each its own.
SLIPS = [
    ("value a{i} : 1", "a{i} = nothing{i}", "CF0201"),
    ("value a{i}[nowhere] : 1", "a{i} = 1", "CF0203"),
    ("value a{i} : 1", "a{i} = gamma(1)", "CF0204"),
    ("value a{i} : 1", "a{i} = sin(1, 2)", "CF0205"),
    ("value a{i} : m", "a{i} = p", "CF0206"),
    ("value a{i} : m", "a{i} = sum over phi: p", "CF0207"),
    ("value a{i} : m", "a{i} = p[xyz = w]", "CF0208"),
    ("input a{i} : m", "a{i} = 0", "CF0209"),
    ("value a{i} : bananas", "a{i} = 0", "CF0301"),
    ("value a{i} : m", "a{i} = t", "CF0302"),
    ("value a{i} : s", "a{i} = t + 1", "CF0303"),
    ("value a{i} : 1", "a{i} = exp(t)", "CF0304"),
    ("value a{i} : 1", "a{i} = off", "CF0305"),
    ("value a{i} : 1", "a{i} = 1 otherwise", "CF0406"),
    ("value a{i} : 1", "a{i} = 1 within 2 ulp", "CF0601"),
    ("value a{i} = 1", "require n > 1", "CF0101"),
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(SLIPS), min_size=1, max_size=6))
def test_each_of_several_mistakes_is_reported_once(codes, slips):
    declarations = "\n".join(slip[0].format(i=i) for i, slip in enumerate(slips))
    statements = "\n".join("  " + slip[1].format(i=i) for i, slip in enumerate(slips))
    assert sorted(codes(rules(statements, declarations))) == sorted(slip[2] for slip in slips)


def test_the_rules_around_the_slips_are_without_mistake(codes):
    assert codes(rules()) == []


def test_a_file_with_more_mistakes_than_a_person_reads_is_told_of_the_first(codes):
    assert len(codes(rules("\n".join(f"  require x{i} > 0" for i in range(1000))))) == 100
    assert len(codes(rules("", "let let\n" * 1000))) == 50


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_word_that_begins_like_a_keyword_is_a_name(codes):
    assert codes(rules("  valued = unitary\n  iffy = thenceforth", "value valued : 1\ninput unitary : 1\nvalue iffy : 1\ninput thenceforth : 1")) == []


def test_the_function_unit_may_begin_a_line(codes):
    assert codes(rules("  a =\nunit(p)\n  b =\nunit (p)", "value a[xyz] : 1\nvalue b[xyz] : 1")) == []


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_a_keyword_is_no_name_anywhere(word, codes):
    assert "CF0101" in codes(rules("", f"input {word} : 1"))


@pytest.mark.parametrize("word", ["sum", "vector", "relative", "value"])
def test_a_clause_may_be_called_as_a_keyword_is(word, codes):
    assert codes(rules().replace("clause scaling.1", f"clause {word}.1")) == ["CF0502"]      # read, and looked for in the spec


def test_a_fold_of_whole_numbers_is_one(codes):
    declared = "value last : count\nvalue half : count"
    found = codes(rules("  last = fold seen from -1 over phi: if off then index(phi) else seen\n  half = fold seen from 0 over phi: seen + 0.5", declared))
    assert found == ["CF0305"]


def test_an_item_without_an_end_does_not_blame_the_items_after_it(found):
    mistakes = found(rules("", "let a =\nvalue b : 1\nvalue c : 1\nvalue d : 1"))
    assert [(item.code, item.span.line) for item in mistakes] == [("CF0101", 7)]


def test_a_misspelt_keyword_leaves_the_include_before_it_alone(found):
    mistakes = found('include "demo.rules"\nvlaue a : 1\n')
    assert [(item.code, item.span.line) for item in mistakes] == [("CF0101", 2)]


def test_what_only_follows_from_a_broken_declaration_is_not_reported(codes):
    assert codes(rules("  require flux > 0", "input flux = 1")) == ["CF0101"]
    assert codes(rules("  require flux > 0 and fluxx > 0", "input flux = 1")) == ["CF0101", "CF0201"]


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "declarations",
    ["let a = 1\nlet f(a) = a + 1\n", "let f(phi) = phi + 1", "let f(t) = t * 2", "let f(x, x) = x", "let a = fold t from 1 over phi: t",
     "unit quark\nunit quark = count", "axis q = left, left", "axis pixel", "grid phi", "const xyz = 1"],
)  # fmt: skip
def test_a_name_that_could_mean_two_things_is_a_mistake(declarations, codes):
    assert codes(rules("", declarations)) == ["CF0202"]


def test_a_fold_in_a_fold_has_a_running_value_of_its_own_name(codes):
    nested = "  require (fold acc from 1 over phi: acc + (fold {0} from 1 over pixel: {0} + 1)) > 0"
    assert codes(rules(nested.format("acc"))) == ["CF0202"]
    assert codes(rules(nested.format("inner"))) == []


def test_a_let_of_its_own_running_value_is_not_mixed_up_with_another(codes):
    """`f(acc)` would put the outer `acc` inside the inner fold, where the name means the inner one."""
    lets = "let f(x) = fold acc from 1 over pixel: acc + x"
    assert codes(rules("  require (fold acc from 1 over phi: acc + f(acc)) > 0", lets)) == ["CF0202"]


def test_a_let_with_parameters_is_not_used_without_them(codes):
    assert codes(rules("  require f > 0", "let f(x) = x")) == ["CF0205"]


def test_a_function_of_the_language_cannot_be_replaced(codes):
    assert "CF0217" in codes(rules("  require exp(1) > 0", "let exp(x) = x"))


# --- axes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pick", "told"), [("2", []), ("z", []), ("last", []), ("3", ["CF0208"]), ("99", ["CF0208"]), ("previous", ["CF0219"])])
def test_a_component_axis_ends(pick, told, codes):
    assert codes(rules(f"  require p[xyz = {pick}] > 0")) == told


def test_how_long_a_loop_is_only_a_run_knows(codes):
    assert codes(rules("  require i[phi = 99] > 0", "input i[phi] : 1")) == []


def test_a_vector_has_three_components(codes):
    text = 'spec demo "demo.md"\naxis flat = x, y vector\ninput a[flat] : 1\n' + CLAUSE
    assert codes(text + "  require norm(a) > 0") == ["CF0211"]


def test_what_stands_before_the_first_is_of_the_same_kind(codes):
    declared = "input f[phi] : flag\ninput c[phi] : red | blue\ninput d : blue | red\ninput i[phi] : 1"
    assert codes(rules("  require f[phi = previous otherwise 0]", declared)) == ["CF0305"]
    assert codes(rules("  require i[phi = previous otherwise f[phi = first]] > 0", declared)) == ["CF0305"]
    assert codes(rules("  require c[phi = previous otherwise d] is red", declared)) == ["CF0308"]


def test_a_table_holds_numbers(codes):
    for kind in ("flag", "red | blue"):
        assert codes(rules("  require table[1] > 0", f"grid i\ninput table[i] : {kind}")) == ["CF0305"]


# --- units -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("comparison", ["0 < t < norm(p)", "t > 0 > norm(p)", "min(0, t) < norm(p)"])
def test_zero_fits_any_unit_but_does_not_join_two(comparison, codes):
    assert codes(rules(f"  require {comparison}")) == ["CF0303"]


def test_a_unit_of_ones_own_is_not_the_dimension_of_that_name(codes):
    assert codes(rules("  require x + t > 0", "unit time\ninput x : time")) == ["CF0303"]


@pytest.mark.parametrize("definition", ["0*m", "count/0*count", "m/00"])
def test_a_unit_of_ones_own_is_more_than_nothing(definition, codes):
    assert codes(rules("  require x > 0", f"unit nought = {definition}\ninput x : nought")) == ["CF0301", "CF0301"]


@pytest.mark.parametrize(("unit", "told"), [("m", []), ("count", ["CF0305"]), ("photon", ["CF0302"]), ("bananas", ["CF0301"]), ("m^100", ["CF0301"]), ("0*m", ["CF0301"]), ("count/0", ["CF0301"])])
def test_the_unit_of_a_parameter_must_exist(unit, told, codes):
    assert codes(rules("  require f(p)[xyz = x] > 0", f"let f(x : {unit}) = x")) == told


@pytest.mark.parametrize(("power", "told"), [("2", []), ("-2", []), ("0.5", []), ("99", []), ("100", ["CF0306"]), ("n", ["CF0306"]), ("1e999", ["CF0309"])])
def test_a_power_of_a_value_with_a_unit_is_a_small_literal(power, told, codes):
    assert codes(rules(f"  require t^{power} > 0")) == told


# --- guards ----------------------------------------------------------------------------------------------------------


def test_otherwise_is_the_rest_of_its_own_clause_and_quantity(codes):
    declared = "value a : 1\nvalue b : 1"
    assert codes(rules("  a = 1 when off\n  a = 2 otherwise\n  b = 1 when n > 2\n  b = 2 otherwise", declared)) == []
    assert codes(rules("  a = 1 when off\n  b = 2 otherwise", declared)) == ["CF0406"]


def test_a_guard_may_not_pick_elements_that_the_quantity_does_not_have(codes):
    assert codes(rules("  a = 1 when p > 0\n  a = 2 otherwise", "value a : 1")) == ["CF0206"]
    assert codes(rules("  a = 1 when p > 0\n  a = 2 otherwise", "value a[xyz] : 1")) == []
    assert codes(rules("  a = 1", "value a : 1 when p > 0")) == ["CF0206"]


def test_a_requirement_may_hold_at_elements_of_any_axis(codes):
    assert codes(rules("  require t > 0 when p > 0")) == []
