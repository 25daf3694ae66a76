"""What the broken side computes instead: each kind of mistake is named, and none is named that does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conform.engine.check import check
from conform.engine.diagnose import diagnose, downstream
from conform.engine.operands import Side, open_side
from conform.engine.parity import compare, same_elements
from conform.engine.tolerances import load_profile
from conform.trace.bundle import open_bundle, write_bundle
from specs_dsl.check import load

ROOT = Path(__file__).resolve().parents[3]
PROFILES = {dtype: load_profile(ROOT / "specs" / "tolerances" / f"{dtype}.toml") for dtype in ("float64", "float32")}

RULES = """
spec tiny "tiny.md"
axis pixel, turn
axis xyz = x, y, z vector
input slow[pixel] : count
input a[pixel] : m
input b[pixel] : m
input angle[turn] : rad
input spindle[xyz] : 1
input v[xyz] : m
input north[xyz] : 1
input start : m
input step : m
input across[pixel] : count
input down[pixel] : count
input cell[xyz] : count
value area[pixel] : m^2
value share[pixel] : 1
value turned[pixel, turn, xyz] : m
value length[pixel] : m
value twice_turned[turn, xyz] : m
value along : m
value numbered[turn] : m
value corner[pixel] : m
value place[pixel] : m
value near[pixel] : m
value far[pixel] : m
value total[pixel] : m
value nth[pixel] : count
value middle : m
clause some.1 "Area" "It is so."
  area = a^2 * b / a
clause some.2 "Share" "It is so."
  share = area / a^2 - 0.25
clause some.3 "Turned" "It is so."
  turned = rotate(v, spindle, angle)
clause some.4 "Length" "It is so."
  length = a + abs(turned[turn = last, xyz = x])
clause some.5 "Twice" "It is so."
  twice_turned = rotate(rotate(v, spindle, angle), spindle, angle)
clause some.6 "Along" "It is so."
  along = dot(v, spindle)
clause some.7 "Place" "It is so."
  place = a * cell[xyz = x] + b * cell[xyz = y]
clause some.8 "Numbered" "It is so."
  numbered = start + step * index(turn)
clause some.9 "Corner" "It is so."
  corner = a * across when step > 0
  corner = b * 7      otherwise
clause some.10 "Pair" "It is so."
  near = a + 2 * b
  far  = b + 2 * a
clause some.11 "Total" "It is so."
  total = sum over turn: turned[xyz = x] * index(turn)
clause some.12 "Nth" "It is so."
  nth = floor(a / step - 4)
clause some.13 "Middle" "It is so."
  middle = sqrt(mean over pixel: a^2)
