"""Bounds are not vacuous: for each operation a search finds an ordinary program that comes near its bound.

The second column is the largest error found over the bound, with some off. Programs are numpy's in single precision, whose
results of functions are those of double precision, rounded.
"""

from __future__ import annotations

import numpy as np
import pytest

F = np.float32
COUNT = 4000


def rounded(function):
    return lambda *arguments: function(*(x.astype(float) for x in arguments)).astype(F)


def in_order(a):
    """Added along k from the first to the last."""
    result = a[:, 0]
    for i in range(1, a.shape[1]):
        result = result + a[:, i]
    return result


def unit(v):
    return v / np.sqrt(v[:, :1] * v[:, :1] + v[:, 1:2] * v[:, 1:2] + v[:, 2:] * v[:, 2:])


def minor(u, v):
    return u[:, 1] * v[:, 2] - u[:, 2] * v[:, 1]


def rotated(u, v, t):
    along = u[:, 0] * (u[:, 0] * v[:, 0] + u[:, 1] * v[:, 1] + u[:, 2] * v[:, 2]) * (F(1) - rounded(np.cos)(t))
    return along + v[:, 0] * rounded(np.cos)(t) + minor(u, v) * rounded(np.sin)(t)


SCALARS = [
    ("a + b", 0.95, lambda a, b, c: a + b),
    ("a - b", 0.95, lambda a, b, c: a - b),
    ("a * b", 0.95, lambda a, b, c: a * b),
    ("a / b", 0.95, lambda a, b, c: a / b),
    ("a + b + c", 0.7, lambda a, b, c: a + b + c),
    ("a * b * c", 0.85, lambda a, b, c: a * b * c),
    ("a * b + c", 0.7, lambda a, b, c: a * b + c),
    ("a^2", 0.95, lambda a, b, c: a * a),
    ("a^3", 0.9, lambda a, b, c: a * a * a),
    ("a^5", 0.65, lambda a, b, c: a * a * a * a * a),
    ("a^-1", 0.95, lambda a, b, c: F(1) / a),
    ("a^-2", 0.7, lambda a, b, c: F(1) / (a * a)),
    ("a^0.5", 0.3, lambda a, b, c: np.sqrt(a)),
    ("a^1.5", 0.25, lambda a, b, c: rounded(lambda x: x**1.5)(a)),
    ("pi * a", 0.6, lambda a, b, c: F(np.pi) * a),
    ("0.1 * a", 0.59, lambda a, b, c: F(0.1) * a),
    ("sin(a)", 0.65, lambda a, b, c: rounded(np.sin)(a)),
    ("cos(a)", 0.65, lambda a, b, c: rounded(np.cos)(a)),
    ("tan(a)", 0.4, lambda a, b, c: rounded(np.tan)(a)),
    ("asin(a / 4)", 0.4, lambda a, b, c: rounded(np.arcsin)(a / F(4))),
    ("acos(a / 4)", 0.4, lambda a, b, c: rounded(np.arccos)(a / F(4))),
    ("atan(a)", 0.5, lambda a, b, c: rounded(np.arctan)(a)),
    ("atan2(a, b)", 0.45, lambda a, b, c: rounded(np.arctan2)(a, b)),
    ("exp(a)", 0.65, lambda a, b, c: rounded(np.exp)(a)),
    ("log(a)", 0.65, lambda a, b, c: rounded(np.log)(a)),
    ("sqrt(a)", 0.5, lambda a, b, c: np.sqrt(a)),
    ("a ^ b", 0.25, lambda a, b, c: rounded(np.exp)(b * rounded(np.log)(a))),
    ("sin(a * b)", 0.7, lambda a, b, c: rounded(np.sin)(a * b)),
    ("tan(a * b)", 0.7, lambda a, b, c: rounded(np.tan)(a * b)),
    ("acos(a * b / 16)", 0.6, lambda a, b, c: rounded(np.arccos)(a * b / F(16))),
    ("atan(a * b)", 0.5, lambda a, b, c: rounded(np.arctan)(a * b)),
    ("exp(a * b)", 0.7, lambda a, b, c: rounded(np.exp)(a * b)),
    ("log(a * b)", 0.7, lambda a, b, c: rounded(np.log)(a * b)),
    ("sqrt(a * b)", 0.5, lambda a, b, c: np.sqrt(a * b)),
    ("atan2(a * b, c)", 0.5, lambda a, b, c: rounded(np.arctan2)(a * b, c)),
    ("min(a * b, c)", 0.9, lambda a, b, c: np.minimum(a * b, c)),
    ("max(a * b, c)", 0.9, lambda a, b, c: np.maximum(a * b, c)),
    ("sin(5 * a) / sin(a)", 0.6, lambda a, b, c: rounded(np.sin)(F(5) * a) / rounded(np.sin)(a)),
    ("(a + b) * (a - b)", 0.6, lambda a, b, c: (a + b) * (a - b)),
    ("if a < b then a * b else a / b", 0.9, lambda a, b, c: np.where(a < b, a * b, a / b)),
]
ALONG = [
    ("sum over k: d", 0.4, in_order),
    ("mean over k: d", 0.35, lambda d: in_order(d) / F(5)),
    ("product over k: d", 0.6, lambda d: np.multiply.accumulate(d, axis=1)[:, -1]),
    ("maximum over k: d * 3", 0.95, lambda d: (d * F(3)).max(axis=1)),
    ("fold acc from 0 over k: acc + d", 0.4, in_order),
]
VECTORS = [
    ("dot(u, v)", 0.45, lambda u, v, t: u[:, 0] * v[:, 0] + u[:, 1] * v[:, 1] + u[:, 2] * v[:, 2]),
    ("norm(u)", 0.4, lambda u, v, t: np.sqrt(u[:, 0] * u[:, 0] + u[:, 1] * u[:, 1] + u[:, 2] * u[:, 2])),
    ("unit(u)[xyz = x]", 0.4, lambda u, v, t: unit(u)[:, 0]),
    ("cross(u, v)[xyz = x]", 0.8, lambda u, v, t: minor(u, v)),
    ("rotate(v, u, t)[xyz = x]", 0.3, rotated),
]


