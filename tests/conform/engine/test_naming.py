"""What a thing is called is nobody's business: other names, and names for parts of an expression, never change a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conform.engine.evaluate import Evaluator, Grid
from conform.engine.values import Truth, Value
from specs_dsl import syntax as s
from specs_dsl.check import load
from specs_dsl.diagnostics import SpecError
from specs_dsl.parser import parse_expression
from specs_dsl.printer import show

from .programs import AXES, FIRST, SIZES
from .test_soundness import EXPRESSIONS, operands
from .worlds import World, truth, value

SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
HEAD = """spec tiny "tiny.md"
axis p, k
axis xyz = x, y, z vector
grid i
input a : 1
input b[p] : 1
input c[k] : 1
input d[p, k] : 1
input m[p] : count
input u[xyz] : 1
input w[p, xyz] : 1
input g[p] : flag
input T[i] : 1
value y[p, k] : 1
"""
CLAUSE = 'clause one.1 "One"\n  "It is so."\n  y = '


@pytest.fixture(scope="module")
def unfolded(tmp_path_factory) -> Callable[[str, str], s.Expr | None]:
    """A function: declarations and a right side, as the engine is given it; None if that has no type."""
    folder = tmp_path_factory.mktemp("naming")
    (folder / "tiny.md").write_text("### one.1 One\n\nIt is so.\n")

    def tree(declared: str, right: str) -> s.Expr | None:
        path: Path = folder / "tiny.rules"
        path.write_text(HEAD + declared + CLAUSE + right)
        try:
            return load(path).by_id["one.1"].equations[0].right
        except SpecError:
            return None

    return tree


def scope(found, called: Callable[[str], str] = str, **more: Value | Truth) -> World:
    names = {called(name): value(found[name], *AXES[name], whole=name == "m") for name in AXES if name not in "gT"}
    return World({**names, called("g"): truth(found["g"], "p"), **more}, {called("T"): Grid(found["T"], (FIRST,))}, SIZES)


def evaluated(node: s.Expr, world: World, arithmetic) -> Value | Truth:
    evaluator = Evaluator(world, arithmetic)
    with np.errstate(all="ignore"):
        return evaluator.truth(node) if isinstance(node, s.Compare | s.Logic) else evaluator.number(node)


def same(one: Value, other: Value) -> bool:
    pairs = ((one.data, other.data), (one.bound, other.bound), (one.reach, other.reach))
    return one.axes == other.axes and all(np.array_equal(x, y, equal_nan=True) for x, y in pairs)


def put(node: s.Expr, old: s.Expr, new: s.Expr) -> s.Expr:
    """`node` with `new` wherever `old` stands."""
    if node == old:
        return new

    def changed(part):
        if isinstance(part, tuple):
            return tuple(map(changed, part))
        return put(part, old, new) if isinstance(part, s.Expr) else part

    return replace(node, **{name: changed(getattr(node, name)) for name in s.parts(type(node))})


def parts_to_name(node: s.Expr) -> Iterator[s.Expr]:
    """Parts that stand for a number of their own, at any place, and speak of no running value."""
    for part in s.walk(node):
        plain = isinstance(part, s.Binary | s.Reduce | s.Fold | s.If) or (isinstance(part, s.Call) and part.function not in ("index", "size"))
        plain = plain or isinstance(part, s.Select) and not any(isinstance(inner, s.Compare | s.Logic) for inner in s.walk(part.body))
        if plain and not any(isinstance(inner, s.Name) and inner.text.startswith("acc") for inner in s.walk(part) if not isinstance(part, s.Fold)):
            yield part


@SETTINGS
@given(EXPRESSIONS, operands())
def test_other_names_give_the_same_value_to_the_last_bit(math, text, found):
    node = parse_expression(text)
    renamed = node
    for name in AXES:
        renamed = put(renamed, s.Name(name, span=node.span), s.Name(f"{name}_{name}", span=node.span))
    assert same(evaluated(node, scope(found), math("float32")), evaluated(renamed, scope(found, lambda name: f"{name}_{name}"), math("float32")))


@SETTINGS
@given(EXPRESSIONS, operands(), st.randoms(use_true_random=False))
def test_a_let_for_a_part_gives_the_same_value_to_the_last_bit(math, unfolded, text, found, dice):
    node = parse_expression(text)
    choices = [*parts_to_name(node)]
    assume(choices and (plain := unfolded("", text)))
    part = dice.choice(choices)
    named = unfolded(f"let part = {show(part)}\n", show(put(node, part, s.Name("part", span=node.span))))
    given_ = unfolded("let same(x) = x\n", show(put(node, part, s.Call("same", (part,), None, span=node.span))))
    for other in (named, given_):
        assert other is not None and same(evaluated(plain, scope(found), math("float32")), evaluated(other, scope(found), math("float32")))


@SETTINGS
@given(EXPRESSIONS, operands(), st.randoms(use_true_random=False))
def test_a_value_for_a_part_gives_the_same_value_within_what_rounding_allows(math, text, found, dice):
    """Not to the last bit: a chain of sums is added in one go, and in two where a part of it is a value."""
    node, arithmetic = parse_expression(text), math("ours")
    choices = [*parts_to_name(node)]
    assume(choices)
    part = dice.choice(choices)
    whole = evaluated(node, scope(found), arithmetic)
    parted = evaluated(put(node, part, s.Name("part", span=node.span)), scope(found, part=evaluated(part, scope(found), arithmetic)), arithmetic)
    with np.errstate(invalid="ignore"):
        apart, allowed = np.abs(whole.data - parted.data), np.asarray(whole.reach) + np.asarray(parted.reach)
    assert whole.axes == parted.axes and (np.isnan(apart) | (apart <= allowed)).all()
