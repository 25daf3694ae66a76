"""Answers that never change: expressions as the grammar parses them, kept in the project's cache, and conversions of units, which the language keeps.

Loading the parser takes a twentieth of a second; a comparison of two short logs shall not take it twice.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from conform.files import write_bytes
from specs_dsl.syntax import Expr

_KNOWN: dict[str, Any] = {}
_MOST = 10_000
_UNKNOWN = object()


def conversion(own: Mapping[str, str], unit: str, to: str) -> float | None:
    """What a value in `unit` is multiplied by to be in SI base units; None if `to` is of another dimension. ValueError if nobody knows a unit."""
    from specs_dsl.units import Units

    units = Units(own)
    factor = units.factor(unit) if units.dimension(unit) == units.dimension(to) else None
    units.keep()
    return factor


def expression(text: str) -> Expr:
    """An expression of the rules language; ValueError if it is none."""

    def ask() -> Expr:
        from specs_dsl.parser import parse_expression

        return parse_expression(text)

    return _answer(json.dumps(["expression", text]), ask)


def _answer(question: str, ask: Callable[[], Any]) -> Any:
    found = _KNOWN.get(question, _UNKNOWN)
    if found is _UNKNOWN:
        found = _KNOWN[question] = ask()
    return found


@contextmanager
def remembered(cache: Path) -> Iterator[None]:
    """What is asked inside is known the next time, by the same version of the language."""
    place = cache / "specs" / f"answers-{_version()}.pickle"
    with suppress(Exception):            # not there, torn: then it is asked again
        with place.open("rb") as file:
            _KNOWN.update(pickle.load(file))
    before = len(_KNOWN)
    yield
    if before < len(_KNOWN) <= _MOST and cache.is_dir():
        with suppress(OSError):
            write_pickle(place, _KNOWN)


def _version() -> str:
    import specs_dsl

    home = Path(specs_dsl.__file__).parent
    files = (home / "grammar.lark", home / "branches.py", home / "tree.py", *sorted(home.glob("syntax/*.py")))
    return hashlib.sha256(repr([(path.name, path.stat().st_mtime_ns) for path in files]).encode()).hexdigest()[:16]


def write_pickle(place: Path, what: object) -> None:
    """Written aside and renamed."""
    text = io.BytesIO()
    _Pickler(text, pickle.HIGHEST_PROTOCOL).dump(what)
    write_bytes(place, text.getvalue())


class _Pickler(pickle.Pickler):
    """Dataclasses with slots are read again by their constructors: what they come with of themselves sets one attribute after the other, by reflection."""

    def reducer_override(self, thing: object) -> Any:
        kind = type(thing)
        if "__slots__" not in kind.__dict__ or not is_dataclass(kind) or hasattr(kind, "__post_init__"):
            return NotImplemented
        parts = fields(kind)
        if not all(part.init for part in parts):
            return NotImplemented
        given, named = ([(part.name, getattr(thing, part.name)) for part in parts if part.kw_only is apart] for apart in (False, True))
        values = tuple(value for _, value in given)
        return (_remade, (kind, values, dict(named))) if named else (kind, values)


def _remade(kind: Callable[..., Any], given: tuple, named: dict[str, Any]) -> Any:
    return kind(*given, **named)
