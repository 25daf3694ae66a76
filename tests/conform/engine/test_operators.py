"""Mutation operators: each kind of mistake is made, once, and makes another expression that still can be read."""

from __future__ import annotations

import pytest

from conform.engine.operators import Context, factors, mutants
from specs_dsl.parser import parse_expression
from specs_dsl.printer import show

MADE = [
    ("a * b / c", "a / c", "without its factor b"), ("a * b / c", "a * b", "without dividing by c"), ("a * b / c", "a * b * c", "multiplied by c instead of divided"),
    ("a * b / c", "a / b / c", "divided by b instead of multiplied"), ("a * b / c", "a * b / c * a", "with a twice"), ("a * b / c", "a", "without its factor b / c"),
    ("a^2", "a", "not raised"), ("a^2", "(a^2)^2", "twice the power"), ("a + b", "a - b", "- in place of +"), ("a + b", "b", "without its term a"),
    ("a - b", "b - a", "exchanged"), ("a - b", "-b", "without its term a"), ("-a", "a", "other sign"), ("sin(a)", "cos(a)", "cos in place of sin"),
    ("rotate(v, u, t)", "rotate(v, u, -t)", "wrong way"), ("rotate(v, u, t)", "v", "without turning"), ("cross(a, b)", "cross(b, a)", "exchanged"),
    ("atan2(a, b)", "atan2(b, a)", "exchanged"), ("index(phi)", "index(phi) + 1", "counted from one"), ("index(phi)", "index(phi) - 1", "one too low"),
    ("unit(v)", "v", "without unit"), ("f32(a)", "a", "without f32"), ("exp(a)", "exp(-a)", "other sign"), ("nearest(a) ties down", "nearest(a) ties up", "halves going up"),
    ("nearest(a) ties down", "floor(a)", "floor in place"), ("sum over phi: a", "mean over phi: a", "mean in place of the sum"),
    ("fold acc from s over phi: acc + a", "fold acc from 0 over phi: acc + a", "starting from 0"), ("a[layer = last]", "a[layer = first]", "first layer in place of the last"),
    ("F[h, k]", "F[k, h]", "exchanged"), ("if a < b then c else d", "if a < b then d else c", "branches"), ("if a < b then c else d", "c", "held everywhere"),
    ("if a < b then c else d", "if a <= b then c else d", "<= in place of <"), ("a * (b + c)", "a * (b - c)", "- in place of + before c"),
    ("a^3", "a^2", "to the power 2 only"), ("(a * b)^2", "a^2 * b", "b not raised"), ("(a / b)^2", "a^2 / b", "b not raised"), ("a / 0.63", "a / 0.63^2", "0.63 squared"),
    ("(a + b) * c * d", "a + b * c * d", "b alone multiplied"), ("(a - b) / c", "a - b / c", "b alone multiplied"),
    ("min(a, b)", "max(a, b)", "max in place of min"), ("not p", "p", "in place of its denial"),
    ("sum over phi: a", "a[phi = first]", "without the loop over phi"), ("sum over phi, mosaic: a", "sum over mosaic: a[phi = first]", "its first turn alone"),
    ("fold acc from s over phi, mosaic: acc * a + b", "fold acc from s over mosaic, phi: acc * a + b", "exchanged"),
    ("if p * h == 0 then n else sin(p * h * n) / sin(p * h)", "if h == 0 then n else sin(h * n) / sin(h)", "without its factor p"),
]


@pytest.mark.parametrize("text, wanted, words", MADE)
def test_a_mistake_is_made(text, wanted, words):
    found = {show(mutant.right): mutant.text for mutant in mutants(parse_expression(text))}
    assert words in found[show(parse_expression(wanted))]


@pytest.mark.parametrize("text", sorted({text for text, _, _ in MADE}))
def test_each_mutant_is_another_expression_and_can_be_read_back(text):
    node = parse_expression(text)
    shown = [show(mutant.right) for mutant in mutants(node)]
    assert len(set(shown)) == len(shown) and show(node) not in shown
    assert all(show(parse_expression(one)) == one for one in shown)


def test_a_quantity_is_taken_for_those_alike(text="a * b"):
    found = [show(m.right) for m in mutants(parse_expression(text), Context(alike=lambda name: ["z"] if name == "a" else []))]
    assert "z * b" in found and "a * z" not in found


def test_another_loop_is_counted(text="index(phi) * a + size(phi)"):
    found = {show(m.right) for m in mutants(parse_expression(text), Context(loops=["phi", "mosaic"]))}
    assert "index(mosaic) * a + size(phi)" in found and "index(phi) * a + size(mosaic)" in found


def test_a_chain_of_products_is_taken_apart_once():
    assert [(above, show(part)) for above, part in factors(parse_expression("a * (b / c) / d"))] == [(True, "a"), (True, "b"), (False, "c"), (False, "d")]
    texts = [mutant.text for mutant in mutants(parse_expression("a * b * c * d"))]
    assert len(texts) == len(set(texts))


def test_a_number_of_things_is_one_too_low_or_too_high():
    found = {show(m.right): m.text for m in mutants(parse_expression("t / n"), Context(counts=lambda name: name == "n"))}
    assert found["t / (n - 1)"] == "with n one too low" and found["t / (n + 1)"] == "with n one too high" and "(t - 1) / n" not in found
