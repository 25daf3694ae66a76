"""The report of `conform coverage` (`conform-coverage/1`): what a set of runs leaves unexercised, and why that may be right.

Covered is what every side exercises in one of the runs at least. Documented in docs/report.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from conform.engine.check import Findings
from conform.engine.coverage import Choice, Exercised, choices
from conform.exits import BREAKS, CONFORMS
from conform.report.build import source
from conform.report.model import Entry
from specs_dsl.exempt import Exempt
from specs_dsl.quotes import Section
from specs_dsl.spec import Equation, Spec

Kind = Literal["not testable", "no test needed", "still to be written"]


class Gap(Entry):
    """Something that is not covered. `reason` and `because`: what the document or the rules say to that."""

    clause: str
    title: str
    reason: Kind | None
    because: str | None


class Unruled(Gap):
    """A clause of the document that no rule stands for."""


class Why(Entry):
    run: str
    side: str
    reason: str
    excused: str | None                  # what the run file says to that


class NotJudged(Gap):
    """A rule that no run judges on these sides."""

    sides: tuple[str, ...]
    why: tuple[Why, ...]


class NotTaken(Gap):
    """A guard that is never true on these sides, or a branch of `if` that they never take where the guard is true."""

    target: str | None                   # of a requirement: null
    condition: str
    branch: Literal["then", "else"] | None
    source: str
    sides: tuple[str, ...]
    unknown: str | None                  # why it cannot be told


class CoverageReport(Entry):
    format: Literal["conform-coverage/1"] = "conform-coverage/1"
    spec: str
    rules: str
    runs: tuple[str, ...]
    sides: tuple[str, ...]
    clauses: int                         # of the document
    judged: int                          # rules that every side has judged
    guards: int
    branches: int
    exit_code: Literal[0, 1]
    clauses_without_rule: tuple[Unruled, ...]
    clauses_not_judged: tuple[NotJudged, ...]
    guards_not_taken: tuple[NotTaken, ...]
    branches_not_taken: tuple[NotTaken, ...]
    reasons_not_needed: tuple[str, ...]  # clauses that give a reason although nothing is missing


@dataclass(frozen=True)
class Seen:
    """One run: what was found on each side, and what it exercised."""

    run: str
    findings: Findings
    exercised: Mapping[str, Exercised]
    excused: Mapping[str, str | None]    # by clause


def build(spec: Spec, rules: Path, sections: Mapping[str, Section], exempt: Mapping[str, Exempt | None], seen: Sequence[Seen]) -> CoverageReport:
    """`sections`: the clauses of the document. `exempt`: what each clause of the rules says of itself."""
    builder = _Builder(spec, rules, exempt, seen)
    without = tuple(_unruled(spec, sections))
    not_judged = tuple(builder.not_judged())
    not_taken = tuple(builder.not_taken())
    gaps = [*without, *not_judged, *not_taken]
    missing = {gap.clause for gap in gaps}
    idle = tuple(name for name, why in exempt.items() if why and name not in missing)
    idle += tuple(name for name, section in sections.items() if section.exempt and name in spec.by_id and name not in idle)
    every = [choice for choice, _ in choices(spec)]
    return CoverageReport(
        spec=spec.name, rules=rules.name, runs=tuple(one.run for one in seen), sides=builder.sides, clauses=len(sections),
        judged=len(spec.clauses) - len(not_judged), guards=sum(not one.branch for one in every), branches=sum(bool(one.branch) for one in every),
        exit_code=BREAKS if idle or any(gap.reason is None for gap in gaps) else CONFORMS, clauses_without_rule=without, clauses_not_judged=not_judged,
        guards_not_taken=tuple(gap for gap in not_taken if gap.branch is None), branches_not_taken=tuple(gap for gap in not_taken if gap.branch),
        reasons_not_needed=idle,
    )


def _unruled(spec: Spec, sections: Mapping[str, Section]) -> Iterator[Unruled]:
    for name, section in sections.items():
        if name not in spec.by_id:
            yield Unruled(clause=name, title=section.title, **_reason(section.exempt))


def _reason(exempt: Exempt | None) -> dict:
    return {"reason": exempt.kind, "because": exempt.because} if exempt else {"reason": None, "because": None}


class _Builder:
    def __init__(self, spec: Spec, rules: Path, exempt: Mapping[str, Exempt | None], seen: Sequence[Seen]) -> None:
        self.spec, self.rules, self.exempt, self.seen = spec, rules, exempt, seen
        self.sides = tuple(dict.fromkeys(side for one in seen for side in one.exercised))

    def _gap(self, clause: str) -> dict:
        return {"clause": clause, "title": self.spec.by_id[clause].title, **_reason(self.exempt.get(clause))}

    def not_judged(self) -> Iterator[NotJudged]:
        for clause in self.spec.clauses:
            verdicts = [(one, verdict) for one in self.seen for verdict in one.findings.verdicts if verdict.clause == clause.id]
            judged = {verdict.side for _, verdict in verdicts if not verdict.open}
            why = tuple(
                Why(run=one.run, side=v.side, reason=v.detail, excused=one.excused[clause.id]) for one, v in verdicts if v.side not in judged
            )
            if why:
                yield NotJudged(sides=tuple(side for side in self.sides if side not in judged), why=why, **self._gap(clause.id))

    def not_taken(self) -> Iterator[NotTaken]:
        for choice, span in choices(self.spec):
            found = [(side, one.exercised[side]) for one in self.seen for side in one.exercised]
            taken = {side for side, there in found if there.taken.get(choice)}
            missed = {side for side, there in found if (choice in there.taken or choice in there.unknown) and side not in taken}
            if missed:
                unknown = next((there.unknown[choice] for side, there in found if side in missed and choice in there.unknown), None)
                yield NotTaken(
                    target=self._target(choice), condition=choice.condition, branch=choice.branch or None, source=source(span, self.rules.parent),
                    sides=tuple(side for side in self.sides if side in missed), unknown=unknown, **self._gap(choice.clause),
                )

    def _target(self, choice: Choice) -> str | None:
        statement = self.spec.by_id[choice.clause].statements[choice.statement]
        return statement.target if isinstance(statement, Equation) else None
