"""Whether a graph is kept of what is computed."""
from __future__ import annotations

import torch


def no_graph() -> bool:
    """True where no gradient will be asked for: a function may then overwrite new tensors of its own."""
    return torch.compiler.is_compiling() or torch.is_inference_mode_enabled()      # in this order: a compiler does not know the second
