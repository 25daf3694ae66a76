"""The refinement example, in small."""
from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.scripts import script

torch = pytest.importorskip("torch", reason="the example refines with torch")
HERE = Path(__file__).parents[2] / "examples" / "refine"


@pytest.fixture(scope="module")
def refine():
    with script(HERE / "refine.py") as module:
        yield module


@pytest.fixture(scope="module")
def course(refine):
    return refine.refine(pixels=40, steps=25, seed=3)


def test_ten_numbers_come_back_from_0_2_degrees_to_1e_4_of_the_truth(course):
    assert torch.allclose(course.deviations[0].abs(), torch.tensor(math.radians(0.2), dtype=torch.float64))
    assert float(course.deviations[-1].abs().max()) < 1e-4
    assert course.misfits[0] > 1000 and course.misfits[-1] == pytest.approx(1, abs=0.15)


def test_the_course_is_drawn_to_a_file(refine, course, tmp_path):
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib, the extra `plot`")
    refine.draw(course, str(tmp_path / "course.png"))
    assert (tmp_path / "course.png").read_bytes().startswith(b"\x89PNG")


def test_the_readme_shows_the_picture_and_what_the_program_prints(refine):
    text = (HERE / "README.md").read_text("utf-8")
    assert "(course.png)" in text and (HERE / "course.png").stat().st_size > 10_000 and all(name in text for name in refine.NAMES)