"""


def turn(v, angle):
    """About z, which is the spindle here."""
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([v[0] * c - v[1] * s, v[0] * s + v[1] * c, np.broadcast_to(v[2], c.shape)], axis=-1)


def right() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(2)
    a, b = draw.uniform(1, 3, 6), draw.uniform(1, 3, 6)
    angle, v = np.array([0.1, 0.2, 0.3, 0.4]), np.array([1.0, 0.5, 0.25])
    turned = np.broadcast_to(turn(v, angle), (6, 4, 3)).copy()
    return {"slow": np.arange(6), "a": a, "b": b, "angle": angle, "spindle": np.array([0.0, 0.0, 1.0]), "v": v,
            "area": a * b, "share": b / a - 0.25, "turned": turned, "length": a + np.abs(turned[:, -1, 0]),
            "north": np.array([0.0, 1.0, 0.0]), "cell": np.array([3, 4, 5]), "twice_turned": turn(v, 2 * angle), "along": v[2], "across": np.arange(6) // 2, "down": np.arange(6) % 2, "corner": a * (np.arange(6) // 2), "start": np.array(0.0), "step": np.array(0.5), "numbered": 0.5 * np.arange(4), "place": a * 3 + b * 4,
            "near": a + 2 * b, "far": b + 2 * a, "total": turned[:, :, 0] @ np.arange(4), "nth": np.floor(a / 0.5 - 4).astype(int), "middle": np.sqrt((a**2).mean())}


AXES = {"slow": ["pixel"], "a": ["pixel"], "b": ["pixel"], "angle": ["turn"], "spindle": ["xyz"], "v": ["xyz"], "area": ["pixel"],
        "share": ["pixel"], "turned": ["pixel", "turn", "xyz"], "length": ["pixel"], "north": ["xyz"], "across": ["pixel"], "down": ["pixel"], "corner": ["pixel"], "start": [], "step": [], "numbered": ["turn"], "cell": ["xyz"],
        "twice_turned": ["turn", "xyz"], "along": [], "place": ["pixel"],
        "near": ["pixel"], "far": ["pixel"], "total": ["pixel"], "nth": ["pixel"], "middle": []}
UNITS = {"a": "m", "b": "m", "v": "m", "area": "m^2", "turned": "m", "length": "m", "angle": "rad", "twice_turned": "m", "along": "m", "corner": "m", "place": "m", "start": "m", "step": "m", "numbered": "m",
         "near": "m", "far": "m", "total": "m", "middle": "m"}


@pytest.fixture
def make(tmp_path: Path):
    (tmp_path / "tiny.md").write_text("".join(f"### some.{i} Some\n> It is so.\n" for i in range(1, 14)))
    (tmp_path / "tiny.rules").write_text(RULES)
    spec = load(tmp_path / "tiny.rules")

    def side(name: str, **changed: np.ndarray) -> Side:
        arrays = {**right(), **changed}
        entries = {k: {"unit": UNITS.get(k, ""), "axes": AXES[k], "dtype": arrays[k].dtype.name, "file": f"{k}.npy"} for k in arrays}
        manifest = {"format": "conform-trace/1", "side": name, "producer": {"program": name, "dtype": "float64"}, "command": [], "inputs": {}, "quantities": entries,
                    "axes": {"pixel": {"size": 6}, "turn": {"size": 4}, "xyz": {"size": 3, "labels": ["x", "y", "z"]}}}
        write_bundle(tmp_path / name, manifest, arrays)
        return open_side(name, open_bundle(tmp_path / name), spec)

    return side


def diagnosis(*sides: Side):
    return diagnose(check(sides[0].spec, sides, PROFILES), PROFILES)


T = right()
CASES = {
    "doubled": ("area", T["area"] * 2, "twice what is required"),
    "sign": ("area", -T["area"], "with the other sign"),
    "a strange factor": ("area", T["area"] * 1.2345, "1.2345 times what is required"),
    "in square millimetres": ("area", T["area"] * 1e6, "1000000 times what is required"),
    "a factor left out": ("area", T["a"] ** 2 / T["a"], "without its factor b"),
    "a square left out": ("share", T["b"] - 0.25, "with a not raised to the power 2"),
    "a factor twice": ("area", T["a"] * T["b"] ** 2, "with b twice"),
    "a factor turned over": ("area", T["a"] / T["b"], "divided by b instead of multiplied"),
    "another quantity": ("area", T["b"] ** 2 * T["b"] / T["a"], "with b in place of a"),
    "operands exchanged and halved": ("share", 0.25 - T["b"] / T["a"], "exchanged"),
    "two mistakes": ("share", T["b"] + 0.25, " and "),
    "an operand in degrees": ("turned", np.broadcast_to(turn(T["v"], T["angle"] * 180 / np.pi), (6, 4, 3)), "with angle in degrees instead of radians"),
    "an operand of the turn before": ("turned", np.broadcast_to(turn(T["v"], np.roll(T["angle"], 1)), (6, 4, 3)), "with angle of the turn before"),
    "not divided": ("area", T["a"] ** 2 * T["b"], "without dividing by a"),
    "plus for minus": ("share", T["b"] / T["a"] + 0.25, "+ in place of -"),
    "a term left out": ("share", T["b"] / T["a"], "without its term 0.25"),
    "single precision": ("share", (T["b"] / T["a"] - 0.25).astype("f4").astype("f8"), "float32 where float64 is claimed"),
    "the wrong way": ("turned", np.broadcast_to(turn(T["v"], -T["angle"]), (6, 4, 3)), "turning the wrong way"),
    "counted from one": ("numbered", T["start"] + 0.5 * (1 + np.arange(4)), "counted from one"),
    "every angle the wrong way": ("twice_turned", turn(T["v"], -2 * T["angle"]), "with angle negated"),
    "another direction": ("along", T["v"][1], "with north in place of spindle"),
    "another index": ("corner", T["a"] * T["down"] , "with down in place of across"),
    "another option": ("corner", T["b"] * 7, "what some.9 requires, where it does not apply: b * 7"),
    "one entry off": ("place", T["a"] * 3 + T["b"] * 3, "with cell with y one too low"),
    "first for last": ("length", T["a"] + np.abs(T["turned"][:, 0, 0]), "with the first turn in place of the last"),
    "a hair too much": ("length", T["length"] * (1 + 1e-9), "1.000000001 times what is required"),
    "another number": ("share", T["b"] / T["a"] - 0.245, "with 0.245 in place of 0.25"),
    "brackets around too much": ("place", (T["a"] + T["b"] * 4) * 3, "with cell[xyz = x] at the whole sum, not at a alone"),
    "two values exchanged": ("near", T["far"], "what is required of far"),
    "a turn left out": ("total", T["turned"][:, :3, 0] @ np.arange(3), "without the last turn"),
    "from the back": ("turned", np.broadcast_to(turn(T["v"], T["angle"][::-1]), (6, 4, 3)), "with angle in the reverse order of turn"),
    "cut off": ("nth", np.trunc(T["a"] / 0.5 - 4).astype(int), "with rounding towards zero in place of floor"),
    "turned over": ("area", 1 / T["area"], "one over what is required"),
    "of all pixels": ("middle", (T["a"] ** 2).mean(), "without sqrt of"),
    "less one": ("middle", T["middle"] * np.sqrt(6 / 5), "one less than the number of pixels under the root"),
    "some less": ("share", T["share"] - np.pi / 1e5, "what is required, less 3.14159e-05"),
    "of one value any factor": ("along", T["along"] * 1.23456789, ""),
    "too few digits to be one of them": ("length", np.where(np.arange(6) == 2, T["length"] * (1 + 1e-14), T["length"]), ""),
    "noise": ("area", T["area"] * (1 + 1e-6 * np.arange(6)), ""),
}


@pytest.mark.parametrize("name", CASES)
def test_the_mistake_is_named(make, name):
    target, values, text = CASES[name]
    diagnosed = diagnosis(make("wrong", **{target: np.array(values)}), make("good"))
    root = diagnosed.roots[0]                        # what is computed from it was not computed again, and breaks too
    assert root.verdict.side == "wrong" and root.verdict.broken.target == target
    assert text in root.instead.text if text else root.instead.text == "", root.instead


def test_the_search_for_pairs_ends_after_so_many_evaluations_and_says_so(make, monkeypatch):
    two = dict(share=T["b"] + 0.25)
    assert diagnosis(make("wrong", **two), make("good")).roots[0].instead.cut == 0
    monkeypatch.setattr("conform.engine.instead.EVALUATIONS", 20)
    instead = diagnosis(make("wrong", **two), make("good")).roots[0].instead
    assert instead.text == "" and 0 < instead.cut < 20


def test_a_search_that_came_to_its_end_was_not_cut_short(make):
    assert diagnosis(make("wrong", area=CASES["noise"][1]), make("good")).roots[0].instead.cut == 0


def test_a_value_kept_from_another_turn_is_named_with_the_turn_that_it_comes_from(make):
    stale = T["turned"].copy()
    stale[1:, 0] = stale[1:, 3]                      # all but the first pixel: what the last turn of the pixel before left
    (root,) = diagnosis(make("wrong", turned=stale), make("good")).roots
    assert "requires at turn 3, carried over from the pixel before" in root.instead.text
    later = T["turned"].copy()
    later[:, 2] = later[:, 1]
    (root,) = diagnosis(make("wrong", turned=later), make("good")).roots
    assert "requires at turn 1, left from an earlier turn" in root.instead.text


def test_what_follows_from_a_break_is_what_depends_on_it(make):
    wrong = make("wrong", area=T["area"] * 2, share=2 * T["b"] / T["a"] - 0.25)
    repair = diagnosis(wrong, make("good")).repair
    assert [p.quantity for p in repair.differing] == ["area", "share"] and repair.still == ()
    assert downstream(wrong.spec, "area") == {"share"} and downstream(wrong.spec, "turned") == {"length", "total"}


def test_what_a_repair_does_not_explain_is_said(make):
    wrong = make("wrong", area=T["area"] * 2, share=2 * T["b"] / T["a"] - 0.25, b=T["b"] * 1.5)
    repair = diagnosis(wrong, make("good", area=T["area"])).repair
    assert {p.quantity for p in repair.still} == {"area", "share"}


def test_a_break_on_both_sides_has_no_sound_side_to_be_repaired_to(make):
    diagnosed = diagnosis(make("one", area=T["area"] * 2, share=2 * T["b"] / T["a"] - 0.25), make("two", area=T["area"] * 3, share=3 * T["b"] / T["a"] - 0.25))
    assert [root.verdict.side for root in diagnosed.roots] == ["one", "two"] and diagnosed.repair is None


def test_rounding_from_the_inputs_on_is_no_disagreement(make):
    a, b = make("a"), make("b", share=T["share"] * (1 + 3e-16))
    parity = {p.quantity: p for p in compare(a.spec, a, b, PROFILES)}
    assert parity["share"].agree and parity["share"].largest > 0
    c = make("c", share=T["share"] * (1 + 1e-12))
    parity = {p.quantity: p for p in compare(a.spec, a, c, PROFILES)}
    assert parity["share"].differing == 6


def test_sides_that_traced_other_pixels_are_not_compared(make):
    assert "`slow` differs" in same_elements(make("a"), make("b", slow=np.arange(6)[::-1].copy()))
    assert same_elements(make("a"), make("c")) == ""


def test_a_value_that_is_computed_once_and_kept_is_named(make):
    held = np.broadcast_to(T["turned"][:, :1], T["turned"].shape).copy()
    (root,) = diagnosis(make("wrong", turned=held, length=T["a"] + np.abs(held[:, -1, 0]), total=held[:, :, 0] @ np.arange(4)), make("good")).roots
    assert root.instead.text == "what the clause requires at the first turn, for all of them"
