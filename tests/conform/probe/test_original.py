"""One `main` in the manner of the original, by the binding that is shipped for it: the ten points of an instrumenter.

The truth is the reference program with its own probes, which computes the same to the last bit.
"""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from conform.probe.instrument import instrument

from .kit import FLAGS, GOLDEN, QUICK
from .one_file import original

CASES = {
    "plain": [],
    "turning": "-phi 0 -osc 1 -phisteps 4".split(),
    "everything": "-oversample 2 -detector_thick 500 -detector_thicksteps 3 -detector_abs 700 -phi 0 -osc 1 -phisteps 3 -mosaic 1 -mosaic_domains 2 "
                  "-hdivrange 0.3 -hdivsteps 2 -dispersion 1 -dispsteps 2 -water 2 -dmin 5 -roi 2 9 1 8".split(),
    "running factors": "-oversample 2 -detector_thick 500 -detector_thicksteps 2 -detector_abs 700 -oversample_thick -oversample_polar -oversample_omega".split(),
    "tophat": ["-tophat_spots", "-fudge", "0.1", "-point_pixel"],
    "interpolated": ["-interpolate", "-nopolar"],
}
LATER_VERSIONS = {"flux", "exposure", "beamsize", "F_latt_axis", "stencil_h", "stencil_k", "stencil_l"}


@pytest.fixture(scope="module")
def built(workshop, original_binding):
    program, probed = workshop.probed(original().encode(), original_binding, ("-std=c11", *QUICK))
    return program, probed, workshop.plain(original().encode(), ("-std=c11", *QUICK))


def values_like(own, bound, names=None) -> None:
    """Every value that the probed program hands over is the one that the reference has there, and unset where that is.

    The reference traces the image as it is stored, this one in its loops: where they leave a pixel out, it cannot show the 0.
    """
    for name in names or bound.quantities:
        unset = "intensity" if name == "image" else name
        assert bound.trace.get(f"{name}.npy") == own.trace.get(f"{name}.npy"), name
        assert bound.trace.get(f"{name}.unset.npy") == own.trace.get(f"{unset}.unset.npy"), name
        if unset != name:
            assert not own.unset(name).any() and not own.values(name)[own.unset(unset)].any()


@pytest.mark.parametrize("case", CASES)
def test_it_traces_what_the_reference_traces(built, own_probes, run_program, case):
    threads = 1 if "-interpolate" in CASES[case] else 2
    own, bound = (run_program(program, [*FLAGS, *CASES[case]], threads=threads) for program in (own_probes, built[0]))
    assert own.status == bound.status == 0, bound.err
    assert len(bound.quantities) >= 75
    values_like(own, bound)


@pytest.mark.parametrize("case", ["plain", "everything"])
def test_it_prints_and_writes_what_the_original_does(built, run_program, case):
    flags = [*FLAGS, *CASES[case], "-printout"]
    shown = [run_program(program, flags, trace).shown for program, trace in ((built[2], False), (built[0], False), (built[0], True))]
    assert shown[0] == shown[1] == shown[2]
    assert b"airpath" in shown[0][1]                 # the branch in which `test` and `I` are scratch was taken


def test_what_a_version_lacks_is_named_and_everything_else_has_a_probe(built):
    probed = built[1]
    assert set(probed.refused) == LATER_VERSIONS and probed.missing == {}
    assert "there is no `F_latt_a` in `main`" in probed.refused["F_latt_axis"].why


def test_it_compiles_without_warnings_with_openmp_and_without(built, workshop, original_binding):
    for flags in (("-fopenmp",), ()):
        workshop.probed(original().encode(), original_binding, ("-std=c11", "-O0", "-Wall", "-Werror=implicit", "-Wno-unknown-pragmas", *flags))


def test_a_stale_cell_is_seen_where_the_angle_is_zero(built, own_probes, run_program):
    bound = run_program(built[0], [*FLAGS, *CASES["turning"]], threads=1)
    cell = bound.values("cell_phi")                  # pixel, layer, subpixel, source, phi, abc, xyz
    assert not bound.unset("cell_phi").any()
    assert np.array_equal(cell[1:, 0, 0, 0, 0], cell[:-1, 0, 0, 0, 3]) and not np.array_equal(cell[0, 0, 0, 0, 0], cell[1, 0, 0, 0, 0])


def test_a_level_that_is_left_early_leaves_a_gap_with_its_reason(built, run_program):
    _, probed, _ = built
    bound = run_program(built[0], [*FLAGS, *CASES["everything"]])
    assert {gap.how for gap in probed.placed["polarization"].gaps} == {"continue"}
    assert [gap.condition for gap in probed.placed["polarization"].gaps] == ["(dmin > 0.5 / stol)"]
    assert [gap.condition for gap in probed.placed["F_cell"].gaps] == ["(F_latt == 0.0 && water == 0.0)"]
    assert [gap.condition for gap in probed.placed["omega"].gaps] == []
    assert [gap.condition for gap in probed.placed["I"].gaps] == ["(!in_roi(&run.detector, spixel, fpixel))", "(is_masked(&run, spixel, fpixel))"]
    assert probed.placed["F_latt"].gaps == ()        # a factor of exactly zero is seen: it stands before the way out
    left_out = bound.unset("polarization")
    assert bound.unset("q").sum() < 3 * left_out.sum() < 3 * left_out.size
    assert (bound.unset("I") == (bound.unset("omega").all(axis=(1, 2)))).all()


