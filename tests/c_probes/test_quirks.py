"""Each named quirk, with and without: what the program does, and what the spec says."""

import re
import struct

import numpy as np
import pytest

CELL = "-cell 70 80 90 75 85 95".split()
BARE = [*"-nonoise -nopgm -noprogress -default_F 10 -lambda 1.3 -distance 100 -detpixels 20 -pixel 1.5 -oversample 1".split(), *CELL]


@pytest.fixture
def printed(plain):
    """The numbers on the line that begins with those words."""
    def get(words: str, *flags: str) -> list[float]:
        done = plain.start(*flags)
        assert done.returncode == 0, done.stderr
        line = next(line for line in done.stdout.splitlines() if line.startswith(words))
        return [float(word) for word in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", line.removeprefix(words))]
    return get


@pytest.fixture
def bare(plain):
    def get(*flags: str, threads: int = 1) -> np.ndarray:
        done = plain.start(*BARE, *flags, "-floatfile", "bare.bin", threads=threads)
        assert done.returncode == 0, done.stderr
        return np.fromfile(plain.folder / "bare.bin", np.float32).reshape(20, 20)
    return get


def test_the_table_says_of_each_quirk_what_the_program_does_and_what_the_spec_says(plain):
    listed = plain.start("-quirks", "help").stdout
    names = re.findall(r"^  (\w+)(?: \(D\d\d(?:, D\d\d)*\))?\n    program: .+\n    spec:    \w+\.\d+", listed, re.M)
    assert len(names) == len(set(names)) == listed.count("program:") == 27
    assert {"phi_carry_over", "first_for_last", "layer_spacing", "polar_despite_off", "mode_before_size", "tight_stencil",
            "table_value_outside"} <= set(names)


def test_it_does_not_matter_where_quirks_are_asked_for(plain):
    """The word is ours: taken out first, it is neither something that follows a flag nor read by one."""
    for place in ("-quirks none -curved_det", "-curved_det -quirks none"):
        assert plain.start(*BARE, *place.split(), "-floatfile", f"{place[1]}.bin").returncode == 0
    assert (plain.folder / "q.bin").read_bytes() == (plain.folder / "c.bin").read_bytes()


def test_the_trace_lists_the_quirks_that_are_on(probed):
    listed = re.findall(r"^  (\w+)", probed.start("-quirks", "help").stdout, re.M)
    def on(*flags): return probed.trace(*flags, pixels=[(1, 1)]).description["producer"]["quirks"]
    assert on() == on("-quirks", "all") == listed and on("-quirks", "none") == []
    assert on("-quirks", "none,+first_for_last,+tight_stencil") == ["first_for_last", "tight_stencil"]
    assert on("-quirks", "all,-tight_stencil") == [name for name in listed if name != "tight_stencil"]


# --- command line and headers ---------------------------------------------------------------------------------------

def test_a_cell_is_completed_in_the_program_alone(printed, plain, folder):
    flags = "-nonoise -nopgm -default_F 10 -lambda 1.3 -detpixels 4 -oversample 1 -cell 70 80".split()
    assert printed("Unit Cell:", *flags) == [70, 80, 70, 90, 90, 90]
    for cell in ([], ["90", "75", "85"], ["90", "75", "85", "0"], ["-1"]):
        done = plain.start(*flags, *cell, "-quirks", "none")
        assert done.returncode == 9 and "the unit cell is not complete" in done.stderr
    assert printed("Unit Cell:", *flags, "-mat", "tri.mat", "-quirks", "none")[:3] == [70, 80, 70]      # beside a matrix it may be


@pytest.mark.parametrize("flags, program, spec", [
    ("-pivot sample -mosflm", "direct beam spot", "sample"), ("-xds -pivot beam", "sample", "direct beam spot"),
    ("-fdet_vector 0 0 1 -pivot sample -Xbeam 5", "direct beam spot", "sample"), ("-xds -distance 100", "sample", "sample"),
    ("-pivot sample -pivot beam -twotheta 3 -fdet_vector 0 0 1", "sample", "direct beam spot")])
def test_an_explicit_pivot_wins(plain, flags, program, spec):
    for quirks, pivot in (("all", program), ("all,-pivot_by_convention", spec)):
        assert f"pivoting detector around {pivot}\n" in plain.start(*BARE, *flags.split(), "-quirks", quirks).stdout


def test_absorption_that_is_off_has_no_thickness_whatever_the_order(bare):
    late, early = ("-detector_abs inf -detector_thick 300".split(), "-detector_thick 300 -detector_abs 0".split())
    flat = bare()
    assert not bare(*late).any() and bare(*early).tobytes() == flat.tobytes()                               # D38
    assert all(bare(*flags, "-quirks", "all,-absorption_off_by_order").tobytes() == flat.tobytes() for flags in (late, early))
    again = "-detector_thick 300 -detector_abs inf -detector_abs 400".split()                               # on again: with its thickness
    assert bare(*again, "-quirks", "all,-absorption_off_by_order").tobytes() == bare("-detector_thick", "300", "-detector_abs", "400").tobytes()
    assert bare(*again).tobytes() == flat.tobytes()


def test_a_curved_detector_needs_nothing_after_it(plain):
    def image(*flags):
        assert plain.start(*BARE, "-floatfile", "bent.bin", *flags).returncode == 0
        return (plain.folder / "bent.bin").read_bytes()
    assert image("-curved_det") == image() != image("-curved_det", "-nonsense")                             # D12
    spec = ["-quirks", "all,-curved_last_ignored"]
    assert image("-curved_det", *spec) == image("-curved_det", "-nonsense") == image(*spec, "-curved_det")


def test_polarization_that_is_off_is_off_whatever_follows(bare):
    both, off = "-nopolar -polar 0.5".split(), "-polar 0.5 -nopolar".split()
    assert bare(*both).tobytes() == bare("-polar", "0.5").tobytes() != bare(*off).tobytes()                 # D16
    assert bare(*both, "-quirks", "all,-polar_despite_off").tobytes() == bare(*off).tobytes()


def test_a_seed_of_the_orientation_is_no_orientation(printed, bare):
    turned = "-misset_seed 40 -osc 3 -phi 2".split()
    spec = ["-quirks", "all,-misset_seed_misset"]
    assert printed("A:", *BARE, *turned)[:3] == [69.70881882, -6.36224576, -0.44989693]                         # D13
    assert printed("A:", *BARE, *turned, *spec) == printed("A:", *BARE)
    lost, words = "-misset random -misset_seed 77 -roi 0 9 0 9".split(), "random orientation misset angles:"
    assert printed(words, *BARE, *lost, *spec) == printed(words, *BARE, "-misset_seed", "77", "-misset", "random")    # D56
    assert bare(*lost).tobytes() == bare(*"-misset 77 -3 0 -roi 0 9 0 9".replace("-3", "0").split()).tobytes()


def test_a_header_key_is_a_whole_word(printed, probed, folder):
    keys = "SIZE1=20;\nSIZE2=20;\nPIXEL_SIZE=1.5;\nXDISTANCE=70;\nDISTANCE = 99.5;\nTWOTHETA=6;\nCLOSE_DISTANCE_X=80;\nDISTANCE_2=60;\n"
    (folder / "head.img").write_bytes(f"{{\nHEADER_BYTES=512;\n{keys}}}\f".encode().ljust(512) + b"\0" * 800)
    flags = [*(word for word in BARE if word not in ("-distance", "100")), "-img", "head.img"]
    assert printed("distance=", *flags) == [0.08]                                # the close distance, found in CLOSE_DISTANCE_X
    spec = printed("distance=", *flags, "-quirks", "all,-header_keys,-ratio_without_twotheta")
    assert spec == [0.0995]
    angles = [float(probed.trace_of(*flags, "-quirks", quirks, pixels=[(1, 1)])["twotheta"]) for quirks in ("all", "all,-header_keys")]
    assert angles == [0, pytest.approx(np.radians(6))]


@pytest.mark.parametrize("order", ["-img head.img -mask mask.img", "-mask mask.img -img head.img"])
@pytest.mark.parametrize("quirks", ["all", "none"])
def test_the_header_of_the_image_wins_over_that_of_the_mask(printed, folder, order, quirks):
    """X31: the description does not say which is read last."""
    for name, wavelength in (("head.img", 1.4), ("mask.img", 1.9)):
        keys = f"SIZE1=20;\nSIZE2=20;\nPIXEL_SIZE=1.5;\nWAVELENGTH={wavelength};\n"
        (folder / name).write_bytes(f"{{\nHEADER_BYTES=512;\n{keys}}}\f".encode().ljust(512) + b"\1\0" * 400)
    flags = [word for word in BARE if word not in ("-lambda", "1.3")]
    assert printed("wavelengths (m):", *flags, *order.split(), "-quirks", quirks) == [1.4e-10]


def test_a_matrix_file_that_is_not_there_is_passed_over_beside_a_cell(plain, printed, bare):
    lost = ["-mat", "nosuch.mat"]
    assert bare(*lost).tobytes() == bare().tobytes()                                                        # D33
    done = plain.start(*BARE, *lost)
    assert "nosuch.mat: warning: no such matrix file (No such file or directory); the orientation is that of -cell" in done.stderr
    for flags in ([*BARE, *lost, "-quirks", "all,-missing_matrix_ignored"], ["-default_F", "10", *lost]):
        done = plain.start(*flags)
        assert done.returncode == 9 and "cannot read the matrix file nosuch.mat" in done.stderr


# --- geometry and crystal -------------------------------------------------------------------------------------------

def test_two_theta_belongs_to_the_angle_between_beam_and_detector(printed):
    """D10: a path of 100 mm along the beam is printed as 100 cos 20."""
    flags = [*BARE, "-Xbeam", "15", "-Ybeam", "16", "-twotheta", "20"]
    assert printed("distance=", *flags) == [0.0939693] and printed("distance=", *flags, "-quirks", "none") == [0.1]
    assert printed("Fbeam=", *flags) == [0.01675, 0.0178126] and printed("Fbeam=", *flags, "-quirks", "none") == [0.01675, 0.01575]


def test_a_triclinic_cell_has_the_angles_that_were_asked_for(printed):
    assert printed("Unit Cell:", *BARE) == [70, 80, 90, 75.0391, 85.0136, 95.0081]
    assert printed("Unit Cell:", *BARE, "-quirks", "none") == [70, 80, 90, 75, 85, 95]


@pytest.mark.parametrize("flags", ["-quirks none", "-mat tri.mat -quirks none", "-mat tri.mat -quirks all,-nominal_volume", "-quirks all,-nominal_volume"])
def test_reciprocal_vectors_are_those_of_the_cell_in_use(probed, flags):
    trace = probed.trace_of(*BARE, *flags.split(), pixels=[(3, 4)])
    products = trace["reciprocal_cell"] @ (trace["cell0"] * 1e10).T
    assert np.allclose(products, np.eye(3), atol=1e-14)
    assert trace["V_cell"] == pytest.approx(np.linalg.det(trace["cell0"] * 1e10), rel=1e-14)


def test_the_program_keeps_the_volume_of_a_cell_that_it_does_not_have(probed):
    """D11, D32: lengths of the flag, angles of the matrix, and the volume of the flag's six values."""
    trace = probed.trace_of(*BARE, "-mat", "tri.mat", pixels=[(3, 4)])
    cell = trace["cell0"] * 1e10
    assert np.linalg.norm(cell, axis=1) == pytest.approx([70, 80, 90], rel=1e-14)
    cosines = np.cos(np.radians([75, 85, 95]))
    asked = 70 * 80 * 90 * np.sqrt(1 - (cosines**2).sum() + 2 * cosines.prod())
    assert trace["V_cell"] == pytest.approx(asked, rel=1e-12) and abs(np.linalg.det(cell) / asked - 1) > 0.005
    assert np.allclose(trace["reciprocal_cell"] @ cell.T, np.eye(3) * np.linalg.det(cell) / asked, atol=1e-13)


def test_the_cap_of_a_random_orientation_is_in_degrees(printed):
    flags = [*BARE, "-misset_seed", "77", "-misset", "random"]
    assert printed("random orientation misset angles:", *flags) == [-50.433049, 15.844024, 15.618692]
    assert printed("random orientation misset angles:", *flags, "-quirks", "none") == pytest.approx([-79.5705, 28.6375, 16.7767], abs=5e-5)


def test_a_random_orientation_follows_the_seed_of_the_noise(printed):
    words, only = "random orientation misset angles:", ["-quirks", "all,-misset_seed_apart"]
    known = printed(words, *BARE, "-misset_seed", "5", "-misset", "random")
    assert printed(words, *BARE, "-misset", "random", "-seed", "5", *only) == known
    assert printed(words, *BARE, "-misset", "random", "-seed", "5") != known             # the clock's, in the program
    assert printed(words, *BARE, "-misset_seed", "5", "-misset", "random", "-seed", "6", *only) == known


def test_only_a_beam_that_was_given_clips_the_crystal(printed):
    flags = [*BARE, "-xtalsize", "0.2"]
    assert printed("crystal is", *flags)[3:] == [2858 * 10 - 8, 12501, 11112]
    assert printed("crystal is", *flags, "-quirks", "none")[4:] == [25001, 22223]
    assert printed("crystal is", *flags, "-beamsize", "0.1", "-quirks", "none") == printed("crystal is", *flags, "-quirks", "all,-direct_volume_ratio")


def test_layers_share_the_thickness(probed):
    def layers(*flags):
        trace = probed.trace("-detector_abs", "400", "-detector_thick", "300", *flags, pixels=[(3, 4)])
        return int(trace["thicksteps"]), float(trace["layer_thickness"]) * 1e6
    assert layers("-thicksteps", "1") == (2, pytest.approx(300)) and layers("-thicksteps", "4") == (4, pytest.approx(100))
    assert layers() == layers("-quirks", "none") == (2, pytest.approx(150))
    assert layers("-thicksteps", "1", "-quirks", "none") == (1, pytest.approx(300))
    assert layers("-thicksteps", "4", "-quirks", "none") == (4, pytest.approx(75))


def test_captures_add_up_to_what_the_sensor_stops(probed):
    trace = probed.trace(*"-detector_abs 400 -detector_thick 300 -thicksteps 5 -oversample 2 -quirks none".split(), pixels=[(3, 4), (30, 40)])
    stopped = 1 - np.exp(-300e-6 / 400e-6 / trace["parallax"][:, 0])
    assert np.allclose(trace["capture"].sum(axis=1), stopped, rtol=1e-3)            # deeper layers see a little other angle


def test_interpolation_is_chosen_by_the_crystal_as_it_is(probed):
    """D15. A sample size makes many cells; -N still says one."""
    flags = "-mat tri.mat -hkl tiny.hkl -nonoise -nopgm -oversample 1 -xtalsize 0.0001 -detpixels 4 -pixel 4 -distance 90 -lambda 1.1".split()
    assert probed.trace_of(*flags, pixels=[(1, 1)])["interpolate"] == 1
    assert probed.trace_of(*flags, "-quirks", "none", pixels=[(1, 1)])["interpolate"] == 0
    assert probed.trace_of(*flags, "-N", "5", pixels=[(1, 1)])["interpolate"] == 0


def test_a_curved_detector_has_its_axes_where_the_flat_one_has_them(probed):
    def position(*flags): return probed.trace_of(*BARE, "-curved_det", "-N", "5", *flags, pixels=[(15, 3)])["pixel_position"][0, 0, 0]
    flat = probed.trace_of(*BARE, "-N", "5", pixels=[(15, 3)])["pixel_position"][0, 0, 0]
    assert np.allclose(flat, [0.1, -0.00675, -0.01125])
    assert np.allclose(position(), [0.09914157, -0.01120072, -0.00674488], atol=1e-8)
    bent = position("-quirks", "none")
    assert np.allclose(bent[1:], flat[1:], rtol=1.2e-2) and np.linalg.norm(bent) == pytest.approx(0.1, rel=1e-14)
    assert not np.allclose(bent[1:], flat[1:], rtol=1e-3)
    rotated = probed.trace_of(*BARE, *"-curved_det -N 5 -fdet_vector 0 0.6 0.8 -sdet_vector 0 -0.8 0.6 -quirks none".split(), pixels=[(15, 3)])
    plane = probed.trace_of(*BARE, *"-N 5 -fdet_vector 0 0.6 0.8 -sdet_vector 0 -0.8 0.6 -quirks none".split(), pixels=[(15, 3)])
    assert np.allclose(rotated["pixel_position"][..., 1:], plane["pixel_position"][..., 1:], rtol=1.2e-2)   # the frame turned in its plane


STEEP = "-nonoise -nopgm -default_F 10 -N 5 -lambda 1.3 -distance 20 -detpixels 4 -pixel 20 -oversample 2 -polar 0.9".split()


def test_every_subpixel_has_its_own_factors_and_the_last_one_counts(probed):
    kept = probed.trace_of(*STEEP, *CELL, pixels=[(3, 3)])
    own = probed.trace_of(*STEEP, *CELL, "-quirks", "none", pixels=[(3, 3)])
    assert np.allclose(own["omega"][0, 0], [0.83805, 0.48275, 0.48275, 0.32282], rtol=2e-5)
    assert np.allclose(own["polarization"][0, 0, :, 0], [0.94444, 0.66923, 0.94615, 0.73529], rtol=2e-5)
    assert (own["omega_final"], own["polar_final"]) == (own["omega"][0, 0, 3], own["polarization"][0, 0, 3, 0])
    assert (kept["omega"] == own["omega"][0, 0, 0]).all() and (kept["polarization"] == own["polarization"][0, 0, 0, 0]).all()
    assert not own.unset["cos_2theta"].any() and kept.unset["cos_2theta"].sum() == 3


def test_polarization_that_is_off_stays_off(bare, probed):
    on, off = (bare("-polar", "0.5", *flags, "-oversample_polar") for flags in ([], ["-nopolar"]))
    assert on.tobytes() == off.tobytes()                                                     # D16
    without = bare("-polar", "0.5", "-nopolar", "-oversample_polar", "-quirks", "none")
    assert without.tobytes() == bare("-nopolar").tobytes() != on.tobytes()
    trace = probed.trace("-nopolar", "-oversample_polar", "-quirks", "none", pixels=[(3, 4)])
    assert (trace["running_polar"] == 1).all() and (trace["polarization"] == 1).all() and "cos_2theta" not in trace.values


def test_the_direction_of_a_subpixel_is_the_same_for_every_source(probed):
    flags = "-hdivrange 2 -hdivsteps 3".split()
    pixels = [(s, f) for s in range(0, 40, 5) for f in range(0, 48, 5)]
    def moved(*more):
        t = probed.trace(*flags, *more, pixels=pixels)
        exact = (t["diffracted"][:, :, :, None] - t["incident"]) / t["wavelength"][..., None]
        return (exact != t["q"]).any(axis=(1, 2, 4)).any(axis=0).tolist()
    assert moved("-quirks", "none") == [False] * 3 and moved() == [False, True, True]


# --- structure factors ----------------------------------------------------------------------------------------------

INTERPOLATED = "-interpolate -N 3 -lambda 1.3 -quirks".split()


def lagrange(trace, x, at):
    """The tricubic value as numpy solves it: a polynomial through the nodes, fitted; x (3,), at the 64 entries."""
    for axis in (2, 1, 0):
        nodes = np.floor(x[axis]) - 1 + np.arange(4)
        weights = [np.prod([(x[axis] - nodes[j]) / (nodes[i] - nodes[j]) for j in range(4) if j != i]) for i in range(4)]
        at = at @ np.array(weights)
    return at


def test_inside_the_table_the_amplitude_is_the_polynomial_through_64_entries(probed):
    trace = probed.trace(*INTERPOLATED, "none")
    first = np.array([trace.description["axes"][axis]["first"] for axis in "hkl"])
    stencil = np.stack([trace[f"stencil_{axis}"].reshape(-1, 4) for axis in "hkl"], axis=1)
    hkl, F = trace["hkl"].reshape(-1, 3), trace["F_cell"].ravel()
    assert np.array_equal(stencil, np.floor(hkl)[..., None] - 1 + np.arange(4))
    inside = (stencil[:, :, 0] >= first).all(axis=1) & (stencil[:, :, 3] <= -first).all(axis=1)
    assert 50 < inside.sum() < len(F) - 500 and (F[~inside] == 6).all()                      # structure.15: -default_F 6
    for p in np.flatnonzero(inside)[::7]:
        h, k, l = stencil[p] - first[:, None]
        assert F[p] == pytest.approx(lagrange(trace, hkl[p], trace["F_table"][np.ix_(h, k, l)]), rel=1e-11, abs=1e-10)


def test_an_index_near_the_edge_of_the_table_is_inside_while_its_nodes_are(probed):
    wide, tight = (probed.trace(*INTERPOLATED, f"none{more}") for more in ("", ",+tight_stencil"))
    x = wide["hkl"].reshape(-1, 3)
    nodes_in = ((np.floor(x) >= -3) & (np.floor(x) <= 2)).all(axis=1)
    tight_in = ((x >= -2) & (x <= 2)).all(axis=1)
    differ = (wide["F_cell"] != tight["F_cell"]).ravel()
    assert differ.sum() > 10 and not differ[~nodes_in | tight_in].any() and (tight["F_cell"].ravel()[~tight_in] == 6).all()


def test_a_stencil_outside_ends_interpolation_in_the_program_and_gives_the_default_in_the_spec(probed, plain, small):
    faithful = probed.trace(*INTERPOLATED, "all")
    first_outside = int(np.flatnonzero((np.abs(faithful["hkl"].reshape(-1, 3)) > 2).any(axis=1))[0])
    assert first_outside == 0                                                                # the corner: nothing is interpolated
    nearest = plain.image("-N", "3", "-lambda", "1.3")
    assert plain.image(*INTERPOLATED, "all").tobytes() == nearest.tobytes() != plain.image(*INTERPOLATED, "none").tobytes()
    region = ["-roi", "24", "27", "18", "39"]                                                # the middle first, then what is outside
    ended = probed.trace(*INTERPOLATED, "all", *region, pixels=[(s, f) for s in range(18, 40) for f in range(24, 28)])
    x, F, F_table = ended["hkl"].reshape(-1, 3), ended["F_cell"].ravel(), ended["F_table"]
    end = int(np.flatnonzero((np.abs(x) > 2).any(axis=1))[0])
    index = ended["hkl0"].reshape(-1, 3) + 4
    looked_up = [F_table[tuple(i)] if (i >= 0).all() and (i <= 8).all() else 6 for i in index]
    assert 10 < end < len(F) and (F[end:] == looked_up[end:]).all() and (F[:end] != looked_up[:end]).all()
    done = plain.start(*small, *INTERPOLATED, "all", *region, threads=3)
    assert done.stderr.count("out of range for interpolation") == 1


def test_without_the_race_any_number_of_threads_ends_interpolation_at_the_same_pixel(plain):
    flags = [*INTERPOLATED, "all,-racing_switch_off", "-roi", "24", "27", "18", "39"]
    one = plain.image(*flags)
    assert all(plain.image(*flags, threads=threads).tobytes() == one.tobytes() for threads in (2, 3, 8))
    assert one.tobytes() == plain.image(*flags, "-quirks", "all").tobytes()


def test_extra_columns_are_ignored_by_line_and_shift_a_stream(plain, folder):
    rows = [line.split() for line in (folder / "tiny.hkl").read_text().splitlines()]
    (folder / "whole.hkl").write_text("".join(f"{h} {k} {l} {round(float(F))}\n" for h, k, l, F in rows))
    (folder / "phases.hkl").write_text("# with phases\n" + "".join(f"{h} {k} {l} {round(float(F))} {i % 360}\n" for i, (h, k, l, F) in enumerate(rows)))
    (folder / "real.hkl").write_text("".join(f"{h} {k} {l} {F} {i % 360}.5\n" for i, (h, k, l, F) in enumerate(rows)))
    four = plain.image("-hkl", "whole.hkl")
    assert plain.image("-hkl", "phases.hkl", "-quirks", "none").tobytes() == plain.image("-hkl", "whole.hkl", "-quirks", "none").tobytes()
    (folder / "phases.hkl").write_text((folder / "phases.hkl").read_text().split("\n", 1)[1])
    assert plain.image("-hkl", "phases.hkl").tobytes() != four.tobytes()                     # D57: wrong, and no complaint
    assert not plain.image("-hkl", "real.hkl", "-default_F", "0").any()                      # D20: an empty image


def test_a_stream_that_ends_early_says_where(plain, small, folder):
    (folder / "comment.hkl").write_text("1 2 3 4\n0 0 1 5\n# end\n")
    done = plain.start(*small, "-hkl", "comment.hkl")
    assert done.returncode == 0 and "2 structure factors" in done.stdout
    assert "comment.hkl: warning: reading ends at reflection 3, where four numbers h k l F are expected" in done.stderr


def cache(F: np.ndarray) -> bytes:
    """Three axes from -1 to 1, with the one more plane that the program keeps."""
    return b"-1 1 -1 1 -1 1\n\f" + np.pad(F, ((0, 1),) * 3).astype("<f8").tobytes()


def test_a_cache_comes_back_as_it_was_written(probed, small, folder):
    flags = [flag.replace("-hkl", "-nonsense") for flag in small]
    F = np.arange(27.0).reshape(3, 3, 3) + 1
    F[0, 0, 0] = struct.unpack("<d", b"\x20\x09\0\0\0\0\x59\x40")[0]                         # near 100; its first bytes look like blanks
    (folder / "Fdump.bin").write_bytes(cache(F))
    exact = probed.trace_of(*flags, "-quirks", "none", pixels=[(20, 24)])
    assert np.array_equal(exact["F_table"], F) and exact.description["axes"]["h"]["first"] == -1
    shifted = probed.trace_of(*flags, pixels=[(20, 24)])["F_table"]                          # D21
    assert np.array_equal(shifted.ravel()[:26].view("u1"), np.frombuffer(cache(F)[18:], "u1")[:208]) or not np.array_equal(shifted, F)


# --- output ---------------------------------------------------------------------------------------------------------

def test_the_deviation_leaves_masked_pixels_out(printed, plain, folder):
    mask = np.indices((20, 20)).sum(axis=0).astype("<u2") % 2
    (folder / "mask.img").write_bytes(b"{\nHEADER_BYTES=512;\nSIZE1=20;\nSIZE2=20;\nPIXEL_SIZE=1.5;\n}\f".ljust(512) + mask.tobytes())
    flags = [*BARE, "-mask", "mask.img", "-N", "5", "-roi", "2", "17", "3", "16", "-floatfile", "masked.bin"]
    every = printed("mean=", *flags)
    image = np.fromfile(folder / "masked.bin", np.float32).reshape(20, 20).astype(float)
    seen = image[3:17, 2:18][mask[3:17, 2:18] == 1]
    assert seen.all() and np.count_nonzero(image) == seen.size
    zeros = np.append(seen, np.zeros(image[3:17, 2:18].size - seen.size))
    deviation = lambda values: np.sqrt(((values - seen.mean())**2).sum() / (values.size - 1))
    assert every[2] == pytest.approx(deviation(zeros), rel=1e-5)
    only = printed("mean=", *flags, "-quirks", "all,-masked_in_deviation")
    assert only[:2] == every[:2] and only[2] == pytest.approx(deviation(seen), rel=1e-5)
