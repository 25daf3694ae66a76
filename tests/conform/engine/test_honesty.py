"""A trace that is not the computation's own is told from a mistake, by the values of one side alone."""

from __future__ import annotations

import numpy as np
import pytest

from conform.engine.check import check
from conform.engine.diagnose import diagnose
from conform.engine.honesty import PLACE, TAKEN, UNIT, lies

RULES = """
input slow[pixel] : count
input fast[pixel] : count
input size : m
input far : m
input polar[pixel] : 1
value x[pixel] : m
value y[pixel] : m
value path[pixel] : m
value omega[pixel] : 1
value part[pixel] : 1
value total[pixel] : 1
clause one.1 "Place"
  "It is so."
  x = size * (slow + 0.5)
  y = size * (fast + 0.5)
clause one.2 "Path"
  "It is so."
  path = sqrt(x^2 + y^2 + far^2)
clause one.3 "Angle"
  "It is so."
  omega = size^2 * far / path^3
clause one.4 "Part"
  "It is so."
  part = 3.3 * omega + 0.1
clause one.5 "Total"
  "It is so."
  total = part * polar * omega
"""
SLOW, FAST = np.divmod(np.arange(12), 4)
AXES = {"size": "", "far": ""}
UNITS = {"size": "m", "far": "m", "x": "m", "y": "m", "path": "m"}


def computed(slow=SLOW, fast=FAST, wrong=lambda name, value: value) -> dict[str, np.ndarray]:
    """What a program computes; `wrong` is the mistake in its computation."""
    size, far = 0.3, 1.7
    found = {"slow": slow, "fast": fast, "size": size, "far": far, "polar": 0.4 + 0.05 * np.arange(12.0) ** 1.3}
    for name, formula in (("x", lambda f: size * (slow + 0.5)), ("y", lambda f: size * (fast + 0.5)), ("path", lambda f: np.sqrt(f["x"] ** 2 + f["y"] ** 2 + far**2)),
                          ("omega", lambda f: size**2 * far / f["path"] ** 3), ("part", lambda f: 3.3 * f["omega"] + 0.1), ("total", lambda f: f["part"] * f["polar"] * f["omega"])):
        found[name] = wrong(name, formula(found))
    return found


@pytest.fixture
def side(case):
    def build(arrays: dict[str, np.ndarray], **traced):
        return case(RULES, units=UNITS, **{name: (AXES.get(name, "pixel"), value) for name, value in {**arrays, **traced}.items()})

    return build


def found(one):
    breaking = [verdict.clause for verdict in check(one.spec, [one.side], one.profiles).breaks]
    return breaking, lies(one.spec, one.side, breaking, one.profiles)


def test_a_right_trace_of_a_right_program_is_no_lie(side):
    assert found(side(computed())) == ([], [])


@pytest.mark.parametrize("mistake", [lambda v: 1.01 * v, lambda v: 1000 * v, lambda v: v**2, lambda v: v * np.arange(1, 13)])
@pytest.mark.parametrize("where", ["x", "path", "omega", "part"])
def test_a_mistake_in_the_computation_is_no_lie(side, mistake, where):
    breaking, lied = found(side(computed(wrong=lambda name, value: mistake(value) if name == where else value)))
    assert breaking == [{"x": "one.1", "path": "one.2", "omega": "one.3", "part": "one.4"}[where]] and lied == []


@pytest.mark.parametrize(("traced", "kind", "words"), [
    (lambda f: 1000 * f["omega"], UNIT, "1000 times"), (lambda f: f["omega"] * 180 / np.pi, UNIT, "57.2958 times"),
    (lambda f: f["omega"] * f["polar"], PLACE, "already multiplied by polar"), (lambda f: f["omega"] / f["path"] / f["polar"], PLACE, "already divided by"),
    (lambda f: f["omega"] + 0.2 + 0.01 * np.arange(12) % 3, TAKEN, "cannot have given what follows"),
])
def test_a_value_that_is_traced_wrong_and_was_used_right_is_a_lie_of_its_kind(side, traced, kind, words):
    right = computed()
    breaking, (lie,) = found(side(right, omega=traced(right)))
    assert breaking == ["one.3", "one.4", "one.5"]
    assert (lie.kind, lie.quantity, lie.clauses) == (kind, "omega", ("one.3", "one.4", "one.5")) and words in lie.text


def test_a_lie_beside_a_mistake_leaves_the_mistake_alone(side):
    wrong = computed(wrong=lambda name, value: 2 * value if name == "x" else value)
    breaking, (lie,) = found(side(wrong, omega=1000 * wrong["omega"]))
    assert breaking == ["one.1", "one.3", "one.4", "one.5"] and lie.clauses == ("one.3", "one.4", "one.5")


def test_values_of_another_pixel_are_told_from_the_coordinates(side):
    breaking, (lie,) = found(side(computed(slow=FAST, fast=SLOW), slow=SLOW, fast=FAST))
    assert breaking == ["one.1"] and (lie.kind, lie.clauses) == ("another pixel", ("one.1",)) and "slow and fast are exchanged" in lie.text
    breaking, (lie,) = found(side(computed(slow=SLOW + 1), slow=SLOW))
    assert (lie.kind, lie.clauses) == ("another pixel", ("one.1",)) and "one further along slow" in lie.text


def test_an_input_whose_label_names_another_unit_mends_all_that_use_it(side):
    breaking, (lie,) = found(side(computed(), far=1700.0))
    assert breaking == ["one.2", "one.3"] and (lie.kind, lie.quantity, lie.clauses) == (UNIT, "far", ("one.2", "one.3"))
    assert "1000 times" in lie.text


def test_a_lie_is_one_root_and_its_followers_are_none(side):
    right = computed()
    one = side(right, omega=1000 * right["omega"])
    diagnosis = diagnose(check(one.spec, [one.side], one.profiles), one.profiles, final="total")
    (root,) = diagnosis.roots
    assert (root.clause.id, root.lie.kind) == ("one.3", UNIT) and root.instead.text
    assert diagnosis.fall is None or diagnosis.fall.largest is None        # the image is right

