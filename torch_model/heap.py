"""What the C library keeps of freed tensors, kept within bounds.

Tensors are allocated at multiples of 64 bytes. glibc takes such a block out of a larger one and gives the ends back; when a small object comes to
lie in an end, the block no longer fits where it came from, and the heap grows, in some processes by as much as every batch anew.
"""
from __future__ import annotations

import ctypes
import os

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Heap:
    """The memory of this process from here on. Its forks have the same bounds, each for itself."""

    def __init__(self, allowed: int) -> None:
        """`allowed`: bytes that may be added before freed blocks are given back."""
        self.step, self.bound = allowed, resident() + allowed

    def tidy(self) -> None:
        """Give freed blocks back to the system, if there is more than was allowed. What is still in use then is allowed, too."""
        if resident() > self.bound:
            _give_back()
            self.bound = max(self.bound, resident() + self.step // 2)


def resident() -> int:
    """Bytes of memory that this process holds alone: no files, nothing shared. 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            _, held, shared, *_ = map(int, file.read().split())
    except (OSError, ValueError):
        return 0
    return (held - shared) * PAGE


def _give_back() -> None:
    try:
        ctypes.CDLL(None).malloc_trim(0)                    # of all threads, holes as well
    except (OSError, AttributeError, TypeError):
        pass                                                # another library than glibc
