"""The spec document: its numbered sections, and whether a section still says what a clause quotes.

A section begins with a heading such as `### lattice.3 Grating function` and ends at the next heading of its level or
above. White space, emphasis, code marks and the `>` of block quotes do not count. A clause that has no rule says why in a
paragraph that begins with `*No rule:*`; see exempt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from specs_dsl.exempt import Exempt, reason

_HEADING = re.compile(r"^(#{1,6})[ \t]+(?:([a-z]+\.[0-9]+[a-z]?)\b)?(.*)$", re.MULTILINE)
_NO_RULE = re.compile(r"^\*No rule:\*(.*(?:\n[^\n*>#].*)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """A clause of the document: its title, and why it has no rule, if it says so."""

    title: str
    exempt: Exempt | None


def plain(text: str) -> str:
    """Text as it is compared: marks of Markdown removed, white space folded."""
    text = re.sub(r"^[ \t]*>[ \t]?", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"[*_`]", "", text).split())


def sections(markdown: str) -> Mapping[str, str]:
    """Clause id to the plain text under its heading."""
    return {heading[2]: plain(text) for heading, text in _sections(markdown)}


def lines(markdown: str) -> Mapping[str, int]:
    """Clause id to the line of its heading, from 1."""
    return {heading[2]: markdown.count("\n", 0, heading.start()) + 1 for heading, _ in _sections(markdown)}


def clauses(markdown: str, name: str) -> Mapping[str, Section]:
    """Clause id to title and mark; NoReason if a mark gives no reason. `name` is what a reader calls the document."""
    found: dict[str, Section] = {}
    for heading, text in _sections(markdown):
        mark = _NO_RULE.search(text.partition("\n#")[0])         # not that of a clause below
        why = reason(mark[1], "*No rule:*", f"{name}: {heading[2]}") if mark else None
        found[heading[2]] = Section(plain(heading[3]), why)
    return found


def _sections(markdown: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each heading of a clause, and the text below it."""
    headings = list(_HEADING.finditer(markdown))
    for i, heading in enumerate(headings):
        if heading[2] is None:
            continue
        level = len(heading[1])
        later = (headings[j] for j in range(i + 1, len(headings)))
        end = next((other.start() for other in later if len(other[1]) <= level), len(markdown))
        yield heading, markdown[heading.end() : end]
