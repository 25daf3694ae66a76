"""Reading a log into columns, once, in pieces of some megabytes: ten million lines take seconds and little memory.

A line is read by the forms of the dialect; the next ones that begin alike are recognised by their first words.
"""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from conform.errors import UsageProblem
from conform.trace.logs.dialect import Dialect
from conform.trace.logs.forms import Form, Found, compiled
from conform.trace.logs.table import Log, Rows

CHUNK = 1 << 21
MOST_ODD = 1000                          # lines that are remembered as odd; more say nothing more
Wanted = Callable[[str], bool]


def read_log(path: Path, dialect: Dialect, wanted: Wanted = lambda name: True, left: int | None = None) -> Log:
    """The columns of the names that are `wanted`; of about `left` bytes from the beginning. UsageProblem if the file cannot be read."""
    reader = {"lines": _Lines, "jsonl": _JsonLines, "json": _JsonDocument, "csv": _Table}[dialect.format](dialect, wanted)
    number, cut = 0, None
    try:
        with path.open("rb", buffering=1 << 20) as file, _no_collection():
            while (lines := file.readlines(min(CHUNK, left) if left else CHUNK)) and (left is None or left > 0):
                if not lines[-1].endswith(b"\n") and not reader.is_whole(lines[-1]):
                    cut = number + len(lines)
                    lines.pop()              # its last number may have lost digits, and nobody could tell
                reader.take(lines, number)
                number += len(lines)
                left = None if left is None else left - CHUNK
        reader.finish()
    except OSError as error:
        raise UsageProblem(f"{path}: the log cannot be read: {error.strerror}") from None
    columns = [column for rows in reader.rows() for column in rows.columns(reader.coordinates)]
    return Log(columns, number, reader.unknown, sorted(reader.odd), cut)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of small objects that all go soon: looking for rings among them takes longer than reading."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Reader:
    def __init__(self, dialect: Dialect, wanted: Wanted) -> None:
        self.dialect, self.wanted = dialect, wanted
        self.coordinates = dialect.coordinates()
        self.unknown: Counter[str] = Counter()
        self.odd: list[int] = []
        self._rows: dict[tuple, Rows] = {}

    def rows(self) -> Iterator[Rows]:
        yield from self._rows.values()

    def take(self, lines: list[bytes], start: int) -> None:
        """Reads some lines, `start` of the log before them. Each kind of log has its own way; this class is none of them."""
        raise NotImplementedError

    def is_whole(self, line: bytes) -> bool:
        """Whether a last line without an end says so itself."""
        return False

    def finish(self) -> None:
        """After the last line."""

    def _remember_odd(self, number: int) -> None:
        if len(self.odd) < MOST_ODD:
            self.odd.append(number)

    def _add(self, found: Found, number: int, digits, at: Mapping[str, int], key: object = None) -> Rows | None:
        """Into the rows of its look. Names that nobody asked for are counted and not kept."""
        places = [name for name in found.names if name in self.coordinates or name in self.dialect.axes]
        keep = [i for i, name in enumerate(found.names) if name in places or self.wanted(name)]
        self.unknown.update(name for i, name in enumerate(found.names) if i not in keep)
        if len(keep) == len(places) and len(places) < len(found.names):
            return None
        if len(keep) < len(found.names):
            found = _only(found, keep)
        look = (key, found.names, found.widths)
        if look not in self._rows:
            self._rows[look] = Rows(found.names, found.widths, digits, at)
        rows = self._rows[look]
        rows.raw.append(b" ".join(found.tokens))
        rows.numbers.append(number)
        return rows


def _only(found: Found, keep: list[int]) -> Found:
    starts = [sum(found.widths[:i]) for i in range(len(found.widths))]
    tokens = [token for i in keep for token in found.tokens[starts[i] : starts[i] + found.widths[i]]]
    return Found(tuple(found.names[i] for i in keep), tuple(found.widths[i] for i in keep), tuple(tokens))


