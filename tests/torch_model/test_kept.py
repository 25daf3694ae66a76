"""Kernels that outlive their process: which are the same, and which are not taken."""
from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch._inductor

from torch_model import kept
from torch_model.prepare import prepare
from torch_model.trace import SILENT


def place(experiment, pixels: int = 64):
    with torch.inference_mode():
        return kept.place_of(experiment, replace(prepare(experiment, SILENT), batch=pixels), pixels)


def test_what_the_samples_do_not_read_makes_no_other_kernel(experiment):
    usual = place(experiment())
    assert usual == place(experiment())
    for flags in ("-roi 0 3 0 3", "-distance 200", "-flux 1e20", "-lambda 1.1", "-phi 20", "-osc 0.3", "-thetax 3", "-detector_rotx 4", "-nopolar"):
        assert place(experiment(*flags.split())) == usual, flags


@pytest.mark.parametrize("flags", ["-round_xtal", "-interpolate", "-dmin 4", "-phisteps 7 -osc 1", "-mosaic 1 -mosaic_dom 3", "-water 5", "-Na 1000000000"])
def test_what_they_read_as_a_plain_value_or_in_another_layout_makes_another(experiment, flags):
    assert place(experiment(*flags.split())) != place(experiment())


def test_a_departure_from_the_spec_makes_another(experiment):
    made = experiment()
    assert place(replace(made, sampling=replace(made.sampling, quirks=frozenset({"tight_stencil"})))) != place(made)


def test_another_size_precision_program_setting_or_number_of_threads_makes_another(experiment, monkeypatch, tmp_path):
    usual = place(experiment())
    assert len({usual, place(experiment(), 65), place(experiment(dtype=torch.float32))}) == 3
    with monkeypatch.context() as changed:
        changed.setenv("CXX", "clang++")
        assert place(experiment()) != usual
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    other = place(experiment())
    torch.set_num_threads(threads)
    assert other != usual == place(experiment())
    (tmp_path / "one.py").write_text("")
    monkeypatch.setattr(kept, "__file__", str(tmp_path / "kept.py"))
    assert place(experiment()) != usual


def test_tensors_are_put_back_where_they_were_taken(experiment):
    made = experiment("-round_xtal")
    whole = kept.read_by_samples(made, prepare(made, SILENT))
    taken = kept.tensors(whole)
    changed = kept.with_tensors(whole, iter([t + 1 for t in taken]))
    assert len(taken) > 5 and all(torch.equal(a + 1, b) for a, b in zip(taken, kept.tensors(changed), strict=True))
    assert changed[0].crystal.shape == "round" and changed[1].table.bounds == whole[1].table.bounds


def test_a_library_that_is_torn_or_that_others_may_write_is_not_loaded(tmp_path):
    (tmp_path / "torn.so").write_bytes(b"\x7fELF and no more")
    assert kept.load(tmp_path / "torn.so") is None and kept.load(tmp_path / "none.so") is None


def test_a_library_in_a_folder_that_others_may_write_is_not_even_opened(tmp_path, monkeypatch):
    library = tmp_path / "kernel.so"
    library.write_bytes(b"")
    opened = []
    monkeypatch.setattr(torch._C._aoti, "AOTIModelContainerRunnerCpu", lambda path, models: opened.append(path) or type("Runner", (), {"run": "loaded"}))
    assert kept.load(library) == "loaded"
    for changed in (library, tmp_path):
        before = changed.stat().st_mode
        changed.chmod(before | 0o022)
        assert kept.load(library) is None
        changed.chmod(before)
    assert len(opened) == 1


def test_a_kernel_that_was_made_and_cannot_be_loaded_is_told(experiment, monkeypatch, tmp_path):
    def compiled(module, given, options):
        (made := tmp_path / "made.so").write_bytes(b"no library")
        return str(made)

    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(torch._inductor, "aot_compile", compiled)
    made = experiment()
    with pytest.raises(RuntimeError, match="cannot be loaded: .*cache/torch_model"):
        kept.make(lambda experiment, ready, total, q, cut: total * 2, made, replace(prepare(made, SILENT), batch=8), 8, {})
    assert [path.suffix for path in (tmp_path / "cache" / "torch_model").iterdir()] == [".so"]
