"""The raw trace: complete, true to the image, and written only when it is asked for."""
from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from torch_model.__main__ import main
from torch_model.quantities import UNITS

PIXELS = [(0, 0), (0, 10), (3, 4), (3, 5), (8, 10)]


class Trace:
    """A raw trace, read without the program's help."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.text = folder, json.loads((folder / "trace.json").read_text())
        self.quantities, self.axes = self.text["quantities"], self.text["axes"]

    def __getitem__(self, name: str) -> np.ndarray:
        return np.load(self.folder / self.quantities[name]["file"])

    def spread(self, name: str, *axes: str) -> np.ndarray:
        """The value with all of `axes`, those that it does not have of length 1."""
        has = self.quantities[name]["axes"]
        assert [axis for axis in axes if axis in has] == has
        return self[name].reshape([self.axes[axis]["size"] if axis in has else 1 for axis in axes])


@pytest.fixture
def traced(folder, base, monkeypatch):
    """A function: flags to (trace, image); `pixels=None` asks for every pixel."""
    def go(*flags: str, pixels=PIXELS, name="trace"):
        (folder / name).mkdir()
        monkeypatch.setenv("CONFORM_TRACE", str(folder / name))
        if pixels is not None:
            (folder / "pixels.txt").write_text("".join(f"{slow} {fast}\n" for slow, fast in pixels))
            monkeypatch.setenv("CONFORM_PIXELS", "pixels.txt")
        assert main([*base, "-floatfile", "traced.bin", *flags]) == 0
        return Trace(folder / name), np.fromfile("traced.bin", np.float32).reshape(9, 11)
    return go


def test_every_file_has_the_shape_dtype_and_unit_that_the_description_states(traced):
    trace, _ = traced()
    assert trace.text["format"] == "conform-raw/1" and trace.text["producer"]["dtype"] == "float64"
    for name, quantity in trace.quantities.items():
        raw = (trace.folder / quantity["file"]).read_bytes()
        assert raw[:8] == b"\x93NUMPY\x01\x00" and b"'fortran_order': False" in raw[:128]
        values = trace[name]
        assert values.dtype == quantity["dtype"] in ("float64", "float32", "int64")
        assert values.shape == tuple(trace.axes[axis]["size"] for axis in quantity["axes"])
        assert quantity["unit"] == UNITS[name] and re.fullmatch(r"\w+\.py:\d+", quantity["source"])
    assert {path.name for path in trace.folder.iterdir()} == {"trace.json", *(q["file"] for q in trace.quantities.values())}


ELSEWHERE = {"parallax", "F_background", "left_out", "rho_sqr", "sphere", "offset_measure", "running_capture", "running_polar",
             "running_omega", "stencil_h", "stencil_k", "stencil_l",
             *"cell_length cell_angle cell_volume reciprocal_length Xbeam_asked Ybeam_asked Xclose_asked Yclose_asked ORGX_asked ORGY_asked".split(),
             *"close_distance_asked beam_asked fast_asked slow_asked normal_asked twotheta_axis_asked polarization_asked".split(),
             "spindle_asked", "source_columns",
             *"noise_seed misset_seed mask noise_mean noise_regime noise_gaussian drawn noise_image overloads photons_drawn".split(),
             *"pgm_scale_asked pgm_scale pgm_image deviate deviate_integer deviate_state mosaic_angle mosaic_axis".split()}


def test_all_names_of_the_contract_are_there_but_those_of_what_this_run_has_not(traced):
    assert set(UNITS) - set(traced()[0].quantities) == ELSEWHERE


def test_the_other_names_are_there_where_the_program_forms_them(traced):
    seen = set()
    header = b"{\nHEADER_BYTES=512;\nSIZE1=11;\nSIZE2=9;\n}\f"
    Path("mask.img").write_bytes(header.ljust(512) + np.ones(99, np.uint16).tobytes())
    for i, flags in enumerate(["-oversample_thick -oversample_polar -oversample_omega -detector_thick 300 -thicksteps 2 -dmin 3 -water 2",
                               "-round_xtal -interpolate -sourcefile crystal.mat -pgmscale 2 -mosaic 0.4 -mosaic_dom 2",
                               "-noisefile n.img -mask mask.img -flux 1e30 -seed 7 -misset random",
                               "-gauss_xtal -cell 70 80 90 75 85 95 -fdet_vector 0 0 1 -Xbeam 12 -Ybeam 11 -Xclose 10 -Yclose 13 "
                               "-ORGX 5 -ORGY 4 -close_distance 90"]):
        seen |= set(traced(*flags.split(), name=f"t{i}")[0].quantities)
    assert seen >= ELSEWHERE


def test_the_source_points_at_the_line_that_hands_the_value_over(traced):
    trace, _ = traced()
    import torch_model
    for name, quantity in trace.quantities.items():
        file, line = quantity["source"].split(":")
        text = (Path(torch_model.__file__).parent / file).read_text().splitlines()[int(line) - 1]
        assert "put(" in text and (f'"{name}"' in text or "name" in text)


def test_traced_pixels_equal_the_image_and_tracing_does_not_change_it(traced, base):
    trace, image = traced()
    assert [tuple(pair) for pair in zip(trace["slow"], trace["fast"])] == PIXELS
    assert np.array_equal(trace["image"], [image[pixel] for pixel in PIXELS])
    assert np.array_equal(trace["image"], trace["intensity"].astype(np.float32))
    import os
    del os.environ["CONFORM_TRACE"]
    assert main([*base, "-floatfile", "plain.bin"]) == 0
    assert np.array_equal(np.fromfile("plain.bin", np.float32).reshape(9, 11), image)


def test_without_a_pixel_list_every_pixel_is_traced(traced):
    trace, image = traced(pixels=None)
    assert trace.axes["pixel"]["size"] == 99
    assert np.array_equal(trace["image"].reshape(9, 11), image)
    assert np.array_equal(trace["slow"] * 11 + trace["fast"], np.arange(99))


def test_large_values_are_written_in_place_and_agree_with_small_ones(traced):
    few, _ = traced(pixels=[(4, 7)], name="few")
    import os
    del os.environ["CONFORM_PIXELS"]
    import torch_model.trace as trace_module
    original, trace_module.IN_MEMORY = trace_module.IN_MEMORY, 0
    try:
        many, _ = traced(pixels=None, name="many")
    finally:
        trace_module.IN_MEMORY = original
    for name, quantity in few.quantities.items():
        if "pixel" in quantity["axes"]:
            assert np.array_equal(few[name][0], many[name][4 * 11 + 7]), name


def test_the_traced_values_obey_the_clauses(traced):
    """Left sides from the traced right sides: the chain hangs together, layer by layer, sample by sample."""
    trace, _ = traced()
    P, S, R, J = "pixel", ("pixel", "layer", "subpixel"), ("pixel", "layer", "subpixel", "source"), ("phi", "mosaic")
    get, close = trace.spread, lambda a, b, tol=1e-12: np.testing.assert_allclose(a, np.broadcast_to(b, np.shape(a)), rtol=tol)
    close(get("subpixel_size"), trace["pixel_size"] / 2)
    for way in ("slow", "fast"):
        close(get(f"{way}_position", *S), trace["subpixel_size"] * (get(way, *S) * 2 + get(f"sub_{way}", *S) + 0.5))
    close(get("airpath", *S), np.linalg.norm(get("pixel_position", *S, "xyz"), axis=-1))
    close(get("omega", *S), trace["pixel_size"]**2 * trace["close_distance"] / get("airpath", *S)**3)
    close(get("q", *R, "xyz"), (get("diffracted", *S, "xyz")[..., None, :] - get("incident", *R, "xyz")) / trace["wavelength"][:, None])
    close(get("stol", *R), np.linalg.norm(get("q", *R, "xyz"), axis=-1) / 2)
    hkl = get("hkl", *R, *J, "abc")
    want = np.einsum("plsrjdax,plsrx->plsrjda", np.broadcast_to(get("cell", *R, *J, "abc", "xyz"), (*hkl.shape, 3)), get("q", *R, "xyz"))
    np.testing.assert_allclose(hkl, want, atol=1e-13)
    assert np.array_equal(get("hkl0", *R, *J, "abc"), np.ceil(hkl - 0.5))
    assert np.array_equal(trace["cell_phi"][0], trace["cell0"]) and trace["phi_angle"][0] == 0
    close(get("F_latt", *R, *J), get("F_latt_axis", *R, *J, "abc").prod(-1))
    close(get("term", *R, *J), get("F_cell", *R, *J)**2 * get("F_latt", *R, *J)**2)
    close(trace["I"], get("term", *R, *J).reshape(len(PIXELS), -1).sum(1))
    assert trace["steps"] == 1 * 1 * 3 * 4
    close(trace["scaled"], trace["r_e_sqr"] * trace["fluence"] * trace["I"] / trace["steps"])
    assert np.array_equal(trace["omega_final"], get("omega", *S)[:, -1, -1])
    assert np.array_equal(trace["polar_final"], get("polarization", *R)[:, -1, -1, -1])
    close(trace["intensity"], trace["scaled"] * trace["capture_final"] * trace["polar_final"] * trace["omega_final"])
    close(trace["fluence"], trace["flux"] * trace["exposure"] / trace["beamsize"]**2)


def test_amplitudes_come_from_the_traced_table_by_the_traced_indices(traced):
    trace, _ = traced()
    table, first = trace["F_table"], [trace.axes[axis]["first"] for axis in "hkl"]
    for hkl0, amplitude in zip(trace["hkl0"].reshape(-1, 3), trace["F_cell"].reshape(-1)):
        place = hkl0 - first
        inside = (place >= 0).all() and (place < table.shape).all()
        assert amplitude == (table[tuple(place)] if inside else trace["default_F"])


def test_running_factors_fold_in_the_order_of_the_loops(traced):
    trace, _ = traced("-oversample_polar", "-oversample_omega")
    total = np.zeros(len(PIXELS))
    for sub in range(4):
        for phi in range(3):
            total = (total + trace["term"][:, 0, sub, 0, phi, 0]) * trace["polarization"][:, 0, sub, 0] * trace["omega"][:, 0, sub]
    np.testing.assert_allclose(trace["I"], total, rtol=1e-13)
    np.testing.assert_array_equal(trace["intensity"], trace["scaled"])


def test_a_single_precision_model_traces_single_precision_and_says_so(traced):
    trace, _ = traced("--dtype", "float32")
    assert trace.text["producer"]["dtype"] == "float32"
    sampled = {name for name, q in trace.quantities.items() if q["dtype"] == "float32"}
    assert {"pixel_position", "omega", "q", "hkl", "F_latt", "term", "I", "intensity", "incident", "cell_phi", "omega_sum"} <= sampled
    assert not any("precision" in trace.quantities[name] for name in sampled)


def test_the_set_up_of_a_single_precision_model_is_traced_in_double_as_it_was_formed(traced):
    single, _ = traced("--dtype", "float32", name="single")
    double, _ = traced(name="double")
    formed = {name for name, q in single.quantities.items() if q.get("precision") == "float64"}
    assert {"pix0", "fast_axis", "distance", "Fbeam", "cell0", "reciprocal_set", "source_direction", "fluence", "F_table", "oversample"} <= formed
    for name in formed:
        np.testing.assert_array_equal(single[name], double[name], err_msg=name)
    written = {name for name, q in single.quantities.items() if q["dtype"] == "float64"} - formed
    assert written == {"scale_asked", "integer_scale", "adc_offset"}                            # what the program forms behind the pixels
    assert not any("precision" in q for q in double.quantities.values())


def test_off_and_unpolarized_beams_are_traced_as_they_are_used(traced):
    off, _ = traced("-nopolar", name="off")
    assert off["polarization"] == 1 and off["nopolar"] == 1 and "psi" not in off.quantities
    plain, _ = traced("-polar", "0", name="plain")
    assert plain["psi"] == 0 and (plain["polarization"] < 1).all()


def test_pixels_outside_the_region_of_interest_are_unset(traced):
    trace, image = traced("-roi", "4", "8", "2", "5")
    unset = np.load(trace.folder / trace.quantities["intensity"]["unset"])
    assert unset.dtype == np.uint8 and unset.tolist() == [1, 1, 0, 0, 1]
    assert np.array_equal(trace["image"][2:4], [image[3, 4], image[3, 5]]) and image[3, 4] > 0
    assert [tuple(pair) for pair in zip(trace["slow"], trace["fast"])] == PIXELS and "unset" not in trace.quantities["slow"]


def test_an_empty_region_is_traced_as_all_unset(traced):
    trace, _ = traced("-roi", "8", "4", "2", "5")
    assert trace["slow"].tolist() == [slow for slow, _ in PIXELS] and "intensity" not in trace.quantities
    assert trace["outside_roi"].all() and not trace["image"].any()


def test_nothing_is_traced_when_nothing_is_asked_for(folder, base):
    before = set(folder.iterdir())
    assert main([*base, "-floatfile", "out.bin"]) == 0
    assert not any("trace" in path.name for path in set(folder.iterdir()) - before)


@pytest.mark.parametrize("pixels", ["3 4\n3 4\n", "3 4\n0 0\n", "0 11\n", "-1 0\n", "1\n", "a b\n"])
def test_a_pixel_list_that_is_not_one_is_refused(folder, base, monkeypatch, capsys, pixels):
    (folder / "trace").mkdir()
    (folder / "pixels.txt").write_text(pixels)
    monkeypatch.setenv("CONFORM_TRACE", "trace")
    monkeypatch.setenv("CONFORM_PIXELS", "pixels.txt")
    assert main([*base, "-floatfile", "out.bin"]) == 9
    assert "CONFORM_PIXELS pixels.txt" in capsys.readouterr().err and not list((folder / "trace").iterdir())


def test_a_trace_folder_must_exist_and_be_empty(folder, base, monkeypatch, capsys):
    for name in ("nosuch", "."):
        monkeypatch.setenv("CONFORM_TRACE", name)
        assert main([*base, "-floatfile", "out.bin"]) == 9
        assert "CONFORM_TRACE" in capsys.readouterr().err


@pytest.mark.parametrize("call", ["save", "posix_fallocate"])
def test_a_disk_that_is_full_while_tracing_ends_the_program_with_a_message(folder, base, monkeypatch, capsys, call):
    import torch_model.trace as module

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    (folder / "trace").mkdir()
    monkeypatch.setenv("CONFORM_TRACE", "trace")
    monkeypatch.setattr(module.np if call == "save" else module.os, call, full)
    monkeypatch.setattr(module, "IN_MEMORY", 0 if call == "posix_fallocate" else 1 << 20)
    assert main([*base, "-floatfile", "out.bin"]) == 9
    assert "No space left on device" in capsys.readouterr().err and not (folder / "trace" / "trace.json").exists()
    assert math.isfinite(np.fromfile("out.bin", np.float32).sum()) if call == "save" else True
