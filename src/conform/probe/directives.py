"""Conditional directives of a source: text that is never compiled, and branches whose braces do not match.

Knows lines and braces. Which branch is compiled is known of `#if 0` and `#if 1` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_HIDDEN = re.compile(rb"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b((?:\\\r?\n|[^\n])*)", re.MULTILINE)
_OPENING = (b"if", b"ifdef", b"ifndef")
_NEVER, _ALWAYS = re.compile(rb"\(*\s*0\s*\)*\s*"), re.compile(rb"\(*\s*[1-9]\d*\s*\)*\s*")


@dataclass
class _Group:
    """One #if with its branches so far: `taken` when one of them is known to be compiled."""

    start: int
    dead: bool
    taken: bool
    within_dead: bool
    branches: list[tuple[int, int]] = field(default_factory=list)      # those that may be compiled
    sure: bool = False                   # one branch is known not to be compiled, or to be


def blank(data: bytes) -> bytes:
    """Comments and strings as blanks; every other byte in its place."""
    return _HIDDEN.sub(lambda found: re.sub(rb"[^\r\n]", b" ", found.group()), data)


def without_dead(data: bytes) -> bytes:
    """The text with blanks for what is never compiled; every other byte in its place."""
    parts, last = [], 0
    for start, end in _dead(blank(data)):
        parts += [data[last:start], re.sub(rb"[^\r\n]", b" ", data[start:end])]
        last = end
    return b"".join([*parts, data[last:]])


def uneven(data: bytes) -> list[int]:
    """Where branches begin that do not close the braces that they open, or close others."""
    text = blank(data)
    doubtful = (group.branches for group in _groups(text) if not (group.sure and len(group.branches) == 1))
    return [start for branches in doubtful for start, end in branches if not _is_even(text[start:end])]


def _is_even(text: bytes) -> bool:
    depth = 0
    for brace in re.findall(rb"[{}]", text):
        depth += 1 if brace == b"{" else -1
        if depth < 0:
            return False
    return depth == 0


def is_even(text: str) -> bool:
    return _is_even(blank(text.encode()))


def _dead(text: bytes) -> Iterator[tuple[int, int]]:
    """From behind one directive to before the next, outermost only."""
    stack: list[_Group] = []
    last = 0
    for found in _DIRECTIVE.finditer(text):
        if stack and (stack[-1].dead or stack[-1].within_dead):
            yield last, found.end() if stack[-1].within_dead or found.group(1) in _OPENING else found.start()
        _step(stack, found)
        last = found.end()


def _groups(text: bytes) -> Iterator[_Group]:
    stack: list[_Group] = []
    for found in _DIRECTIVE.finditer(text):
        if found.group(1) in _OPENING:
            _step(stack, found)
            continue
        if stack:
            stack[-1].branches += [] if stack[-1].dead else [(stack[-1].start, found.start())]
            stack[-1].sure |= stack[-1].dead or stack[-1].taken
            stack[-1].start = found.end()
            if found.group(1) == b"endif":
                yield stack[-1]
        _step(stack, found)


def _step(stack: list[_Group], found: re.Match[bytes]) -> None:
    word, condition = found.group(1), found.group(2).strip()
    if word in _OPENING:
        within = bool(stack) and (stack[-1].dead or stack[-1].within_dead)
        stack.append(_Group(found.end(), word == b"if" and bool(_NEVER.fullmatch(condition)), word == b"if" and bool(_ALWAYS.fullmatch(condition)), within))
    elif word == b"endif" and stack:
        stack.pop()
    elif stack:
        stack[-1].dead = stack[-1].taken or (word == b"elif" and bool(_NEVER.fullmatch(condition)))
        stack[-1].taken |= word == b"elif" and bool(_ALWAYS.fullmatch(condition))
