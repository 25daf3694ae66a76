"""Measured behaviour of the original that is no quirk of ours but a habit of both, number by number.

The labels D01 ... are those of the project's list of observed departures. All runs have one thread unless it says otherwise.
"""

import re

import numpy as np
import pytest

BASE = "-cell 70 80 90 75 85 95 -nonoise -nopgm -noprogress".split()
FRAME = "-lambda 1.3 -distance 100 -detpixels 20 -pixel 1.5".split()


@pytest.fixture
def run(plain):
    """run(flags) -> image, printed text."""
    def get(flags: str, *more: str, threads: int = 1):
        done = plain.start(*BASE, *FRAME, *flags.split(), *more, "-floatfile", "out.bin", threads=threads)
        assert done.returncode == 0, done.stderr
        size = [int(n) for n in re.search(r"pixels= (\d+) x (\d+)", done.stdout).groups()]
        return np.fromfile(plain.folder / "out.bin", np.float32).reshape(size[1], size[0]).astype(float), done.stdout
    return get


@pytest.fixture
def origin(probed):
    return lambda flags: probed.trace_of(*BASE, *FRAME, "-default_F", "1", "-N", "5", "-oversample", "1", *flags.split(), pixels=[(0, 0)])["pix0"].tolist()


# --- geometry -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("convention, none, Xbeam, Xclose, ORG", [
    ("-mosflm", (.1, .0165, -.0165), (.1, .00475, -.00575), None, None),
    ("-denzo", (.1, .01575, -.01575), (.1, .004, -.005), None, None),
    ("-adxv", (-.01575, .01575, .1), (-.004, .025, .1), None, None),
    ("-xds", (-.015, -.015, .1), None, None, (-.00525, -.00675, .1)),
    ("-dials", (-.015, -.015, .1), None, None, (-.00525, -.00675, .1)),
    ("-fdet_vector 0 0 1", (.1, .015, -.015), (.1, .005, -.004), (.1, .005, -.004), (.1, .00675, -.00525)),
])
def test_flags_of_the_centre_that_a_convention_does_not_use_are_lost(origin, convention, none, Xbeam, Xclose, ORG):
    """D07. None: as without the flags. Only the custom frame looks at the pivot of -Xclose and -ORGX."""
    base = "-Xclose 4 -Yclose 5", "-ORGX 4 -ORGY 5"
    assert origin(convention) == pytest.approx(none, rel=1e-12)
    assert origin(f"-Xbeam 4 -Ybeam 5 {convention}") == pytest.approx(Xbeam or none, rel=1e-12)
    assert origin(f"{base[0]} {convention}") == pytest.approx(Xclose or none, rel=1e-12)
    assert origin(f"{base[1]} {convention}") == pytest.approx(ORG or none, rel=1e-12)


@pytest.mark.parametrize("flags, expected", [
    ("-Xbeam 15 -Ybeam 16 -fdet_vector 0 0 1", (.1, .016, -.015)),                                                # D01, D29
    ("-Xbeam 15 -Ybeam 16 -fdet_vector 0 0 1 -pix0_vector 0.1 0.02 -0.03", (.1, .016, -.015)),
    ("-Xbeam 15 -Ybeam 16 -fdet_vector 0 0 1 -pix0_vector_mm 1 2 3", (.1, .016, -.015)),
    ("-Xbeam 15 -Ybeam 16", (.1, .01575, -.01675)), ("-Xbeam 15 -Ybeam 16 -pix0_vector 9 9 9", (.1, .016, -.015)),
    ("-fdet_vector 0 0 1 -twotheta 5", (.0983121336679597, .015, -.023658494746142)),                             # D29
    ("-twotheta 5 -twotheta_axis 0 0 -1 -distance 100", (.1, .015, -.015)),                                        # D08: reset to 0
    ("-twotheta_axis 0 0 -1 -distance 100 -twotheta 5", (.100926805950389, .00622734619661037, -.015)),
    ("-twotheta_axis 1 0 0 -distance 100", (.1, .0152595015239051, -.0147359293307866)),                          # D08: 1 degree
    ("-fdet_vector 0 0 1 -dials", (-.015, -.015, .1)),                                                            # D30
    ("-close_distance 90", (.09, .0165, -.0165)),                                                                 # D31
])
def test_the_origin_of_the_detector(origin, flags, expected):
    assert origin(flags) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("given, kept", [("1 0 0", (1, 0, 0)), ("0.6 0.8 0", (.6, .8, 0)), ("1.0001 0 0", None), ("0.5 0.5 0.70710678", None),
                                         ("-0.000088 0.004914 -0.999988", None)])