def share(found, shown) -> float:
    """The largest error over the bound, which no error exceeds."""
    error = np.abs(found.data - shown.astype(float))
    with np.errstate(all="ignore"):
        shares = np.where(error > 0, error / found.bound, 0.0)
    assert shares.max() <= 1 + 1e-6
    return shares.max()


@pytest.fixture(scope="module")
def dice():
    return lambda *shape: np.random.default_rng(7).uniform(1, 4, shape).astype(F)


@pytest.mark.parametrize(("text", "least", "program"), SCALARS, ids=[text for text, *_ in SCALARS])
def test_a_program_in_single_precision_comes_near_the_bound(text, least, program, evaluate, make, dice):
    a, b, c = dice(3, COUNT)
    found = evaluate(text, **{name: make.value(x, "p") for name, x in zip("abc", (a, b, c), strict=True)})
    assert share(found, program(a, b, c)) > least


@pytest.mark.parametrize(("text", "least", "program"), ALONG, ids=[text for text, *_ in ALONG])
def test_a_reduction_in_loop_order_comes_near_the_bound(text, least, program, evaluate, make, dice):
    d = dice(COUNT, 5)
    assert share(evaluate(text, d=make.value(d, "p", "k")), program(d)) > least


@pytest.mark.parametrize(("text", "least", "program"), VECTORS, ids=[text for text, *_ in VECTORS])
def test_vectors_come_near_the_bound(text, least, program, evaluate, make, dice):
    u, v, t = dice(COUNT, 3), dice(COUNT, 4)[:, 1:], dice(COUNT)
    found = evaluate(text, u=make.value(u, "p", "xyz"), v=make.value(v, "p", "xyz"), t=make.value(t, "p"))
    assert share(found, program(u, v, t)) > least


@pytest.mark.parametrize("text", ["a / b", "a * b * c", "a * b + c", "a^4"])
def test_another_form_of_the_same_operation_stays_within_the_usual_slack(text, evaluate, make, dice, profiles):
    """A quotient by way of the reciprocal rounds twice: that is what a slack of two is for."""
    a, b, c = dice(3, COUNT)
    forms = {"a / b": a * (F(1) / b), "a * b * c": a * (b * c), "a * b + c": rounded(lambda x, y, z: x * y + z)(a, b, c), "a^4": (a * a) * (a * a)}
    found = evaluate(text, **{name: make.value(x, "p") for name, x in zip("abc", (a, b, c), strict=True)})
    assert (np.abs(found.data - forms[text].astype(float)) / found.bound).max() <= profiles["float32"].slack
