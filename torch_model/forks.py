"""Several processes that share the tiles of one image: forks of this one, as the loaders of torch's data sets are.

Threads would do, were it not for Python's lock: an operation on a tile that fits a core's cache takes some tens of microseconds,
and handing the lock over takes as long. Only a program forks, never a library; where there is no fork, threads do it. Threads that
ran before a fork must be wholly gone by then: `torch_model.threads.pool` waits for that.
"""
from __future__ import annotations

import mmap
import os
import signal
import struct
import traceback
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from torch_model.errors import Refusal

TOKENS = 8192                         # of four bytes: fewer than any pipe holds, so that they are all written at once
Work = Callable[[int], None]


def can_fork() -> bool:
    return hasattr(os, "fork")


def shared_zeros(shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    """A tensor that forks of this process see and fill. Not in /dev/shm, which is small in many containers."""
    count = int(torch.Size(shape).numel())
    return torch.frombuffer(mmap.mmap(-1, max(1, count) * dtype.itemsize), dtype=dtype, count=max(1, count))[:count].view(*shape)


def share(work: Work, count: int, processes: int) -> None:
    """`work(i)` once for every i below `count`, by this process and its forks, whoever is free taking the next. What it makes
    must lie in shared memory. Raises Refusal if a fork ends before its work."""
    threads = torch.get_num_threads()
    tokens, give = os.pipe()
    os.write(give, b"".join(struct.pack("i", i) for i in range(min(count, TOKENS))))
    os.close(give)
    children: list[int] = []
    torch.set_num_threads(1)                        # before the fork: a fork has no copy of its parent's other threads
    try:
        children += [child for _ in range(processes - 1) if (child := _fork(work, count, tokens))]
        _take(work, count, tokens)
    except BaseException:
        for child in children:
            os.kill(child, signal.SIGTERM)
        raise
    finally:
        os.close(tokens)
        ends = [os.waitpid(child, 0)[1] for child in children]
        torch.set_num_threads(threads)
    if any(ends):
        raise Refusal("a process that computed a part of the image ended early, perhaps for want of memory; use a smaller --memory, or "
                      "OMP_NUM_THREADS=1 for a single process")


def _fork(work: Work, count: int, tokens: int) -> int:
    """The child's number; the child itself works and never returns."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _take(work, count, tokens)
        status = 0
    except KeyboardInterrupt:
        pass                                        # the parent says it
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)                            # nothing of the parent's is flushed or ended twice


def _take(work: Work, count: int, tokens: int) -> None:
    shares = min(count, TOKENS)
    while token := os.read(tokens, 4):              # four bytes are written and read in one piece
        i, = struct.unpack("i", token)
        for one in range(i * count // shares, (i + 1) * count // shares):
            work(one)
