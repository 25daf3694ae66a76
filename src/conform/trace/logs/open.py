"""Opening a log as a side: which dialect it is in, what it shows, and the bundle that becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from conform.errors import UsageProblem
from conform.trace.logs.assemble import Assembled, Assembly, name_of
from conform.trace.logs.dialect import Named, dialects_in, load_dialect
from conform.trace.logs.read import read_log
from conform.trace.logs.table import Log
from specs_dsl.spec import Spec

HEAD = 1 << 22                           # bytes from which a dialect is guessed


@dataclass
class LogSide:
    """A log that was read. `bundle` may be asked for again once another side tells how long the loops are."""

    name: str
    path: Path
    named: Named
    log: Log
    spec: Spec
    _kept: dict[tuple, Assembled] = field(default_factory=dict, repr=False)

    def assembled(self, sizes: Mapping[str, int] | None = None, dtype: str | None = None) -> Assembled:
        asked = tuple(sorted((sizes or {}).items())), dtype
        if asked not in self._kept:
            self._kept[asked] = self._assembled(sizes, dtype)
        return self._kept[asked]

    def _assembled(self, sizes: Mapping[str, int] | None, dtype: str | None) -> Assembled:
        try:
            found = Assembly(self.log, self.named, self.spec, sizes).bundle(self.path, self.name, dtype)
        except UsageProblem as problem:
            raise UsageProblem(f"{self.path}: {problem.message}", problem.help) from None
        if not found.bundle.manifest.quantities:
            raise UsageProblem(f"{self.path}: nothing in this log is a quantity of the rules (dialect {self.named.name}){_seen(self.log)}", "conform binding check lists what it holds; --dialect names another dialect")
        return found


def open_log(name: str, path: Path, spec: Spec, folder: Path, dialect: str | None = None) -> LogSide:
    """Read a log in the dialect of that name or path; without one, in the dialect that knows most of it."""
    if not path.is_file():
        raise UsageProblem(f"{path}: there is no such log")
    if dialect:
        named = _chosen(dialect, folder)
        return LogSide(name, path, named, _read(path, named, spec), spec)
    named, head = _guessed(path, spec, folder)
    return LogSide(name, path, named, head if path.stat().st_size <= HEAD else _read(path, named, spec), spec)


def _chosen(dialect: str, folder: Path) -> Named:
    known = dialects_in(folder)
    if dialect.endswith(".toml"):
        return load_dialect(Path(dialect))
    if dialect not in known:
        raise UsageProblem(f"there is no dialect `{dialect}`", f"dialects in {folder}: {', '.join(known) or 'none'}; or give the path of a .toml file")
    return load_dialect(known[dialect])


def _read(path: Path, named: Named, spec: Spec, head: int | None = None) -> Log:
    """Only what the rules know is kept, and what tells how many turns there are."""
    total = named.dialect.total

    def wanted(raw: str) -> bool:
        found = name_of(named, spec, raw)
        return raw in total or (found is not None and found.quantity in spec.quantities)

    return read_log(path, named.dialect, wanted, head)


def _guessed(path: Path, spec: Spec, folder: Path) -> tuple[Named, Log]:
    """The dialect in which most numbers of the beginning are quantities of the rules, and that beginning."""
    known = dialects_in(folder)
    found = sorted(_scores(path, spec, known), key=lambda item: -item[0])
    if found and found[0][0] and (len(found) == 1 or found[0][0] > found[1][0]):
        return found[0][1:]
    if found and found[0][0]:
        equal = [named.name for score, named, _ in found if score == found[0][0]]
        raise UsageProblem(f"{path}: the log reads as well in the dialects {' and '.join(equal)}", "--dialect says which it is")
    where = f"dialects in {folder}: {', '.join(known)}" if known else f"there are none in {folder}"
    raise UsageProblem(f"{path}: no dialect knows anything in this log", f"{where}; docs/logs.md says how to write one")


def _scores(path: Path, spec: Spec, known: Mapping[str, Path]) -> Iterator[tuple[int, Named, Log]]:
    format = _format(path)
    for file in known.values():
        named = load_dialect(file)
        if named.dialect.readable and named.dialect.format == format:
            log = _read(path, named, spec, HEAD if format != "json" else None)
            yield sum(column.values.size for column in log.columns if column.name), named, log


def _format(path: Path) -> str:
    """What the first lines look like."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    lines = [line.strip() for line in head.splitlines() if line.strip()]
    if lines and lines[0].startswith(b"{"):
        return "jsonl" if lines[0].endswith(b"}") and len(lines[0]) > 2 else "json"
    names = lines[0].split(b",") if lines else []
    width = len(names)
    if width > 1 and all(name.strip(b' "').replace(b".", b"_").replace(b"_", b"a").isalnum() for name in names) and all(line.count(b",") == width - 1 for line in lines[1:-1]):
        return "csv"
    return "lines"


def _seen(log: Log) -> str:
    names = [name for name, _ in log.unknown.most_common(5)]
    return f"; it holds {', '.join(names)}" if names else ""


def element_of(bundle_values: np.ndarray | None) -> tuple[int, ...] | None:
    """The one element of the outermost axis that a log shows, by its coordinates."""
    return tuple(int(x) for x in bundle_values[0]) if bundle_values is not None and len(bundle_values) == 1 else None
