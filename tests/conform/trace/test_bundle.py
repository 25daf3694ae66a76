"""Bundles: written and opened they are the same; what is not whole, or was changed, is said and never read."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hn

from conform.errors import SideProblem, UsageProblem
from conform.files import sha256_of
from conform.trace.bundle import open_bundle, write_bundle
from conform.trace.manifest import MANIFEST, RAW
from conform.trace.seal import seal

PRODUCER = {"program": "p", "dtype": "float64"}


def description(arrays, axes, unset=()):
    """A manifest for arrays whose axes are the first of `axes` that their shape asks for."""
    quantities = {}
    for name, array in arrays.items():
        if "." not in name:
            quantities[name] = {"unit": "m", "axes": list(axes)[: array.ndim], "dtype": array.dtype.name, "file": f"{name}.npy"}
            if name in unset:
                quantities[name]["unset"] = f"{name}.unset.npy"
    return {"side": "a", "producer": PRODUCER, "command": [], "inputs": {}, "axes": {name: {"size": size} for name, size in axes.items()}, "quantities": quantities}


def written(folder, arrays, axes, unset=()):
    write_bundle(folder, description(arrays, axes, unset), arrays)
    return folder


def raw(folder, arrays, axes, unset=()):
    """A raw trace, as a program would leave it."""
    folder.mkdir()
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    text = {key: value for key, value in description(arrays, axes, unset).items() if key in ("producer", "axes", "quantities")}
    (folder / RAW).write_text(json.dumps({"format": "conform-raw/1", **text}))
    return folder


X = np.array([1.0, np.nan, -0.0])


@pytest.fixture
def bundle(tmp_path):
    mask = np.array([0, 1, 0], dtype=np.uint8)
    return written(tmp_path / "bundle", {"x": X, "n": np.arange(3), "x.unset": mask}, {"pixel": 3}, unset=("x",))


def test_what_was_computed_in_double_precision_must_be_written_so(tmp_path):
    folder = raw(tmp_path / "raw", {"x": np.float32([1, 2])}, {"pixel": 2})
    text = json.loads((folder / RAW).read_text())
    text["quantities"]["x"]["precision"] = "float64"
    (folder / RAW).write_text(json.dumps(text))
    with pytest.raises(SideProblem, match="computed in float64 and written in float32: what was used is no longer there"):
        seal(folder, "a", [], {}, "")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), dtype=st.sampled_from(["float64", "float32", "int64"]), shape=hn.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
def test_what_is_written_is_what_is_opened(tmp_path_factory, data, dtype, shape):
    array = np.asarray(data.draw(hn.arrays(dtype, shape)))
    axes = {f"axis{i}": size for i, size in enumerate(shape)}
    opened = open_bundle(written(tmp_path_factory.mktemp("b"), {"x": array}, axes))
    assert opened.has("x") and not opened.has("y") and opened.side == "a"
    assert [opened.size(axis) for axis in axes] == list(shape)
    assert opened.values("x").dtype == array.dtype and opened.values("x").shape == shape
    assert opened.values("x").tobytes() == array.tobytes()


def test_sealing_a_raw_trace_gives_the_bundle_with_hashes_and_provenance(tmp_path):
    mask = np.array([0, 1, 0], dtype=np.uint8)
    folder = raw(tmp_path / "raw", {"x": X, "x.unset": mask}, {"pixel": 3}, unset=("x",))
    seal(folder, "b", ["-flag", "1"], {"in.txt": "00"}, "built so")
    opened = open_bundle(folder)
    manifest, entry = opened.manifest, opened.manifest.quantities["x"]
    assert (manifest.side, manifest.command, dict(manifest.inputs), manifest.producer.build) == ("b", ("-flag", "1"), {"in.txt": "00"}, "built so")
    assert (entry.sha256, entry.unset_sha256) == (sha256_of(folder / "x.npy"), sha256_of(folder / "x.unset.npy"))
    assert sorted(os.listdir(folder)) == [MANIFEST, "x.npy", "x.unset.npy"]


def test_unset_is_a_mask_and_nothing_where_the_program_came_everywhere(bundle):
    opened = open_bundle(bundle)
    assert opened.unset("n") is None
    assert opened.unset("x").dtype == bool and opened.unset("x").tolist() == [False, True, False]


def test_fortran_order_is_read_as_the_same_values(tmp_path):
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert open_bundle(written(tmp_path / "b", {"x": array}, {"a": 2, "b": 3})).values("x").tolist() == array.tolist()


# --- manifests -------------------------------------------------------------------------------------------------------


def edited(folder, change):
    manifest = json.loads((folder / MANIFEST).read_text())
    change(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize("change, said", [
    (lambda m: m.update(colour="red"), "colour: unknown key"),
    (lambda m: m["quantities"]["x"].update(colour="red"), "quantities.x.colour: unknown key"),
    (lambda m: m["producer"].update(colour="red"), "producer.colour: unknown key"),
    (lambda m: m.pop("side"), "side: is missing"),
    (lambda m: m.update(format="conform-trace/2"), "format: Input should be 'conform-trace/1'"),
    (lambda m: m["axes"]["pixel"].update(size=-1), "axes.pixel.size"),
    (lambda m: m["axes"]["pixel"].update(labels=["x", "y"]), "axes.pixel: 2 labels for 3 elements"),
    (lambda m: m["quantities"]["x"].update(axes=["pixels"]), "`x` has an axis `pixels`"),
    (lambda m: m["quantities"]["x"].update(axes=["pixel", "pixel"]), "`x` has the axis `pixel` twice"),
    (lambda m: m["quantities"]["x"].update(dtype="float16"), "quantities.x.dtype"),
    (lambda m: m["quantities"]["x"].update(file="../../x.npy"), "quantities.x.file"),
])
def test_a_mistake_in_a_manifest_is_named_with_its_key(bundle, change, said):
    edited(bundle, change)
    with pytest.raises(UsageProblem) as caught:
        open_bundle(bundle)
    assert said in caught.value.message and str(bundle) in caught.value.message and caught.value.help == "see docs/trace-format.md"


@pytest.mark.parametrize("make, said", [(lambda path: None, "No such file"), (lambda path: path.mkdir(), "No such file"), (lambda path: path.touch(), "Not a directory")])
def test_what_is_no_bundle_is_said_to_be_none(tmp_path, make, said):
    make(tmp_path / "b")
    with pytest.raises(UsageProblem) as caught:
        open_bundle(tmp_path / "b")
    assert said in caught.value.message and "a bundle is a folder with a manifest.json" in caught.value.help


# --- bytes -----------------------------------------------------------------------------------------------------------


def test_a_file_that_is_missing_is_said_when_it_is_asked_for_and_not_before(bundle):
    (bundle / "x.npy").unlink()
    opened = open_bundle(bundle)
    assert opened.values("n").tolist() == [0, 1, 2]
    with pytest.raises(UsageProblem, match="x.npy: the bundle names this file for `x`, and it is not there"):
        opened.values("x")


@pytest.mark.parametrize("name", ["x.npy", "x.unset.npy"])
def test_a_changed_byte_is_found_by_the_hash(bundle, name):
    content = bytearray((bundle / name).read_bytes())
    content[-1] ^= 1
    (bundle / name).write_bytes(content)
    with pytest.raises(UsageProblem, match="its bytes are not those that were traced: another SHA-256 than in manifest.json") as caught:
        opened = open_bundle(bundle)
        opened.values("x"), opened.unset("x")
    assert name in caught.value.message and "--fresh" in caught.value.help


def test_bytes_added_at_the_end_are_found_by_the_hash(bundle):
    with (bundle / "x.npy").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(UsageProblem, match="SHA-256"):
        open_bundle(bundle).values("x")


def test_each_file_is_hashed_once(bundle, monkeypatch):
    hashed = []
    monkeypatch.setattr("conform.trace.bundle.sha256_of", lambda path: hashed.append(path.name) or sha256_of(path))
    opened = open_bundle(bundle)
    assert hashed == []
    for _ in range(3):
        opened.values("x"), opened.unset("x")
    assert hashed == ["x.npy", "x.unset.npy"]


@pytest.mark.parametrize("size", [0, 5, 10, 100, 130, 151])
def test_a_truncated_array_is_not_a_whole_file(bundle, size):
    content = (bundle / "x.npy").read_bytes()
    assert len(content) == 152
    (bundle / "x.npy").write_bytes(content[:size])
    with pytest.raises(UsageProblem, match="x.npy: not a whole .npy file"):
        open_bundle(bundle).values("x")


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200), st.integers(0, 151))
def test_no_bytes_in_the_place_of_an_array_end_in_anything_but_a_message(bundle, content, at):
    good = np.load(bundle / "n.npy").tobytes()
    whole = (bundle / "x.npy").read_bytes()
    (bundle / "y.npy").write_bytes(whole[:at] + content + whole[at + len(content):])
    edited(bundle, lambda m: m["quantities"]["x"].update(file="y.npy"))
    if (bundle / "y.npy").read_bytes() == whole:
        return
    with pytest.raises(UsageProblem, match="y.npy"):
        open_bundle(bundle).values("x")
    assert open_bundle(bundle).values("n").tobytes() == good


@pytest.mark.parametrize("other", [np.zeros(3, "float32"), np.zeros(4), np.zeros((3, 1)), np.zeros(3, ">f8"), np.array(0.0)])
def test_another_dtype_or_shape_than_described_is_refused(bundle, other):
    np.save(bundle / "x.npy", other)
    with pytest.raises(UsageProblem, match="x.npy: holds .* the description of `x` says float64 of shape \\(3,\\)"):
        open_bundle(bundle).values("x")


@pytest.mark.parametrize("arrays, said", [
    ({"x": np.zeros(3, "float32")}, "x.npy: holds float32"),
    ({"x": np.zeros(2)}, "holds float64 of shape (2,)"),
    ({"x": np.array([None, 1, 2])}, "not a whole .npy file"),
    ({"x.unset": np.zeros(3)}, "x.unset.npy: holds float64"),
    ({"x.unset": np.zeros(4, "uint8")}, "x.unset.npy: holds uint8 of shape (4,)"),
])
def test_sealing_refuses_arrays_that_differ_from_their_description(tmp_path, arrays, said):
    mask = np.zeros(3, "uint8")
    folder = raw(tmp_path / "raw", {"x": X, "x.unset": mask}, {"pixel": 3}, unset=("x",))
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=True)
    with pytest.raises(SideProblem) as caught:
        seal(folder, "b", [], {}, "")
    assert said in caught.value.message and "side b" in caught.value.message and str(tmp_path) not in caught.value.message
    assert not (folder / MANIFEST).exists()


@pytest.mark.parametrize("name", ["x.npy", "x.unset.npy"])
def test_sealing_refuses_a_trace_that_lacks_a_file(tmp_path, name):
    folder = raw(tmp_path / "raw", {"x": X, "x.unset": np.zeros(3, "uint8")}, {"pixel": 3}, unset=("x",))
    (folder / name).unlink()
    with pytest.raises(SideProblem, match=f"names {name} for `x`, and the program did not write it"):
        seal(folder, "b", [], {}, "")
