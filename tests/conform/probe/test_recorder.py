"""The recorder for ports that are not ours: off it is nothing, on it copies, and what it writes is a trace."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import weakref

import numpy as np
import pytest

from conform.probe import CannotRecord, hook, record, recording
from conform.trace.bundle import open_bundle
from conform.trace.seal import seal


def traced(folder):
    seal(folder, "port", (), {}, "")
    return open_bundle(folder)


def test_off_a_value_is_returned_and_nothing_else_happens(monkeypatch):
    monkeypatch.delenv("CONFORM_TRACE", raising=False)
    untouched = object()
    assert record("x", untouched, ("no", "such", "axes")) is untouched
    with recording():
        assert record("x", untouched) is untouched


def test_values_become_a_bundle_with_axes_units_and_the_place_in_the_source(tmp_path):
    with recording(tmp_path, program="my_port", dtype="float32", labels={"xyz": "xyz"}):
        assert record("n", 3, unit="count") == 3
        record("v", np.arange(6, dtype=np.float32).reshape(2, 3), ("pixel", "xyz"), "m")
    bundle = traced(tmp_path)
    entry = bundle.manifest.quantities["v"]
    assert (entry.unit, entry.axes, entry.dtype) == ("m", ("pixel", "xyz"), "float32") and entry.source.startswith("test_recorder.py:")
    assert bundle.values("v").tolist() == [[0, 1, 2], [3, 4, 5]] and bundle.values("n") == 3
    assert bundle.manifest.axes["xyz"].labels == ("x", "y", "z") and bundle.manifest.producer.program == "my_port"


def test_turns_of_a_loop_are_put_together_and_those_that_never_came_are_unset(tmp_path):
    with recording(tmp_path):
        for turn in (0, 2, 1, 4):
            record("x", np.array([turn, 10 * turn]), ("pixel",), at={"turn": turn})
    bundle = traced(tmp_path)
    assert bundle.manifest.quantities["x"].axes == ("turn", "pixel")
    assert bundle.values("x")[:3].tolist() == [[0, 0], [1, 10], [2, 20]]
    assert bundle.unset("x").tolist() == [[False] * 2] * 3 + [[True] * 2, [False] * 2]


def test_an_image_lies_on_the_axis_of_the_pixels_that_were_asked_for(tmp_path, monkeypatch):
    (tmp_path / "pixels").write_text("0 2\n1 0\n")
    monkeypatch.setenv("CONFORM_PIXELS", str(tmp_path / "pixels"))
    with recording(tmp_path / "trace"):
        record("image", np.arange(6.0).reshape(2, 3), ("slow", "fast"))
        record("by_turn", np.arange(12.0).reshape(2, 2, 3), ("turn", "slow", "fast"))
    bundle = traced(tmp_path / "trace")
    assert [bundle.values(name).tolist() for name in ("slow", "fast", "image")] == [[0, 1], [2, 0], [2, 3]]
    assert bundle.values("by_turn").tolist() == [[2, 8], [3, 9]]


def test_what_was_recorded_is_a_copy(tmp_path):
    x = np.ones(2)
    with recording(tmp_path):
        record("x", x, ("pixel",))
        x[:] = 7
    assert traced(tmp_path).values("x").tolist() == [1, 1]


@pytest.mark.parametrize("calls, said", [
    ([("x", np.zeros(2), ("a", "b"), {})], "has 1 axes, and 2 are named"),
    ([("x", np.zeros(2), ("a",), {}), ("x", np.zeros(2), ("a",), {})], "recorded twice"),
    ([("x", np.zeros(2), ("a",), {"k": 0}), ("x", np.zeros(3), ("a",), {"k": 1})], "and before"),
    ([("x", np.zeros(2), ("a",), {}), ("y", np.zeros(3), ("a",), {})], "3 elements along a, and another value has 2"),
    ([("x", np.zeros(2, complex), ("a",), {})], "not complex128"), ([("x", "word", (), {})], "real numbers"),
])
def test_values_without_a_place_are_refused(tmp_path, calls, said):
    with pytest.raises(CannotRecord, match=said), recording(tmp_path):
        for name, value, axes, at in calls:
            record(name, value, axes, at=at)
    assert not (tmp_path / "trace.json").exists()


def test_a_program_that_fails_leaves_no_trace(tmp_path):
    with pytest.raises(RuntimeError), recording(tmp_path):
        record("x", 1.0)
        raise RuntimeError
    assert not (tmp_path / "trace.json").exists() and record("x", 2.0) == 2.0


def test_the_recorder_loads_no_torch(tmp_path):
    code = "import sys; from conform.probe import record, recording, hook, start; import conform.probe; print(sorted({'torch', 'tree_sitter', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "CONFORM_TRACE": ""})
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_a_whole_program_is_recorded_to_its_end(tmp_path):
    code = "from conform.probe import record, start; start('p'); record('x', 1.5, unit='m')"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "CONFORM_TRACE": str(tmp_path)})
    assert json.loads((tmp_path / "trace.json").read_text())["quantities"]["x"]["unit"] == "m"


# --- torch -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


@pytest.mark.parametrize("on", [False, True])
def test_gradients_are_the_same_with_the_recorder_on_and_off(torch, tmp_path, on):
    x = torch.linspace(0.1, 1, 5, dtype=torch.float64, requires_grad=True)
    with recording(tmp_path if on else None):
        y = record("y", torch.sin(x) * 2, ("pixel",))
        assert y.requires_grad
        record("z", y.square(), ("pixel",)).sum().backward()
    with torch.no_grad():
        expected = 8 * torch.sin(x) * torch.cos(x)
    assert torch.allclose(x.grad, expected, rtol=1e-14)


def test_no_graph_stays_alive(torch, tmp_path):
    with recording(tmp_path):
        x = torch.ones(3, requires_grad=True)
        y = record("y", x * 2, ("pixel",))
        seen = weakref.ref(y)
        del y
        gc.collect()
        assert seen() is None


def test_modules_are_recorded_by_forward_hooks(torch, tmp_path):
    layer = torch.nn.Linear(2, 3, bias=False)
    layer.register_forward_hook(hook("out", ("pixel", "k"), "m"))
    x = torch.ones(4, 2)
    layer(x)
    with recording(tmp_path, dtype="float32"):
        expected = layer(x)
    assert np.array_equal(traced(tmp_path).values("out"), expected.detach().numpy())


@pytest.mark.parametrize("dtype, kept", [("float32", "float32"), ("float64", "float64"), ("bfloat16", "float32"), ("float16", "float32"), ("int32", "int64"), ("bool", "int64")])
def test_tensors_of_every_type_have_a_place(torch, tmp_path, dtype, kept):
    with recording(tmp_path):
        record("x", torch.ones(2, dtype=getattr(torch, dtype)), ("pixel",))
    assert traced(tmp_path).manifest.quantities["x"].dtype == kept


def test_a_tensor_without_storage_is_refused_with_its_name(torch, tmp_path):
    with pytest.raises(CannotRecord, match="'x'.*cannot be brought to the host"), recording(tmp_path):
        record("x", torch.ones(2, device="meta"), ("pixel",))
