"""Structure factors: the nearest lattice point and the amplitude listed for it, or a polynomial through those around."""
from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Guarded(NamedTuple):
    """A table with one plane of the default around it, so that looking outside needs no branch."""

    values: Tensor                    # (h+2, k+2, l+2), electron
    bounds: tuple[tuple[int, int], ...]       # smallest and largest index on each axis, the guard included
    low: Tensor                       # (abc, 1), int32: indices of its element [0, 0, 0]
    high: Tensor                      # (abc, 1), int32: those of its last element
    origin: int                       # of element [0, 0, 0] in flat order, counted from index (0, 0, 0)


def guarded(table: Tensor, first: tuple[int, int, int], default: Tensor) -> Guarded:
    """Put a plane of `default` around `table`.

    Args: table: (h, k, l), electron. first: indices of its element 0. default: (), electron.
    Returns: the guarded table. Errors: none. Gradient: for the table and for the default. Source: clause structure.12.
    """
    outer = default.expand([n + 2 for n in table.shape]).clone()
    outer[1:-1, 1:-1, 1:-1] = table
    low = torch.tensor(first, dtype=torch.int32, device=table.device)[:, None] - 1
    high = low + torch.tensor(outer.shape, dtype=torch.int32, device=table.device)[:, None] - 1
    h, k, l = (i - 1 for i in first)
    return Guarded(outer, tuple((i - 1, i + n) for i, n in zip(first, table.shape)), low, high, (h * outer.shape[1] + k) * outer.shape[2] + l)


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
    return entries(table, *(at.clamp(*ends) for at, ends in zip(hkl0.unbind(-2), table.bounds)))


def entries(table: Guarded, h: Tensor, k: Tensor, l: Tensor) -> Tensor:
    """Entries at indices that lie in the guarded table. Args: int32, broadcastable. Returns their common axes, electron."""
    _, size_k, size_l = table.values.shape
    flat = torch.add(torch.add(l, k, alpha=size_l), h, alpha=size_k * size_l).sub_(table.origin)
    if torch.compiler.is_compiling():               # without flattening the indices, which would not vectorise, nor counting any from the end
        return torch.nn.functional.embedding(flat, table.values.reshape(-1, 1)).squeeze(-1)
    return table.values.reshape(-1).index_select(0, flat.reshape(-1)).view(flat.shape)


def stencil(hkl: Tensor) -> Tensor:
    """The four nodes around an index: floor(x) - 1 to floor(x) + 2.

    Args: (..., abc, pixel), dimensionless. Returns: (..., abc, node, pixel), int32. Errors: as `nearest_indices`.
    Gradient: none, it is a step. Source: clause structure.13.
    """
    nodes = torch.arange(-1, 3, dtype=torch.int32, device=hkl.device)
    return hkl.detach().floor().to(torch.int32)[..., None, :] + nodes[:, None]


def outside(table: Guarded, hkl: Tensor, nodes: Tensor, tight: bool = False) -> Tensor:
    """Whether a stencil leaves the box of the table; `tight`: the quirk tight_stencil, up to one index earlier.

    Args: hkl: (..., abc, pixel). nodes: (..., abc, node, pixel). Returns: (..., pixel), bool. Errors: NaN is outside.
    Source: clause structure.15.
    """
    first, last = table.low + 1, table.high - 1
    if tight:
        inside = (hkl - first + 3 <= last - first + 1) & (hkl - 2 >= first)
    else:
        inside = (nodes[..., 0, :] >= first) & (nodes[..., -1, :] <= last) & (hkl == hkl)
    return ~inside.all(-2)


def lagrange(x: Tensor, nodes: Tensor, values: Tensor) -> Tensor:
    """The cubic polynomial through four points, at x.

    Args: x: (..., pixel), dimensionless. nodes, values: (..., node, pixel), four neighbouring whole numbers and what stands there.
    Returns: (..., pixel), unit of the values. Errors: none. Gradient: for x and the values. Source: clause structure.14.
    """
    d = [x - node for node in nodes.unbind(-2)]
    total = None
    for i, (value, below) in enumerate(zip(values.unbind(-2), (-6.0, 2.0, -2.0, 6.0))):     # below: product of x_i - x_j
        a, b, c = (d[j] for j in range(4) if j != i)
        part = a * b * c * value / below
        total = part if total is None else total + part
    return total


def tricubic(table: Guarded, hkl: Tensor, nodes: Tensor) -> Tensor:
    """Amplitude by the product of three cubic polynomials: along l, then k, then h.

    Args: hkl: (..., abc, pixel), dimensionless. nodes: (..., abc, node, pixel). Returns: (..., pixel), electron.
    Errors: nodes outside the box have the default. Gradient: for the indices, the table and the default.
    Source: clause structure.14.
    """
    inside = nodes.clamp(table.low[..., None, :], table.high[..., None, :])
    along_h = []
    for h in range(4):                              # nodes of the stencil, not pixels: 64 entries at once would be too many
        along_k = []
        for k in range(4):
            values = entries(table, inside[..., 0, h:h + 1, :], inside[..., 1, k:k + 1, :], inside[..., 2, :, :])
            along_k.append(lagrange(hkl[..., 2, :], nodes[..., 2, :, :], values))
        along_h.append(lagrange(hkl[..., 1, :], nodes[..., 1, :, :], torch.stack(along_k, -2)))
    return lagrange(hkl[..., 0, :], nodes[..., 0, :, :], torch.stack(along_h, -2))
