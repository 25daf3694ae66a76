"""What stands beside the sides of a run: each other, and the runs with another command line that clauses ask for."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace

from conform.engine.check import arithmetic
from conform.engine.operands import Side
from conform.engine.rerun import command_of
from conform.engine.tiling import places
from conform.engine.tolerances import Profile
from conform.errors import UsageProblem
from conform.run.gather import Choices, Progress, gather
from conform.run.project import Project
from conform.run.runfile import Run
from conform.sides import opened_beside, put_beside
from specs_dsl.diagnostics import did_you_mean
from specs_dsl.spec import Rerun, Spec


def judged(spec: Spec, run: Run) -> Spec:
    """The spec of the clauses that a run is there for; UsageProblem if there is no such clause."""
    if run.file.judge is None:
        return spec
    if unknown := [name for name in run.file.judge if name not in spec.by_id]:
        near = did_you_mean(unknown[0], spec.by_id)
        raise UsageProblem(f"{run.path}: the run `{run.name}` is there for {unknown[0]}, which is no clause of these rules", near or "see `judge` in the run file")
    return replace(spec, clauses=tuple(clause for clause in spec.clauses if clause.id in run.file.judge))


def with_others(sides: list[Side], project: Project, spec: Spec, run: Run, choices: Choices, profiles: Mapping[str, Profile], progress: Progress) -> list[Side]:
    """The sides, each with what `@` stands for: the other sides, and itself in the runs that the clauses ask for."""
    wanted = places(spec)
    again = [side.name for side in sides if choices.sides.get(side.name, "").partition(":")[0] not in ("bundle", "log")]
    reruns = [rerun for name, rerun in spec.reruns.items() if name in wanted and again]
    put_beside(sides, {rerun.name: _opened(_changed(run, rerun, spec, profiles, sides[0]), project, spec, choices, progress, again) for rerun in reruns}, profiles)
    return sides


def _changed(run: Run, rerun: Rerun, spec: Spec, profiles: Mapping[str, Profile], side: Side) -> Run:
    words = command_of(rerun, run.file.arguments, spec, arithmetic(profiles["float64"], side))
    return Run(f"{run.name}+{rerun.name}", run.path, run.file.model_copy(update={"flags": shlex.join(words)}))


def _opened(run: Run, project: Project, spec: Spec, choices: Choices, progress: Progress, only: Sequence[str]) -> list[Side]:
    traced = gather(project, run, choices, progress, only)
    return opened_beside({name: one.bundle for name, one in traced.items()}, spec)
