"""Mistakes as values: what every mistake has in common, and the one renderer that shows them all.

A phase collects mistakes and goes on, so that one bad line does not hide the others; it raises once, at its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import ClassVar, Literal
from unicodedata import combining, east_asian_width

from specs_dsl.spans import Span


MOST_FOUND = 100         # mistakes of one spec
_WIDEST = 200            # characters of a line that are shown
_LONGEST = 40            # characters of a name that are worth comparing; a message is not filled with a longer one


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A mistake at a place. Subclasses add what they know and say it in `message`, `label` and `hint`."""

    code: ClassVar[str] = ""
    severity: ClassVar[Literal["error", "warning"]] = "error"
    span: Span

    def message(self) -> str:
        return type(self).__doc__ or ""

    def label(self) -> str:
        return ""

    def hint(self) -> str | None:
        return None


class Found(list[Diagnostic]):
    """Mistakes as they are found. A file that holds more than a person reads is told of the first ones only; an error
    is never lost to warnings before it."""

    def append(self, item: Diagnostic) -> None:
        if len(self) < MOST_FOUND or (item.severity == "error" and not self.failed):
            super().append(item)

    def extend(self, items: Iterable[Diagnostic]) -> None:
        for item in items:
            self.append(item)

    @property
    def failed(self) -> bool:
        return any(item.severity == "error" for item in self)


class SpecError(Exception):
    """A rules file cannot be used; `diagnostics` says why, all of it."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "\n\n".join(render(item) for item in self.diagnostics)


def render(item: Diagnostic) -> str:
    """The mistake with its line, a caret under it, and what to do; plain text, no colour.

    A tab before the place is kept in the margin, so that the caret stands right whatever the terminal's tab width. Of a
    long line a window is shown. A character that a terminal might obey is shown as a replacement mark.
    """
    source = item.span.source
    number, column = source.position(item.span.start)
    line = source.line(number)
    start = 0 if len(line) <= _WIDEST else max(0, min(column - 1 - _WIDEST // 2, len(line) - _WIDEST))
    text = line[start : start + _WIDEST]
    before = column - 1 - start
    marked = text[before : before + max(1, min(item.span.end - item.span.start, len(text) - before))]
    width = max(1, sum(map(_columns, marked)))
    margin = "".join("\t" if char == "\t" else " " * _columns(char) for char in text[:before])
    gutter = " " * len(str(number))
    lines = [
        f"{item.severity}[{item.code}]: {item.message()}",
        f"{gutter}--> {source.name}:{number}:{column}",
        f"{number} | {text}",
        f"{gutter} | {margin}{'^' * width} {item.label()}".rstrip(),
    ]
    hint = item.hint()
    return "\n".join(_printable(line) for line in lines + ([f"help: {hint}"] if hint else []))


def _columns(char: str) -> int:
    """How wide a terminal shows a character."""
    return 0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A sentence for `help:`, or nothing if no known name is near."""
    likely = (other for other in known if abs(len(other) - len(name)) <= _LONGEST // 4)
    near = get_close_matches(name, list(islice(likely, 1000)), n=1, cutoff=0.6) if len(name) <= _LONGEST else ()
    return f"did you mean `{near[0]}`?" if near else None


def listed(names: Iterable[str]) -> str:
    """Names for a message."""
    return ", ".join(f"`{name}`" for name in names) or "none"
