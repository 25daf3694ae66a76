"""Where a result of SARIF points to: lines of rules, spec and programs, and the way from a break to what follows from it.

Paths are relative to the project (uriBaseId %SRCROOT%).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import join, normpath
from urllib.parse import quote

from conform.report.model import Break, Report, Stated

BASE = "%SRCROOT%"
MOST_STEPS = 40                          # of a code flow


@dataclass(frozen=True)
class Places:
    """Where files lie in the project: the folder of the rules, and files of programs by their names."""

    rules: str = ""
    programs: Mapping[str, str] = field(default_factory=dict)

    def of_rules(self, place: str) -> dict:
        """`lattice.rules:12`, as seen from the folder of the rules."""
        file, _, line = place.rpartition(":")
        return _location(normpath(join(self.rules, file)), int(line))

    def of_program(self, place: str) -> dict | None:
        """`crystal.c:40`, if the project has one file of that name."""
        file, _, line = place.rpartition(":")
        known = self.programs.get(file)
        return _location(known, int(line)) if known and line.isdigit() and int(line) > 0 else None


def related(one: Stated, found: Break | None, places: Places) -> Iterator[tuple[dict, str]]:
    if one.document:
        yield places.of_rules(one.document), "the sentence of the spec"
    if found is not None and (place := places.of_program(found.written_at)):
        yield place, f"where {found.side} hands over {found.target}"


def flow(report: Report, root: Break, places: Places) -> Iterator[dict]:
    """The clauses that the first wrong value goes through, in graph order."""
    reached = {root.target}
    yield {"location": places.of_rules(root.source) | said(f"{root.target} breaks here, on {root.side}")}
    steps = 1
    for one in report.stated:
        through = [name for name in one.needs if name in reached]
        if through and one.clause != root.clause and steps < MOST_STEPS:
            reached |= set(one.defines)
            steps += 1
            yield {"location": places.of_rules(one.source) | said(f"{one.clause} {one.title}: takes {', '.join(through)}")}


def _location(uri: str, line: int) -> dict:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(uri), "uriBaseId": BASE}, "region": {"startLine": line}}}


def said(text: str) -> dict:
    return {"message": {"text": text}}