def test_scratch_uses_are_not_recorded(built):
    text = built[1].text.decode()
    assert len(re.findall(r"CONFORM_PUT\(intensity, test\)", text)) == len(re.findall(r"CONFORM_PUT\(I, I\)", text)) == 1
    assert re.search(r"test \*= omega_pixel; CONFORM_PUT\(intensity, test\);", text)
    assert re.search(r"\} CONFORM_PUT\(I, I\);.*\n\t\t\ttest = r_e_sqr", text)
    assert "CONFORM" not in text[text.index("lists, for which"):text.index("test = sum = sumsqr")]


def test_every_byte_of_the_source_is_in_the_copy_in_its_place(built):
    rest = iter(built[1].text)
    assert all(byte in rest for byte in original().encode())         # a subsequence: nothing was taken away or moved


def test_relations_close_on_what_was_recorded(built, run_program):
    bound = run_program(built[0], [*FLAGS, *CASES["turning"]])
    get = bound.values
    final = get("r_e_sqr") * get("fluence") * get("I") / get("steps") * get("capture_final") * get("polar_final") * get("omega_final")
    assert np.allclose(final, get("intensity"), rtol=1e-15, atol=0)
    total = (get("F_cell")[:, 0, 0, 0, :, 0] ** 2 * get("F_latt")[:, 0, 0, 0, :, 0] ** 2).sum(axis=1)
    assert np.allclose(total, get("I"), rtol=1e-14, atol=0)


# slow 1039 fast 685, step 0 of ten: what is printed of the original there, to 15 digits
AT_THE_PIXEL = {
    "pixel_position": (-0.0996443642887915, 0.0368472243540029, -0.231084742080328), "airpath": 0.254336146269938, "omega": 4.15867865980257e-07,
    "diffracted": (-0.391782158179886, 0.14487608188769, -0.908580024779756), "wavelength": 9.768e-11,
    "q": (-4016134701.82206, 1483170371.49559, 935911580.509501), "polarization": 0.912575818665327, "cos_2theta": 0.908378575997175, "capture": 1,
    "steps": 10, "r_e_sqr": 7.94079248018965e-30, "fluence": 1e24, "F_cell": 300.58, "I": 1.48079201045406e+15, "intensity": 446.254110667806,
    "image": 446.254119873047, "F_latt": 35636.0822038919, "hkl": (2.00120331912649, 1.99279793937568, -12.9907668789699), "hkl0": (2, 2, -13),
    "cell": (-14.3562690335399e-10, -21.8805340763623e-10, -5.5476578307123e-10),
}


@pytest.mark.skipif(not (GOLDEN / "sup-roi.json").exists(), reason="the reference figures are not part of this project and not beside this checkout")
def test_the_figures_of_the_supervisor_run_come_out(built, run_program):
    [case] = [one for one in json.loads((GOLDEN / "cases.json").read_text())["cases"] if one["id"] == "sup-roi"]
    inputs = {name: (GOLDEN / "inputs" / name).read_bytes() for name in case["inputs"]}
    flags, roi = list(case["args"]), case["args"].index("-roi")
    flags[roi + 1: roi + 5] = "684", "685", "1039", "1039"            # one pixel before it in the same thread: its cell is carried over
    bound = run_program(built[0], flags, inputs=inputs, pixels=[(1039, 685)], threads=1)
    assert bound.status == 0, bound.err
    for name, expected in AT_THE_PIXEL.items():
        value = bound.values(name)
        first = value.reshape(-1)[: np.size(expected)] if name not in ("hkl",) else value.reshape(-1, 3)[0]
        assert np.allclose(first, expected, rtol=2e-14 if name not in ("F_latt", "I", "intensity") else 1e-10, atol=0), name
    by_step = bound.values("F_latt").reshape(-1)[[1, 5, 9]]
    assert np.allclose(by_step, (44565.8806, 41442.4893, 35636.0822), rtol=1e-8)


def test_a_source_of_two_megabytes_takes_no_longer_than_its_functions(original_binding):
    padding = "".join(f"static double table_{i}[4] = {{ {i}.0, {i}.5, -1.0, 2e-{i % 9} }}; double use_{i}(void) {{ return table_{i}[0]; }}\n" for i in range(17000))
    text = original().replace("double dot_product(", padding + "double dot_product(", 1)
    assert len(text) > 2_000_000
    probed = instrument(text.encode(), "large.c", original_binding)
    assert set(probed.refused) == LATER_VERSIONS
    small = instrument(original().encode(), "large.c", original_binding)
    added = [[line[1:] for line in one.diff.split(b"\n") if line.startswith(b"+") and b"#line" not in line][1:] for one in (probed, small)]
    assert added[0] == added[1]
