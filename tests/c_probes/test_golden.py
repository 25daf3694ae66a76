"""The C reference program against figures of the original, which lie beside the checkout where there are any.

Images and the files made from them to the bit, where the mathematical library is the one of the figures; else to one unit in
the last place of single precision. Traced values to 1e-13, and to 1e-10 where the lattice factor enters, which amplifies the
rounding of the indices. Vectors count by their largest component. Printed figures to their six digits.
"""

import hashlib
import json
import platform
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
pytestmark = pytest.mark.skipif(not (GOLDEN / "cases.json").exists(),
                                reason="the reference figures are not part of this project and not beside this checkout")
# The sine of another library may differ in its last bit, and with it a pixel.
SAME_LIBRARY = platform.machine() == "x86_64" and platform.libc_ver()[0] == "glibc"
# What is traced, the figure's name, its unit in ours, the tolerance.
RUN_LEVEL = (("pix0", "pix0_m", 1, 1e-13), ("fast_axis", "fdet", 1, 1e-13), ("slow_axis", "sdet", 1, 1e-13),
             ("close_distance", "close_distance_m", 1, 1e-13))
SUBPIXEL = (("pixel_position", "pixel_pos_m", 1, 1e-13), ("airpath", "airpath_m", 1, 1e-13), ("omega", "omega_sr", 1, 1e-13),
            ("diffracted", "diffracted", 1, 1e-13))
SOURCE = (("incident", "incident", 1, 1e-13), ("wavelength", "lambda_m", 1, 1e-13), ("q", "q_per_m", 1, 1e-13))
SAMPLE = (("hkl", "hkl_frac", 1, 1e-13), ("hkl0", "hkl_nearest", 1, 0), ("F_latt", "F_latt", 1, 1e-10),
          ("F_cell", "F_cell", 1, 1e-13))
FINAL = (("I", "I_accumulated", 1e-10), ("capture_final", "capture_fraction", 1e-13), ("polar_final", "polar", 1e-13),
         ("omega_final", "omega_sr", 1e-13), ("intensity", "pixel_photons", 1e-10))


def cases(wanted) -> list:
    if not (GOLDEN / "cases.json").exists():
        return []
    return [pytest.param(case, id=case["id"]) for case in json.loads((GOLDEN / "cases.json").read_text())["cases"] if wanted(case)]


def figures(case: dict) -> dict:
    return json.loads((GOLDEN / f"{case['id']}.json").read_text())


def prepare(program, case: dict) -> list[str]:
    for name in case["inputs"]:
        shutil.copy(GOLDEN / "inputs" / name, program.folder)
    return [*case["args"], "-floatfile", "golden.bin"]


@pytest.fixture(scope="session")
def ended() -> dict:
    """What `once` has run."""
    return {}


@pytest.fixture
def once(plain, ended, tmp_path_factory):
    """A function: a case to the program in the folder where it ran, and how it ended. One run serves all tests of the case."""
    def run(case: dict) -> tuple:
        if case["id"] not in ended:
            program = replace(plain, folder=tmp_path_factory.mktemp("golden"))
            ended[case["id"]] = program, program.start(*prepare(program, case))
        return ended[case["id"]]
    return run


def read_image(program, case: dict) -> np.ndarray:
    return np.fromfile(program.folder / "golden.bin", np.float32).reshape(case["shape"])


