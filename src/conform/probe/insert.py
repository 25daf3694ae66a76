"""Probe calls put into the bytes of a source, which otherwise stay as they are; and what has changed, as a diff.

On the line of the statement, so that line numbers (in messages, in assert) stay what they were; where a directive is
in the way, on a line of its own, with #line behind it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from conform.probe.anchors import Anchor, behind_declarations
from conform.probe.index import Spot
from conform.probe.syntax import CONDITIONAL, descend

if TYPE_CHECKING:
    from tree_sitter import Node

_CALLS = ("call_expression", "update_expression", "assignment_expression")
ENTERED, AFTER, CLOSE, BEFORE, OPEN, ENTER = range(6)         # the order of what is inserted at one place
CONTEXT = 2


@dataclass(frozen=True)
class Insertion:
    at: int
    rank: int
    text: bytes
    start: int = 0                       # of the statement that it stands behind

    @property
    def order(self) -> tuple[int, int, int, int]:
        """Where statements end at the same byte, as loops without braces do, what belongs to the inner one comes first."""
        return (self.at, AFTER, -self.start, self.rank) if self.rank == CLOSE else (self.at, self.rank, -self.start, self.rank)


def insertions(data: bytes, probes: Iterable[tuple[Anchor, str]]) -> list[Insertion]:
    """Texts at anchors, in the order in which they come."""
    found: list[Insertion] = []
    wrapped: set[tuple[int, int]] = set()
    for anchor, text in probes:
        if not anchor.in_block and (span := (anchor.node.start_byte, anchor.node.end_byte)) not in wrapped:
            wrapped.add(span)
            found += [Insertion(span[0], OPEN, b"{ "), Insertion(span[1], CLOSE, b" }", span[0])]
        found.append(_insertion(data, anchor, text.encode()))
    return found


def _insertion(data: bytes, anchor: Anchor, text: bytes) -> Insertion:
    node = anchor.node
    if anchor.kind == "before":
        return own_line(data, node.start_byte, text)
    if anchor.kind == "label":
        colon = next(child for child in node.children if child.type == ":")
        return Insertion(colon.end_byte, ENTER, b" " + text)
    if anchor.kind == "end":
        block = node.type == "compound_statement"
        return Insertion(node.end_byte - 1, AFTER, text + b" ", node.start_byte) if block else Insertion(node.end_byte, AFTER, b" " + text, node.start_byte)
    if anchor.kind == "enter":
        return _entering(data, anchor, text)
    if node.type in CONDITIONAL:
        return own_line(data, _next_line(data, node.end_byte), text)
    return Insertion(node.end_byte, AFTER, b" " + text, node.start_byte)


def _entering(data: bytes, anchor: Anchor, text: bytes) -> Insertion:
    """Behind the brace, or behind the declarations that follow it and call nothing."""
    node = anchor.node
    if node.type != "compound_statement":
        return Insertion(node.start_byte, ENTER, text + b" ")
    first = next((child for child in node.named_children if child.type != "comment"), None)
    if first is not None and first.type == "declaration" and not _has_calls(first):
        return Insertion(behind_declarations(Spot(first, (node,))).node.end_byte, ENTERED, b" " + text)
    return Insertion(node.start_byte + 1, ENTER, b" " + text)


def _has_calls(node: Node) -> bool:
    return any(part.type in _CALLS for part, _ in descend(node))


def _next_line(data: bytes, at: int) -> int:
    """Behind the line that a directive ends in, and behind the comment that begins there, if one does."""
    end = data.find(b"\n", at)
    comment = data.find(b"/*", at, end)
    while comment >= 0 and b"//" not in data[at:comment]:
        at = data.find(b"*/", comment) + 2
        end = data.find(b"\n", at)
        comment = data.find(b"/*", at, end)
    return len(data) if end < 0 else end + 1


def own_line(data: bytes, at: int, text: bytes) -> Insertion:
    """A line of its own before `at`, and before all of its line if only blanks stand there; what follows keeps its number."""
    start = data.rfind(b"\n", 0, at) + 1
    newline = b"\r\n" if data[max(0, start - 2) : start] == b"\r\n" else b"\n"
    number = b"#line %d" % (data.count(b"\n", 0, start) + 1)
    if data[start:at].strip():
        return Insertion(at, BEFORE, newline + text + newline + number + newline)
    return Insertion(start, BEFORE, text + newline + number + newline)


def patched(data: bytes, found: Iterable[Insertion]) -> bytes:
    """The source with the insertions in it: every byte of it, in its order."""
    parts, last = [], 0
    for one in sorted(found, key=lambda one: one.order):
        parts += [data[last : one.at], one.text]
        last = one.at
    return b"".join([*parts, data[last:]])


def unified_diff(data: bytes, found: Iterable[Insertion], name: str) -> bytes:
    """What was inserted, for a person and for patch(1). Made from the insertions, so a large file takes no longer."""
    old = _lines(data)
    starts = list(accumulate((len(line) for line in old), initial=0))
    by_line: dict[int, list[Insertion]] = {}
    for one in found:
        number = min(bisect_right(starts, one.at) - 1, len(old) - 1)
        by_line.setdefault(number, []).append(replace(one, at=one.at - starts[number]))
    parts, shift = [f"--- a/{name}\n+++ b/{name}\n".encode("utf-8", "surrogateescape")], 0
    for first, last in _hunks(sorted(by_line), len(old)):
        lines, fresh = [], 0
        for number in range(first, last):
            line = old[number]
            if number not in by_line:
                lines.append(b" " + line)
                fresh += 1
                continue
            new = _lines(patched(line, by_line[number]))
            kept = new[-1] == line               # lines of their own were put before it
            lines += [*(() if kept else (b"-" + line,)), *(b"+" + text for text in (new[:-1] if kept else new)), *((b" " + line,) if kept else ())]
            fresh += len(new)
        parts.append(b"@@ -%d,%d +%d,%d @@\n" % (first + 1, last - first, first + 1 + shift, fresh))
        parts += [line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines]
        shift += fresh - (last - first)
    return b"".join(parts)


def _lines(data: bytes) -> list[bytes]:
    """At newlines and nowhere else: a lone carriage return or a form feed ends no line of C."""
    return [part + b"\n" for part in data.split(b"\n")[:-1]] + ([data.rpartition(b"\n")[2]] if not data.endswith(b"\n") else [])


def _hunks(changed: list[int], count: int) -> list[tuple[int, int]]:
    """Ranges of lines with CONTEXT lines around what changed; those that touch are one."""
    found: list[tuple[int, int]] = []
    for number in changed:
        first, last = max(0, number - CONTEXT), min(count, number + CONTEXT + 1)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found
