"""The command line: how flags are read, what is refused and how."""
from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import torch

from torch_model.__main__ import main, parse, progress
from torch_model.build import build_all
from torch_model.cli import integer, number, scan
from torch_model.geometry import place
from torch_model.options import Options, split
from torch_model.parameters import Parameters, settle
from torch_model.quirks import QUIRKS, chosen
from torch_model.simulation import simulate
from torch_model.steps import grid, layers, mosaic, spindle

DEGREE = math.pi / 180


@pytest.mark.parametrize("text, value", [("1.5", 1.5), ("-2e3x", -2000), (".5", 0.5), ("1e", 1), ("abc", 0), ("", 0), ("7.", 7)])
def test_numbers_are_read_as_far_as_they_go(text, value):
    assert number(text) == value


def test_integers_stop_at_the_decimal_point():
    assert (integer("7.9"), integer("-3"), integer("x")) == (7, -3, 0)


def test_a_flag_matches_anywhere_in_a_longer_word():
    p = scan(["-matrix", "a", "-wavelength", "1.5", "-pixel_size", "0.2", "-hklfile", "b"])
    assert (p.matrix, p.wavelength, p.pixel, p.hkl) == ("a", 1.5e-10, 0.2e-3, "b")


def test_words_that_must_match_exactly_leave_their_neighbours_alone():
    p = scan("-phi 3 -phisteps 7 -phistep 0.5 -N 4 -Nb 9 -detpixels 50 -detpixels_s 40".split())
    assert (p.phi, p.phisteps, p.phistep) == (pytest.approx(3 * DEGREE), 7, pytest.approx(0.5 * DEGREE))
    assert (p.cells, p.fast_pixels, p.slow_pixels) == ([4, 9, 4], 50, 40)


def test_a_later_flag_overwrites_an_earlier_one_and_a_flag_without_its_values_is_ignored():
    p = scan("-lambda 1 -energy 12398.42 -polar 0.5 -nopgm -polar 0.9 -pgmscale 2 -nonoise -beam_vector 1 0".split())
    assert (p.wavelength, p.kahn, p.convention, p.pgm, p.noise) == (pytest.approx(1e-10), 0.9, "mosflm", True, False)


def test_unknown_flags_are_ignored():
    assert scan("-nonsense 3 -coherent -density 1.3 -MW 500 -dispstep 3 -hdiv 1 -detector_twotheta 7".split()) == scan([])


def test_the_two_theta_axis_is_also_read_as_the_angle_unless_that_follows():
    """A habit (D08): a flag acts wherever its word stands."""
    p = scan("-twotheta_axis 3 0 1".split())
    assert p.twotheta == pytest.approx(3 * DEGREE) and p.vectors["twotheta"] == (3, 0, 1) and p.convention == "custom" and p.pivot == "sample"
    assert scan("-twotheta_axis 3 0 1 -twotheta 5".split()).twotheta == pytest.approx(5 * DEGREE)


def test_an_origin_that_is_given_only_selects_the_custom_convention():
    given = scan("-pix0_vector_mm 1 2 3 -Xbeam 15 -Ybeam 16 -detpixels 20 -pixel 1.5".split())
    assert place(settle(given)).pix0.tolist() == pytest.approx([0.1, 0.016, -0.015])


@pytest.mark.parametrize("flags, pix0", [                      # figures of the original program for these command lines
    ("", (.1, .0165, -.0165)), ("-Xbeam 4 -Ybeam 5", (.1, .00475, -.00575)), ("-denzo", (.1, .01575, -.01575)),
    ("-denzo -Xbeam 4 -Ybeam 5", (.1, .004, -.005)), ("-adxv", (-.01575, .01575, .1)),
    ("-adxv -Xbeam 4 -Ybeam 5", (-.004, .025, .1)), ("-xds -Xbeam 4 -Ybeam 5", (-.015, -.015, .1)),
    ("-xds -ORGX 4 -ORGY 5", (-.00525, -.00675, .1)), ("-fdet_vector 0 0 1 -dials", (-.015, -.015, .1)),
    ("-fdet_vector 0 0 1 -Xclose 4 -Yclose 5", (.1, .005, -.004)), ("-fdet_vector 0 0 1 -ORGX 4 -ORGY 5", (.1, .00675, -.00525)),
    ("-Xbeam 15 -Ybeam 16", (.1, .01575, -.01675)), ("-fdet_vector 0 0 1 -Xbeam 15 -Ybeam 16 -twotheta 5",
                                                    (.0983121336679597, .016 - .001, -.023658494746142)),
    ("-close_distance 90 -Xbeam 15 -Ybeam 16", (.09, .01575, -.01675))])
