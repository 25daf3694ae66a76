"""Which pixels are traced: each once, in order, as many as asked for, the brightest really the brightest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hn

from conform.errors import SideProblem, UsageProblem
from conform.run.pixels import choose_pixels, pixel_hash, pixel_lines, read_image
from conform.run.runfile import Image, Run, RunFile


def run_of(slow: int, fast: int, **capture) -> Run:
    image = {"file": "o", "quantity": "image", "slow": slow, "fast": fast}
    return Run("r", Path("r.toml"), RunFile.model_validate({"flags": "", "sides": {"a": {}}, "image": image, "capture": capture}))


@st.composite
def cases(draw):
    slow, fast = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    some = st.lists(st.tuples(st.integers(0, slow - 1), st.integers(0, fast - 1)), max_size=8)
    few = st.sampled_from([0.0, 1.0, 2.0, -1.0, float("nan"), float("inf"), float("-inf")])
    image = draw(hn.arrays("float32", (slow, fast), elements=few))
    capture = {"pixels": draw(some)}
    if draw(st.booleans()):
        capture["brightest"] = {"count": draw(st.integers(1, 40)), "of": "a"}
    if draw(st.booleans()) or not (capture["pixels"] or "brightest" in capture):
        capture["random"] = {"count": draw(st.integers(1, 40)), "seed": draw(st.integers(0, 99))}
    return slow, fast, image, capture


@settings(max_examples=200, deadline=None)
@given(cases())
def test_chosen_pixels_are_increasing_complete_and_the_same_every_time(case):
    slow, fast, image, capture = case
    found = choose_pixels(run_of(slow, fast, **capture), image)
    flat = found[:, 0] * fast + found[:, 1]
    assert found.shape == (len(flat), 2) and (np.diff(flat) > 0).all() and 0 <= flat[0] and flat[-1] < slow * fast
    named = {s * fast + f for s, f in capture["pixels"]}
    assert named <= set(flat.tolist())
    bright = set(expected_brightest(image, capture["brightest"]["count"])) if "brightest" in capture else set()
    assert bright <= set(flat.tolist())
    extra = min(capture["random"]["count"], slow * fast - len(named | bright)) if "random" in capture else 0
    assert len(flat) == len(named | bright) + extra
    assert choose_pixels(run_of(slow, fast, **capture), image).tobytes() == found.tobytes()


def expected_brightest(image, count):
    """The slow way: sort by brightness, what is not a number last, then by place."""
    values = [(-np.inf if np.isnan(value) else value) for value in image.ravel().tolist()]
    return sorted(range(len(values)), key=lambda i: (-values[i], i))[:count]


@settings(max_examples=200, deadline=None)
@given(hn.arrays("float32", (5, 7), elements=st.sampled_from([0.0, 1.0, 2.0, float("nan"), float("-inf")])), st.integers(1, 40))
def test_the_brightest_are_the_largest_and_of_equals_the_first(image, count):
    found = choose_pixels(run_of(5, 7, brightest={"count": count, "of": "a"}), image)
    assert (found[:, 0] * 7 + found[:, 1]).tolist() == sorted(expected_brightest(image, count))


def test_another_seed_gives_other_pixels():
    one, two = (choose_pixels(run_of(100, 100, random={"count": 50, "seed": seed}), None) for seed in (1, 2))
    assert one.tobytes() != two.tobytes()


def test_random_pixels_are_the_same_on_every_machine():
    found = choose_pixels(run_of(2527, 2463, random={"count": 3, "seed": 20261124}), None)
    assert found.tolist() == [[8, 1592], [1706, 1303], [2081, 2420]]


def test_all_means_no_choice():
    assert choose_pixels(run_of(2, 2, all=True), None) is None


def test_no_choice_at_all_is_refused():
    with pytest.raises(UsageProblem, match="no pixel is chosen"):
        choose_pixels(run_of(2, 2), None)


@pytest.mark.parametrize("pixel", [[2, 0], [0, 3], [10**9, 0]])
def test_a_pixel_outside_the_image_is_refused(pixel):
    with pytest.raises(UsageProblem, match="outside the image of 2 by 3"):
        choose_pixels(run_of(2, 3, pixels=[pixel]), None)


def test_pixels_are_written_one_pair_a_line():
    assert pixel_lines(np.array([[0, 1], [12, 3]])) == "0 1\n12 3\n"


def test_the_hash_of_pixels_knows_order_and_all():
    one = np.array([[0, 1], [2, 3]])
    hashes = {pixel_hash(one), pixel_hash(one[::-1]), pixel_hash(one[:1]), pixel_hash(None)}
    assert len(hashes) == 4 and pixel_hash(one.astype("int32")) == pixel_hash(one)


def test_an_image_is_read_slow_axis_outside(tmp_path):
    np.arange(6, dtype="<f4").tofile(tmp_path / "o")
    frame = Image(file="o", quantity="image", slow=2, fast=3)
    assert read_image(tmp_path / "o", frame, "side a").tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("size, said", [(None, "side a wrote no image o"), (0, "0 numbers"), (5, "5 numbers"), (7, "7 numbers"), (6.5, "6.5 numbers")])
def test_an_image_of_another_size_is_refused(tmp_path, size, said):
    if size is not None:
        (tmp_path / "o").write_bytes(bytes(int(4 * size)))
    with pytest.raises(SideProblem, match=said):
        read_image(tmp_path / "o", Image(file="o", quantity="image", slow=2, fast=3), "side a")
