"""Shards of a suite joined: the same bytes as from one run, in whatever order and however the cases were shared out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from conform.errors import UsageProblem
from conform.report.cases import CaseReport, Suite, suite_of
from conform.report.model import Report
from conform.trace.manifest import validation_lines


def read(path: Path) -> Suite:
    """A shard: a suite, or the report of one case. UsageProblem if it is neither."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblem(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    model = Suite if '"format": "conform-suite/1"' in text[:200] else Report
    try:
        found = model.model_validate_json(text)
    except ValidationError as error:
        raise UsageProblem(f"{path}: not a report of conform:\n{_first_lines(validation_lines(error))}", "shards are written by `conform check … --format json`") from None
    if isinstance(found, Suite):
        return found
    run, colon, name = found.run.partition(":")
    if not colon:
        raise UsageProblem(f"{path}: the report of {found.run}, a run without cases", "only cases of one run can be joined")
    return suite_of(run, found.rules, [CaseReport(name=name, title=found.title, report=found)])


def _first_lines(text: str, most: int = 3) -> str:
    lines = text.splitlines()
    return "\n".join([*lines[:most], *([f"  and {len(lines) - most} more"] if len(lines) > most else [])])


def merge(shards: Sequence[tuple[Path, Suite]]) -> Suite:
    """All cases of the shards. UsageProblem if they are not of one run and rules, or tell different things of one case."""
    first_path, first = shards[0]
    cases: dict[str, tuple[Path, CaseReport]] = {}
    for path, shard in shards:
        if (shard.run, shard.rules) != (first.run, first.rules):
            raise UsageProblem(f"{path} is of {shard.run} and {shard.rules}, {first_path} of {first.run} and {first.rules}", "join shards of one check")
        for case in shard.cases:
            known = cases.setdefault(case.name, (path, case))
            if known[1] != case:
                raise UsageProblem(f"{path} and {known[0]} say different things of the case {case.name}", "they come from different programs, rules or inputs")
    return suite_of(first.run, first.rules, [case for _, case in cases.values()])
