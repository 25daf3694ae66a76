"""Waivers around a report: which file counts, and what its names may refer to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conform.report.model import Report
    from conform.report.waived import Context
    from conform.run.project import Project
    from conform.run.runfile import Run
    from specs_dsl.spec import Spec


def under_waivers(report: Report, spec: Spec, project: Project, run: Run, named: Path | None) -> Report:
    """The report under the waivers of the file that was named, or that the run file names; as it is without any."""
    from conform.report.waived import apply
    from conform.run.waivers import load_waivers

    path = named if named is not None else run.path.parent / run.file.waivers if run.file.waivers is not None else None
    return report if path is None else apply(report, load_waivers(path), context(spec, project))


def context(spec: Spec, project: Project) -> Context:
    import datetime

    from conform.report.waived import Context
    from conform.run.runfile import names_of_runs
    from specs_dsl.identity import identity
    from specs_dsl.quotes import sections
    from specs_dsl.reader import MOST_BYTES, CannotRead, read_text

    try:
        document = sections(read_text(Path(spec.document), MOST_BYTES))
    except CannotRead:
        document = {}                    # then every clause is suspect, and says so
    texts = {clause.id: identity(clause) for clause in spec.clauses}
    return Context(texts, document, names_of_runs(project), datetime.date.today())