def test_the_detector_stands_where_the_convention_puts_it(flags, pix0):
    p = settle(scan(["-distance", "100", "-detpixels", "20", "-pixel", "1.5", *flags.split()], Parameters(quirks={"ratio_without_twotheta"})))
    if "-twotheta" in flags:                                   # the stated figure belongs to the default centre
        p.x_beam = p.y_beam = None
    assert place(p).pix0.tolist() == pytest.approx(pix0, abs=1e-15)


def test_the_requested_beam_centre_survives_two_theta_and_the_quirk_loses_it():
    flags = "-distance 100 -detpixels 20 -pixel 1.5 -twotheta 20 -Xbeam 15 -Ybeam 16".split()
    plain, quirk = (place(settle(scan(flags, Parameters(quirks=quirks)))) for quirks in (set(), {"ratio_without_twotheta"}))
    assert plain.distance == pytest.approx(0.1) and plain.direct == pytest.approx((.01675, .01575))
    assert quirk.distance == pytest.approx(0.0939693, rel=1e-6) and quirk.direct == pytest.approx((.01675, .0178126), rel=1e-5)


@pytest.mark.parametrize("normal, kept", [("1 0 0", True), ("0.6 0.8 0", True), ("1.0001 0 0", False), ("-1 1e-5 0", False)])
def test_a_normal_is_replaced_unless_its_length_is_exactly_one(normal, kept):
    axis = place(settle(scan(["-odet_vector", *normal.split()]))).axes[2].tolist()
    assert axis == ([float(x) for x in normal.split()] if kept else [1, 0, 0])


def test_an_explicit_pivot_wins_over_the_convention_and_over_later_flags():
    beam, sample = (place(settle(scan(["-pivot", word, *"-mosflm -distance 100 -twotheta 20".split()]))) for word in ("beam", "sample"))
    assert beam.pix0.tolist() != pytest.approx(sample.pix0.tolist(), abs=1e-3)


@pytest.mark.parametrize("given, result", [                    # osc, step, steps; -1 means not given
    ((-1, -1, -1), (0, 0, 1)), ((-1, .5, -1), (.5, .5, 2)), ((2, -1, -1), (2, 1, 2)), ((1.7, .4, -1), (1.7, .4, 5)),
    ((-1, -1, 5), (DEGREE, DEGREE / 5, 5)), ((-1, .3, 6), (.3, .3, 2)), ((3, -1, 4), (3, .75, 4)), ((3, .1, 4), (3, .1, 4)),
    ((3, -1, 0), (3, 3, 1))])
def test_the_spindle_steps_follow_their_table(given, result):
    assert spindle(*given) == pytest.approx(result)


@pytest.mark.parametrize("given, result", [                    # count, range, step; -1 means not given
    ((-1, -1, -1), (1, 0, 0)), ((-1, -1, .5), (2, .5, .5)), ((-1, 4, -1), (2, 4, 4)), ((-1, 5, 1.5), (4, 5, 1.5)),
    ((3, -1, -1), (3, 1, 1 / 3)), ((3, -1, .5), (2, .5, .5)), ((3, 4, -1), (3, 4, 2)), ((1, 4, -1), (2, 4, 4)),
    ((3, 4, .1), (3, 4, .1)), ((3, 0, -1), (1, 0, 0)), ((-1, 0, -1), (1, 0, 0))])
def test_divergence_and_dispersion_follow_their_table(given, result):
    assert grid(*given) == pytest.approx(result)


def test_layers_divide_the_thickness_and_the_quirk_by_one_less():
    assert [layers(n, 1e-4, False) for n in (-1, 1, 3)] == [(2, 2), (1, 1), (3, 3)]
    assert [layers(n, 1e-4, True) for n in (-1, 1, 3)] == [(2, 2), (2, 1), (3, 2)]
    assert layers(5, 0.0, True) == (1, 1)


@pytest.mark.parametrize("given, result", [((-1, -1), (0, 1)), ((0, 7), (0, 1)), ((.1, -1), (.1, 10)), ((.1, 3), (.1, 3)), ((-1, 4), (0, 1))])
def test_domains_need_a_spread_and_are_ten_where_nobody_says(given, result):
    assert mosaic(*given) == result


