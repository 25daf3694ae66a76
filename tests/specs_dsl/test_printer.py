"""Expressions printed and read again are the same expressions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specs_dsl import syntax as s
from specs_dsl.grammar import KEYWORDS
from specs_dsl.parser import parse, parse_expression
from specs_dsl.printer import show
from specs_dsl.spans import Source, Span

NOWHERE = Span(Source("nowhere", ""), 0, 0)
RULES = sorted((Path(__file__).parents[2] / "specs").glob("*.rules"))

words = st.from_regex(r"[A-Za-z_][A-Za-z_0-9]{0,6}", fullmatch=True).filter(lambda word: word not in KEYWORDS)
names = words.map(lambda text: s.Name(text, span=NOWHERE))
numbers = st.sampled_from("0 7 12 0.5 .5 3. 1e9 2.5e-30 1E+3 1e999".split()).map(lambda text: s.Number(text, span=NOWHERE))
axes = st.lists(names, min_size=1, max_size=3).map(tuple)
chosen = st.builds(s.Pick, names, words | st.sampled_from(["0", "12"]), st.just(False), span=st.just(NOWHERE))
renamed = st.builds(s.Pick, names, words, st.just(True), span=st.just(NOWHERE))


def nodes(part):
    several = st.lists(part, min_size=2, max_size=3).map(tuple)
    compared = several.flatmap(
        lambda operands: st.tuples(*[st.sampled_from("< <= > >= == !=".split())] * (len(operands) - 1)).map(
            lambda ops: s.Compare(ops, operands, span=NOWHERE)
        )
    )
    here = {"span": st.just(NOWHERE)}
    return st.one_of(
        compared,
        st.builds(s.Negative, part, **here),
        st.builds(s.Binary, st.sampled_from("+-*/^"), part, part, **here),
        st.builds(s.Is, part, words, **here),
        st.builds(s.Logic, st.sampled_from(["and", "or"]), several, **here),
        st.builds(s.Logic, st.just("not"), st.tuples(part), **here),
        st.builds(s.If, part, part, part, **here),
        st.builds(s.Call, words | st.just("unit"), st.lists(part, max_size=3).map(tuple), st.none() | words, **here),
        st.builds(s.Reduce, st.sampled_from("sum product mean minimum maximum".split()), axes, part, **here),
        st.builds(s.Fold, words, part, axes, part, **here),
        st.builds(s.Select, part, st.lists(chosen | renamed, min_size=1, max_size=2).map(tuple), st.none() | part, **here),
        st.builds(s.Lookup, part, st.lists(part, min_size=1, max_size=3).map(tuple), st.none() | part, **here),
    )


expressions = st.recursive(names | numbers, nodes, max_leaves=12)


@settings(max_examples=200, deadline=None)
@given(expressions)
def test_an_expression_is_the_same_after_printing_and_reading(expression):
    assert parse_expression(show(expression)) == expression


@settings(max_examples=100, deadline=None)
@given(expressions)
def test_printing_a_printed_expression_changes_nothing(expression):
    text = show(expression)
    assert show(parse_expression(text)) == text


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_every_expression_of_our_rules_survives_printing(path):
    items, found = parse(Source(path.name, path.read_text("utf-8")))
    assert found == []
    bodies = [item.body for item in items if isinstance(item, s.LetItem)]
    for clause in (item for item in items if isinstance(item, s.Clause)):
        bodies += [part.right if isinstance(part, s.Equation) else part.condition for part in clause.statements]
    assert [parse_expression(show(body)) for body in bodies] == bodies


@pytest.mark.parametrize(
    "text",
    ["a - (b - c)", "a - b - c", "a^b^c", "(a^b)^c", "-a^2", "(-a)^2", "a^-b", "a - -b", "--a", "not not a", "(a and b) and c",
     "a or b and not c", "(a < b) < c", "(sum over x: a) + b", "sum over x: a + b", "(if a then b else c) + d",
     "fold r from sum over x: a over y: r + a", "(a + b)[x = 0]", "a[x as y][z = last]", "t[if a then b else c, d otherwise -e]",
     "nearest(a) ties down[x = first]", "a is b and c", "a + b is c"],
)  # fmt: skip
def test_brackets_stand_only_where_they_change_the_meaning(text):
    assert show(parse_expression(text)) == text