def test_a_normal_is_kept_only_if_its_length_is_exactly_one(probed, given, kept):
    trace = probed.trace_of(*BASE, *FRAME, "-default_F", "1", "-N", "5", "-oversample", "1", "-odet_vector", *given.split(), pixels=[(0, 0)])
    assert trace["detector_normal"].tolist() == list(kept or (1, 0, 0))                                           # D09


@pytest.mark.parametrize("flags, pivot", [
    ("-pivot sample", "direct beam spot"), ("-twotheta 5", "direct beam spot"), ("-close_distance 90", "direct beam spot"),
    ("-xds -pivot beam", "sample"), ("-dials -pivot beam", "sample"), ("-fdet_vector 0 0 1", "direct beam spot"),
    ("-fdet_vector 0 0 1 -twotheta 0", "sample"), ("-fdet_vector 0 0 1 -pivot sample -Xbeam 5", "direct beam spot"),
    ("-xds -fdet_vector 0 0 1", "sample"), ("-dials -fdet_vector 0 0 1", "direct beam spot")])
def test_the_pivot_is_a_choice_in_the_custom_frame_alone(run, flags, pivot):
    assert f"pivoting detector around {pivot}\n" in run(f"-default_F 10 -N 5 -oversample 1 {flags}")[1]           # D06


# --- beam and steps -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("flags, sources", [
    ("-hdivrange 4", 2), ("-hdivrange 4 -hdivstep 1", 4), ("-dispsteps 4", 1), ("-hdivrange 4 -hdivstep 1 -hdivsteps 9", 9),
    ("-hdivrange 4 -hdivstep 1 -hdivsteps 9 -vdivrange 0.001 -vdivsteps 2", 10)])                                 # D43, D46
def test_sources_that_follow_from_a_few_flags(run, flags, sources):
    assert f"\n{sources} sources" in run(f"-default_F 10 -N 5 -oversample 1 {flags}")[1]


def test_a_lone_count_of_divergence_spans_a_radian(run):
    assert "hdiv range: 1 step: 0.333333\n" in run("-default_F 10 -N 5 -oversample 1 -hdivsteps 3")[1]             # D43


@pytest.mark.parametrize("flags, phi", [("-phistep 0.5 -phisteps 5", "0 0.5"), ("-osc 2", "0 1"), ("-phisteps 5", "0 0.2 0.4 0.6 0.8"),
                                        ("-osc 90 -phisteps 1", "0")])
def test_spindle_steps_have_a_table_of_their_own(run, flags, phi):
    assert f"phi (deg): {phi}\n" in run(f"-default_F 10 -N 5 -oversample 1 {flags}")[1]                            # D44


def test_automatic_oversampling_on_its_edge_takes_one(plain):
    edge = "-cell 100 100 100 90 90 90 -default_F 1 -N 5 -lambda 1.5 -distance 100 -pixel 0.1 -detpixels 4 -nonoise -nopgm".split()
    assert "auto-selected 1-fold" in plain.start(*edge).stdout                                                    # D55


def test_no_cells_are_one_cell(run):
    assert run("-default_F 10 -N 0 -oversample 1")[0].tobytes() == run("-default_F 10 -N 1 -oversample 1")[0].tobytes()    # D36


# --- intensity ------------------------------------------------------------------------------------------------------

