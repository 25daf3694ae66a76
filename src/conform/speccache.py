"""Checked specs, kept by the content of every file that they were read from: checking the same rules again takes no time.

What is kept lies in the project's cache, beside programs that were built there, and is trusted as they are.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from contextlib import suppress
from pathlib import Path

from conform.files import make_room
from conform.memo import write_pickle
from specs_dsl.spec import Spec

FORMAT = 2                               # changes when a spec changes its form in a way that the language's own files do not show
MOST = 50                                # specs that are kept


def kept(rules: Path, cache: Path) -> Spec | None:
    """The spec of a rules file, if nothing that it was read from has changed since it was checked."""
    try:
        with _place(rules, cache).open("rb") as file:
            state, spec = pickle.load(file)
        return spec if state == _state([Path(name) for name, _ in state]) else None
    except Exception:                    # not there, torn, of another version: then it is checked again
        return None


def keep(rules: Path, cache: Path, spec: Spec) -> None:
    """For the next time, where there is a cache; that it cannot be kept is nobody's misfortune."""
    if cache.is_dir():
        with suppress(OSError, pickle.PicklingError, RecursionError):
            _keep(_place(rules, cache), rules, spec)


def _place(rules: Path, cache: Path) -> Path:
    return cache / "specs" / f"{_key(rules)}.pickle"


def _key(rules: Path) -> str:
    """Of the rules file, seen from here (messages show it so), and of the language: its own files are part of what a spec is."""
    import specs_dsl

    home = Path(specs_dsl.__file__).parent
    language = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(home.rglob("*.py")) + sorted(home.glob("*.lark"))]
    return hashlib.sha256(repr((FORMAT, str(rules), os.getcwd(), str(home), language)).encode()).hexdigest()[:24]


def _state(files: list[Path]) -> list[tuple[str, str]]:
    return [(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


def _keep(place: Path, rules: Path, spec: Spec) -> None:
    from specs_dsl.reader import read

    reading = read(rules)
    files = [path.absolute() for path in (*reading.files, *([reading.document[1]] if reading.document else []))]
    make_room(place.parent, "*.pickle", MOST)
    write_pickle(place, (_state(files), spec))