def test_quirks_are_read_from_left_to_right():
    assert chosen("none") == frozenset() and chosen("all") == frozenset(QUIRKS)
    assert chosen("none,+phi_carry_over") == chosen("phi_carry_over") == {"phi_carry_over"}
    assert chosen("all,-layer_spacing") == chosen("-layer_spacing") == frozenset(QUIRKS) - {"layer_spacing"}


def test_quirks_can_be_listed(capsys):
    assert main(["-quirks", "help"]) == 0
    said = capsys.readouterr().out
    assert all(f"  {name}\n" in said for name in QUIRKS)


@pytest.mark.parametrize("quirk, flags, plain, other", [
    ("misset_seed_misset", "-misset_seed 40 -osc 3 -phi", lambda p: p.misset == (), lambda p: p.misset == pytest.approx((40 * DEGREE, 0, 3 * DEGREE))),
    ("polar_despite_off", "-nopolar -polar 0.9", lambda p: p.nopolar and p.kahn == 0.9, lambda p: not p.nopolar),
    ("curved_last_ignored", "-N 3 -curved_det", lambda p: p.curved, lambda p: not p.curved),
    ("curved_last_ignored", "-curved_det -N 3", lambda p: p.curved, lambda p: p.curved),
    ("absorption_off_by_order", "-detector_abs inf -detector_thick 300", lambda p: p.thickness == 0, lambda p: p.thickness == pytest.approx(3e-4)),
    ("absorption_off_by_order", "-detector_thick 300 -detector_abs 0", lambda p: p.thickness == 0, lambda p: p.thickness == 0),
    ("absorption_off_by_order", "-detector_thick 300 -detector_abs inf -detector_abs 9", lambda p: p.thickness == pytest.approx(3e-4), lambda p: p.thickness == 0),
    ("default_beam_clips", "-xtalsize 0.2", lambda p: p.sizes == [2e-4] * 3, lambda p: p.sizes == [2e-4, 1e-4, 1e-4]),
    ("pivot_by_convention", "-pivot beam -xds", lambda p: p.explicit_pivot == "beam", lambda p: p.explicit_pivot == "" and p.pivot == "sample")])
def test_a_quirk_of_the_command_line_acts_only_when_it_is_on(quirk, flags, plain, other):
    settled = [settle(scan(flags.split(), Parameters(quirks=quirks))) for quirks in (frozenset(), frozenset([quirk]))]
    assert plain(settled[0]) and other(settled[1])


HEADER = "{\nHEADER_BYTES=512;\nSIZE1=20;\nSIZE2=20;\nPIXEL_SIZE=1.5;\nDISTANCE = 99.5;\nTWOTHETA=6;\nCLOSE_DISTANCE_X=80;\nXDISTANCE=70;\n}\f"


def test_a_header_key_is_a_whole_word_and_the_quirk_finds_it_anywhere(folder):
    (folder / "head.img").write_bytes(HEADER.encode().ljust(512))
    whole, anywhere = (parse(["-img", "head.img"], frozenset(quirks)) for quirks in ((), ("header_keys",)))
    assert (whole.distance, whole.close_distance, whole.twotheta) == (0.0995, None, pytest.approx(6 * DEGREE))
    assert (anywhere.distance, anywhere.close_distance, anywhere.twotheta) == (0.07, 0.08, 0)


@pytest.mark.parametrize("order", ["-img head.img -mask mask.img", "-mask mask.img -img head.img"])
def test_the_header_of_the_image_wins_over_that_of_the_mask(folder, order):
    for name, wavelength in (("head.img", 1.4), ("mask.img", 1.9)):
        (folder / name).write_bytes(HEADER.replace("DISTANCE = ", f"WAVELENGTH={wavelength};\nDISTANCE=").encode().ljust(512))
    assert [parse(order.split(), frozenset(quirks)).wavelength for quirks in ((), ("header_keys",))] == [1.4 / 1e10] * 2


def test_a_matrix_file_that_is_not_there_is_passed_over_beside_a_cell_by_the_quirk_alone(folder, capsys):
    flags = "-cell 70 80 90 75 85 95 -default_F 10 -detpixels 4 -oversample 1 -nonoise -nopgm -floatfile out.bin".split()
    assert main(flags) == 0
    cells = (folder / "out.bin").read_bytes()
    assert main([*flags, "-mat", "nosuch.mat", "-quirks", "missing_matrix_ignored"]) == 0
    assert (folder / "out.bin").read_bytes() == cells and "warning: no such matrix file" in capsys.readouterr().err
    assert main([*flags, "-mat", "nosuch.mat"]) == 9


