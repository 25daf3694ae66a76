"""Mistakes as values: what every mistake has in common, and the one renderer that shows them all.

A phase collects mistakes and goes on, so that one bad line does not hide the others; it raises once, at its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, Literal

from specs_dsl.spans import Span


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


class SpecError(Exception):
    """A rules file cannot be used; `diagnostics` says why, all of it."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n\n".join(render(item) for item in self.diagnostics))


def render(item: Diagnostic) -> str:
    """The mistake with its line, a caret under it, and what to do; plain text, no colour.

    A tab before the place is kept in the margin, so that the caret stands right whatever the terminal's tab width.
    """
    source = item.span.source
    number, column = source.position(item.span.start)
    text = source.line(number)
    width = max(1, min(item.span.end - item.span.start, len(text) - column + 1))
    margin = "".join("\t" if char == "\t" else " " for char in text[: column - 1])
    gutter = " " * len(str(number))
    lines = [
        f"{item.severity}[{item.code}]: {item.message()}",
        f"{gutter}--> {source.name}:{number}:{column}",
        f"{number} | {text}",
        f"{gutter} | {margin}{'^' * width} {item.label()}".rstrip(),
    ]
    hint = item.hint()
    return "\n".join(lines + ([f"help: {hint}"] if hint else []))


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A sentence for `help:`, or nothing if no known name is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None
