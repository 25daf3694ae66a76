"""From a run to its report: the sides are executed, every clause is judged, what breaks is diagnosed.

What `conform check` does, for whoever wants it without a command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from conform.beside import judged, with_others
from conform.engine.check import check
from conform.engine.diagnose import diagnose
from conform.engine.operands import Side
from conform.engine.tiling import ranges
from conform.engine.tolerances import Profile
from conform.report.build import build_report
from conform.report.model import Report
from conform.run.gather import Choices, gather
from conform.run.logs import beside_image, check_same_elements, fitted, open_logs, printed_by
from conform.run.project import Project
from conform.run.runfile import Run
from conform.run.took import Forecast
from conform.sides import completed, located, profiles_of
from specs_dsl.spec import Spec


class Progress(Protocol):
    """Told what is going on; shows it, or not."""

    def stage(self, text: str, forecast: Forecast | None = None) -> AbstractContextManager[object]: ...
    def tiles(self, text: str, total: int, kind: str = "tile") -> AbstractContextManager[Callable[[], None]]: ...


class Quiet:
    def stage(self, text: str, forecast: Forecast | None = None) -> AbstractContextManager[object]:
        return nullcontext()

    def tiles(self, text: str, total: int, kind: str = "tile") -> AbstractContextManager[Callable[[], None]]:
        return nullcontext(lambda: None)


def open_sides(project: Project, spec: Spec, run: Run, choices: Choices, progress: Progress) -> list[Side]:
    """The sides of a run, executed and opened; who traced no input of the run has its neighbour's."""
    profiles, logs = profiles_of(project), {}
    if any(chosen.startswith("log:") for chosen in choices.sides.values()) or choices.dialects:
        with progress.stage("reading logs"):
            logs = open_logs(project, spec, choices.sides, choices.dialects)
    shown = {name: located(log, log.assembled(dtype=run.file.sides[name].dtype).bundle, profiles) for name, log in logs.items() if name in run.file.sides}
    check_same_elements(shown, spec)
    traced = gather(project, run, choices, progress, logs=shown)
    bundles = {name: one.bundle for name, one in traced.items()}
    others = [bundle for name, bundle in bundles.items() if name not in logs]
    for name, log in logs.items():
        bundles[name] = located(log, fitted(log, others, run.file.sides[name].dtype), profiles)
    check_same_elements(bundles if logs else {}, spec)
    for name, bundle in bundles.items():
        log = printed_by(name, bundle, project, spec, choices.dialects.get(name)) if name not in logs else None
        if log is not None:
            others = [other for key, other in bundles.items() if key != name and key not in logs]
            bundles[name] = beside_image(bundle, located(log, fitted(log, others, run.file.sides[name].dtype), profiles), spec)
            logs[name] = log
    return completed(spec, bundles, profiles, {name: log.named.dialect.derived for name, log in logs.items()})


@dataclass(frozen=True)
class Checked:
    """A report, and the sides that it was made from, for whoever wants to look at single elements."""

    report: Report
    sides: tuple[Side, ...]
    profiles: Mapping[str, Profile]


def last_value(spec: Spec) -> str | None:
    """The number that stands last in the graph: what a run without an image ends in."""
    numbers = [e.target for clause in spec.clauses for e in clause.equations if spec.quantities[e.target].kind == "number"]
    return numbers[-1] if numbers else None


def check_run(project: Project, spec: Spec, rules: Path, run: Run, choices: Choices, progress: Progress) -> Report:
    """The report of one run. UsageProblem and SideProblem say what stands in the way."""
    return judge_run(project, spec, rules, run, choices, progress).report


def judge_run(project: Project, spec: Spec, rules: Path, run: Run, choices: Choices, progress: Progress) -> Checked:
    """The same, with the sides."""
    profiles = profiles_of(project)
    spec = judged(spec, run)
    sides = with_others(open_sides(project, spec, run, choices, progress), project, spec, run, choices, profiles, progress)
    with progress.tiles("judging", sum(1 for side in sides for _ in ranges(side))) as tick:
        findings = check(spec, sides, profiles, tick)
    with progress.stage("diagnosing"):
        diagnosis = diagnose(findings, profiles, final=run.file.image.quantity if run.file.image else last_value(spec), asked=run.file.arguments)
    return Checked(build_report(findings, diagnosis, rules, run.name, run.file.excused, title=run.file.title), tuple(sides), profiles)