def test_the_cell_that_is_carried_over_depends_on_the_threads(run):
    scan = "-default_F 10 -N 5 -oversample 1 -phi 0 -osc 3 -phisteps 3"
    carried, fresh = run(scan)[0], run(f"{scan} -quirks all,-phi_carry_over")[0]
    assert np.count_nonzero(carried != fresh) == 399 and carried.ravel()[0] == fresh.ravel()[0]                   # D04
    assert carried.sum() / fresh.sum() == pytest.approx(1.0033, abs=5e-5)
    four = run(scan, threads=4)[0].ravel()
    differing = np.flatnonzero(four != carried.ravel())
    assert differing.tolist() == [100, 200, 300]
    ratios = np.maximum(four / carried.ravel(), carried.ravel() / four)[differing]
    assert ratios == pytest.approx([3.64, 1.57, 51.7], rel=2e-3)


@pytest.mark.parametrize("flags, ratio", [("-oversample_omega", .114), ("-oversample_polar", .965), ("-oversample_polar -nopolar", .965)])
def test_running_factors_multiply_the_whole_sum(run, flags, ratio):
    base = "-default_F 10 -N 5 -oversample 2 -phi 1 -osc 1 -phisteps 2"
    assert run(f"{base} {flags}")[0].sum() / run(base)[0].sum() == pytest.approx(ratio, abs=6e-4)                  # D03, D16


@pytest.mark.parametrize("flags, ratio", [("", .4313), ("-thicksteps 1", .4982), ("-thicksteps 3", .4434), ("-thicksteps 10", .3783),
                                          ("-thicksteps 3 -oversample_thick", .1897)])
def test_layers_are_summed_and_one_fraction_multiplies_them(run, flags, ratio):
    base = "-default_F 10 -N 1 -oversample 1 -nointerpolate"
    thick = run(f"{base} -detector_abs 400 -detector_thick 300 {flags}")[0]
    assert thick.sum() / run(base)[0].sum() == pytest.approx(ratio, abs=6e-5)                                      # D37


def test_absorption_that_is_switched_off_before_a_thickness_leaves_nothing(run):
    base = "-default_F 10 -N 1 -oversample 1 -nointerpolate"
    plain = run(base)[0]
    assert run(f"{base} -detector_thick 300 -detector_abs inf")[0].tobytes() == plain.tobytes()                    # D38
    assert not run(f"{base} -detector_abs inf -detector_thick 300")[0].any()
    without_depth, text = run(f"{base} -detector_thick 300")
    assert without_depth.sum() / plain.sum() == pytest.approx(.478, abs=6e-4) and "mu= 3333.33" in text            # D39


def test_the_background_is_scaled_twice(run, probed):
    base = "-N 5 -default_F 1e-30 -water 1000 -nopolar -point_pixel"
    one = run(f"{base} -fluence 1e24 -oversample 1")[0]
    assert one[10, 10] == pytest.approx(1.3932e12, rel=1e-4)                                                      # D26
    assert run(f"{base} -fluence 2e24 -oversample 1")[0][10, 10] / one[10, 10] == pytest.approx(4, rel=1e-6)
    assert run(f"{base} -fluence 1e24 -oversample 2")[0][10, 10] / one[10, 10] == pytest.approx(.24997, rel=1e-4)
    assert not run("-N 5 -default_F 1e-30 -water 1000 -fluence 1e24 -oversample 1 -dmin 99999")[0].any()          # D40


@pytest.mark.parametrize("flags, printed", [("", "0.087975"), ("-phisteps 5", "0.017595"), ("-mosaic 1 -mosaic_dom 4", "0.0219937"),
                                            ("-detector_thick 100 -thicksteps 4", "0.3519")])
def test_the_printed_solid_angle_is_divided_by_all_steps(run, flags, printed):
    text = run(f"-default_F 10 -N 5 -oversample 1 {flags}")[1]
    assert float(re.search(r"detector = (\S+) steradian", text)[1]) == pytest.approx(float(printed), rel=1e-4)     # D27


@pytest.mark.parametrize("quirks", ["all", "none"])
def test_by_a_beam_of_no_size_no_flux_is_divided(run, quirks):
    """X33."""
    asked = "-default_F 10 -N 3 -oversample 1 -fluence 1e20 -xtalsize 0.001"
    image, text = run(f"{asked} -flux 1e12 -beamsize 0", "-quirks", quirks)
    assert "fluence= 1e+20 " in text and np.isfinite(image).all()
    assert "fluence= 1e+18 " in run(f"{asked} -flux 1e12 -beamsize 1", "-quirks", quirks)[1]
