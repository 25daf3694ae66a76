"""The fault library: real mistakes, planted one at a time in a copy of the project, and what a perfect checker says of each.

A fault is a TOML file: where such a mistake has been seen, the text that it changes, and the clause, side and words that
must be reported.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Annotated

from pydantic import Field, model_validator

from conform.errors import Problem, UsageProblem
from conform.pipeline import Quiet, check_run
from conform.report.model import Break, Report
from conform.run.gather import Choices
from conform.run.project import FILE, Project, ProjectFile
from conform.run.runfile import load_run
from conform.toml import Strict, load
from specs_dsl.check import load as load_rules
from specs_dsl.spec import Spec


class Edit(Strict):
    """A text that stands once in a file of the project, and what it becomes."""

    file: str
    old: Annotated[str, Field(min_length=1)]
    new: str


class Fault(Strict):
    """A mistake, as edits or as a named quirk of the side; or two others at once.

    `says`: words of the answer to "what does it compute instead"; empty if no clause can be changed into the mistake, and
    `unsaid` tells why.
    """

    title: str
    seen: str                            # where such a mistake has been made, in words
    side: str = ""
    clause: str = ""
    says: str = ""
    unsaid: str = ""
    run: str = "quick"
    rules: str = ""                      # a file of the project; default: those of the whole library
    also: tuple[str, ...] = ()           # further clauses that break, as roots of their own
    quirks: str = ""                     # the quirks with which the side runs
    unchanged: bool = False              # no value of the image moves by more than a millionth of it
    together: tuple[str, ...] = ()       # names of faults that are planted at once, the first in graph order first
    edits: tuple[Edit, ...] = ()

    @model_validator(mode="after")
    def _something_is_planted(self) -> Fault:
        if bool(self.together) == bool(self.edits or self.quirks):
            raise ValueError("give `edits` or `quirks`, or names of other faults as `together`")
        if not self.together and not (self.side and self.clause):
            raise ValueError("`side` and `clause` say what must be reported")
        return self


@dataclass(frozen=True)
class Outcome:
    """What the checker said of one fault, or of several at once. `problem`: why it could not be asked."""

    name: str
    title: str
    planted: tuple[Fault, ...]
    report: Report | None
    problem: str = ""
    seconds: float = 0.0

    @property
    def unsaid(self) -> str:
        return "; ".join(fault.unsaid for fault in self.planted if fault.unsaid)

    @property
    def unchanged(self) -> bool:
        return all(fault.unchanged for fault in self.planted)

    @property
    def expected(self) -> str:
        return ", ".join(f"{fault.clause} on {fault.side}" for fault in self.planted)

    @property
    def roots(self) -> tuple[Break, ...]:
        return self.report.roots if self.report else ()

    def _root(self, fault: Fault) -> Break | None:
        return next((root for root in self.roots if (root.clause, root.side) == (fault.clause, fault.side)), None)

    @property
    def detected(self) -> bool:
        """Something breaks; of several mistakes, each has a break of its own."""
        return bool(self.roots) and (len(self.planted) == 1 or all(self._root(fault) for fault in self.planted))

    @property
    def first_clause(self) -> bool:
        return bool(self.roots) and self.roots[0].clause == self.planted[0].clause

    @property
    def side(self) -> bool:
        return bool(self.roots) and self.roots[0].side == self.planted[0].side

    @property
    def equation(self) -> bool:
        """What every mistake is said to compute instead has the words."""
        found = [(fault.says, self._root(fault)) for fault in self.planted]
        return self.first_clause and all(says and root is not None and says in f"{root.trace_problem}; {root.computes_instead}" for says, root in found)

    @property
    def extra(self) -> tuple[str, ...]:
        """Breaks that are reported and are not there."""
        expected = {(clause, fault.side) for fault in self.planted for clause in (fault.clause, *fault.also)}
        return tuple(f"{root.clause} on {root.side}" for root in self.roots if (root.clause, root.side) not in expected)


def load_faults(folder: Path) -> dict[str, Fault]:
    """Every fault in a folder, by the name of its file."""
    if not folder.is_dir():
        raise UsageProblem(f"{folder}: there is no such folder of faults")
    return {path.stem: load(path, Fault, "fault", "docs/faults.md lists every key") for path in sorted(folder.glob("*.toml"))}


def planted_by(fault: Fault, library: Mapping[str, Fault]) -> tuple[Fault, ...]:
    """The fault itself, or those that it plants together; UsageProblem if there is no such fault."""
    if unknown := [name for name in fault.together if name not in library]:
        raise UsageProblem(f"together: there is no fault `{unknown[0]}`")
    return tuple(library[name] for name in fault.together) or (fault,)


def try_fault(project: Project, spec: Spec, rules: Path, name: str, library: Mapping[str, Fault], quirks: Mapping[str, str]) -> Outcome:
    """Plant one fault, or those that it names together, in a copy and check it there."""
    fault, start = library[name], perf_counter()
    planted = planted_by(fault, library)
    with copied(project) as copy:
        problem, report = plant(copy, [edit for one in planted for edit in one.edits]), None
        if not problem:
            try:
                chosen = {**quirks, **{one.side: one.quirks for one in planted if one.quirks}}
                report = check_copy(copy, project.cache, *judged_by(fault.rules, project, spec, rules), fault.run, chosen)
                problem = _moved(report) if fault.unchanged else ""
            except Problem as found:
                problem = found.message
    return Outcome(name, fault.title, planted, report, problem, perf_counter() - start)


def judged_by(named: str, project: Project, spec: Spec, rules: Path) -> tuple[Spec, Path]:
    """The rules that a fault names, or else those of the whole library."""
    return (load_rules(project.root / named), project.root / named) if named else (spec, rules)


def plant(copy: Path, edits: Sequence[Edit]) -> str:
    """Make the edits in a copy; why that is not possible, or nothing."""
    for edit in edits:
        path = copy / edit.file
        text = path.read_text("utf-8") if path.is_file() else ""
        if text.count(edit.old) != 1:
            return f"{edit.file} holds {text.count(edit.old)} times: {edit.old.strip()}"
        path.write_text(text.replace(edit.old, edit.new), "utf-8")
    return ""


def _moved(report: Report) -> str:
    """Of a mistake that leaves the image as it is: by how much it does not."""
    last = report.waterfall.quantity if report.waterfall else "image"
    most = max((one.largest for one in report.parity if one.quantity == last), default=0.0)
    return f"{last} moves by {most:.2g} relative, and should not" if most > 1e-6 else ""


def check_copy(copy: Path, cache: Path, spec: Spec, rules: Path, run: str, quirks: Mapping[str, str]) -> Report:
    project = project_in(copy, cache)
    loaded = load_run(project, run)
    chosen = {side: value for side, value in quirks.items() if side in loaded.file.sides}
    return check_run(project, spec, rules, loaded, Choices(quirks=chosen), Quiet())


def project_in(copy: Path, cache: Path) -> Project:
    """The project file is read once the edits are made, and not before: how the sides are built may be what was planted."""
    return Project(copy, load(copy / FILE, ProjectFile, "project file"), cache)


@contextmanager
def copied(project: Project) -> Iterator[Path]:
    """A copy of what the sides are made from."""
    with tempfile.TemporaryDirectory(prefix="conform-fault-") as folder:
        root = Path(folder)
        for path in sources(project):
            target = root / path.relative_to(project.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        yield root


def sources(project: Project) -> Sequence[Path]:
    """The files of all sides, the runs with their inputs, the tolerances, and the project file."""
    patterns = [pattern for side in project.file.sides.values() for pattern in side.sources]
    folders = [project.runs, project.tolerances("float64").parent]
    found = {path for pattern in patterns for path in project.root.glob(pattern) if path.is_file()}
    found |= {path for folder in folders if folder.is_relative_to(project.root) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    return sorted({*found, project.root / FILE})