def test_an_incomplete_cell_is_completed_by_the_quirk_alone(folder, capsys):
    flags = "-default_F 10 -detpixels 4 -oversample 1 -nonoise -nopgm -floatfile out.bin -cell 70 80".split()
    assert main(flags) == 9 and "the unit cell is not complete" in capsys.readouterr().err
    assert main([*flags, "-quirks", "incomplete_cell_completed"]) == 0 and "Unit Cell: 70 80 70 90 90 90" in capsys.readouterr().out


def test_with_a_matrix_and_a_cell_the_reciprocal_vectors_are_those_of_the_cell_in_use(folder):
    """Lengths of the flag, angles of the matrix. With nominal_volume the volume is that of the flag's six values."""
    flags = "-mat crystal.mat -cell 27 31 33 88 71 68 -default_F 10 -detpixels 4 -oversample 1".split()
    made = [build_all(parse(flags, frozenset(quirks)), torch.float64, "cpu") for quirks in ((), ("nominal_volume",))]
    volumes = [setup.volume for _, setup in made]
    cell0 = made[0][0].crystal.cell0
    assert volumes[0] == pytest.approx(float(torch.linalg.det(cell0)), rel=1e-13) and made[0][0].crystal.volume is None
    assert float(made[1][0].crystal.volume) == volumes[1] and abs(volumes[1] / volumes[0] - 1) > 1e-3
    assert torch.allclose(made[0][1].reciprocal @ cell0.T, torch.eye(3, dtype=cell0.dtype), atol=1e-13)
    assert torch.allclose(made[1][1].reciprocal * volumes[1], made[0][1].reciprocal * volumes[0], rtol=1e-13)


@pytest.mark.parametrize("flags, says", [
    (["-mat", "nosuch.mat"], "nosuch.mat: No such file"), (["-hkl", "nosuch.hkl"], "nosuch.hkl: No such file"),
    (["-hkl", "words.hkl"], "words.hkl, line 2: expected four numbers"), (["-hkl", "short.hkl"], "short.hkl, line 2"),
    (["-hkl", "half.hkl"], "not an integer"), (["-hkl", "empty.hkl"], "no reflections"), (["-hkl", "binary.hkl"], "not plain text"),
    (["-mat", "words.hkl"], "does not begin with nine numbers"), (["-mat", "short.mat"], "has 8 numbers"),
    (["-mat", "flat.mat"], "span no cell"), (["-hkl", "."], "cannot read the HKL file"), (["-floatfile", "no/such/out.bin"], "no/such"),
    (["--dtype", "float16"], "float16"), (["--device", "abacus"], "abacus"), (["--memory", "none"], "--memory none"), (["--memory", "1GB"], "such as 512 or 2GiB"), (["--memory", "0"], "--memory 0"),
    (["--device", "meta"], "holds shapes and no data; use --device cpu"),
    (["-quirks", "none,+sloth"], "no quirk `sloth`"), (["--dtype"], "needs a value"), (["-pixel", "0"], "pixel"), (["-detpixels_x", "-3"], "no pixels"),
    (["-energy", "x"], "-energy x"), (["-mask", "nosuch.img"], "nosuch.img: No such file"), (["-img", "words.hkl"], "no SMV header"),
    (["-sourcefile", "nosuch.txt"], "nosuch.txt: No such file"), (["-sourcefile", "empty.hkl"], "no source left"),
    ([word for side in "hv" for part in ("steps", "range", "step") for word in (f"-{side}div{part}", "1")], "no source left"), (["-sourcefile", "words.hkl"], "line 2: expected a number")])
def test_what_cannot_be_used_ends_with_status_9_and_one_clear_message(folder, base, capsys, flags, says):
    (folder / "words.hkl").write_text("1 0 0 5\nh k l F\n")
    (folder / "short.hkl").write_text("1 0 0 5\n1 0 1\n")
    (folder / "half.hkl").write_text("1 0 0 5\n1 0.5 1 7\n")
    (folder / "empty.hkl").write_text("\n \n")
    (folder / "binary.hkl").write_bytes(bytes(range(256)))
    (folder / "short.mat").write_text("1 2 3 4 5 6 7 8")
    (folder / "flat.mat").write_text("1 2 3 1 2 3 1 2 3")
    status = main([*base, "-floatfile", "out.bin", *flags])
    message = capsys.readouterr().err
    assert status == 9 and message.startswith("torch_model: ") and says in message and "Traceback" not in message


