"""Brackets of a text that may be no more than its beginning, or nothing that can be parsed: which of them are open."""

from __future__ import annotations

import re

_MARK = re.compile(r'"[^"\n]*"|#[^\n]*|[()\[\]]')        # quoted sentences and comments have brackets of their own
_PARTNER = {")": "(", "]": "["}


def waiting(text: str) -> list[int]:
    """Where the brackets stand that are open at the end of `text`, outermost first."""
    opened: list[int] = []
    for mark in _MARK.finditer(text):
        if mark[0] in "([":
            opened.append(mark.start())
        elif mark[0] in _PARTNER and opened and text[opened[-1]] == _PARTNER[mark[0]]:
            opened.pop()
    return opened


def too_deep(text: str, most: int) -> int | None:
    """Where the first bracket stands that is inside more than `most` others; quick for a text that has no more."""
    if text.count("(") + text.count("[") <= most:
        return None
    depth = 0
    for mark in _MARK.finditer(text):
        depth += (mark[0] in "([") - (mark[0] in ")]")
        if depth > most:
            return mark.start()
    return None
