"""Against figures of the original program, where they lie beside the checkout: all of them, with all quirks on."""
from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from torch_model.__main__ import main

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
pytestmark = pytest.mark.skipif(not (GOLDEN / "cases.json").exists(), reason="no golden figures beside this checkout")

CASES = {case["id"]: case for case in json.loads((GOLDEN / "cases.json").read_text())["cases"]} if (GOLDEN / "cases.json").exists() else {}


def prepare(name: str) -> dict:
    for file in CASES[name].get("inputs", []):
        shutil.copyfile(GOLDEN / "inputs" / file, file)
    return CASES[name]


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An empty working folder; the trace variables unset."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONFORM_TRACE", "CONFORM_PIXELS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "npy" in case])
def test_images_files_and_printed_figures_are_those_of_the_original_program(empty, name, capsys):
    case = prepare(name)
    assert main(["-quirks", "all", *case["args"], "-floatfile", "out.bin"]) == 0
    want, image = np.load(GOLDEN / case["npy"]), np.fromfile("out.bin", np.float32).reshape(case["shape"])
    if "npy_crop" in case:
        slow0, slow1, fast0, fast1 = case["npy_crop"]
        image = image[slow0:slow1, fast0:fast1]
    stable = np.ones(want.shape, bool)
    for pixel in case.get("unstable_pixels", []):
        stable[tuple(pixel)] = False
    difference = np.abs(image.astype(float) - want)
    within_one = (difference <= np.spacing(np.abs(want))) | ~stable
    assert within_one.mean() >= 0.999
    bright = stable & (want > 1e-6 * want.max())
    assert (difference[bright] <= 2e-6 * want[bright]).all()
    figures = json.loads((GOLDEN / f"{name}.json").read_text())
    for file, expected in (figures.get("outputs", {}) if not difference.any() else {}).items():
        assert hashlib.sha256(Path(file).read_bytes()).hexdigest() == expected["sha256"], file
    said, printed = capsys.readouterr().out, figures["stdout_summary"]
    for key, pattern in (("solid_angle_sr", "detector = (\\S+)"), ("max_I", "max_I = (\\S+)"), ("mean", "mean= (\\S+)"), ("rms", "rms= (\\S+)"),
                         ("rmsd", "rmsd= (\\S+)"), ("intfile_scale", "intfile_scale = (\\S+)"), ("volume_A3", "volume = (\\S+)")):
        assert float(re.search(pattern, said)[1]) == pytest.approx(printed[key], rel=1.1e-5), key
    fast, slow = re.search(r"max_I = \S+  at (\S+) (\S+)", said).groups()
    assert [float(fast), float(slow)] == pytest.approx(printed["max_I_at_m_fast_slow"], rel=1e-5)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "expect_rc" in case])
def test_the_original_program_and_this_one_refuse_the_same(empty, name, capsys):
    case = prepare(name)
    assert main([*case["args"], "-floatfile", "out.bin"]) == case["expect_rc"] and "usage:" in capsys.readouterr().err


def test_the_supervisor_run_has_the_original_values_at_every_angle_but_zero(empty, monkeypatch):
    """At angle 0 the original holds the vectors of step 9 of the pixel before; here those of the crystal at rest."""
    case = prepare("sup-full")
    figures = json.loads((GOLDEN / "sup-full.json").read_text())
    pixels = sorted(tuple(map(int, key.split(","))) for key in figures["traces"])
    Path("pixels.txt").write_text("".join(f"{slow} {fast}\n" for slow, fast in pixels))
    Path("trace").mkdir()
    monkeypatch.setenv("CONFORM_TRACE", "trace")
    monkeypatch.setenv("CONFORM_PIXELS", "pixels.txt")
    slow, fast = zip(*pixels)
    region = map(str, (min(fast), max(fast), min(slow), max(slow)))
    assert main([*case["args"], "-roi", *region, "-floatfile", "out.bin"]) == 0

    def value(name, pixel):
        values = np.load(f"trace/{name}.npy")
        return values[pixels.index(pixel)].squeeze() if name not in ("pix0", "close_distance") else values

    for pixel in pixels:
        trace = figures["traces"][f"{pixel[0]},{pixel[1]}"]
        first, steps = trace["evaluations"][0], trace["phi_steps"]
        for name, key in (("pix0", "pix0_m"), ("pixel_position", "pixel_pos_m"), ("airpath", "airpath_m"), ("omega", "omega_sr"),
                          ("close_distance", "close_distance_m"), ("diffracted", "diffracted"), ("q", "q_per_m")):
            np.testing.assert_allclose(value(name, pixel), first[key], rtol=2e-14)
        k, latt = value("hkl", pixel)[:, 1], value("F_latt", pixel)
        np.testing.assert_allclose(value("polarization", pixel), trace["final"]["polar"], rtol=1e-14)
        assert {step["phi_tic"] for step in steps} == set(range(10))
        for step in steps:
            j = step["phi_tic"]
            if j:
                np.testing.assert_allclose(k[j], step["k_frac"], rtol=1e-12)
                np.testing.assert_allclose(latt[j], step["F_latt"], rtol=1e-10)
        stale = pixel != (0, 0)                     # the very first evaluation has nothing to carry over
        assert (steps[0]["k_frac"] == steps[9]["k_frac"]) == stale
        assert (k[0] != pytest.approx(steps[0]["k_frac"], rel=1e-9)) == stale


