"""Freed memory goes back to the system when there is too much of it, and only then."""
from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

import torch_model.forward as forward_module
import torch_model.gradient as gradient_module
import torch_model.heap as heap_module
from torch_model.heap import Heap, resident
from torch_model.simulation import simulate

MIB = 1 << 20
HOLES = f"""
import torch
from torch_model.heap import Heap, resident
from torch_model.startup import keep_freed_memory
keep_freed_memory()
heap = Heap(100 * {MIB})
start = resident()
blocks = [torch.ones({MIB} // 8, dtype=torch.float64) for _ in range(400)]
between = blocks[1::2]
del blocks
held = resident()
heap.tidy()
print((held - start) // {MIB}, (resident() - start) // {MIB}, len(between))
"""


@pytest.mark.skipif(not resident() or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the system does not say what a process holds, or the library keeps it")
def test_holes_between_blocks_that_are_in_use_go_back_to_the_system():
    done = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True)
    held, left, in_use = map(int, done.stdout.split())
    assert held > 390 and in_use - 10 < left < 250


def test_within_what_is_allowed_nothing_is_given_back_and_what_is_in_use_is_allowed(monkeypatch):
    held, given = [1000], []
    monkeypatch.setattr(heap_module, "resident", lambda: held[0])
    monkeypatch.setattr(heap_module, "_give_back", lambda: given.append(held[0]))
    heap = Heap(100)
    for size in (1000, 1100, 1101, 1102, 1151, 1152):
        held[0] = size
        heap.tidy()
    assert given == [1101, 1152]                              # 1101 stayed in use, and fifty more were allowed


def test_where_the_library_has_no_such_function_nothing_happens(monkeypatch):
    monkeypatch.setattr(heap_module.ctypes, "CDLL", lambda _: object())
    heap_module._give_back()


@pytest.mark.parametrize("graph", [False, True])
def test_it_is_looked_at_after_every_tile_with_a_quarter_of_the_memory(experiment, monkeypatch, graph):
    looked: list[int] = []

    class Watched(Heap):
        def __init__(self, allowed: int) -> None:
            assert allowed == 64 * MIB

        def tidy(self) -> None:
            looked.append(1)

    monkeypatch.setattr(forward_module, "pixels_in_batch", lambda *_: 20)
    monkeypatch.setattr(forward_module, "TILE_PIXELS", 25)
    monkeypatch.setattr(gradient_module if graph else forward_module, "Heap", Watched)
    made = experiment()
    if graph:
        made.crystal.cell0.requires_grad_()
        simulate(made, memory=256).intensity.sum().backward()
    else:
        simulate(made, memory=256)
    assert len(looked) >= (1 if graph else 4)


def test_pixels_with_thousands_of_samples_are_shared_between_workers(experiment, monkeypatch):
    """One tile of all of them would be computed by a single one."""
    given: list[int] = []
    monkeypatch.setattr(forward_module, "pixels_in_batch", lambda *_: 1)
    monkeypatch.setattr(forward_module, "each", lambda work, items, workers: given.append(len(items)) or [work(i) for i in items])
    simulate(experiment(), memory=256)
    assert given == [2]                                       # 64 pixels are five rows of eleven; there are nine
