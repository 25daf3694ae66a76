"""Reading a log into columns, once, a block of some megabytes at a time: ten million lines take seconds and little memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from conform.errors import UsageProblem
from conform.trace.logs.dialect import Dialect
from conform.trace.logs.kinds import JsonDocument, JsonLines, Lines, Table
from conform.trace.logs.looks import Reader, Wanted
from conform.trace.logs.table import Log

CHUNK = 1 << 21
KINDS = {"lines": Lines, "jsonl": JsonLines, "json": JsonDocument, "csv": Table}


def read_log(path: Path, dialect: Dialect, wanted: Wanted = lambda name: True, left: int | None = None) -> Log:
    """The columns of the names that are `wanted`; of about `left` bytes from the beginning. UsageProblem if the file cannot be read."""
    reader: Reader = KINDS[dialect.format](dialect, wanted)
    lines, cut = 0, None
    try:
        for block in _blocks(path, left):
            if not block.endswith(b"\n"):                # the last one
                whole, _, last = block.rpartition(b"\n")
                if reader.is_whole(last):
                    block += b"\n"
                else:
                    block = whole + b"\n" if b"\n" in block else b""
                    cut = lines + block.count(b"\n") + 1     # its last number may have lost digits, and nobody could tell
            if block:
                reader.take(block, lines)
            lines += block.count(b"\n")
        reader.finish()
    except OSError as error:
        raise UsageProblem(f"{path}: the log cannot be read: {error.strerror}") from None
    columns = [column for rows in reader.rows.values() for column in rows.columns(reader.coordinates)]
    return Log(columns, lines, reader.unknown, sorted(reader.odd), cut, tuple(reader.commands))


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
