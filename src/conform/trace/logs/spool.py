"""Arrays that grow: in memory while they are small, else in a file without a name, which nobody has to clean up."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator
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
        self._file.flush()
        array = np.memmap(self._file, self.dtype, "r")
        return array.reshape(-1, *self.shape)

    def _write(self) -> None:
        try:
            self._file = self._file or tempfile.TemporaryFile()
            for part in self._parts:
                self._file.write(part.data)
        except OSError as error:
            where = tempfile.gettempdir()
            raise UsageProblem(f"{where}: what was read from the log does not fit there: {error.strerror}", "make room, or set TMPDIR to a folder that has some") from None
        self._parts, self._held = [], 0


def spooled(array: np.ndarray) -> np.ndarray:
    """The same array; in a file if it is large, for somebody who will look at it in pieces."""
    if array.nbytes < LARGE:
        return array
    spool = Spool(array.dtype)
    for start in range(0, array.size, PIECE):
        spool.append(array.reshape(-1)[start : start + PIECE])
    return spool.array().reshape(array.shape)


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