PER_SUBPIXEL = {"pixel_pos_m": ("pixel_position", 1), "airpath_m": ("airpath", 1), "omega_sr": ("omega", 1), "diffracted": ("diffracted", 1)}
PER_SOURCE = {"incident": ("incident", 1), "lambda_m": ("wavelength", 1), "q_per_m": ("q", 1)}
PER_SAMPLE = {"hkl_frac": ("hkl", 1), "hkl_nearest": ("hkl0", 1), "F_cell": ("F_cell", 1)}
FINAL = {"I_accumulated": "I", "steps": "steps", "r_e_sqr_m2": "r_e_sqr", "fluence_per_m2": "fluence", "pixel_photons": "intensity", "pixel_float32": "image"}
LOOPS = ("pixel", "layer", "subpixel", "source", "phi", "mosaic")


class Traced:
    """A raw trace, every value with all loop axes in front."""

    def __init__(self, folder: Path) -> None:
        self.folder, text = folder, json.loads((folder / "trace.json").read_text())
        self.quantities, self.axes = text["quantities"], text["axes"]

    def __call__(self, name: str, **place: int) -> np.ndarray:
        """The value at a place in the loops; a negative index counts from the end."""
        quantity, values = self.quantities[name], np.load(self.folder / f"{name}.npy")
        for axis in LOOPS:
            if axis in quantity["axes"]:
                values = values.take(place.get(axis, 0), 0)
        return values


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.get("trace_pixels")])
def test_traced_values_are_those_of_the_original_program(empty, name, monkeypatch):
    case, figures = prepare(name), json.loads((GOLDEN / f"{name}.json").read_text())
    traces = figures["traces"]
    pixels = sorted(tuple(map(int, key.split(","))) for key in traces)
    Path("pixels.txt").write_text("".join(f"{slow} {fast}\n" for slow, fast in pixels))
    Path("trace").mkdir()
    monkeypatch.setenv("CONFORM_TRACE", "trace")
    monkeypatch.setenv("CONFORM_PIXELS", "pixels.txt")
    assert main(["-quirks", "all", *case["args"], "-floatfile", "out.bin"]) == 0
    image = np.fromfile("out.bin", np.float32).reshape(case["shape"])
    unstable = {tuple(pixel) for pixel in case.get("unstable_pixels", [])}
    samples = [(image[slow, fast], np.float32(known)) for slow, fast, known in figures["samples"] if (slow, fast) not in unstable]
    assert np.mean([abs(ours - known) <= np.spacing(known) for ours, known in samples]) >= 0.99
    value = Traced(Path("trace"))
    subpixels = value.axes.get("subpixel", {"size": 1})["size"]

    def close(got, want, tolerance, what):
        scale = max(np.abs(want).max(), np.abs(got).max())          # of a vector: its largest component
        assert np.abs(np.asarray(got, float) - want).max() <= tolerance * scale, (what, got, want)

    for i, pixel in enumerate(pixels):
        trace = traces[f"{pixel[0]},{pixel[1]}"]
        for seen in trace["evaluations"]:
            place = {"pixel": i, "layer": seen["index"] // subpixels, "subpixel": seen["index"] % subpixels}
            for key, (ours, factor) in {**PER_SUBPIXEL, **PER_SOURCE, **PER_SAMPLE}.items():
                if key in seen:
                    close(value(ours, **place) * factor, np.array(seen[key]), 1e-9 if key == "F_cell" else 1e-12, (pixel, key))
            if "hkl_frac" in seen:
                close(value("cell", **place) * 1e10, np.array([seen["a_A"], seen["b_A"], seen["c_A"]]), 1e-12, (pixel, "cell"))
            if "F_latt_a" in seen and pixel not in unstable:
                factors = np.array([seen["F_latt_a"], seen["F_latt_b"], seen["F_latt_c"]])
                close(value("F_latt_axis", **place), factors, 1e-9, (pixel, "F_latt_axis"))
        for step in trace.get("phi_steps", []):
            place = {"pixel": i, "layer": step["eval"] // subpixels, "subpixel": step["eval"] % subpixels, "phi": step["phi_tic"]}
            close(value("hkl", **place)[1], np.array(step["k_frac"]), 1e-12, (pixel, step))
            if "F_latt" in step:
                close(value("F_latt", **place), np.array(step["F_latt"]), 1e-9, (pixel, step))
        final = trace["final"]
        for key, ours in FINAL.items():
            close(value(ours, pixel=i), np.array(final[key]), 1e-9 if ours in ("I", "intensity", "image") else 1e-12, (pixel, key))
        last = {"pixel": i, "layer": -1, "subpixel": -1, "source": -1}
        for key, ours in (("capture_fraction", "capture"), ("polar", "polarization"), ("omega_sr", "omega")):
            unset = Path("trace") / f"{ours}.unset.npy"
            if not unset.exists():
                close(value(ours, **last), np.array(final[key]), 1e-12, (pixel, key))
