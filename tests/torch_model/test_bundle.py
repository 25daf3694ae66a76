"""What a library user asks for by name, written as a bundle: `conform` opens it and judges its clauses."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import torch_model
from conform.engine.check import judge_side
from conform.engine.operands import open_side
from conform.engine.tolerances import load_profile
from conform.engine.verdicts import Outcome
from conform.trace.bundle import open_bundle
from specs_dsl.check import load
from torch_model import structure
from torch_model.errors import Refusal

ROOT = Path(__file__).parents[2]
NAMES = ["q", "diffracted", "incident", "wavelength", "stol", "hkl", "hkl0", "F_cell", "F_table", "F_latt", "term", "shape", "cell"]


@pytest.fixture(scope="module")
def judged():
    """A function: a bundle to the outcome of every clause that it can show, on that side alone."""
    spec = load(ROOT / "specs" / "scaling.rules")
    profiles = {dtype: load_profile(ROOT / "specs" / "tolerances" / f"{dtype}.toml") for dtype in ("float64", "float32")}

    def go(folder: Path) -> dict[str, Outcome]:
        found = judge_side(spec, open_side("torch", open_bundle(folder), spec), profiles, lambda: None)
        return {verdict.clause: verdict.outcome for verdict in found if verdict.outcome is not Outcome.UNCHECKED}
    return go


def test_named_quantities_are_written_and_judged(experiment, dtype, tmp_path, judged):
    made = experiment("-dmin", "14", "-roi", "2", "8", "1", "6", dtype=dtype)
    image = torch_model.simulate(made, probes=NAMES, bundle=tmp_path / "new" / "bundle")
    assert set(image.probes) == set(NAMES)
    bundle = open_bundle(tmp_path / "new" / "bundle")
    assert (bundle.manifest.side, bundle.manifest.producer.dtype) == ("torch", str(dtype).removeprefix("torch."))
    assert bundle.manifest.quantities.keys() == {*NAMES, "slow", "fast", "sub_slow", "sub_fast"}
    for name in NAMES:
        np.testing.assert_array_equal(bundle.values(name), image.probes[name].cpu().numpy(), err_msg=name)
    assert (bundle.values("slow").min(), bundle.values("fast").max(), bundle.size("pixel")) == (1, 8, 42)
    assert bundle.unset("hkl").any() and not bundle.unset("hkl").all() and bundle.unset("q") is None
    assert bundle.manifest.axes["h"].first == made.crystal.first[0] and bundle.manifest.quantities["shape"].labels[0] == "square"
    found = judged(tmp_path / "new" / "bundle")
    assert set(found.values()) == {Outcome.HOLDS} and {"sampling.12", "sampling.13", "sampling.14"} <= found.keys()


def test_a_wrong_value_in_it_breaks_its_clause(experiment, tmp_path, judged, monkeypatch):
    nearest = structure.nearest_indices
    monkeypatch.setattr(structure, "nearest_indices", lambda hkl: nearest(hkl) + 1)
    torch_model.simulate(experiment(), probes=NAMES, bundle=tmp_path / "bundle")
    assert {clause for clause, outcome in judged(tmp_path / "bundle").items() if outcome is Outcome.BREAKS} == {"sampling.14"}


def test_a_folder_that_has_something_in_it_is_left_alone(experiment, tmp_path):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "mine").write_text("mine")
    with pytest.raises(Refusal, match="cannot write the bundle .*bundle: .*; choose a folder that does not exist yet"):
        torch_model.simulate(experiment(), probes=["q"], bundle=tmp_path / "bundle")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == [] and (tmp_path / "bundle" / "mine").read_text() == "mine"


def test_without_names_or_inside_a_transform_there_is_nothing_to_write(experiment, tmp_path):
    made = experiment()
    with pytest.raises(Refusal, match="a bundle holds quantities that are named in probes"):
        torch_model.simulate(made, bundle=tmp_path / "bundle")

    def turned(phi):
        return torch_model.simulate(replace(made, sampling=replace(made.sampling, phi0=phi)), probes=["q"], bundle=tmp_path / "bundle").pixels

    with pytest.raises(Refusal, match="none of inside vmap"):
        torch.func.vmap(turned)(made.sampling.phi0.expand(2))
    assert not (tmp_path / "bundle").exists()


def test_the_package_has_what_a_library_user_needs_by_name():
    assert torch_model.simulate.__module__ == "torch_model.simulation" and torch_model.Image.__module__ == "torch_model.frame"
    assert {getattr(torch_model, name).__module__ for name in ("Beam", "Crystal", "Detector", "Experiment", "Sampling")} == {"torch_model.experiment"}
    with pytest.raises(AttributeError, match="has no attribute 'simulat'"):
        torch_model.simulat
