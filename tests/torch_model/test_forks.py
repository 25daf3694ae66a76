"""Processes that share the tiles of an image."""
from __future__ import annotations

import os
import time

import pytest
import torch

import torch_model.forward as forward_module
import torch_model.tiles as tiles_module
from torch_model.errors import Refusal
from torch_model.forks import TOKENS, can_fork, share, shared_zeros
from torch_model.simulation import simulate

pytestmark = pytest.mark.skipif(not can_fork(), reason="this system cannot fork")


@pytest.mark.parametrize("count", [0, 1, 7, TOKENS + 3])
def test_every_item_is_worked_on_once_whoever_does_it(count):
    times = shared_zeros((count,), torch.int32)

    def work(i):
        times[i] += 1

    before = torch.get_num_threads()
    share(work, count, 3)
    assert (times == 1).all() and torch.get_num_threads() == before


def test_a_fork_that_ends_early_is_reported_and_no_child_is_left(capfd):
    parent, began = os.getpid(), shared_zeros((1,), torch.int32)

    def work(i):
        if os.getpid() != parent:
            began[0] = 1
            raise ValueError("planted")
        while not began[0]:                         # else this process might do everything before the other begins
            time.sleep(0.001)

    with pytest.raises(Refusal, match="ended early"):
        share(work, 4, 2)
    assert "planted" in capfd.readouterr().err
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_failure_of_this_process_ends_the_others_and_is_raised():
    parent = os.getpid()

    def work(i):
        if os.getpid() == parent:
            raise ValueError("planted")

    with pytest.raises(ValueError, match="planted"):
        share(work, 50_000, 2)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_forks_and_threads_make_the_same_image_to_the_last_bit(experiment, monkeypatch, dtype):
    made = experiment(dtype=dtype)
    monkeypatch.setattr(forward_module, "TILE_PIXELS", 25)
    for name in ("TILE_BYTES", "CACHE_BYTES"):
        monkeypatch.setattr(tiles_module, name, 1500)
    threads, forks = simulate(made), simulate(made, fork=True)
    assert torch.equal(threads.intensity, forks.intensity) and torch.equal(threads.pixels, forks.pixels)
    assert float(threads.solid_angle) == float(forks.solid_angle) > 0
