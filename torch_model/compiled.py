"""The samples of one source as one kernel, which torch.compile makes from the very functions that otherwise run one by one.

What surrounds the samples (geometry, factors of a pixel, the final scale) stays as it is: little work, and no loop. A trace of
a compiled run holds what its kernel hands out. Batches have one size, the last one being filled up, so that one kernel serves.
"""
from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from torch_model import kept, scaling
from torch_model.experiment import Experiment
from torch_model.prepare import Prepared
from torch_model.samples import Place, samples
from torch_model.sine import in_reach
from torch_model.startup import load
from torch_model.trace import SILENT, Probes


class Notes(Probes):
    """Keeps what is handed over, so that a compiled function can return it."""

    active = True

    def __init__(self) -> None:
        self.taken: list[tuple] = []

    def put(self, name: str, value: object, *axes: str, unset: object = None, **more: object) -> None:
        self.taken.append((name, value, axes, unset))


def _added(experiment: Experiment, ready: Prepared, total: Tensor, q: Tensor, cut: Tensor | None) -> Tensor:
    terms, skipped = samples(experiment, ready, SILENT, _anywhere(q), q, cut)
    return scaling.accumulate(total, terms, (), skipped)


def _noted(experiment: Experiment, ready: Prepared, q: Tensor, cut: Tensor | None, active: bool) -> tuple:
    notes = Notes()
    terms, skipped = samples(experiment, ready, notes if active else SILENT, _anywhere(q), q, cut)
    return terms, skipped, notes.taken


def _anywhere(q: Tensor) -> Place:
    return Place(q.shape[-1], (1, q.shape[-1]), None, None)


@dataclass(frozen=True, slots=True)
class Kernels:
    """The compiled functions, for batches of `pixels`."""

    pixels: int

    def added(self, experiment: Experiment, ready: Prepared, total: Tensor, q: Tensor, cut: Tensor | None) -> Tensor:
        """The accumulator, (pixel), after the samples of one source, where their order does not matter."""
        return _ADDED(experiment, ready, *(self._filled(x) for x in (total, q, cut)))[:q.shape[-1]]

    def samples(self, experiment: Experiment, ready: Prepared, probes: Probes, q: Tensor, cut: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """As `samples.samples`."""
        terms, skipped, taken = _NOTED(experiment, ready, self._filled(q), self._filled(cut), probes.active)
        own = slice(q.shape[-1])
        for name, value, axes, unset in taken:
            probes.put(name, value[..., own], *axes, unset=None if unset is None else unset[..., own])
        return terms[..., own], None if skipped is None else skipped[..., own]

    def _filled(self, value: Tensor | None) -> Tensor | None:
        return None if value is None else kept.filled(value, self.pixels)


load()                                  # what the program put off, and a compiler needs
# Products may be fused with the sums that they go into, as a C compiler does; indices into the table are clamped, and not looked at again.
LEAN = {"cpp.enable_floating_point_contract_flag": "fast", "assert_indirect_indexing": False}
# Nothing between the scattering vectors and the sum is stored: by its own rules the compiler writes indices and lattice factors to
# memory and reads them back, which takes half as long again as all the sines.
FUSED = {f"realize_{what}_threshold": 10_000 for what in ("opcount", "reads", "acc_reads")}
_ADDED = torch.compile(_added, dynamic=False, options=LEAN | FUSED)
_NOTED = torch.compile(_noted, dynamic=False, options=LEAN)


def with_kernels(experiment: Experiment, ready: Prepared, pixels: int, probes: Probes) -> Prepared:
    """Compiled for batches of `pixels`. What can be kept is. Raises whatever a compiler's driver raises."""
    _check_compiler(ready.cell.device)
    ready = replace(ready, sine=_sine(experiment, ready))
    if kept.can_be(ready):
        return replace(ready, kernels=kept.make(_added, experiment, ready, pixels, LEAN | FUSED))
    q = ready.cell.new_zeros((3, pixels))
    cut = None if experiment.sampling.dmin is None else torch.zeros_like(q[0], dtype=torch.bool)
    if ready.batch is None:
        _NOTED(experiment, ready, q, cut, probes.active)
    else:
        _ADDED(experiment, ready, q[0], q, cut)
    return replace(ready, kernels=Kernels(pixels))


def _sine(experiment: Experiment, ready: Prepared) -> Callable[[Tensor], Tensor] | None:
    """The quick sine where all phases are in its reach, and where the compiler takes it."""
    if not in_reach(experiment, ready):
        return None
    try:
        from torch_model.melted import melted_sine
    except ImportError:                             # it speaks to the compiler's own parts, which another torch may name otherwise
        return None
    return melted_sine


def _check_compiler(device: torch.device) -> None:
    name = os.environ.get("CXX", "g++")
    if device.type == "cpu" and shutil.which(name) is None:
        raise RuntimeError(f"there is no C++ compiler {name}; install one (on Debian: apt-get install g++), or name one in CXX")