class _Lines(_Reader):
    """Lines of many forms among lines of other programs."""

    def __init__(self, dialect: Dialect, wanted: Wanted) -> None:
        super().__init__(dialect, wanted)
        self.forms = [compiled(line) for line in dialect.line]
        self.prefixes = tuple(dict.fromkeys(form.prefix for form in self.forms))
        self.heading = ""
        self.quick: dict[bytes, dict[bytes, Rows | None]] = {}        # first word, second word
        self.pairs: dict[bytes, dict[tuple[bytes, ...], Rows]] = {}   # first word, all names
        self._quick_rows: list[Rows] = []

    def rows(self) -> Iterator[Rows]:
        yield from self._rows.values()
        yield from self._quick_rows

    def take(self, lines: list[bytes], start: int) -> None:
        prefixes, quick, pairs = self.prefixes, self.quick, self.pairs
        beside = tuple(b"\t" + prefix for prefix in prefixes)
        if any(mark in line for line in lines if b"\t" in line for mark in beside):
            self._side_by_side(lines, start)
            return
        number = start
        for line in lines:
            number += 1
            if line.startswith(prefixes):
                words = line.split(None, 2)
                known = quick.get(words[0])
                if known is not None and len(words) == 3 and words[1] in known:
                    rows = known[words[1]]
                    if rows is not None:
                        rows.raw.append(words[2])
                        rows.numbers.append(number)
                elif words[0] in pairs and (rows := pairs[words[0]].get(tuple((flat := line.replace(b"=", b" ").split())[1::2]))) is not None:
                    rows.raw.append(b" ".join(flat[2::2]))
                    rows.numbers.append(number)
                else:
                    self._slowly(line, number)
        odd = {n: rows for rows in (*self._quick_rows, *self._rows.values()) for n in rows.flush()}
        for n in sorted(odd):
            self._slowly(lines[n - start - 1], n, learn=False)
        if odd:
            for rows in self._rows.values():
                rows.flush()

    def _side_by_side(self, lines: list[bytes], start: int) -> None:
        """One program's line, a tab, the other's: each part is a line of its own."""
        for number, line in enumerate(lines, start + 1):
            for part in line.split(b"\t"):
                if part.startswith(self.prefixes):
                    self._slowly(part, number, learn=False)
        for rows in self._rows.values():
            rows.flush()

    def _slowly(self, line: bytes, number: int, learn: bool = True) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        for i, form in enumerate(self.forms):
            found = form.read(text) if line.startswith(form.prefix) else None
            if found is None:
                continue
            if found.heading is not None or not found.names:
                self.heading = self.heading if found.heading is None else found.heading
                return
            if form.line.staged:
                found = Found(tuple(f"{self.heading}/{name}" for name in found.names), found.widths, found.tokens)
            if not (learn and self._learnt(form, found, line, number)):
                self._add(found, number, form.line.digits or self.dialect.digits, form.line.at, i)
            return
        self._remember_odd(number)

    def _learnt(self, form: Form, found: Found, line: bytes, number: int) -> bool:
        """Whether lines that begin with the same words can be read without the pattern from now on."""
        words = line.split()
        if form.plain and not form.line.staged and len(found.names) == 1 and tuple(words[-len(found.tokens) :]) == found.tokens:
            skip = len(words) - len(found.tokens)
            if words[1] != found.names[0].encode() or skip not in (2, 3):
                return False
            rows = self._new(found, form, skip == 3) if self.wanted(found.names[0]) else None
            self.quick.setdefault(words[0], {})[words[1]] = rows
            if rows is None:
                self.unknown.update(found.names)
                return True
            rows.raw.append(line.split(None, 2)[2])
            rows.numbers.append(number)
            return True
        if form.paired and not form.line.staged and set(found.widths) == {1} and len(words) == len(found.names) + 1:
            rows = self._new(found, form, False)
            self.pairs.setdefault(words[0], {})[tuple(name.encode() for name in found.names)] = rows
            rows.raw.append(b" ".join(found.tokens))
            rows.numbers.append(number)
            return True
        return False

    def _new(self, found: Found, form: Form, equals: bool) -> Rows:
        rows = Rows(found.names, found.widths, form.line.digits or self.dialect.digits, form.line.at, equals)
        self._quick_rows.append(rows)
        return rows


