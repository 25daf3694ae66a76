"""The quick sine as one operation that a compiler melts into the kernel around it, its argument formed once.

Written as forty operations, it is forty nodes that each ask anew for what goes into them: the compiler follows some ten thousand paths before
it finds that they are the same values, which takes it half a minute. Only in a process that compiles is this module loaded.
"""
from __future__ import annotations

import hashlib
import inspect

import torch
from torch import Tensor
from torch._inductor.lowering import make_pointwise, register_lowering
from torch._inductor.virtualized import ops

from torch_model import sine

# Kernels are kept from run to run by the names of their operations: one of another text must have another name.
NAME = "torch_model::quick_sine_" + hashlib.sha256(inspect.getsource(sine).encode()).hexdigest()[:12]


@torch.library.custom_op(NAME, mutates_args=())
def melted_sine(x: Tensor) -> Tensor:
    """`quick_sine`, (any axes), where nothing is compiled."""
    return sine.quick_sine(x)


@melted_sine.register_fake
def _shaped(x: Tensor) -> Tensor:
    return torch.empty_like(x)


def _constant(value: float) -> object:
    return ops.constant(value, torch.float64)


register_lowering(getattr(torch.ops.torch_model, NAME.partition("::")[2]).default)(
    make_pointwise(lambda x: sine.polynomial(x, ops.round, _constant)))
