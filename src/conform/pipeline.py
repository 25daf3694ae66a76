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
from conform.engine.derive import derived
from conform.engine.diagnose import diagnose
from conform.engine.labels import with_true_units
from conform.engine.operands import Side, open_side
from conform.engine.tiling import ranges
from conform.engine.tolerances import Profile, load_profile
from conform.report.build import build_report
from conform.report.model import Report
from conform.run.gather import Choices, gather
from conform.run.logs import beside_image, check_lent_elements, check_same_elements, fitted, open_logs, printed_by, with_elements
from conform.run.project import Project
from conform.run.runfile import Run
from conform.trace.borrow import complete
from conform.trace.bundle import Bundle
from conform.trace.logs.open import LogSide
from specs_dsl.spec import Spec

DTYPES = ("float64", "float32")


class Progress(Protocol):
    """Told what is going on; shows it, or not."""

    def stage(self, text: str) -> AbstractContextManager[object]: ...
    def tiles(self, text: str, total: int) -> AbstractContextManager[Callable[[], None]]: ...


class Quiet:
    def stage(self, text: str) -> AbstractContextManager[object]:
        return nullcontext()

    def tiles(self, text: str, total: int) -> AbstractContextManager[Callable[[], None]]:
        return nullcontext(lambda: None)


def profiles_of(project: Project) -> dict[str, Profile]:
    """What a correct program of each precision is granted."""
    return {dtype: load_profile(project.tolerances(dtype)) for dtype in DTYPES}


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


def completed(spec: Spec, bundles: Mapping[str, Bundle], profiles: Mapping[str, Profile], rules: Mapping[str, Mapping[str, str]]) -> list[Side]:
    """Opened, each with the inputs that it lacks and a neighbour has; the labels of logs are put right.

    `rules`: of logs, how it follows where their elements lie.
    """
    inputs = [name for name, quantity in spec.quantities.items() if quantity.role == "input"]
    opened = [open_side(name, bundle, spec) for name, bundle in complete(bundles, inputs).items()]
    for side in opened:
        check_lent_elements(side, rules.get(side.name, {}), profiles)
    return [with_true_units(side, profiles, [other for other in opened if other is not side]) if side.bundle.is_log else side for side in opened]


def located(log: LogSide, bundle: Bundle, profiles: Mapping[str, Profile]) -> Bundle:
    """The log's bundle, which says where its elements lie if that follows from what it shows."""
    rules = {name: text for name, text in log.named.dialect.derived.items() if name in log.spec.quantities and not bundle.has(name)}
    if not rules:
        return bundle
    return with_elements(bundle, derived(open_side(log.name, bundle, log.spec), rules, profiles), log.spec)


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
