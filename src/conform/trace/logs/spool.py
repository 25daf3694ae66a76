"""Arrays that grow: in memory while they are small, else in a file without a name, which nobody has to clean up."""

from __future__ import annotations

import math
import mmap
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np

from conform.errors import UsageProblem

LARGE = 1 << 22                          # bytes from which on an array lives in a file
PIECE = 1 << 18                          # elements of a large array that are looked at at a time


class Spool:
    """(n, *shape) of one dtype, appended to, then read."""

    def __init__(self, dtype: Any, *shape: int) -> None:
        self.dtype, self.shape = np.dtype(dtype), shape
        self._parts: list[np.ndarray] = []
        self._held = 0
        self._file: IO[bytes] | None = None

    def append(self, array: np.ndarray) -> None:
        self._parts.append(np.ascontiguousarray(array, self.dtype).reshape(-1, *self.shape))
        self._held += self._parts[-1].nbytes
        if self._held >= LARGE:
            self._write()

    def array(self) -> np.ndarray:
        """Everything that was appended; what is large is mapped into memory as it is looked at."""
        if self._file is None:
            return np.concatenate(self._parts) if self._parts else np.zeros((0, *self.shape), self.dtype)
        self._write()
        with _room():
            self._file.flush()
        array = np.memmap(self._file, self.dtype, "r")
        return array.reshape(-1, *self.shape)

    def _write(self) -> None:
        with _room():
            self._file = self._file or tempfile.TemporaryFile()
            for part in self._parts:
                self._file.write(part.data)
        self._parts, self._held = [], 0


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = tempfile.gettempdir()
        raise UsageProblem(f"{where}: what was read from the log does not fit there: {error.strerror}", "make room, or set TMPDIR to a folder that has some") from None


def zeros(shape: tuple[int, ...], dtype: Any = float) -> np.ndarray:
    """An array to be filled; in a file if it is large."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size < LARGE:
        return np.zeros(shape, dtype)
    with _room():
        file = tempfile.TemporaryFile()
        os.posix_fallocate(file.fileno(), 0, size)       # now, and not when it is filled: that would end the process
    return np.memmap(file, dtype, "r+", shape=shape)


def pieces(count: int, *arrays: np.ndarray | None, backwards: bool = False) -> Iterator[slice]:
    """One slice after the other; `arrays` are let go after each."""
    starts = range(0, count, PIECE)
    for start in reversed(starts) if backwards else starts:
        yield slice(start, min(start + PIECE, count))
        let_go(*arrays)


def let_go(*arrays: np.ndarray | None) -> None:
    """The memory in which parts of large arrays were looked at is given back; they can be looked at again."""
    for array in arrays:
        mapped = getattr(array, "_mmap", None)
        if mapped is not None and hasattr(mmap, "MADV_DONTNEED") and os.name == "posix":
            mapped.madvise(mmap.MADV_DONTNEED)
