"""The C reference program on small runs of our own: images, traces, quirks, threads."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

SCAN = "-phi 0 -osc 3 -phisteps 3".split()                  # one step at an angle of exactly 0
LAYERS = "-detector_abs 400 -detector_thick 300 -thicksteps 3 -polar 0.8".split()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("flags", [SCAN, [*SCAN, *LAYERS, "-oversample", "2"], ["-gauss_xtal", "-oversample_omega"]], ids=" ".join)
def test_probes_do_not_change_one_bit_of_the_image(plain, probed, flags, threads):
    expected = plain.image(*flags, threads=threads)
    probed.trace(*flags, threads=threads)
    traced = np.fromfile(probed.folder / "traced.bin", np.float32).reshape(40, 48)
    assert expected.tobytes() == probed.image(*flags, threads=threads).tobytes() == traced.tobytes()
    assert np.count_nonzero(expected) > 0.9 * expected.size


def test_a_pixel_that_is_traced_among_others_leaves_every_pixel_as_it_is(plain, probed):
    """Traced and untraced pixels are walked by two compilations of the same loops, which hand each other the cell of the step before."""
    probed.trace(*SCAN, pixels=[(0, 0), (0, 7), (20, 3), (20, 4)])
    traced = np.fromfile(probed.folder / "traced.bin", np.float32)
    assert plain.image(*SCAN).tobytes() == traced.tobytes()


def test_the_image_is_what_the_spec_says_computed_another_way(plain, folder):
    """Orthorhombic cell, MOSFLM frame, one step: every formula written out again on whole arrays."""
    flags = "-cell 50 60 70 90 90 90 -default_F 10 -nonoise -nopgm -nointerpolate -oversample 1 -N 5 -lambda 1.2 " \
            "-distance 80 -detpixels_x 30 -detpixels_y 20 -pixel 1.5 -polar 0.7 -floatfile out.bin".split()
    assert plain.start(*flags).returncode == 0
    image = np.fromfile(folder / "out.bin", np.float32).reshape(20, 30)
    slow, fast = np.mgrid[0:20, 0:30]
    p, R0, lam = 1.5e-3, 80e-3, 1.2e-10
    Fbeam, Sbeam = (30 * p + p) / 2 + p / 2, (20 * p + p) / 2 + p / 2      # Ybeam and Xbeam by default, plus half a pixel
    pos = np.stack([np.full(slow.shape, R0), -((slow + 0.5) * p - Sbeam), (fast + 0.5) * p - Fbeam], axis=-1)
    R = np.linalg.norm(pos, axis=-1)
    d = pos / R[..., None]
    hkl = (d - [1, 0, 0]) / lam * np.array([50, 60, 70]) * 1e-10
    latt = np.prod(np.sin(5 * np.pi * hkl) / np.sin(np.pi * hkl), axis=-1)
    cos2, psi = d[..., 0], -np.arctan2(d[..., 1], -d[..., 2])
    polar = 0.5 * (1 + cos2**2 - 0.7 * np.cos(2 * psi) * (1 - cos2**2))
    fluence = 125932015286227086360700780544.0
    expected = 7.94079248018965e-30 * fluence * 100 * latt**2 * polar * p * p / R**2 * R0 / R
    assert np.allclose(image, expected, rtol=2e-7, atol=1e-9 * expected.max())


# Float images of this program at the state that reproduced every supported reference figure bit for bit
# (gcc 12, -O2 -ffp-contract=off, one thread): sum in double precision, and three pixels (slow, fast).
FIGURES = {
    "still": ([], (28817.890299730003, {(0, 0): 1.193682074546814, (17, 23): 0.4248539209365845, (39, 47): 6.028495135979028e-06})),
    "scan": (SCAN, (75301.78979343797, {(0, 0): 0.3991718888282776, (17, 23): 35.06708908081055, (20, 0): 0.03263768553733826})),
    "layers": ([*SCAN, *LAYERS, "-oversample", "2"],
               (15409.042434746174, {(0, 0): 0.0542498379945755, (17, 23): 15.876794815063477, (20, 0): 0.0308803990483284})),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_image_has_not_moved(plain, name):
    flags, (total, pixels) = FIGURES[name]
    image = plain.image(*flags).astype(float)
    assert image.sum() == pytest.approx(total, rel=1e-6)
    for (slow, fast), value in pixels.items():
        assert image[slow, fast] == pytest.approx(value, rel=1e-6)


def test_at_angle_zero_the_program_keeps_the_cell_of_the_step_before(probed):
    pixels = [(0, 0), (0, 1), (7, 20), (39, 47)]
    trace = probed.trace(*SCAN, pixels=pixels)
    cell = trace["cell_phi"][:, 0, 0, 0]                     # pixel, phi, abc, xyz
    assert np.array_equal(cell[0, 0], trace["cell0"])        # the very first pixel has nothing to carry over
    assert np.array_equal(cell[1:, 0], cell[:-1, 2])
    assert "phi_carry_over" in trace.description["producer"]["quirks"]
    only = probed.trace(*SCAN, "-quirks", "none,+phi_carry_over", pixels=pixels)
    assert only.description["producer"]["quirks"] == ["phi_carry_over"] and np.array_equal(only["cell_phi"], trace["cell_phi"])


def test_without_the_quirk_every_step_is_rotated(probed):
    trace = probed.trace(*SCAN, "-quirks", "none", pixels=[(0, 0), (7, 20)])
    cell = trace["cell_phi"][:, 0, 0, 0]
    assert np.array_equal(cell[0], cell[1])
    assert np.array_equal(cell[0, 0], trace["cell0"])
    assert trace.description["producer"]["quirks"] == []


def test_the_quirk_reaches_every_pixel_but_the_first(plain):
    carried, rotated = plain.image(*SCAN), plain.image(*SCAN, "-quirks", "none,")
    assert carried[0, 0] == rotated[0, 0]
    assert np.count_nonzero(carried != rotated) > 0.99 * carried.size


@pytest.mark.parametrize("threads, firsts", [(2, [(20, 0)]), (3, [(14, 0), (27, 0)]), (7, [(6 * n, 0) for n in range(1, 6)] + [(35, 0)])])
def test_threads_show_only_at_the_first_pixel_of_each_block_of_rows(plain, threads, firsts):
    """40 rows: blocks differ by at most one row, the longer ones first."""
    differing = np.argwhere(plain.image(*SCAN) != plain.image(*SCAN, threads=threads))
    assert [tuple(pixel) for pixel in differing] == firsts


def test_without_the_quirk_threads_change_nothing(plain):
    one, three = (plain.image(*SCAN, "-quirks", "none", threads=n) for n in (1, 3))
    assert one.tobytes() == three.tobytes()


@pytest.mark.parametrize("level", ["-O0", "-O3"])
def test_optimisation_changes_no_more_than_rounding(plain, make, level):
    other = replace(plain, path=make(f"CFLAGS={level} -ffp-contract=off -fopenmp -std=c11"))
    expected, got = (program.image(*SCAN, *LAYERS).astype(float) for program in (plain, other))
    assert np.allclose(got, expected, rtol=3e-7, atol=1e-7 * expected.max())


@pytest.mark.parametrize("level", ["-O0", "-O3 -march=native"])
@pytest.mark.parametrize("openmp", ["", "-fopenmp"])
@pytest.mark.parametrize("probes", ["PROBES=0", "PROBES=1"])
def test_the_sources_build_without_a_warning(make, level, openmp, probes):
    make(probes, f"CFLAGS={level} -std=c11 {openmp}", "WARNINGS=-Wall -Wextra -Wpedantic -Wconversion")


@pytest.mark.parametrize("flags", [
    [*SCAN, *LAYERS, "-oversample", "2", "-hdivrange", "2", "-hdivsteps", "3", "-dispersion", "1", "-dispsteps", "2", "-water", "1"],
    ["-round_xtal", "-curved_det", "-point_pixel", "-dmin", "3", "-pgmfile", "out.pgm", "-adxv"],
    ["-gauss_xtal", "-xds", "-twotheta", "4", "-oversample_thick", "-oversample_polar", "-oversample_omega", "-roi", "3", "9", "4", "12"],
    ["-cell", "50", "60", "70", "80", "85", "95", "-dials", "-oversample", "-1", "-detsize", "20", "-samplesize", "0.0001"],
], ids=" ".join)
def test_the_sanitizers_find_nothing(sanitized, small, flags):
    assert "image" in sanitized.trace(*flags, pixels=[(3, 4), (5, 5)], threads=2).values
    done = sanitized.start(*small, *flags, threads=2)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_index_of_a_subpixel_may_outgrow_an_int(sanitized, small):
    """The last of a million pixels, 2150 subpixels on a side: 2,149,999,999 is more than 2^31."""
    flags = "-detpixels_x 1000000 -detpixels_y 1 -pixel 0.0001 -oversample 2150 -roi 999999 999999 0 0".split()
    done = sanitized.start(*small, *flags)
    assert (done.returncode, done.stderr) == (0, "")
    position = re.search(r"max_I = \S+ +at (\S+)", done.stdout)
    assert float(position[1]) == pytest.approx(0.1, rel=1e-6)          # of the last subpixel, in metres


def test_the_program_builds_and_agrees_without_openmp(plain, make):
    serial = replace(plain, path=make("CFLAGS=-O2 -ffp-contract=off -std=c11"))
    assert serial.image(*SCAN).tobytes() == plain.image(*SCAN).tobytes()


@pytest.mark.parametrize("threads", [2, 3])
def test_traces_lie_where_their_indices_say_with_any_number_of_threads(probed, threads):
    pixels = [(s, f) for s in range(0, 40, 3) for f in (1, 17, 46)]
    flags = [*SCAN, *LAYERS, "-oversample", "2"]
    one, many = probed.trace(*flags, pixels=pixels), probed.trace(*flags, pixels=pixels, threads=threads)
    assert one.values.keys() == many.values.keys()
    for name in one.values.keys() - {"max_I", "mean_I", "rms", "rmsd", "integer_scale", "int_image", "pgm_scale", "pgm_image"}:      # of all pixels, also those where threads show (D04)
        assert np.array_equal(one[name], many[name]) and np.array_equal(one.unset[name], many.unset[name]), name


def test_the_trace_shows_a_block_of_rows_begin_with_the_cell_at_rest(probed):
    """Two threads: rows 0 to 19 and 20 to 39. At angle 0 one thread carries on with the last step of pixel (19, 47)."""
    pixels = [(0, 0), (19, 47), (20, 0), (20, 1)]
    one, two = (probed.trace(*SCAN, pixels=pixels, threads=threads) for threads in (1, 2))
    differ = [not np.array_equal(a, b) for a, b in zip(one["cell_phi"], two["cell_phi"])]
    assert differ == [False, False, True, False]
    at_zero, last = one["cell_phi"][:, 0, 0, 0, 0], one["cell_phi"][:, 0, 0, 0, 2]
    assert np.array_equal(at_zero[2], last[1]) and np.array_equal(two["cell_phi"][2, 0, 0, 0, 0], two["cell0"])


@pytest.mark.parametrize("name", ["omega.npy", "F_cell.npy", "trace.json.part"])
def test_no_space_left_while_tracing_ends_the_run_with_a_message(probed, small, name):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    (probed.folder / "trace").mkdir()
    (probed.folder / "trace" / name).symlink_to("/dev/full")
    done = probed.start(*small, env={"CONFORM_TRACE": "trace"}, threads=2)
    assert done.returncode == 9 and done.stderr == f"conform: cannot write trace/{name}: No space left on device\n"
    assert not (probed.folder / "trace" / "trace.json").exists()


def test_a_file_that_may_not_grow_ends_the_run_with_a_message(probed, small):
    resource = pytest.importorskip("resource")
    (probed.folder / "trace").mkdir()
    done = probed.start(*small, env={"CONFORM_TRACE": "trace"}, restore_signals=False,
                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384)))
    assert done.returncode == 9 and "conform: cannot write trace/" in done.stderr and "File too large" in done.stderr
    assert not (probed.folder / "trace" / "trace.json").exists()


def test_the_trace_obeys_the_formulas_between_its_own_quantities(probed):
    t = probed.trace(*SCAN, *LAYERS, "-oversample", "2", "-hdivrange", "2", "-hdivsteps", "2", pixels=[(3, 4), (20, 41), (39, 47)])
    assert t["term"].shape == (3, 3, 4, 2, 3, 1) and t["cell"].shape[-2:] == (3, 3)
    q = (t["diffracted"][:, :, :, None] - t["incident"]) / t["wavelength"][..., None]
    assert np.allclose(t["q"], q, rtol=1e-12)
    hkl = np.einsum("plsrjdax,plsrx->plsrjda", t["cell"], t["q"])
    assert np.allclose(t["hkl"], hkl, rtol=1e-12)
    assert np.array_equal(t["hkl0"], np.ceil(t["hkl"] - 0.5))
    assert np.allclose(t["F_latt"], t["F_latt_axis"].prod(axis=-1), rtol=1e-14)
    assert np.allclose(t["I"], t["I_start"] + t["term"].sum(axis=(1, 2, 3, 4, 5)), rtol=1e-13)
    assert np.allclose(t["scaled"], t["r_e_sqr"] * t["fluence"] * t["I"] / t["steps"], rtol=1e-14)
    final = t["scaled"] * t["capture_final"] * t["polar_final"] * t["omega_final"]
    assert np.allclose(t["intensity"], final, rtol=1e-14) and np.array_equal(t["image"], t["intensity"].astype(np.float32))
    assert t["steps"] == t["sources"] * t["phisteps"] * t["oversample"] ** 2 == 24
    assert (t["sub_slow"].tolist(), t["sub_fast"].tolist()) == ([0, 0, 1, 1], [0, 1, 0, 1])


EVERYTHING = "-tophat_spots -fudge 0.05 -dmin 3.1 -dispersion 20 -dispsteps 3 -oversample 2 -oversample_thick -oversample_polar " \
             "-oversample_omega -detector_thick 300 -thicksteps 2 -polar 0.6 -mosaic 0.5 -mosaic_dom 3 -phi 0 -osc 1 -phisteps 2".split()


@pytest.mark.parametrize("quirks", ["all", "none"])
def test_the_accumulator_is_the_fold_of_the_traced_terms_and_running_factors(probed, quirks):
    """scaling.2-7, in loop order, without what sampling.15 and lattice.9 leave out; to the last bit."""
    pixels = [(s, f) for s in range(2, 40, 6) for f in range(1, 48, 7)]
    t = probed.trace(*EVERYTHING, "-quirks", quirks, pixels=pixels)
    layers, subpixels, sources, phis, domains = t["term"].shape[1:]
    added = 0
    for p in range(len(pixels)):
        acc = t["I_start"][p]
        for at in np.ndindex(layers, subpixels, sources, phis, domains):
            if t["left_out"][p][at[:3]] or t["vanishes"][p][at]:
                continue
            acc = (acc + t["term"][p][at]) * t["running_capture"][p][at[:2]] * t["running_polar"][p][at[:3]] * t["running_omega"][p][at[:2]]
            added += 1
        assert acc == t["I"][p], pixels[p]
    assert 0 < added < t["term"].size and 0 < t["left_out"].sum() < t["left_out"].size and not t.unset["left_out"].any()
    assert np.array_equal(t.unset["vanishes"], np.broadcast_to(t["left_out"][..., None, None] == 1, t["vanishes"].shape))
    assert np.array_equal(t.unset["term"], t.unset["vanishes"] | (t["vanishes"] == 1))
    assert np.array_equal(t["left_out"], 3.1e-10 > 0.5 / t["stol"])


def test_mosaic_domains_are_rotations_within_the_spread_and_the_first_is_none(probed):
    t = probed.trace("-mosaic", "0.7", "-mosaic_dom", "200", pixels=[(3, 4)])
    U, spread = t["mosaic_rotation"], np.radians(0.7)
    assert np.array_equal(U[0], np.eye(3)) and np.allclose(U @ U.transpose(0, 2, 1), np.eye(3), atol=1e-15) and np.allclose(np.linalg.det(U), 1)
    angle = np.arcsin(np.linalg.norm(U - U.transpose(0, 2, 1), axis=(1, 2)) / np.sqrt(8))
    assert angle[1:].min() > 0 and 0.9 * spread < angle.max() <= spread * (1 + 1e-6)
    assert np.median(angle[1:]) == pytest.approx(spread * 0.75 ** (1 / 3), rel=0.05)             # spread (1 - r^2)^(1/3), r in -1 ... 1
    assert np.allclose(t["cell"][0, 0, 0, 0, 0], np.einsum("mxu,au->max", U, t["cell_phi"][0, 0, 0, 0, 0]), rtol=1e-14, atol=1e-24)


def test_where_nothing_absorbs_the_attenuation_is_zero(probed):
    assert probed.trace(pixels=[(1, 1)])["attenuation"] == 0
    assert probed.trace("-detector_thick", "300", pixels=[(1, 1)])["attenuation"] == pytest.approx(1 / 300e-6)     # D39


def test_the_table_of_structure_factors_is_traced_as_the_program_holds_it(probed):
    trace = probed.trace(pixels=[(3, 4), (10, 20), (11, 23)])
    axes = trace.description["axes"]
    assert [axes[name]["first"] for name in "hkl"] == [-4, -4, -4] and trace["F_table"].shape == (9, 9, 9)
    assert trace["F_table"][4, 5, 4] == 40 + 7 * (5 % 13)    # 0 1 0 is in the file
    assert trace["F_table"][4, 4, 4] == 6                    # 0 0 0 is not: default_F
    inside = (np.abs(trace["hkl0"]) <= 4).all(axis=-1).ravel()
    h, k, l = (trace["hkl0"].reshape(-1, 3) + 4)[inside].T
    assert np.array_equal(trace["F_cell"].ravel()[inside], trace["F_table"][h, k, l])
    assert (trace["F_cell"].ravel()[~inside] == 6).all() and inside.tolist() == [False, True, True]


def test_what_a_zero_lattice_factor_skips_is_unset_and_not_zero(probed):
    trace = probed.trace("-tophat_spots")
    zero = trace["F_latt"] == 0
    assert 0 < zero.sum() < zero.size
    assert np.array_equal(trace.unset["F_cell"], zero) and np.array_equal(trace.unset["term"], zero)
    assert not trace.unset["hkl"].any() and "F_latt_axis" not in trace.values


def test_first_for_last_shows_in_the_trace(probed):
    trace = probed.trace(*LAYERS, "-oversample", "2", pixels=[(3, 4), (20, 41)])
    assert (trace["omega"] == trace["omega"][:, :1, :1]).all()          # the first subpixel's, everywhere (D05)
    assert trace.unset["parallax"][:, :, 1:].all() and not trace.unset["parallax"][:, :, 0].any()
    assert np.array_equal(trace["capture_final"], trace["capture"][:, 2, 0])
    again = probed.trace(*LAYERS, "-oversample", "2", "-oversample_omega", "-oversample_thick", pixels=[(3, 4)])
    assert len(set(again["omega"].ravel())) == 12 and not again.unset["parallax"].any()


def test_pixels_outside_the_region_of_interest_are_unset(probed):
    trace = probed.trace("-roi", "10", "20", "5", "9", pixels=[(4, 12), (5, 10), (9, 20), (9, 21)])
    assert trace.unset["intensity"].tolist() == trace["outside_roi"].tolist() == [True, False, False, True]
    assert (trace["image"] == 0).tolist() == [True, False, False, True]
    assert trace["slow"].tolist() == [4, 5, 9, 9]


def test_parallax_is_traced_only_with_a_thickness(probed):
    assert "parallax" not in probed.trace(pixels=[(1, 1)]).values


def test_every_quantity_of_the_table_is_reached_by_some_run(probed, sources):
    names = set(re.findall(r"^\tQ\((\w+),", (sources / "nanobragg" / "quantities.h").read_text(), re.M))
    running = "-oversample_thick -oversample_omega -oversample_polar".split()
    given = "-Xbeam 9 -Ybeam 8 -Xclose 9 -Yclose 8 -ORGX 4 -ORGY 5 -close_distance 90 -sourcefile list.src".split()
    (probed.folder / "list.src").write_text("-10 1 2 0.3 1.1e-10\n")
    mask = b"{\nHEADER_BYTES=512;\nSIZE1=48;\nSIZE2=40;\nPIXEL_SIZE=1.1;\n}\f".ljust(512) + np.ones(40 * 48, "<u2").tobytes()
    (probed.folder / "mask.img").write_bytes(mask)
    noisy = "-mask mask.img -noisefile n.img -pgmfile p.pgm -flux 1e30 -beamsize 0.001 -seed 3 -misset random -mosaic 1".split()
    cell = "-cell 70 80 90 75 85 95 -fdet_vector 0 0 1".split()
    runs = ([*SCAN, *LAYERS, *running, "-interpolate"], ["-round_xtal", "-water", "1", *cell], ["-gauss_xtal", *given], noisy)
    assert len(names) > 200
    assert names == set().union(*(probed.trace(*flags, pixels=[(1, 1)]).values for flags in runs)) - {"slow", "fast"}
