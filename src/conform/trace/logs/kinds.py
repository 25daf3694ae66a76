"""Kinds of logs: which lines of each are looked at, and what one line says. Speed is not their business: `looks` sees to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

import numpy as np

from conform.trace.logs.apart import NUMBER
from conform.trace.logs.dialect import Dialect
from conform.trace.logs.forms import Found, form_of
from conform.trace.logs.looks import Part, Prepared, Reader, Wanted

HEAD, MARK = 4, "\uffff"
NOTHING = Found((), (), ())
_BESIDE = re.compile(rb"\t(?=[A-Z][A-Z0-9_]+:)")         # another program's line begins
_ALONE = re.compile(rf'(?<![\w.+"-]){NUMBER}')


class Lines(Reader):
    """Lines of many forms among lines of other programs."""

    def __init__(self, dialect: Dialect, wanted: Wanted) -> None:
        super().__init__(dialect, wanted)
        self.forms = [form_of(line) for line in dialect.line]
        self.prefixes = tuple(dict.fromkeys(form.prefix for form in self.forms))
        self.heads = {prefix[:HEAD] for prefix in self.prefixes}         # which is enough to leave out most other lines
        self.beside = tuple(b"\t" + prefix for prefix in self.prefixes)
        self.tells = any(_ALONE.search(re.sub(r"\{\w+\}", "{}", line.form)) for line in dialect.line)      # lines apart by a number
        self.heading = ""

    def chosen(self, block: bytes, start: int) -> tuple[bytes, np.ndarray]:
        text = block
        if b"\t" in block and (any(mark in block for mark in self.beside) or _BESIDE.search(block)):
            text = block.replace(b"\t", b"\n")           # one program's line, a tab, the other's: each is a line of its own
        chars = np.frombuffer(text, np.uint8)
        ends = np.flatnonzero(chars == 10) + 1
        starts = np.concatenate(([0], ends[:-1]))
        numbers = start + 1 + (np.arange(len(starts)) if text is block else np.searchsorted(np.flatnonzero(np.frombuffer(block, np.uint8) == 10), starts))
        begin = _begin_with(text, starts, self.heads)
        if not begin.all():
            text = chars[np.repeat(begin, ends - starts)].tobytes() if begin.any() else b""
        return text, numbers[begin].astype(np.uint32)

    def understand(self, line: bytes) -> Part:
        if not line.startswith(self.prefixes):
            return Part(NOTHING)
        text = line.decode("utf-8", "replace").rstrip()
        for i, form in enumerate(self.forms):
            found = form.read(text) if line.startswith(form.prefix) else None
            if found is None:
                continue
            if found.heading is not None:
                self.heading = found.heading
                return Part(NOTHING, alike=False)
            if found.command is not None:
                self.commands[found.command] = None
                return Part(NOTHING, alike=False)
            if form.line.staged and found.names:
                found = Found(tuple(f"{self.heading}/{name}" for name in found.names), found.widths, found.tokens)
            alike = not form.line.staged and (bool(found.names) or not self.tells)
            return Part(found, form.line.digits or self.dialect.digits, form.line.at, i, alike)
        return Part(None, alike=not self.tells)


def _begin_with(text: bytes, starts: np.ndarray, heads: Iterable[bytes]) -> np.ndarray:
    """Whether the text from each start on begins with one of the heads, of up to four bytes."""
    padded = text + bytes(HEAD)
    words = np.ndarray((len(text),), "<u4", padded, strides=(1,))[starts]
    found = np.zeros(len(starts), bool)
    for head in heads:
        mask = np.uint32((1 << 8 * len(head)) - 1)
        found |= (words & mask) == np.uint32(int.from_bytes(head, "little"))
    return found


class JsonLines(Reader):
    """One object a line; objects in it are taken apart, `a.b` is b of a. What is no number is left out."""

    def understand(self, line: bytes) -> Part:
        if not line.strip():
            return Part(NOTHING)
        try:
            return self._object(_parsed(line))
        except (ValueError, RecursionError):
            return Part(None, alike=False)

    def is_whole(self, line: bytes) -> bool:
        try:
            return isinstance(_parsed(line), dict)
        except (ValueError, RecursionError):
            return False

    def _object(self, item: object) -> Part:
        parts = [part for part in _flat("", item) if part[1]] if isinstance(item, dict) else []
        found = Found(tuple(n for n, _ in parts), tuple(len(v) for _, v in parts), tuple(t for _, v in parts for t in v))
        return Part(found, self.dialect.digits)


class JsonDocument(JsonLines):
    """One document: what stands in it alone, and an object for each item of its lists of objects, in turn."""

    def __init__(self, dialect: Dialect, wanted: Wanted) -> None:
        super().__init__(dialect, wanted)
        self.text: list[bytes] = []

    def prepared(self, block: bytes, start: int) -> Prepared:
        return Prepared(block, np.zeros(0, np.uint32), None)

    def take(self, ready: Prepared) -> None:
        self.text.append(ready.text)

    def is_whole(self, line: bytes) -> bool:
        return True

    def finish(self) -> None:
        text = b"".join(self.text)
        try:
            document = _parsed(text)
        except (ValueError, RecursionError):
            self.add(Part(None), text.count(b"\n"))
            return
        alone, listed = _apart(document if isinstance(document, dict) else {"": document})
        for number, item in enumerate([alone, *listed], 1):
            self.add(self._object(item), number)
        self.flush()


def _apart(item: dict) -> tuple[dict, list]:
    """Members that are lists of objects, and the others; inner objects lose their names."""
    alone, listed = {}, []
    for key, value in item.items():
        if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
            listed += value
        elif isinstance(value, dict):
            inner, more = _apart(value)
            alone |= inner
            listed += more
        else:
            alone[key] = value
    return alone, listed


def _parsed(text: bytes) -> object:
    """With numbers as they are printed. printf writes some that JSON does not know: nan, +1, 01."""
    try:
        return json.loads(text, parse_float=str.encode, parse_int=str.encode, parse_constant=str.encode)
    except ValueError:
        plain = _ALONE.sub(lambda match: f'"{MARK}{match[0]}"', text.decode())
        return json.loads(plain)


def _flat(name: str, item: object) -> Iterator[tuple[str, list[bytes]]]:
    match item:
        case dict():
            for key, value in item.items():
                yield from _flat(f"{name}.{key}" if name else str(key), value)
        case bool():
            yield name, [b"1" if item else b"0"]
        case bytes():
            yield name, [item]
        case str() if item.startswith(MARK):
            yield name, [item.removeprefix(MARK).encode()]
        case list() if item and all(isinstance(part, bytes) or isinstance(part, str) and part.startswith(MARK) for part in item):
            yield name, [token for part in item for _, (token,) in _flat("", part)]
        case list():
            for i, value in enumerate(item):
                yield from _flat(f"{name}.{i}", value)


class Table(Reader):
    """Values separated by commas; the first line has the names. An empty cell is nothing."""

    def __init__(self, dialect: Dialect, wanted: Wanted) -> None:
        super().__init__(dialect, wanted)
        self.head: list[str] | None = None

    def understand(self, line: bytes) -> Part:
        import csv

        if self.head is None:
            self.head = [name.strip() for name in next(csv.reader([line.decode("utf-8-sig", "replace")]), [])]
            return Part(NOTHING, alike=False)
        cells = [cell.strip(b' "\t\r') for cell in line.split(b",")]
        parts = [(name, cell) for name, cell in zip(self.head, cells, strict=False) if re.fullmatch(NUMBER, cell.decode("latin-1"))]
        if len(cells) > len(self.head) or not parts:
            return Part(None if any(cells) else NOTHING)
        return Part(Found(tuple(n for n, _ in parts), (1,) * len(parts), tuple(c for _, c in parts)), self.dialect.digits)
