"""Structure factors: the nearest lattice point and the amplitude listed for it."""
from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Guarded(NamedTuple):
    """A table with one plane of the default around it, so that looking outside needs no branch."""

    values: Tensor                    # (h+2, k+2, l+2), electron
    first: tuple[int, int, int]       # indices of its element [0, 0, 0]


def guarded(table: Tensor, first: tuple[int, int, int], default: Tensor) -> Guarded:
    """Put a plane of `default` around `table`.

    Args: table: (h, k, l), electron. first: indices of its element 0. default: (), electron.
    Returns: the guarded table. Errors: none. Gradient: for the table and for the default. Source: clause structure.12.
    """
    outer = default.expand([n + 2 for n in table.shape]).clone()
    outer[1:-1, 1:-1, 1:-1] = table
    return Guarded(outer, tuple(i - 1 for i in first))


def nearest_indices(hkl: Tensor) -> Tensor:
    """Nearest lattice point, halves going down: ceil(x - 0.5).

    Args: (..., abc, pixel), dimensionless. Returns: the same axes, int32.
    Errors: an index beyond 2^31, or NaN, is no lattice point; its amplitude is the default. Gradient: none, it is a step.
    Source: clause sampling.14.
    """
    return (hkl.detach() - 0.5).ceil_().to(torch.int32)


def amplitude(table: Guarded, hkl0: Tensor) -> Tensor:
    """Amplitude at lattice points: the table's inside its box, the default outside.

    Args: hkl0: (..., abc, pixel), int32. Returns: (..., pixel), electron, dtype of the table.
    Errors: none. Gradient: for the table's values and the default. Source: clauses structure.11, structure.12.
    """
    # beyond the box every index lands on the guard plane; clamped first, so that nothing here can overflow
    h, k, l = (at.clamp(first, first + size - 1) for at, first, size in zip(hkl0.unbind(-2), table.first, table.values.shape))
    _, size_k, size_l = table.values.shape
    first = (table.first[0] * size_k + table.first[1]) * size_l + table.first[2]
    flat = h.mul_(size_k).add_(k).mul_(size_l).add_(l).sub_(first)          # in place on the clamped copy
    return table.values.reshape(-1).index_select(0, flat.reshape(-1)).view(flat.shape)
