"""Our dialects: what is written in one is read back equal, and each shape of line that is about has its form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from conform.trace.logs.dialect import Named, dialects_in, load_dialect
from conform.trace.logs.open import open_log
from specs_dsl.check import load
from specs_dsl.spec import Spec

ROOT = Path(__file__).parents[3]
DIALECTS = ROOT / "c_probes/bindings/dialects"
READABLE = sorted(name for name, path in dialects_in(DIALECTS).items() if load_dialect(path).dialect.readable)
ALONG = 3                                # repetitions


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load(ROOT / "specs/scaling.rules")


def read(tmp_path, spec: Spec, name: str, text: str, **options):
    path = tmp_path / f"{name}.log"
    path.write_text(text, "utf-8")
    return open_log("it", path, spec, DIALECTS, name).assembled(**options)


def values_of(named: Named, spec: Spec) -> Iterator[tuple[str, list[float]]]:
    """Made up numbers under every raw name that says what it is in full; integers where they are meant."""
    rng = np.random.default_rng(4711)
    taken: set[tuple[str, frozenset]] = set()
    for raw, name in named.dialect.names.items():
        quantity = spec.quantities.get(name.quantity)
        part = frozenset(name.part.items())
        if quantity is None or "/" in raw or any(q == name.quantity and (other <= part or part <= other) for q, other in taken):
            continue                     # another name for the same numbers
        taken.add((name.quantity, part))
        size = int(np.prod([len(spec.axes[axis].labels) for axis in (name.over or "").split()], dtype=int))
        whole = quantity.kind in ("count", "flag")
        yield raw, [int(x) for x in rng.integers(0, 2, size)] if whole else [float(f"{x:.15g}") for x in rng.normal(size=size) * 10.0 ** rng.integers(-12, 12)]


def written(named: Named, values: dict[str, list[float]]) -> str:
    """In the first form of the dialect that has a key and values; for tables, one row."""
    shown = {raw: [f"{x:.15g}" for x in numbers] for raw, numbers in values.items()}
    match named.dialect.format:
        case "jsonl":
            return "".join(json.dumps({raw: numbers if len(numbers) > 1 else numbers[0], "slow": 2, "fast": 5}) + "\n" for raw, numbers in values.items())
        case "json":
            return json.dumps({"metadata": {"slow": 2, "fast": 5}, "traces": [{raw: numbers if len(numbers) > 1 else numbers[0], "slow": 2, "fast": 5} for raw, numbers in values.items()]}, indent=1)
        case "csv":
            single = {raw: numbers[0] for raw, numbers in shown.items() if len(numbers) == 1}
            return ",".join(["slow", "fast", *single]) + "\n" + ",".join(["2", "5", *single.values()]) + "\n"
    form = next(line.form for line in named.dialect.line if "{key}" in line.form and "{values}" in line.form and not line.staged)
    return "".join(form.replace("{key}", raw).replace("{values}", " ".join(numbers)) + "\n" for raw, numbers in shown.items())


@pytest.mark.parametrize("name", READABLE)
def test_what_is_written_in_a_dialect_is_read_back_equal(tmp_path, spec, name):
    named = load_dialect(DIALECTS / f"{name}.toml")
    values = dict(values_of(named, spec))
    found = read(tmp_path, spec, name, written(named, values))
    bundle, compared = found.bundle, 0
    for raw, numbers in values.items():
        meant = named.dialect.names[raw]
        if named.dialect.format == "csv" and len(numbers) > 1:
            continue
        array = bundle.values(meant.quantity)
        index = tuple(
            spec.axes[axis].labels.index(meant.part[axis]) if axis in meant.part else slice(None) if axis in (meant.over or "").split() else {"last": -1}.get(str(meant.at.get(axis)), 0)
            for axis in spec.quantities[meant.quantity].axes
        )
        assert np.array_equal(np.ravel(array[index]), numbers), raw
        compared += 1
    assert compared > 20 and found.notes == []


@pytest.mark.parametrize("name, line, quantity, value", [
    ("trace-c", "TRACE_C: R_distance_meters 0.25", "airpath", [0.25]), ("trace-c", "TRACE_C: R_distance_meters = 0.25", "airpath", [0.25]),
    ("trace-c", "TRACE_C:pix0_vector=0.1 -0.2 0.3", "pix0", [0.1, -0.2, 0.3]), ("trace-c", "TRACE_C:beam_center_m=Xclose:0.1 Yclose:0.2 pixel_mm:0.172", "pixel_size", [0.172]),
    ("trace-c", "TRACE_C_PHI phi_tic=0 phi_deg=0.5 k_frac=1.5 F_latt_b=38.5 F_latt=3e4", "phi_angle", [0.5]), ("trace-c", "TRACE_C_SOURCE2: F_cell 205.5", "F_cell", [205.5]),
    ("trace-c", "TRACE_C_TAP4: pixel 0 0 subpixel 1 0 source 0 mos 0 phi_tic 0 h -7.9 k 0.5 l 2", "hkl", [-7.9, 0.5, 2]),
    ("trace-c", "TRACE_C_OMEGA: pixel=(0,0) subpixel=(0,1) omega_sr=8.86e-09", "omega", [8.86e-09]), ("trace-c", "TRACE_CONFIG: tracing pixel (spixel=7, fpixel=9)\nTRACE_C: steps 1", "slow", [7]),
    ("trace-c", "TRACE_C_TAP5_HKL: pixel=(0,0) hkl_frac=1.5 2.5 3.5 h0=2", "hkl", [1.5, 2.5, 3.5]),
    ("trace-c", "TRACE: Copying vectors to a0, b0, c0 (phi=0 mosaic=0 reference):\nTRACE:   a0 = [1e-9, 2e-9, 3e-9] |a0| = 3.7e-9 meters", "cell0", [1e-9, 2e-9, 3e-9]),
    ("trace-py", "TRACE_PY: polar 0.914", "polar_final", [0.914]), ("trace-py", "TRACE_PY: polar = 9.140000000000000e-01", "polar_final", [0.914]),
    ("trace-py", "TRACE_PY_PHI phi_tic=0 phi_deg=0 k_frac=-0.5 F_latt=3 S_x=1 V_actual=2", "F_latt", [3]), ("trace-py", "TRACE_PY_ROTSTAR phi_tic=0 ap_y=-21.87 bp_y=0.7173 cp_y=-24.389", "cell", [-21.87, 0.7173, -24.389]),
    ("trace-py", "TRACE_PY_SOURCE 1: F_cell 3.5", "F_cell", [3.5]), ("trace-py", "TRACE_PY_TRICUBIC_H_COORDS: [-1.0, 0.0, 1.0, 2.0]", "stencil_h", [-1, 0, 1, 2]),
    ("trace-py", "TRACE_C: polar 1\tTRACE_PY: polar 0.5", "polar_final", [0.5]),
    ("trace-early", "TRACE: hkl_frac -8.2e-01 1.28e+01 -9.9e-02", "hkl", [-0.82, 12.8, -0.099]), ("trace-early", "TRACE: Position (m) = 1.0e-01, 0.0e+00, 6.0e-03", "pixel_position", [0.1, 0, 0.006]),
    ("trace-early", "pix0_vector (m): tensor([ 0.1000, 0.0258, -0.0258], dtype=torch.float64)", "pix0", [0.1, 0.0258, -0.0258]), ("trace-early", "TRACE: S (1/A) = 1, 2, 3", "q", [1, 2, 3]),
    ("jsonl", '{"q": [1.5, 2, 3], "slow": 1, "fast": 2}', "q", [1.5, 2, 3]), ("csv", "slow,fast,q.x,q.y,q.z\n1,2,1.5,2,3", "q", [1.5, 2, 3]),
    ("json-phi", '{"metadata": {"slow": 1}, "traces": [{"phi_tic": 0, "F_latt": 2.5}, {"phi_tic": 1, "F_latt": 3}]}', "F_latt", [2.5, 3]),
])
def test_every_shape_of_line_has_its_form(tmp_path, spec, name, line, quantity, value):
    found = read(tmp_path, spec, name, line + "\n")
    bundle = found.bundle
    unset = bundle.unset(quantity)
    shown = bundle.values(quantity) if unset is None else bundle.values(quantity)[~unset]
    assert np.ravel(shown).tolist() == value and found.notes == []


def test_a_later_step_is_another_place(tmp_path, spec):
    bundle = read(tmp_path, spec, "trace-c", "".join(f"TRACE_C_PHI phi_tic={i} phi_deg={i / 10} F_latt={i * i}\n" for i in range(4)) + "TRACE_C: steps 4\n").bundle
    assert bundle.size("phi") == 4 and bundle.values("F_latt").ravel().tolist() == [0, 1, 4, 9] and bundle.unset("F_latt") is None


def test_subpixels_that_are_not_numbered_are_in_the_order_of_the_loops(tmp_path, spec):
    bundle = read(tmp_path, spec, "trace-c", "".join(f"TRACE_C: R_distance_meters 0.{i}\n" for i in range(1, 5)) + "TRACE_C: steps 4\n").bundle
    assert bundle.size("subpixel") == 4 and bundle.values("airpath").ravel().tolist() == [0.1, 0.2, 0.3, 0.4]
