"""The pages of help, one for each code, as they stand beside this module. Knows no mistake and renders nothing."""

from __future__ import annotations

from pathlib import Path

_PAGES = Path(__file__).with_name("codes")


def codes() -> tuple[str, ...]:
    """Every code that has a page, in order."""
    return tuple(sorted(path.stem for path in _PAGES.glob("CF[0-9][0-9][0-9][0-9].md")))


def page(code: str) -> str | None:
    """The Markdown of a code, or None if there is no such code; `code` is what a user typed."""
    return (_PAGES / f"{code}.md").read_text("utf-8") if code in codes() else None
