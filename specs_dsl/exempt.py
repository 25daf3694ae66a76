"""Why something goes without a rule or without a run: one of three reasons, and a sentence.

In the document, under the heading of a clause that has no rule; in the rules, as a comment inside a clause:

    *No rule:* not testable, because no program shows which random numbers it threw away.
    # No run: no test needed, because no program keeps the condition; scaling.2 is judged with it
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from specs_dsl.grammar import lexemes
from specs_dsl.parser import item_around
from specs_dsl.spans import Span

KINDS = ("not testable", "no test needed", "still to be written")
_REASON = re.compile(rf"({'|'.join(KINDS)}),? because (.*\S)")
_NO_RUN = re.compile(r"#[ \t]*No run:[ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class Exempt:
    kind: str
    because: str


class NoReason(Exception):
    """A mark that gives none of the reasons; says what it gives and what would do."""

    def __init__(self, mark: str, where: str) -> None:
        kinds = ", ".join(f"`{kind}`" for kind in KINDS)
        super().__init__(f"{where}: `{mark}` without one of the reasons {kinds}, then `because` and why")


def reason(text: str, mark: str, where: str) -> Exempt:
    """What stands behind a mark; NoReason if it is none of the reasons."""
    found = _REASON.fullmatch(" ".join(text.split()))
    if found is None:
        raise NoReason(mark, where)
    return Exempt(found[1], found[2])


def without_run(clause: Span, name: str) -> Exempt | None:
    """What a clause of the rules says of itself in a comment; NoReason if that is no reason."""
    marks = (_NO_RUN.fullmatch(word.text.rstrip()) for word in lexemes(item_around(clause)) if word.kind == "COMMENT")
    return next((reason(mark[1], "No run:", f"{clause.where}: {name}") for mark in marks if mark), None)