def ulps(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """How many single-precision numbers apart; none of these images holds a negative number."""
    assert (got >= 0).all() and (expected >= 0).all()
    return np.abs(got.view(np.int32).astype(np.int64) - expected.astype(np.float32).view(np.int32))


def agree(got, expected, tolerance: float) -> bool:
    got, expected = np.asarray(got, float), np.asarray(expected, float)
    return got.shape == expected.shape and bool((np.abs(got - expected) <= tolerance * np.abs(expected).max()).all())


@pytest.mark.parametrize("case", cases(lambda case: case.get("npy")))
def test_the_image_is_that_of_the_original(once, case):
    program, done = once(case)
    assert done.returncode == 0, done.stderr
    expected = np.load(GOLDEN / case["npy"])
    slow0, slow1, fast0, fast1 = case.get("npy_crop") or [0, expected.shape[0], 0, expected.shape[1]]
    image = read_image(program, case)
    assert np.count_nonzero(image) == np.count_nonzero(image[slow0:slow1, fast0:fast1])
    apart = ulps(image[slow0:slow1, fast0:fast1].copy(), expected)
    for slow, fast in case.get("unstable_pixels", []):
        apart[slow - slow0, fast - fast0] = 0
    assert apart.max() <= (0 if SAME_LIBRARY else 1)


@pytest.mark.parametrize("case", cases(lambda case: "expect_rc" in case))
def test_what_the_original_refuses_is_refused(once, case):
    assert once(case)[1].returncode == case["expect_rc"]


def compare_evaluation(trace, at: tuple, row: dict) -> None:
    """One layer and subpixel of a pixel; `at` is (pixel, layer, subpixel). The figures are of the first source, step, domain."""
    def check(quantity, key, unit, tolerance, index):
        if key in row:
            assert agree(trace[quantity][index] * unit, row[key], tolerance), (quantity, trace[quantity][index], row[key])
    for names in RUN_LEVEL:
        check(*names, ())
    for names in SUBPIXEL:
        check(*names, at)
    for names in SOURCE:
        check(*names, (*at, 0))
    for names in SAMPLE:
        check(*names, (*at, 0, 0, 0))
    for axis, (vector, factor) in enumerate((("a_A", "F_latt_a"), ("b_A", "F_latt_b"), ("c_A", "F_latt_c"))):
        check("cell", vector, 1e10, 1e-13, (*at, 0, 0, 0, axis))
        check("F_latt_axis", factor, 1, 1e-10, (*at, 0, 0, 0, axis))
    if "obliquity" in row:
        assert agree(trace["close_distance"] / trace["airpath"][at], row["obliquity"], 1e-13)
    if "hkl_frac" not in row:                                   # the source lies beyond the resolution limit
        assert trace.unset["hkl"][(*at, 0)].all()


def compare_pixel(trace, p: int, figure: dict) -> None:
    layers, subpixels = trace["omega"].shape[1:]
    assert figure["n_evaluations"] == layers * subpixels
    for row in figure["evaluations"]:
        compare_evaluation(trace, (p, *divmod(row["index"], subpixels)), row)
    for step in figure.get("phi_steps", []):
        at = (p, *divmod(step["eval"], subpixels), 0, step["phi_tic"])
        assert agree(np.degrees(trace["phi_angle"][at]), step["phi_deg"], 1e-13)
        if "k_frac" in step:
            assert agree(trace["hkl"][(*at, 0, 1)], step["k_frac"], 1e-13)
        if "F_latt" in step:
            assert agree(trace["F_latt"][(*at, 0)], step["F_latt"], 1e-10)
    third = figure.get("source_index_2", {})
    if "F_latt" in third:
        assert agree(trace["F_latt"][p, 0, 0, 2, 0, 0], third["F_latt"], 1e-10)
        assert agree(trace["wavelength"][p, 0, 0, 2] * 1e10, third["lambda_A"], 1e-13)
    for quantity, key, tolerance in FINAL:
        assert agree(trace[quantity][p], figure["final"][key], tolerance), (quantity, trace[quantity][p], figure["final"][key])
    assert ulps(trace["image"][p:p + 1], np.array([figure["final"]["pixel_float32"]])) <= 1
    assert trace["steps"] == figure["final"]["steps"] and agree(trace["fluence"], figure["final"]["fluence_per_m2"], 1e-13)
    assert trace["r_e_sqr"] == figure["final"]["r_e_sqr_m2"]


def has_traces(case: dict) -> bool:
    return case.get("npy") and bool(figures(case).get("traces"))


@pytest.mark.parametrize("case", cases(has_traces))
def test_the_traced_values_are_those_of_the_original(probed, case):
    traces = figures(case)["traces"]
    pixels = sorted(tuple(map(int, key.split(","))) for key in traces)
    trace = probed.trace_of(*prepare(probed, case), pixels=pixels)
    for p, (slow, fast) in enumerate(pixels):
        compare_pixel(trace, p, traces[f"{slow},{fast}"])
    setup = figures(case)["setup"]
    assert agree(trace["pix0"], setup["pix0_m"], 1e-13) and agree(trace["detector_normal"], setup["odet"], 1e-13)


@pytest.mark.parametrize("case", cases(lambda case: case["id"] == "sup-full"))
def test_the_whole_supervisor_frame_has_the_figures_of_the_original(probed, case):
    """With two threads, which takes half the time, and differs from one at (1264, 0) alone: the first pixel of a block."""
    known = figures(case)
    pixels = sorted(tuple(map(int, key.split(","))) for key in known["traces"])
    trace = probed.trace_of(*prepare(probed, case), pixels=pixels, threads=2)
    image = read_image(probed, case)
    slow, fast, values = (np.array(column) for column in zip(*known["samples"]))
    assert ulps(image[slow, fast], values).max() <= (0 if SAME_LIBRARY else 1)
    brightest = np.unravel_index(image.argmax(), image.shape)
    assert tuple(brightest) == (1039, 685) and image[brightest] == pytest.approx(446.254, abs=5e-4)
    assert known["stats"]["max_at"] == [1039, 685] and np.count_nonzero(image) == known["stats"]["n_nonzero"]
    assert image.astype(float).sum() == pytest.approx(known["stats"]["sum"], rel=1e-9)
    for p, pixel in enumerate(pixels):
        compare_pixel(trace, p, known["traces"][f"{pixel[0]},{pixel[1]}"])


@pytest.mark.parametrize("case", cases(lambda case: case.get("outputs")))
def test_the_files_beside_the_float_image_are_those_of_the_original(once, case):
    """Integer and noise images, previews, caches. With another library, a count on an edge of the rounding may differ by one."""
    program, done = once(case)
    assert done.returncode == 0
    for name, known in figures(case)["outputs"].items():
        raw = (program.folder / name).read_bytes()
        header = known["header"].encode("latin-1")
        assert raw.startswith(header) and len(raw) == known["bytes"], raw[:600]
        if SAME_LIBRARY:
            assert hashlib.sha256(raw).hexdigest() == known["sha256"], name
        elif known["kind"] in ("int", "pgm"):
            start, dtype = (512, "<u2") if known["kind"] == "int" else (len(raw) - known["n"], "u1")
            values = np.frombuffer(raw[start:], dtype).astype(int)
            index, expected = np.array(known["samples_index_value"]).T
            assert np.abs(values[index] - expected).max() <= 1


# --- what is printed ------------------------------------------------------------------------------------------------

NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|nan|inf)"
# The figure's name; the words before its numbers on our line; how many numbers precede it there; how many it has (None: all).
PRINTED = [
    ("xds_incident_beam", "XDS incident beam:", 0, 3), ("unit_cell_A_deg", "Unit Cell:", 0, 6), ("recp_cell_perA_deg", "Recp Cell:", 0, 6),
    ("volume_A3", "volume =", 0, 1), ("a_A", "A:", 0, 3), ("b_A", "B:", 0, 3), ("c_A", "C:", 0, 3), ("a_star_perA", "A:", 3, 3),
    ("b_star_perA", "B:", 3, 3), ("c_star_perA", "C:", 3, 3), ("crystal_um", "crystal is", 0, 3), ("cells", "crystal is", 3, 3),
    ("approx_MW", "approximate MW =", 0, 1), ("layer_depths_um", "layer depths (um):", 0, None), ("phi_deg", "phi (deg):", 0, None),
    ("divergence_deviations_rad", "divergence deviations (rad):", 0, None), ("lambdas_m", "wavelengths (m):", 0, None),
    ("fluence_per_m2", "fluence=", 0, 1), ("kahn_factor", "Kahn polarization factor", 0, 1), ("distance_m", "distance=", 0, 1),
    ("detsize_m_fast_slow", "detsize=", 0, 2), ("pixel_m", "detsize=", 2, 1), ("pixels_fast_slow", "detsize=", 3, 2),
    ("Xbeam_m", "Xbeam=", 0, 1), ("Ybeam_m", "Ybeam=", 0, 1), ("Fbeam_m", "Fbeam=", 0, 1), ("Sbeam_m", "Sbeam=", 0, 1),
    ("Xclose_m", "Xclose=", 0, 1), ("Yclose_m", "Yclose=", 0, 1), ("Fclose_m", "Fclose=", 0, 1), ("Sclose_m", "Sclose=", 0, 1),
    ("detector_x_axis", "detector x axis:", 0, 3), ("detector_y_axis", "detector y axis:", 0, 3),
    ("detector_z_axis", "detector z axis:", 0, 3), ("beam_direction", "beam direction:", 0, 3), ("spindle_axis", "spindle axis:", 0, 3),
    ("polarization_plane_normal", "polarization plane normal:", 0, 3), ("dials_origin_mm", "DIALS origin (mm):", 0, 3),
    ("roi_fast_slow", "roi:", 0, 4), ("hdiv_range_step_rad", "hdiv range:", 0, 2), ("vdiv_range_step_rad", "vdiv range:", 0, 2),
    ("mosaic_spread_deg", "mosaic spread of", 0, 1), ("solid_angle_sr", "solid angle subtended by detector =", 0, 1),
    ("solid_angle_percent", "solid angle subtended by detector =", 1, 1), ("max_I", "max_I =", 0, 1),
    ("max_I_at_m_fast_slow", "max_I =", 1, 2), ("mean", "mean=", 0, 1), ("rms", "rms=", 0, 1), ("rmsd", "rmsd=", 0, 1),
    ("intfile_scale", "intfile_scale =", 0, 1), ("pgm_scale", "pgm_scale =", 0, 1), ("random_misset_deg", "misset angles:", 0, 3),
]
# The figure's name; what our text says, with the number as its group.
COUNTED = [("n_hkls", r"^(\d+) structure factors"), ("n_sources", r"^(\d+) sources"), ("divergence_steps", r"^(-?\d+) divergence steps"),
           ("n_mosaic_domains", r"^(\d+) mosaic domains"), ("oversample", r"^(\d+)x"), ("noise_photons", r"^(\d+) photons on noise image"),
           ("noise_overloads", r"\((\d+) overloads\)"), ("auto_oversample", r"^auto-selected (\d+)-fold"),
           ("recommended_oversample", r"(\d+)-fold (?:would be|oversampling$)")]


