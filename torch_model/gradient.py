"""The image as a function that can be differentiated within the memory of some tiles: each is computed once more on the way back."""
from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from torch_model import forward
from torch_model.experiment import Experiment
from torch_model.heap import Heap
from torch_model.tile import tile
from torch_model.tiles import each, workers
from torch_model.trace import SILENT, Probes


class Tiled(torch.autograd.Function):
    """The image, and on the way back each tile once more, so that the graph of a single tile is in memory for each thread."""

    @staticmethod
    def forward(ctx, experiment: Experiment, probes: Probes, memory: int, *tensors: Tensor) -> tuple[Tensor, Tensor]:
        ctx.experiment, ctx.memory = experiment, memory
        ctx.save_for_backward(*tensors)
        image = forward.image(experiment, probes, memory, True)
        ctx.mark_non_differentiable(image.solid_angle)
        return image.intensity, image.solid_angle

    @staticmethod
    @once_differentiable                                    # second derivatives: torch.func, which does not come here
    def backward(ctx, gradient: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        wanted = ctx.needs_input_grad[3:]
        threads = workers(ctx.experiment)
        shares = [(i, threads) for i in range(threads)]
        parts = each(lambda share: _share_of_gradient(ctx.experiment, ctx.memory, ctx.saved_tensors, wanted, gradient, share), shares, threads)
        total = [sum(one[1:], one[0]) for one in zip(*parts)]
        return None, None, None, *(total.pop(0) if want else None for want in wanted)


@torch.enable_grad()
def _share_of_gradient(experiment: Experiment, memory: int, tensors: Sequence[Tensor], wanted: Sequence[bool], gradient: Tensor,
                       share: tuple[int, int]) -> list[Tensor]:
    """Of every so many-th tile: the products of `gradient` with the derivatives by the tensors that are wanted."""
    leaves = [t.detach().requires_grad_(want) for t, want in zip(tensors, wanted)]
    experiment = experiment.with_tensors(leaves)
    leaves = [leaf for leaf, want in zip(leaves, wanted) if want]
    ready, tiles = forward.prepared(experiment, SILENT, memory)
    total, heap = [torch.zeros_like(leaf) for leaf in leaves], Heap(memory << 18)
    for rows, columns in tiles[share[0]::share[1]]:
        made = tile(experiment, ready, SILENT, rows, columns)[0]
        if made.requires_grad:
            part = gradient[rows.start:rows.stop, columns.start:columns.stop]
            found = torch.autograd.grad(made, leaves, part, retain_graph=True, allow_unused=True)      # of what is prepared
            total = [a if b is None else a + b for a, b in zip(total, found)]
        heap.tidy()
    return total
