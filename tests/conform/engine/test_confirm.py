"""Exact arithmetic: the second evaluator agrees with the first, and decides what the first cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conform.engine.arithmetic import Arithmetic, Precision
from conform.engine.balls import Balls, Undecided
from conform.engine.check import check
from conform.engine.operands import Operands, Side, open_side
from conform.engine.tolerances import Profile, load_profile
from conform.engine.verdicts import Outcome
from conform.trace.bundle import open_bundle, write_bundle
from specs_dsl.check import load
from specs_dsl.parser import parse_expression

ROOT = Path(__file__).resolve().parents[3]
PROFILES = {dtype: load_profile(ROOT / "specs" / "tolerances" / f"{dtype}.toml") for dtype in ("float64", "float32")}
HEAD = 'spec tiny "tiny.md"\naxis pixel, turn\naxis xyz = x, y, z vector\ngrid i, j\n'
UNIT = 2.0**-53


def bundle(folder: Path, arrays: dict, dtype: str = "float64", axes: dict | None = None, first: dict | None = None) -> None:
    """Write a bundle; the axes of each array are guessed from its shape: 7 pixels, 4 turns, 3 components, 5 x 6 grid."""
    sizes = {"pixel": 7, "turn": 4, "xyz": 3, "i": 5, "j": 6}
    by_size = {size: name for name, size in sizes.items()}
    entries = {
        name: {"unit": "", "axes": [by_size[n] for n in np.shape(array)], "dtype": np.asarray(array).dtype.name, "file": f"{name}.npy"}
        for name, array in arrays.items()
    }
    used = {axis for entry in entries.values() for axis in entry["axes"]} | {"pixel", "turn", "xyz"}
    described = {name: {"size": sizes[name], **({"labels": ["x", "y", "z"]} if name == "xyz" else {}), **({"first": -2} if name in "ij" else {})} for name in sizes if name in used}
    manifest = {"format": "conform-trace/1", "side": "it", "producer": {"program": "it", "dtype": dtype}, "command": [], "inputs": {}, "axes": described, "quantities": entries}
    write_bundle(folder, manifest, {name: np.asarray(array) for name, array in arrays.items()})


def side(tmp_path: Path, rules: str, arrays: dict, dtype: str = "float64") -> Side:
    (tmp_path / "tiny.md").write_text("### some.1 Some\n> It is so.\n")
    (tmp_path / "tiny.rules").write_text(HEAD + rules)
    bundle(tmp_path / "bundle", arrays, dtype)
    return open_side("it", open_bundle(tmp_path / "bundle"), load(tmp_path / "tiny.rules"))


DECLARED = """
input a[pixel] : 1
input b[pixel, turn] : 1
input v[pixel, xyz] : 1
input w[xyz] : 1
input n : count
input on : flag
input table[i, j] : 1
input rows[pixel, i] : 1
value y[pixel, turn, xyz] : 1
clause some.1 "Some" "It is so."
  y = a * b + v * w + n + (if on then 1 else 0) + table[nearest(a) ties down, n otherwise 0]
"""

EXPRESSIONS = [
    "a + b - 2.5", "a * b / (b + 3)", "a^2 - b^3", "a^-1", "sin(a) * cos(b)", "exp(-a) + log(abs(a) + 1)", "sqrt(abs(b)) + tan(a / 10)",
    "atan2(a, b) + asin(a / 10) + acos(a / 10) + atan(b)", "sum over turn: b", "product over turn: b", "mean over turn: b",
    "minimum over turn: b", "maximum over turn: b", "dot(v, w)", "norm(v)", "unit(v)", "cross(v, w)", "rotate(v, unit(w), a)",
    "fold acc from a over turn: (acc + b) * 0.5", "fold acc from 0 over turn: acc + b", "b[turn = last] - b[turn = first] + b[turn = 2]",
    "b - b[turn = previous otherwise a]", "sum over turn: b * (a * b)[turn = previous otherwise 1]",
    "v[xyz = y]", "index(turn) + size(pixel)", "if a < b then a else b", "if on then a else 1 / 0", "min(a, b) * max(a, 0.5)",
    "nearest(a) ties down", "nearest(a) ties up", "nearest(a) ties even", "nearest(a) ties away", "floor(b) + ceil(a)", "f32(a)",
    "table[nearest(a) ties down, n otherwise 7.5]", "if inside(table, nearest(b) ties up, n) then 1 else 2", "pi * a + 0.1",
    "if not on or a > 0 and b != 1 then a else b",
]


@pytest.fixture
def made(tmp_path: Path) -> Side:
    draw = np.random.default_rng(3)
    values = {"a": draw.normal(0, 2, 7), "b": draw.normal(0, 2, (7, 4)), "v": draw.normal(0, 1, (7, 3)), "w": np.array([0.3, -1.2, 0.8]),
              "n": np.int64(1), "on": np.int64(1), "table": draw.normal(0, 5, (5, 6)), "rows": draw.normal(0, 5, (7, 5)), "y": np.zeros((7, 4, 3))}
    return side(tmp_path, DECLARED, values)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_both_evaluators_give_the_same_value_within_the_bound_of_the_fast_one(made, text):
    profile = PROFILES["float64"]
    math = Arithmetic(Precision("float64", profile.unit_roundoff, 2.0**-1074, 2.0**-1022, profile.ulps), made.order)
    node = parse_expression(text)
    fast = Operands(made, math, slice(0, 7)).evaluator.number(node)
    bound = np.broadcast_to(fast.bound, fast.data.shape)
    for place in np.ndindex(fast.data.shape):
        at = {"pixel": 0, "turn": 0, "xyz": 0, **dict(zip(fast.axes, map(int, place), strict=True))}
        exact = Balls(made).number(node, at)
        assert float(abs(exact - float(fast.data[place])).upper()) <= bound[place] + 1e-300, (text, at)


def test_a_decision_that_a_ball_leaves_open_is_not_guessed(made):
    with pytest.raises(Undecided):
        Balls(made).number(parse_expression("if sin(pi) == 0 then 1 else 2"), {"pixel": 0})
    with pytest.raises(Undecided):
        Balls(made).number(parse_expression("floor(sin(pi / 2) + 1)"), {"pixel": 0})


PRODUCT = """
input a[pixel] : 1
input b[pixel] : 1
value y[pixel] : 1
clause some.1 "Some" "It is so."
  y = a * b