def test_no_amplitudes_or_no_cell_gives_the_usage_and_status_9(run):
    for flags in (["-mat", "crystal.mat"], ["-hkl", "spots.hkl", "-N", "5"], []):
        status, _, message = run(*flags)
        assert status == 9 and "usage:" in message


def test_a_cache_that_cannot_be_read_is_refused(run, folder):
    (folder / "Fdump.bin").write_bytes(b"")
    status, _, message = run("-mat", "crystal.mat", "-default_F", "5", "-N", "3", "-detpixels", "4")
    assert status == 9 and "Fdump.bin" in message


def test_a_list_is_cached_and_the_cache_is_read_where_there_is_no_list(run, folder, base):
    _, first, _ = run(*base)
    data = (folder / "Fdump.bin").read_bytes()
    without = [word for word in base if word not in ("-hkl", "spots.hkl")]
    _, again, _ = run(*without)
    assert data.startswith(b"-3 3 -4 3 -2 4\n\f") and np.array_equal(first, again)
    assert not np.array_equal(run(*without, "-dump", "other.bin")[1], first)      # no cache: the default everywhere


def test_a_full_disk_is_reported(folder, base, capsys):
    assert main([*base, "-floatfile", "/dev/full"]) == 9
    assert "cannot write the image /dev/full" in capsys.readouterr().err


def test_columns_after_the_fourth_change_nothing(run, folder, base):
    _, plain, _ = run(*base)
    lines = (folder / "spots.hkl").read_text().splitlines()
    (folder / "more.hkl").write_text("\n".join(f"{line} 12.5 0.3" for line in lines))
    assert np.array_equal(run(*base, "-hkl", "more.hkl")[1], plain)


def test_of_two_lines_with_the_same_indices_the_later_one_counts(run, folder, base):
    _, plain, _ = run(*base)
    text = (folder / "spots.hkl").read_text()
    h, k, l, _ = text.split()[:4]
    (folder / "twice.hkl").write_text(f"{h} {k} {l} 9999\n{text}")
    assert np.array_equal(run(*base, "-hkl", "twice.hkl")[1], plain)


def test_it_runs_as_a_program_and_imports_no_torch_to_refuse(folder, base):
    command = [sys.executable, "-X", "importtime", "-m", "torch_model", *base]
    done = subprocess.run([*command, "-floatfile", "out.bin", "--dtype", "float32", "-quirks", "none"], capture_output=True, text=True)
    assert done.returncode == 0 and (folder / "out.bin").stat().st_size == 4 * 99
    refused = subprocess.run([*command, "-energy", "x"], capture_output=True, text=True)
    assert refused.returncode == 9 and "| torch\n" not in refused.stderr and "Traceback" not in refused.stderr


def test_importing_the_package_is_light_and_sets_the_openmp_switch_first():
    code = "import os, sys, torch_model; assert 'torch' not in sys.modules; assert os.environ['KMP_DUPLICATE_LIB_OK'] == 'TRUE'; " \
           "from torch_model.simulation import simulate; assert callable(simulate)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("text, mebibytes", [("512", 512), ("512MiB", 512), ("2GiB", 2048)])
def test_memory_is_given_in_mebibytes_unless_it_says_otherwise(text, mebibytes):
    assert split(["--memory", text, "-N", "3", "--compile"]) == (Options(memory=mebibytes, compile=True), ["-N", "3"])


@pytest.mark.parametrize("fork", [False, True])
def test_progress_goes_up_to_the_whole(experiment, monkeypatch, fork):
    monkeypatch.setattr("torch_model.forward.TILE_PIXELS", 20)
    monkeypatch.setattr("torch_model.tiles.TILE_BYTES", 1500)
    monkeypatch.setattr("torch_model.tiles.CACHE_BYTES", 1500)
    seen = []
    simulate(experiment(), fork=fork, progress=seen.append)
    assert seen == sorted(seen) and seen[-1] == 1 and all(0 < part <= 1 for part in seen) and (fork or len(seen) > 3)


def test_a_bar_is_drawn_on_a_terminal_alone_and_only_where_it_is_wanted(monkeypatch, capsys):
    assert progress(True) is None                           # captured: no terminal
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert progress(False) is None
    draw = progress(True)
    draw(0.5)
    draw(1.0)
    half, whole = capsys.readouterr().err.split("\r")[1:]
    assert half.count("#") == 20 and "50 %" in half and len(half) < 80 and whole == "\x1b[K"
