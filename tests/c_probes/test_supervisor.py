"""The supervisor run on inputs of our own: its figures, and every clause of specs/nanobragg.md that it touches.

The clauses are written out once more on whole arrays; each is judged on the operands that the program itself traced.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

INPUTS = Path(__file__).parents[2] / "runs" / "inputs"
COMMAND = """-mat crystal.mat -hkl wilson.hkl -nonoise -nointerpolate -oversample 1 -exposure 1 -flux 1e18 -beamsize 1.0
    -spindle_axis -1 0 0 -Xbeam 217.742295 -Ybeam 213.907080 -distance 231.274660 -lambda 0.976800 -pixel 0.172
    -detpixels_x 2463 -detpixels_y 2527 -odet_vector -0.000088 0.004914 -0.999988 -sdet_vector -0.005998 -0.999970 -0.004913
    -fdet_vector 0.999982 -0.005998 -0.000118 -pix0_vector_mm -216.336293 215.205512 -230.200866
    -beam_vector 0.00051387949 0.0 -0.99999986 -Na 36 -Nb 47 -Nc 29 -osc 0.1 -phi 0 -phisteps 10 -detector_rotx 0
    -detector_roty 0 -detector_rotz 0 -twotheta 0 -nopgm -floatfile out.bin""".split()
REGION = ["-roi", "1141", "1200", "782", "821"]             # around the brightest pixel
EPS = np.finfo(float).eps


@pytest.fixture(scope="session")
def reflections(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("inputs") / "wilson.hkl"
    subprocess.run([sys.executable, INPUTS / "wilson_hkl.py", path], check=True)
    return path.read_bytes()


@pytest.fixture
def inputs(folder, reflections):
    (folder / "wilson.hkl").write_bytes(reflections)
    (folder / "crystal.mat").write_bytes((INPUTS / "crystal.mat").read_bytes())


def image(program, *flags, threads=2) -> np.ndarray:
    done = program.start(*COMMAND, *flags, threads=threads)
    assert done.returncode == 0, done.stderr
    return np.fromfile(program.folder / "out.bin", np.float32).reshape(2527, 2463)


# Figures of this program at the state that reproduced every supported figure of the original bit for bit
# (gcc 12, -O2 -ffp-contract=off, two threads).
FIGURES = {
    "all": (6313.573075939669, {(802, 1171): 387.4977111816406, (801, 1171): 343.6712951660156, (1562, 1270): 277.3818664550781,
                                (0, 0): 8.851196042769516e-08, (0, 1): 2.3890112998969926e-08, (1264, 0): 6.652426520759036e-08,
                                (1300, 1250): 9.286359841098601e-07, (2526, 2462): 4.225566077598053e-11}),
    "none": (6455.5624184570705, {(802, 1171): 371.85565185546875, (801, 1171): 339.20263671875, (1562, 1270): 272.5470275878906,
                                  (0, 0): 8.851196042769516e-08, (0, 1): 2.3359227441233088e-08, (1264, 0): 6.652426520759036e-08,
                                  (1300, 1250): 9.250383072867407e-07, (2526, 2462): 3.7518797096902645e-11}),
}


def is_where_it_was(got: np.ndarray, quirks: str) -> None:
    total, pixels = FIGURES[quirks]
    assert got.astype(float).sum() == pytest.approx(total, rel=1e-7)
    assert np.unravel_index(got.argmax(), got.shape) == (802, 1171)
    for pixel, value in pixels.items():
        assert got[pixel] == pytest.approx(value, rel=2e-7), pixel


def test_the_whole_frame_has_not_moved(plain, inputs):
    is_where_it_was(image(plain, "-quirks", "all"), "all")


def test_a_region_is_the_same_part_of_the_whole_frame(plain, inputs):
    part = image(plain, *REGION, threads=1)
    known = {pixel: value for pixel, value in FIGURES["all"][1].items() if 782 <= pixel[0] <= 821 and 1141 <= pixel[1] <= 1200}
    assert len(known) == 2 and np.count_nonzero(part) == np.count_nonzero(part[782:822, 1141:1201]) > 2000
    for pixel, value in known.items():
        assert part[pixel] == pytest.approx(value, rel=2e-7)


def clauses(t) -> dict:
    """Clause -> (what the program holds, what the clause requires, allowed rounding). Axes as in quantities.h."""
    L, S, R, J, M = (slice(None),) * 5
    slow, fast = t["slow"][:, None, None], t["fast"][:, None, None]
    d, i, p_axis, normal = t["diffracted"], t["incident"], t["polarization_axis"], t["detector_normal"]
    position = (t["pix0"] + t["fast_position"][..., None] * t["fast_axis"] + t["slow_position"][..., None] * t["slow_axis"]
                + t["layer_depth"][:, :, None, None] * normal)
    c, K = t["cos_2theta"], t["kahn_factor"]
    u, angle = t["spindle_axis"], t["phi_angle"][..., None, None]
    along = (t["cell0"] @ u)[:, None] * u
    turned = along * (1 - np.cos(angle)) + t["cell0"] * np.cos(angle) + np.cross(u, t["cell0"]) * np.sin(angle)
    x = np.pi * t["hkl"]
    grating = np.sin(t["N"] * x) / np.sin(x)
    first = [t.description["axes"][axis]["first"] for axis in "hkl"]
    index = t["hkl0"] - first
    within = ((index >= 0) & (index < t["F_table"].shape)).all(axis=-1)
    listed = t["F_table"][tuple(np.where(within[..., None], index, 0)[..., k] for k in range(3))]
    size = lambda values: np.abs(values).max()
    return {
        "units.13": (t["r_e_sqr"], 7.94079248018965e-30, 0),
        "beam.5": (t["wavelength"], np.broadcast_to(t["source_wavelength"], t["wavelength"].shape), 0),
        "beam.20": (i, np.broadcast_to(-t["source_direction"], i.shape), 0),
        "beam.21": (t["fluence"], t["flux"] * t["exposure"] / t["beamsize"] ** 2, 4 * EPS * t["fluence"]),
        "sampling.4 fast": (t["fast_position"], t["subpixel_size"] * (fast + 0.5), 4 * EPS * size(t["fast_position"])),
        "sampling.4 slow": (t["slow_position"], t["subpixel_size"] * (slow + 0.5), 4 * EPS * size(t["slow_position"])),
        "sampling.4 size": (t["subpixel_size"], t["pixel_size"] / t["oversample"], 0),
        "sampling.5": (t["layer_depth"], np.zeros_like(t["layer_depth"]), 0),
        "sampling.7": (t["phi_angle"], np.broadcast_to(t["phi0"] + t["phistep"] * np.arange(10), t["phi_angle"].shape), EPS * 0.1),
        "sampling.11": (t["steps"], t["sources"] * t["mosaic_domains"] * t["phisteps"] * t["oversample"] ** 2, 0),
        "sampling.12": (t["q"], (d[:, :, :, None] - i) / t["wavelength"][..., None], 4 * EPS / t["lambda0"]),
        "sampling.13": (t["hkl"], np.einsum("plsrjmax,plsrx->plsrjma", t["cell"], t["q"]), 8 * EPS * size(t["cell"]) * size(t["q"])),
        "sampling.14": (t["hkl0"], np.ceil(t["hkl"] - 0.5), 0),
        "sampling.15": (t["stol"], np.linalg.norm(t["q"], axis=-1) / 2, 4 * EPS * size(t["q"])),
        "geometry.31": (t["pixel_position"], position, 8 * EPS * size(position)),
        "geometry.32 airpath": (t["airpath"], np.linalg.norm(t["pixel_position"], axis=-1), 4 * EPS * size(t["airpath"])),
        "geometry.32 direction": (d, t["pixel_position"] / t["airpath"][..., None], 4 * EPS),
        "detector.1": (t["omega"], t["pixel_size"] ** 2 / t["airpath"] ** 3 * t["close_distance"], 8 * EPS * t["omega"]),
        "detector.12": (t["capture"], np.ones_like(t["capture"]), 0),
        "polarization.1": (c, (i * d[:, :, :, None]).sum(axis=-1), 8 * EPS),
        "polarization.3": (t["psi"], np.zeros_like(t["psi"]), 0),
        "polarization.4": (t["polarization"], 0.5 * (1 + c**2 - K * np.cos(2 * t["psi"]) * (1 - c**2)), 4 * EPS),
        "crystal.15": (t["cell_phi"], turned, 8 * EPS * size(turned)),
        "crystal.16": (t["cell"], t["cell_phi"][..., None, :, :], 0),
        "lattice.2 axis": (t["F_latt_axis"], grating, 16 * EPS * np.abs(grating)),
        "lattice.2": (t["F_latt"], t["F_latt_axis"].prod(axis=-1), 4 * EPS * np.abs(t["F_latt"])),
        "structure.11, .12": (t["F_cell"], np.where(within, listed, t["default_F"]), 0),
        "background.2": (t["I_background"], 0.0, 0),
        "scaling.1": (t["I_start"], np.full_like(t["I_start"], t["I_background"]), 0),
        "scaling.2 term": (t["term"], t["F_cell"] ** 2 * t["F_latt"] ** 2, 8 * EPS * t["term"]),
        "scaling.2 sum": (t["I"], t["I_start"] + t["term"].sum(axis=(1, 2, 3, 4, 5)), 16 * EPS * t["I"]),
        "scaling.8 scaled": (t["scaled"], t["r_e_sqr"] * t["fluence"] * t["I"] / t["steps"], 4 * EPS * t["scaled"]),
        "scaling.8": (t["intensity"], t["scaled"] * t["capture_final"] * t["polar_final"] * t["omega_final"], 4 * EPS * t["intensity"]),
        "scaling.9": (t["capture_final"], t["capture"][:, -1, -1], 0),
        "scaling.10": (t["polar_final"], t["polarization"][:, -1, -1, -1], 0),
        "scaling.11": (t["omega_final"], t["omega"][:, -1, -1], 0),
        "scaling.12": (t["image"], t["intensity"].astype(np.float32), 0),
    }


def broken(trace) -> list[str]:
    """The clauses outside their rounding somewhere; NaN is outside."""
    found = []
    for name, (got, required, bound) in clauses(trace).items():
        assert np.shape(got) == np.shape(required), name
        if not (np.abs(np.asarray(got, float) - required) <= bound).all():
            found.append(name)
    return found


PIXELS = [(0, 0), (0, 1), (1, 0), (500, 2400), (801, 1171), (802, 1171), (803, 1170), (1263, 2462), (1264, 0), (1264, 1), (1300, 1250),
          (2000, 7), (2526, 2462)]


@pytest.fixture
def some_of_it(probed, inputs):
    """The supervisor run, traced at corners, at a bright spot, near the beam, and where the second thread begins."""
    def trace(*flags, pixels=PIXELS, threads=2):
        return probed.trace_of(*COMMAND, *flags, pixels=pixels, threads=threads)
    return trace


def test_with_no_quirk_the_program_conforms_to_every_clause_that_the_run_touches_and_its_frame_has_not_moved(some_of_it, folder):
    trace = some_of_it("-quirks", "none")
    assert all(not unset.any() for unset in trace.unset.values())
    assert (trace["oversample"], trace["thicksteps"], trace["sources"], trace["interpolate"], trace["nopolar"]) == (1, 1, 1, 0, 0)
    assert broken(trace) == []
    is_where_it_was(np.fromfile(folder / "out.bin", np.float32).reshape(2527, 2463), "none")


def test_with_the_quirk_the_spindle_rotation_breaks_first_and_alone(some_of_it):
    """At step 0 only, on every pixel but the first of each thread; the next clauses hold on what the program holds."""
    pixels = [(1262, 0), (1262, 1), (1263, 0), (1263, 2462), (1264, 0), (1264, 1), (1290, 1250)]
    trace = some_of_it("-quirks", "all", "-roi", "0", "2462", "1262", "1290", pixels=pixels)
    assert broken(trace) == ["crystal.15"]
    got, required, bound = clauses(trace)["crystal.15"]
    wrong = (np.abs(got - required) > bound).any(axis=(-2, -1))[:, 0, 0, 0]      # pixel, phi
    assert not wrong[:, 1:].any()
    assert [pixels[p] for p in np.flatnonzero(~wrong[:, 0])] == [(1262, 0), (1264, 0)]
    assert np.array_equal(got[1:4, 0, 0, 0, 0], got[1:4, 0, 0, 0, 9])            # the step carried over is the last


def test_an_entry_that_no_reflection_names_holds_the_default(some_of_it, reflections):
    """structure.3, on the whole table: 0 without -default_F, and the default with it; the rest as the file has it."""
    rows = np.array([line.split() for line in reflections.splitlines()], float)
    for flags, default in (([], 0.0), (["-default_F", "2.5"], 2.5)):
        trace = some_of_it(*flags, *REGION, pixels=[(802, 1171)])
        first = [trace.description["axes"][axis]["first"] for axis in "hkl"]
        expected = np.full(trace["F_table"].shape, default)
        expected[tuple((rows[:, :3].astype(int) - first).T)] = rows[:, 3]
        assert np.array_equal(trace["F_table"], expected) and (expected == default).sum() > 1000
        assert tuple(first) == tuple(rows[:, :3].min(axis=0)) and trace["F_table"].shape == tuple(np.ptp(rows[:, :3], axis=0) + 1)


def test_outside_the_table_the_default_is_used(some_of_it):
    """A table of the indices -4 to 4 on a frame that reaches 31."""
    trace = some_of_it("-hkl", "tiny.hkl", "-default_F", "2.5", "-quirks", "none", *REGION, pixels=[(802, 1171), (810, 1200)])
    assert broken(trace) == [] and (np.abs(trace["hkl0"]).max(axis=-1) > 4).all() and (trace["F_cell"] == 2.5).all()
