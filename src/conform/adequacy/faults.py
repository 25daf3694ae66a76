"""The fault library: real mistakes, planted one at a time in a copy of the project, and what a perfect checker says of each.

A fault is a TOML file: where such a mistake has been seen, the text that it changes, and the clause, side and words that
must be reported.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from conform.errors import Problem, UsageProblem
from conform.pipeline import Quiet, check_run
from conform.report.model import Report
from conform.run.gather import Choices
from conform.run.project import FILE, Project, ProjectFile
from conform.run.runfile import load_run
from conform.toml import Strict, load
from specs_dsl.spec import Spec


class Edit(Strict):
    """A text that stands once in a file of the project, and what it becomes."""

    file: str
    old: Annotated[str, Field(min_length=1)]
    new: str


class Fault(Strict):
    """`says`: words of the answer to "what does it compute instead"; empty if no clause can be changed into the mistake."""

    title: str
    seen: str                            # where such a mistake has been made, in words
    side: str
    clause: str
    says: str = ""
    run: str = "quick"
    also: tuple[str, ...] = ()           # further clauses that break, as roots of their own
    edits: Annotated[tuple[Edit, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Outcome:
    """What the checker said of one fault. `problem`: why it could not be asked."""

    name: str
    fault: Fault
    report: Report | None
    problem: str = ""

    @property
    def detected(self) -> bool:
        return self.report is not None and self.report.first_break is not None

    @property
    def first_clause(self) -> bool:
        return self.detected and self.report.first_break.clause == self.fault.clause  # type: ignore[union-attr]

    @property
    def side(self) -> bool:
        return self.detected and self.report.first_break.side == self.fault.side  # type: ignore[union-attr]

    @property
    def equation(self) -> bool:
        return self.first_clause and bool(self.fault.says) and self.fault.says in self.report.first_break.computes_instead  # type: ignore[union-attr]

    @property
    def extra(self) -> tuple[str, ...]:
        """Breaks that are reported and are not there."""
        expected = {(clause, self.fault.side) for clause in (self.fault.clause, *self.fault.also)}
        return tuple(f"{root.clause} on {root.side}" for root in (self.report.roots if self.report else ()) if (root.clause, root.side) not in expected)


def load_faults(folder: Path) -> dict[str, Fault]:
    """Every fault in a folder, by the name of its file."""
    if not folder.is_dir():
        raise UsageProblem(f"{folder}: there is no such folder of faults")
    return {path.stem: load(path, Fault, "fault", "docs/faults.md lists every key") for path in sorted(folder.glob("*.toml"))}


def try_fault(project: Project, spec: Spec, rules: Path, name: str, fault: Fault, quirks: dict[str, str]) -> Outcome:
    """Plant one fault in a copy and check it there."""
    with copied(project) as copy:
        for edit in fault.edits:
            path = copy.root / edit.file
            text = path.read_text("utf-8") if path.is_file() else ""
            if text.count(edit.old) != 1:
                return Outcome(name, fault, None, f"{edit.file} holds {text.count(edit.old)} times: {edit.old.strip()}")
            path.write_text(text.replace(edit.old, edit.new), "utf-8")
        try:
            return Outcome(name, fault, check_copy(copy, spec, rules, fault.run, quirks))
        except Problem as problem:
            return Outcome(name, fault, None, problem.message)


def check_copy(copy: Project, spec: Spec, rules: Path, run: str, quirks: dict[str, str]) -> Report:
    loaded = load_run(copy, run)
    chosen = {side: value for side, value in quirks.items() if side in loaded.file.sides}
    return check_run(copy, spec, rules, loaded, Choices(quirks=chosen), Quiet())


@contextmanager
def copied(project: Project) -> Iterator[Project]:
    """A copy of what the sides are made from; the cache is shared, for what a fault does not touch need not be made again."""
    with tempfile.TemporaryDirectory(prefix="conform-fault-") as folder:
        root = Path(folder)
        for path in _sources(project):
            target = root / path.relative_to(project.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        yield Project(root, load(root / FILE, ProjectFile, "project file"), project.cache)


def _sources(project: Project) -> Sequence[Path]:
    """The files of all sides, the runs with their inputs, the tolerances, and the project file."""
    patterns = [pattern for side in project.file.sides.values() for pattern in side.sources]
    folders = [project.runs, project.tolerances("float64").parent]
    found = {path for pattern in patterns for path in project.root.glob(pattern) if path.is_file()}
    found |= {path for folder in folders if folder.is_relative_to(project.root) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    return sorted({*found, project.root / FILE})