class _JsonLines(_Reader):
    """One object a line; objects in it are taken apart, `a.b` is b of a. What is no number is left out."""

    def take(self, lines: list[bytes], start: int) -> None:
        for number, line in enumerate(lines, start + 1):
            if line.strip():
                try:
                    self._object(_parsed(line), number)
                except (ValueError, RecursionError):
                    self._remember_odd(number)
        for rows in self._rows.values():
            rows.flush()

    def is_whole(self, line: bytes) -> bool:
        try:
            return isinstance(_parsed(line), dict)
        except (ValueError, RecursionError):
            return False

    def _object(self, item: object, number: int) -> None:
        parts = [part for part in _flat("", item) if part[1]] if isinstance(item, dict) else []
        if parts:
            self._add(Found(tuple(n for n, _ in parts), tuple(len(v) for _, v in parts), tuple(t for _, v in parts for t in v)), number, self.dialect.digits, {})


class _JsonDocument(_JsonLines):
    """One document: what stands in it alone, and an object for each item of its lists of objects, in turn."""

    def __init__(self, dialect: Dialect, wanted: Wanted) -> None:
        super().__init__(dialect, wanted)
        self.text: list[bytes] = []

    def take(self, lines: list[bytes], start: int) -> None:
        self.text += lines

    def is_whole(self, line: bytes) -> bool:
        return True

    def finish(self) -> None:
        try:
            document = _parsed(b"".join(self.text))
        except (ValueError, RecursionError):
            self._remember_odd(len(self.text))
            return
        alone, listed = _apart(document if isinstance(document, dict) else {"": document})
        for number, item in enumerate([alone, *listed], 1):
            self._object(item, number)
        for rows in self._rows.values():
            rows.flush()


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
    return json.loads(text, parse_float=str.encode, parse_int=str.encode, parse_constant=str.encode)


def _flat(name: str, item: object) -> Iterator[tuple[str, list[bytes]]]:
    match item:
        case dict():
            for key, value in item.items():
                yield from _flat(f"{name}.{key}" if name else str(key), value)
        case bool():
            yield name, [b"1" if item else b"0"]
        case bytes():
            yield name, [item]
        case list() if item and all(isinstance(part, bytes) for part in item):
            yield name, item  # type: ignore[misc]
        case list():
            for i, value in enumerate(item):
                yield from _flat(f"{name}.{i}", value)


class _Table(_Reader):
    """Values separated by commas; the first line has the names. An empty cell is nothing."""

    def __init__(self, dialect: Dialect, wanted: Wanted) -> None:
        super().__init__(dialect, wanted)
        self.head: list[str] | None = None

    def take(self, lines: list[bytes], start: int) -> None:
        import csv

        if self.head is None and lines:
            first = lines[0].decode("utf-8-sig", "replace")
            self.head = [name.strip() for name in next(csv.reader([first]), [])]
            self.quick_rows = self._of(tuple(range(len(self.head))))
            lines, start = lines[1:], start + 1
        assert self.head is not None
        width, rows = len(self.head), self.quick_rows
        for number, line in enumerate(lines, start + 1):
            cells = line.rstrip(b"\r\n").split(b",")
            if len(cells) == width and b"" not in cells and rows is not None:
                rows.raw.append(b" ".join(cells) if len(self.kept) == width else b" ".join([cells[i] for i in self.kept]))
                rows.numbers.append(number)
            else:
                self._sparse(cells, number)
        for n in rows.flush() if rows is not None else ():
            self._sparse([cell.strip(b' "') for cell in lines[n - start - 1].rstrip(b"\r\n").split(b",")], n)
        for other in self._rows.values():
            other.flush()

    def _of(self, cells: tuple[int, ...]) -> Rows | None:
        assert self.head is not None
        names = [self.head[i] for i in cells]
        self.kept = [i for i in cells if self.head[i] in self.coordinates or self.wanted(self.head[i])]
        self.unknown.update(name for i, name in zip(cells, names, strict=True) if i not in self.kept)
        kept = tuple(self.head[i] for i in self.kept)
        rows = Rows(kept, (1,) * len(kept), self.dialect.digits, {}) if kept else None
        if rows is not None:
            self._rows["", kept, (1,) * len(kept)] = rows
        return rows

    def _sparse(self, cells: list[bytes], number: int) -> None:
        assert self.head is not None
        parts = [(name, cell) for name, cell in zip(self.head, cells, strict=False) if _is_number(cell)]
        if len(cells) > len(self.head) or not parts:
            if any(cells):
                self._remember_odd(number)
            return
        self._add(Found(tuple(n for n, _ in parts), (1,) * len(parts), tuple(c for _, c in parts)), number, self.dialect.digits, {})


def _is_number(cell: bytes) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
