"""Other sides, other runs, and images as a whole: what `@`, `count`, `peaks` and `distance` stand for."""

from __future__ import annotations

import numpy as np
import pytest

from conform.engine.check import arithmetic_of
from conform.engine.operands import Elsewhere
from conform.engine.rerun import command_of
from conform.engine.verdicts import Outcome
from conform.errors import UsageProblem

COMPARED = """
input image[pixel] : 1
clause one.1 "Same" "It is so."
  require image == image@other within 1e-6 relative because "both are stored in single precision"
clause one.2 "Sum" "It is so."
  require 0.9 * (sum over pixel: image@other) <= (sum over pixel: image) <= 1.1 * (sum over pixel: image@other)
"""


def beside(case, rules, here, there, **more):
    """Verdicts of a side that has another one beside it."""
    one, other = (case(rules, image=("pixel", image), **more) for image in (here, there))
    one.side.elsewhere["other"] = Elsewhere(other.side, arithmetic_of(other.side, other.profiles)[0])
    return one.check()


def test_a_side_is_compared_with_another(case):
    image = np.linspace(1, 2, 300_000)
    assert not beside(case, COMPARED, image, image * (1 + 5e-7)).breaks
    found = beside(case, COMPARED, image, np.where(np.arange(image.size) == 250_000, 2 * image, image))
    assert [(verdict.clause, verdict.broken.first.at) for verdict in found.breaks] == [("one.1", {"pixel": 250_000})]
    assert [verdict.clause for verdict in beside(case, COMPARED, image, 1.2 * image).breaks] == ["one.1", "one.2"]


def test_another_side_that_is_not_there_or_has_other_elements_is_not_checked(case):
    image = np.linspace(1, 2, 10)
    alone = case(COMPARED, image=("pixel", image)).verdict()
    assert alone.detail == "`@other`: there is no such side or run here (there are: none)"
    found = beside(case, COMPARED, image, image[:5])
    assert found.of("one.1", "a").detail == "`@other` has 5 elements along pixel, and here are 10"
    inside = COMPARED.replace("(sum over pixel: image@other)", "(sum over pixel: image)@other")
    assert beside(case, inside, image, image[:5]).of("one.2", "a").breaks      # a sum that is made there asks for no element here


PLANE = """
input slow[pixel] : count
input fast[pixel] : count
input image[pixel] : 1
let spots = peaks(image, slow, fast, 1, 2)
clause one.1 "Peaks" "It is so."
  require (count over pixel: spots) == 2
  require (sum over pixel: if spots then 10 * slow + fast else 0) == 11 + 34
clause one.2 "Matched" "It is so."
  require (count over pixel: spots and distance(spots@other, slow, fast) <= 1) >= 2
"""
SLOW, FAST = (index.ravel() for index in np.indices((5, 6)))


def plane(*spots):
    image = np.ones((5, 6))
    for slow, fast, height in spots:
        image[slow, fast] = height
    return image.ravel()


def test_peaks_are_the_highest_elements_around_and_are_matched_within_a_distance(case):
    image = plane((1, 1, 9), (1, 2, 8), (3, 4, 5), (0, 5, 3))      # (1, 2) lies beside a higher one, (0, 5) is the third
    coordinates = {"slow": ("pixel", SLOW), "fast": ("pixel", FAST)}
    assert not beside(case, PLANE, image, plane((1, 2, 9), (4, 4, 5)), **coordinates).breaks
    far = beside(case, PLANE, image, plane((1, 3, 9), (3, 4, 5)), **coordinates)
    assert [verdict.clause for verdict in far.breaks] == ["one.2"]
    assert [verdict.clause for verdict in beside(case, PLANE, plane((2, 2, 9), (3, 4, 5)), image, **coordinates).breaks][:1] == ["one.1"]


def test_of_equal_neighbours_the_first_is_the_peak(evaluate, make):
    names = {"v": make.value([1.0, 7, 7, 1], "p"), "x": make.value([0, 1, 2, 3], "p", whole=True), "y": make.value([0, 0, 0, 0], "p", whole=True)}
    assert evaluate("peaks(v, x, y, 1, 9)", condition=True, **names).data.tolist() == [False, True, False, False]
    assert evaluate("distance(v > 5, x, y)", **names).data.tolist() == [1, 0, 0, 1]
    assert evaluate("distance(v > 9, x, y)", **names).data.tolist() == [np.inf] * 4


RERUNS = """
input flux_flag : 1/min from "-flux"
input size_flag : count from "-size"
input turned_flag[xyz] : deg from "-turned"
input off_flag : flag from "-off"
input shape_flag : round | square from "-shape", "-round" is round
input image[pixel] : 1
run more with flux_flag = 3 * flux_flag, size_flag = size_flag[otherwise 4] + 1
run other with off_flag = on, shape_flag = round, turned_flag = 2 * turned_flag, "-quiet -level 3"
run plain with off_flag = off
clause one.1 "It" "It is so."
  require image@more == image@other and image@plain == image or off_flag and shape_flag is round and given(turned_flag)
"""


@pytest.mark.parametrize(("run", "before", "after"), [
    ("more", "-flux 1 -x -flux 0.1 -y", "-flux 1 -x -flux 0.3 -y -size 5"),
    ("more", "-size 2 -flux 2e18", "-size 3 -flux 6e+18"),
    ("other", "-turned 1 -2 0.5 -x", "-turned 2 -4 1 -x -off -shape round -quiet -level 3"),
    ("other", "-off -shape square -turned 0 0 1e-3", "-off -shape round -turned 0 0 0.002 -quiet -level 3"),
    ("plain", "-x -off -y", "-x -y"), ("plain", "-x", "-x"),
])  # fmt: skip
def test_another_run_is_told_its_inputs_where_they_stood(case, math, run, before, after):
    spec = case(RERUNS, image=("pixel", [1.0])).spec
    assert command_of(spec.reruns[run], before.split(), spec, math("float64")) == after.split()


def test_a_run_that_needs_a_flag_that_is_not_there_cannot_be_told(case, math):
    spec = case(RERUNS, image=("pixel", [1.0])).spec
    with pytest.raises(UsageProblem, match="cannot be told its `flux_flag`: `flux_flag` is not given: the command has no -flux"):
        command_of(spec.reruns["more"], [], spec, math("float64"))


def test_tiles_stay_small_for_what_does_not_span_them(case):
    rules = """
input x[pixel] : 1
value y[pixel] : 1
value total : 1
clause one.1 "Each" "It is so."
  y = 2 * x
clause one.2 "All" "It is so."
  total = sum over pixel: x
"""
    x = np.linspace(0, 1, 500_000)
    ticks: list[int] = []
    found = case(rules, x=("pixel", x), y=("pixel", 2 * x), total=("", x.sum()))
    from conform.engine.check import check

    findings = check(found.spec, [found.side], found.profiles, lambda: ticks.append(1))
    assert [verdict.outcome for verdict in findings.verdicts] == [Outcome.HOLDS] * 2 and len(ticks) == 3
    assert case(rules, x=("pixel", x), y=("pixel", 2 * x), total=("", x.sum() + 1)).check().of("one.2", "a").breaks
