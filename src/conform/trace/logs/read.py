"""Reading a log into columns, once, a block of some megabytes at a time: ten million lines take seconds and little memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from conform.errors import UsageProblem
from conform.trace.logs.dialect import Dialect
from conform.trace.logs.kinds import JsonDocument, JsonLines, Lines, Table
from conform.trace.logs.looks import Prepared, Reader, Wanted
from conform.trace.logs.table import Log

CHUNK = 1 << 21                          # bytes; of what becomes of a block, much fits into a cache
THREADS = 2                              # that prepare blocks; a third reads on and takes them
KINDS = {"lines": Lines, "jsonl": JsonLines, "json": JsonDocument, "csv": Table}


def read_log(path: Path, dialect: Dialect, wanted: Wanted = lambda name: True, left: int | None = None) -> Log:
    """The columns of the names that are `wanted`; of about `left` bytes from the beginning. UsageProblem if the file cannot be read."""
    reader: Reader = KINDS[dialect.format](dialect, wanted)
    lines = _Count()
    for ready in _ahead(reader, _whole(path, left, reader, lines)):
        reader.take(ready)
    reader.finish()
    columns = [column for rows in reader.rows.values() for column in rows.columns(reader.coordinates)]
    return Log(columns, lines.count, reader.unknown, sorted(reader.odd), lines.cut, tuple(reader.commands))


@dataclass
class _Count:
    """How many lines were read, and the one in whose middle the log ends."""

    count: int = 0
    cut: int | None = None


def _ahead(reader: Reader, blocks: Iterator[tuple[bytes, int]]) -> Iterator[Prepared]:
    """Each block as it is prepared, in order; some more are prepared meanwhile, on the other processors."""
    beginning = list(islice(blocks, 2))
    if len(beginning) < 2:                   # a short log is read before a thread has begun
        yield from (reader.prepared(*block) for block in beginning)
        return
    begun: deque[Future[Prepared]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for block in chain(beginning, blocks):
            begun.append(pool.submit(reader.prepared, *block))
            if len(begun) > THREADS:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def _whole(path: Path, left: int | None, reader: Reader, lines: _Count) -> Iterator[tuple[bytes, int]]:
    """Blocks of whole lines, and how many lines are before each. What is left of a last line that was cut is left out."""
    try:
        for block in _blocks(path, left):
            if not block.endswith(b"\n"):                # the last one
                whole, _, last = block.rpartition(b"\n")
                if reader.is_whole(last):
                    block += b"\n"
                else:
                    block = whole + b"\n" if b"\n" in block else b""
                    lines.cut = lines.count + block.count(b"\n") + 1        # its last number may have lost digits, and nobody could tell
            if block:
                yield block, lines.count
            lines.count += block.count(b"\n")
    except OSError as error:
        raise UsageProblem(f"{path}: the log cannot be read: {error.strerror}") from None


def _blocks(path: Path, left: int | None) -> Iterator[bytes]:
    """Whole lines each, but perhaps the last one."""
    with path.open("rb", buffering=0) as file:
        begun: list[bytes] = []              # of a line that has not ended yet
        while chunk := file.read(CHUNK):
            end = chunk.rfind(b"\n") + 1
            if not end:
                begun.append(chunk)
                continue
            yield b"".join([*begun, chunk[:end]])
            begun = [chunk[end:]] if end < len(chunk) else []
            if left is not None and (left := left - CHUNK) <= 0:
                return
        if begun:
            yield b"".join(begun)
