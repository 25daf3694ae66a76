"""From an experiment to an image, in one of three ways.

Without a gradient (`forward`), with one in the memory of some tiles (`gradient`), or as any function of tensors, which torch.func
can transform and whose values in between can be had. How the detector is cut is in `tiles`, what happens in a tile in `tile`.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch._C._functorch import is_functorch_wrapped_tensor

from torch_model import forward, scaling
from torch_model.bundle import PLACES, write
from torch_model.collect import Collector
from torch_model.errors import Refusal
from torch_model.expected import check
from torch_model.experiment import Experiment
from torch_model.frame import Image, assembled
from torch_model.gradient import Tiled
from torch_model.quantities import put_run_level
from torch_model.tile import tile
from torch_model.trace import SILENT, Probes


def simulate(experiment: Experiment, probes: Probes | Sequence[str] = SILENT, memory: int = 1024, intensity: bool = True,
             fork: bool = False, compiled: bool = False, progress: Callable[[float], None] | None = None, bundle: str | Path | None = None) -> Image:
    """The image of `experiment`.

    Args:
        experiment: see there. memory: MiB that tiles may take. intensity: whether to keep it beside the stored pixels.
        fork: whether processes may share the work of a CPU instead of threads, which is faster; for programs, see `forks`.
        compiled: whether the samples may be compiled into a kernel first, see `compiled`; no gradient is taken of that.
        progress: is told now and then which part of the work is done, 0 to 1, at last 1.
        probes: what records the values in use; or names of quantities, which the Image then holds, for every pixel of the
            region of interest (and mask) along their first axis, if they have one.
        bundle: a new folder, into which the quantities named in `probes` are written, for `conform`.
    Returns: Image. Errors: WrongTensor names a tensor whose shape, dtype or device is not as expected; NaN in gives NaN out.
    Gradient: with respect to every tensor of the experiment that requires one; without any, no graph is kept. Each tile is
        computed once more on the way back, so that each thread holds the graph of one. `torch.func.vmap`, `grad` and
        `jvp` act on it as on any function, for example over a batch of orientations, `crystal.cell0`.
    Source: clauses sampling.1, sampling.2, scaling.1 to scaling.12.
    """
    check(experiment)
    transformed = any(map(is_functorch_wrapped_tensor, experiment.tensors()))         # by torch.func: vmap, grad, jvp
    if bundle is not None and (transformed or isinstance(probes, Probes)):
        raise Refusal("a bundle holds quantities that are named in probes, and their numbers, which there are none of inside vmap, grad or jvp")
    if transformed or not isinstance(probes, Probes):
        return _with_graph(experiment, [] if isinstance(probes, Probes) else probes, memory, bundle)
    if torch.is_grad_enabled() and any(t.requires_grad for t in experiment.tensors()):
        made, solid_angle = Tiled.apply(experiment, probes, memory, *experiment.tensors())
        return Image(made, scaling.stored(made), solid_angle)
    return forward.image(experiment, probes, memory, intensity, fork, compiled, progress)


def _with_graph(experiment: Experiment, names: Sequence[str], memory: int, bundle: str | Path | None = None) -> Image:
    """Tile by tile as any function of tensors, with what lies between, in this thread."""
    collector = Collector(names if bundle is None else [*names, *PLACES])
    put_run_level(experiment, collector)
    ready, tiles = forward.prepared(experiment, collector, memory)
    parts = [tile(experiment, ready, collector, *some) for some in tiles]
    if bundle is not None:
        write(Path(bundle), experiment, collector)
    return replace(assembled(experiment, parts, tiles), probes={name: value for name, value in collector.result().items() if name in names})
