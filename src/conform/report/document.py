"""The spec's document as HTML, each numbered clause with what became of it beside its heading."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from markdown_it import MarkdownIt

_CLAUSE = re.compile(r"[a-z]+\.[0-9]+[a-z]?\b")


def render(markdown: str, anchor: Callable[[str], str], badge: Callable[[str], str]) -> str:
    """`badge` gives HTML for a clause, or nothing. HTML in the document is shown as text; headings begin below the page's own."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "heading_open":
            opening.tag = f"h{min(6, int(opening.tag[1]) + 2)}"
            found = _CLAUSE.match(inline.content)
            if found:
                opening.attrSet("id", f"spec-{anchor(found[0])}")
        elif opening.type == "heading_close":
            opening.tag = f"h{min(6, int(opening.tag[1]) + 2)}"
    text = parser.renderer.render(tokens, parser.options, {})
    return re.sub(r'(<h[1-6] id="spec-[^"]*">)([a-z]+\.[0-9]+[a-z]?)\b(.*?)(</h[1-6]>)', lambda m: f"{m[1]}<a href=\"#{escape(anchor(m[2]))}\">{m[2]}</a>{m[3]} {badge(m[2])}{m[4]}", text)
