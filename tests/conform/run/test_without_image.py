"""A program without an image: nothing is chosen, everything is traced, and what only images have is refused."""

from __future__ import annotations

import pytest

from conform.errors import SideProblem, UsageProblem

WRONG, NO_SIDE = UsageProblem.exit_code, SideProblem.exit_code
IMAGE = '[image]\nfile = "out.bin"\nquantity = "image"\nunit = "W/m^2"\ndtype = "float32"\nslow = 4\nfast = 6\n'
CAPTURE = '[capture]\npixels = [[0, 1], [2, 3]]\nbrightest = { count = 3, of = "a" }\nrandom = { count = 4, seed = 7 }\n'


@pytest.fixture
def without(tiny_project):
    tiny_project.replace("runs/wall.toml", IMAGE, "")
    tiny_project.replace("runs/wall.toml", CAPTURE, "")
    return tiny_project


def test_everything_is_traced(without):
    report = without.judge()
    assert report["exit_code"] == 0 and report["elements"] == 24
    assert [entry[0] for entry in without.kept("traces")] == ["a", "b"] and without.kept("images") == []


def test_all_may_be_said(without):
    without.write("runs/wall.toml", without.text("runs/wall.toml") + "\n[capture]\nall = true\n")
    assert without.check().status == 0


@pytest.mark.parametrize("line", ["pixels = [[0, 1]]", "random = { count = 4, seed = 7 }", 'brightest = { count = 3, of = "a" }'])
def test_pixels_of_no_image_are_refused(without, complains, line):
    without.write("runs/wall.toml", without.text("runs/wall.toml") + f"\n[capture]\n{line}\n")
    complains(without.check(), WRONG, f"capture.{line.split()[0]}", "no [image]", "everything is traced")


def test_an_image_without_a_choice_of_pixels_is_still_refused(tiny_project, complains):
    tiny_project.replace("runs/wall.toml", CAPTURE, "")
    complains(tiny_project.check(), WRONG, "no pixel is chosen", "all = true")


def test_a_program_that_writes_no_trace_is_told_where_it_belongs(without, complains):
    without.program("b", "print('all is well')\n")
    complains(without.check(), NO_SIDE, "side b wrote no trace", "CONFORM_TRACE", "docs/trace-format.md")


def test_a_bundle_beside_a_side_that_runs(without):
    bundle = without.trace("a", "mine")
    report = without.judge("--side", f"a=bundle:{bundle}")
    assert report["exit_code"] == 0 and report["elements"] == 24
