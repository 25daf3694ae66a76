"""The spec document: its numbered sections, and whether a section still says what a clause quotes.

A section begins with a heading such as `### lattice.3 Grating function` and ends at the next heading of its level or
above. White space, emphasis, code marks and the `>` of block quotes do not count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_HEADING = re.compile(r"^(#{1,6})[ \t]+(?:([a-z]+\.[0-9]+[a-z]?)\b)?.*$", re.MULTILINE)


def plain(text: str) -> str:
    """Text as it is compared: marks of Markdown removed, white space folded."""
    text = re.sub(r"^[ \t]*>[ \t]?", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"[*_`]", "", text).split())


def sections(markdown: str) -> Mapping[str, str]:
    """Clause id to the plain text under its heading."""
    found: dict[str, str] = {}
    headings = list(_HEADING.finditer(markdown))
    for i, heading in enumerate(headings):
        if heading[2] is None:
            continue
        level = len(heading[1])
        later = (headings[j] for j in range(i + 1, len(headings)))
        end = next((other.start() for other in later if len(other[1]) <= level), len(markdown))
        found[heading[2]] = plain(markdown[heading.end() : end])
    return found
