"""Whether the sides did the same thing, for the formats that have an entry for each failure: what was asked of a side, what the
sides read, what they were given. These decide the exit status as breaks do, and belong to no clause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conform.report.causes import given_line
from conform.report.model import Report

INPUTS = "inputs differ"
TITLES: Mapping[str, str] = {            # by kind
    "another command": "Each side does what the run asks for",
    "another input": "The sides read the same files",
    "other elements": "The sides have the same elements",
    INPUTS: "The sides have the same inputs",
}


@dataclass(frozen=True, slots=True)
class NotAlike:
    """One failure: `what` differs, on which side or sides, in a sentence."""

    kind: str
    what: str
    side: str
    text: str


def not_alike(report: Report) -> Iterator[NotAlike]:
    for one in report.unlike:
        yield NotAlike(one.kind, one.side, one.side, one.text)
    for item in report.given:
        yield NotAlike(INPUTS, item.quantity, " and ".join(item.sides), given_line(item))
