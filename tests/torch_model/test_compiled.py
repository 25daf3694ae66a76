"""The samples as one kernel: what surrounds the compiler without one, and the compiler where there is one."""
from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

import torch_model.forward as forward_module
import torch_model.tiles as tiles_module
from torch_model import compiled, kept
from torch_model.simulation import simulate


@pytest.fixture
def uncompiled(monkeypatch):
    """Everything around the kernels, the kernels being the functions that are compiled."""
    made = {}

    def make(function, experiment, ready, pixels, options):
        def run(tensors):
            given, rest = tensors[:-len(kept.tensors(bare))], iter(tensors[-len(kept.tensors(bare)):])
            return [function(*kept.with_tensors(bare, rest), *given, *([None] if len(given) == 2 else []))]

        bare = kept.read_by_samples(experiment, ready)
        made[kept.place_of(experiment, ready, pixels)] = run
        return kept.find(experiment, ready, pixels)

    monkeypatch.setattr(kept, "make", make)
    monkeypatch.setattr(kept, "load", made.get)
    for name, function in (("_ADDED", compiled._added), ("_NOTED", compiled._noted)):
        monkeypatch.setattr(compiled, name, function)
    monkeypatch.setattr(compiled, "_check_compiler", lambda device: None)
    monkeypatch.setattr(forward_module, "TILE_PIXELS", 40)
    for name in ("TILE_BYTES", "CACHE_BYTES"):
        monkeypatch.setattr(tiles_module, name, 40 * 3 * 8 * 3)


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("flags", ["", "-dmin 14", "-round_xtal", "-oversample_polar", "-interpolate"])
def test_batches_of_one_size_make_the_image_that_batches_of_their_own_size_make(experiment, uncompiled, monkeypatch, flags, dtype, keeps):
    """Kept, as on a CPU, and not kept, as elsewhere."""
    if not keeps:
        monkeypatch.setattr(kept, "can_be", lambda ready: False)
    made = experiment(*flags.split(), dtype=dtype)
    filled, own = (simulate(made, compiled=choice).intensity for choice in (True, False))
    assert torch.allclose(filled, own, rtol=1e-10 if dtype == torch.float64 else 1e-2, atol=0) and filled.any()


def test_what_a_kernel_hands_out_is_traced_as_what_the_functions_hand_over(folder, base, uncompiled, monkeypatch, run):
    traces = []
    for more in ([], ["--compile"]):
        name = "trace" + "".join(more).strip("-")
        (folder / name).mkdir()
        monkeypatch.setenv("CONFORM_TRACE", str(folder / name))
        status, _, _ = run(*base, "-dmin", "14", *more)
        assert status == 0
        traces.append({path.name: np.load(path) for path in (folder / name).glob("*.npy")})
    assert traces[0].keys() == traces[1].keys() and {"hkl.npy", "hkl.unset.npy", "term.npy"} <= traces[0].keys()
    for name, values in traces[0].items():
        np.testing.assert_allclose(traces[1][name], values, rtol=1e-9, err_msg=name)


def test_without_a_compiler_one_warning_says_what_is_missing_and_the_image_is_made(experiment, monkeypatch, run, base):
    monkeypatch.setenv("CXX", "no-such-compiler")
    made = experiment()
    with pytest.warns(RuntimeWarning, match="no C\\+\\+ compiler no-such-compiler; install one") as caught:
        assert torch.equal(simulate(made, compiled=True).intensity, simulate(made).intensity)
    assert len(caught) == 1
    status, image, said = run(*base, "--compile")
    assert status == 0 and image.any() and said.count("torch_model: cannot compile, going on without: there is no C++ compiler") == 1


@pytest.mark.usefixtures("cxx")
def test_where_nothing_can_be_kept_the_image_is_made_all_the_same(folder, base):
    (folder / "file").write_text("")
    done = subprocess.run([sys.executable, "-m", "torch_model", *base, "--compile", "-floatfile", "out.bin"], capture_output=True, text=True,
                          env={**os.environ, "TORCHINDUCTOR_CACHE_DIR": str(folder / "file" / "below")})
    assert done.returncode == 0 and np.fromfile("out.bin", np.float32).any()
    assert done.stderr.startswith("torch_model: cannot compile, going on without: [Errno 20] Not a directory") and done.stderr.count("\n") == 1


def test_whatever_a_compiler_raises_is_said_in_one_line_where_it_was_asked_for(experiment, monkeypatch):
    def fail(*_):
        raise ValueError("planted\nand more")

    made = experiment()
    monkeypatch.setattr(kept, "make", fail)
    monkeypatch.setattr(compiled, "_check_compiler", lambda device: None)
    with pytest.warns(RuntimeWarning, match="going on without: planted$") as caught:
        assert torch.equal(simulate(made, compiled=True).intensity, simulate(made).intensity)
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.usefixtures("cxx")
def test_a_compiled_program_makes_the_same_image_within_rounding(folder, base, monkeypatch):
    """In a process of its own, as a user runs it: cold; then with what the first run has kept, without loading a compiler."""
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)       # where kernels lie by default is part of this
    (folder / "kernels").mkdir()
    images, loaded = {}, {}
    call = "import sys; from torch_model.__main__ import main; assert main(sys.argv[1:]) == 0; " \
           "print('compiler loaded' if 'torch._inductor.codegen' in sys.modules else 'nothing loaded')"
    for name, more in (("eager", []), ("cold", ["--compile"]), ("warm", ["--compile"])):
        done = subprocess.run([sys.executable, "-c", call, *base, "-floatfile", f"{name}.bin", *more], capture_output=True, text=True,
                              env={**os.environ, "TMPDIR": str(folder / "kernels")})
        assert done.returncode == 0 and done.stderr == ""
        images[name], loaded[name] = np.fromfile(folder / f"{name}.bin", np.float32), done.stdout.splitlines()[-1]
    assert np.allclose(images["cold"], images["eager"], rtol=1e-6, atol=0) and np.array_equal(images["warm"], images["cold"])
    assert loaded == {"eager": "nothing loaded", "cold": "compiler loaded", "warm": "nothing loaded"}