"""


def product(tmp_path: Path, off_by: float):
    """a * b with one element off by so many unit roundoffs."""
    draw = np.random.default_rng(5)
    a, b = draw.uniform(1, 2, 7), draw.uniform(1, 2, 7)
    y = a * b
    y[4] *= 1 + off_by * UNIT
    made = side(tmp_path, PRODUCT, {"a": a, "b": b, "y": y})
    return check(made.spec, [made], PROFILES).verdicts[0]


def test_the_sides_own_rounding_alone_is_granted(tmp_path):
    # slack 2 times u, and the last rounding u: three. With the evaluator's own rounding it would have been five.
    assert product(tmp_path, 2).outcome is Outcome.HOLDS
    verdict = product(tmp_path, 4.4)
    assert verdict.outcome is Outcome.BREAKS
    assert verdict.broken.first.at == {"pixel": 4} and 1 < verdict.margin < 2


def test_a_broken_element_is_reported_with_the_exactly_required_value(tmp_path):
    verdict = product(tmp_path, 1000)
    exact = Balls(open_side("it", open_bundle(tmp_path / "bundle"), load(tmp_path / "tiny.rules"))).number(parse_expression("a * b"), {"pixel": 4})
    assert verdict.broken.first.required == float(exact.mid())


def test_nothing_is_confirmed_where_the_sides_rounding_drowns_ours(tmp_path, monkeypatch):
    import conform.engine.confirm as confirm

    def never(*_):
        raise AssertionError("balls were asked")

    monkeypatch.setattr(confirm, "_exactly", never)
    draw = np.random.default_rng(5)
    a, b = draw.uniform(1, 2, 7).astype("f4"), draw.uniform(1, 2, 7).astype("f4")
    made = side(tmp_path, PRODUCT, {"a": a, "b": b, "y": a * b * np.float32(1 + 1e-7)}, "float32")
    assert check(made.spec, [made], PROFILES).verdicts[0].outcome is Outcome.HOLDS


def test_overriding_the_slack_of_a_clause_concerns_that_clause(tmp_path):
    generous = {**PROFILES, "float64": Profile.model_validate({**PROFILES["float64"].model_dump(), "overrides": {"some.1": {"slack": 1e3, "reason": "for the sake of a test"}}})}
    draw = np.random.default_rng(5)
    a, b = draw.uniform(1, 2, 7), draw.uniform(1, 2, 7)
    made = side(tmp_path, PRODUCT, {"a": a, "b": b, "y": a * b * (1 + 100 * UNIT)})
    assert check(made.spec, [made], PROFILES).verdicts[0].outcome is Outcome.BREAKS
    assert check(made.spec, [made], generous).verdicts[0].outcome is Outcome.HOLDS


WHOLE = """
input a[pixel] : 1
value y[pixel] : 1
value total : 1
value highest : 1
clause some.1 "Some" "It is so."
  y = a - a[pixel = first]
  total = sum over pixel: a / size(pixel)
  highest = maximum over pixel: a
"""


def test_what_runs_along_the_axis_of_the_tiles_is_judged_in_one_piece(tmp_path, monkeypatch):
    import conform.engine.tiling as module

    monkeypatch.setattr(module.ranges, "__defaults__", (2,))
    a = np.random.default_rng(5).uniform(1, 2, 7)
    made = side(tmp_path, WHOLE, {"a": a, "y": a - a[0], "total": (a / 7).sum(), "highest": a.max()})
    (verdict,) = check(made.spec, [made], PROFILES).verdicts
    assert verdict.outcome is Outcome.HOLDS and len(list(module.tiles(made))) == 1
    plain = side(tmp_path, PRODUCT, {"a": a, "b": a, "y": a * a})
    assert len(list(module.tiles(plain))) == len(list(module.ranges(made))) == 4
