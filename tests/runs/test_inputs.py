"""The inputs that we own are what they are said to be, and the same bytes wherever they are made."""
import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

INPUTS = Path(__file__).parents[2] / "runs" / "inputs"
WAVELENGTH = 0.9768
CELL = (27.12, 31.43, 33.91, 88.87, 71.63, 68.24)
WILSON_SHA256 = "48f7cb9afb78d5433633fc46dc86e1d1abeca58431200a62da3e9f194ef8625a"


def run_script(name, *arguments):
    # -B: a test leaves no __pycache__ beside the inputs
    return subprocess.run([sys.executable, "-B", INPUTS / name, *arguments], capture_output=True, check=False)


@pytest.fixture(scope="module")
def matrix():
    """Columns a*, b*, c* in 1/Angstrom."""
    return np.loadtxt(INPUTS / "crystal.mat") / WAVELENGTH


@pytest.fixture(scope="module")
def wilson(tmp_path_factory):
    path = tmp_path_factory.mktemp("wilson") / "out.hkl"
    made = run_script("wilson_hkl.py", path)
    assert (made.returncode, made.stdout, made.stderr) == (0, b"", b"")
    return path


@pytest.fixture(scope="module")
def reflections(wilson):
    lines = (line.split() for line in wilson.read_text().splitlines())
    return {(int(h), int(k), int(l)): float(f) for h, k, l, f in lines}


def test_the_committed_matrix_is_what_its_script_prints():
    assert run_script("make_crystal.py").stdout == (INPUTS / "crystal.mat").read_bytes()


def test_the_matrix_holds_the_cell_that_it_was_made_from(matrix):
    direct = np.linalg.inv(matrix)                      # rows a, b, c
    lengths = np.linalg.norm(direct, axis=1)
    cosines = (direct @ direct.T) / np.outer(lengths, lengths)
    angles = np.degrees(np.arccos([cosines[1, 2], cosines[0, 2], cosines[0, 1]]))
    assert np.allclose([*lengths, *angles], CELL, atol=2e-4)


def test_the_matrix_is_right_handed_and_has_no_special_element(matrix):
    assert np.linalg.det(matrix) > 0
    assert np.unique(np.abs(matrix)).size == 9
    assert np.abs(matrix).min() > 1e-4


def test_the_structure_factors_are_the_same_bytes_on_every_machine(wilson):
    assert hashlib.sha256(wilson.read_bytes()).hexdigest() == WILSON_SHA256


def test_every_line_has_the_fixed_columns_that_readers_expect(wilson, reflections):
    lines = wilson.read_text().splitlines()
    assert {len(line) for line in lines} == {21}
    assert len(lines) == len(reflections) == 64632     # so no index stands twice


def test_every_amplitude_is_positive_and_the_mean_is_fifty(reflections):
    assert min(reflections.values()) > 0
    assert fmean(reflections.values()) == pytest.approx(50, abs=0.1)


def test_friedel_mates_have_equal_amplitudes(reflections):
    mates = [(f, reflections.get((-h, -k, -l))) for (h, k, l), f in reflections.items() if l != -31]
    assert all(f == mate for f, mate in mates)


def test_the_index_box_is_reached_on_every_face_and_lacks_the_origin(reflections):
    h, k, l = zip(*reflections)
    assert [(min(x), max(x)) for x in (h, k, l)] == [(-24, 24), (-28, 28), (-31, 30)]
    assert (0, 0, 0) not in reflections


def test_some_reflections_inside_the_resolution_limit_are_missing(reflections):
    low = [(h, k, l) for h in range(-5, 6) for k in range(-5, 6) for l in range(-5, 6)]
    assert 0.6 < sum(index in reflections for index in low) / len(low) < 0.9


def test_amplitudes_follow_wilson_statistics_in_every_resolution_shell(matrix, reflections):
    """Acentric: <F^2> / <F>^2 = 4/pi; and <F^2> falls as exp(-2 B s^2) with B = 12."""
    index, amplitude = np.array(list(reflections)), np.array(list(reflections.values()))
    s2 = (np.linalg.norm(index @ matrix.T, axis=1) / 2) ** 2
    order = np.argsort(s2)
    shells = np.array_split(order, 40)
    ratio = [np.mean(amplitude[shell] ** 2) / np.mean(amplitude[shell]) ** 2 for shell in shells]
    assert np.allclose(ratio[1:], 4 / math.pi, rtol=0.05)       # the first shell spans too much of the fall
    slope = np.polyfit([s2[shell].mean() for shell in shells], [np.log(np.mean(amplitude[shell] ** 2)) for shell in shells], 1)[0]
    assert slope == pytest.approx(-24, rel=0.02)


def test_an_output_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "out.hkl").mkdir()                      # a folder stands where the file should go
    assert run_script("wilson_hkl.py", tmp_path / "out.hkl").returncode != 0
    assert os.listdir(tmp_path) == ["out.hkl"]


def test_without_a_file_name_the_script_says_how_to_call_it():
    called = run_script("wilson_hkl.py")
    assert called.returncode == 1 and b"OUTPUT" in called.stderr


def test_the_short_list_has_gaps_and_with_more_columns_one_reflection_twice(tmp_path):
    for columns, twice in (("4", 0), ("6", 1)):
        assert run_script("few_hkl.py", tmp_path / "few.hkl", columns).returncode == 0
        rows = [line.split() for line in (tmp_path / "few.hkl").read_text().splitlines()]
        assert {len(row) for row in rows} == {int(columns)}
        indices = [tuple(map(int, row[:3])) for row in rows]
        assert len(indices) - len(set(indices)) == twice and len(set(indices)) < 9**3
        assert [(min(axis), max(axis)) for axis in zip(*indices)] == [(-4, 4)] * 3


def test_the_mask_leaves_some_pixels_out_and_not_that_of_the_direct_beam(tmp_path):
    assert run_script("mask.py", tmp_path / "mask.img").returncode == 0
    header, pixels = (tmp_path / "mask.img").read_bytes()[:512], np.fromfile(tmp_path / "mask.img", "<u2", offset=512).reshape(12, 12)
    assert header.startswith(b"{\nHEADER_BYTES=512;\n") and set(np.unique(pixels)) == {0, 1} and pixels[4, 4] == 1