def numbers_after(text: str, words: str, skip: int, count: int | None) -> list[float]:
    line = re.search(rf"(?:^|(?<=[\s,])){re.escape(words)}(.*)$", text, re.M)
    assert line, words
    found = [float(word) for word in re.findall(rf"(?<![\w.]){NUMBER}(?![\w.])", line[1])][skip:]
    return found if count is None else found[:count]


def same_figures(got, known) -> bool:
    known = np.array(known, float).ravel()
    got = np.array(got[:len(known)])                                           # a long list is cut short, in theirs too
    return got.shape == known.shape and np.allclose(got, known, rtol=2e-5, atol=2e-6 * np.abs(known).max(), equal_nan=True)


@pytest.mark.parametrize("case", cases(lambda case: "expect_rc" not in case and case["id"] != "sup-full"))
def test_the_printed_figures_are_those_of_the_original(once, case):
    text, known = once(case)[1].stdout, figures(case)["stdout_summary"]
    wrong = {name: numbers_after(text, words, skip, count) for name, words, skip, count in PRINTED
             if name in known and not same_figures(numbers_after(text, words, skip, count), known[name])}
    assert wrong == {}, {name: known[name] for name in wrong}
    for name, pattern in COUNTED:
        if name in known:
            assert int(re.search(pattern, text, re.M)[1]) == known[name], name
    assert f"{known['convention']} convention selected" in text.lower() and f"pivoting detector around {known['pivot']}\n" in text
    assert known.get("interpolation_choice", "") in text
    start = text.index("sources (x y z")
    for line, source in zip(text[start:].splitlines()[1:], known["sources_xyz_weight_lambda"]):
        assert same_figures([float(word) for word in line.split()], source)


@pytest.mark.parametrize("case", cases(lambda case: case.get("npy")))
def test_the_figures_of_the_whole_image_are_those_of_the_original(once, case):
    program, done = once(case)
    assert done.returncode == 0
    image, known = read_image(program, case).astype(float), figures(case)["stats"]
    assert (image.size, np.count_nonzero(image), np.isnan(image).sum()) == (known["n_pixels"], known["n_nonzero"], known["n_nan"])
    for name, value in (("sum", image.sum()), ("mean", image.mean()), ("std", image.std()), ("rms", np.sqrt((image**2).mean()))):
        assert value == pytest.approx(known[name], rel=1e-12, abs=1e-300), name
    assert (image.max(), image.min(), list(np.unravel_index(image.argmax(), image.shape))) == (known["max"], known["min"], known["max_at"])
