"""A run file of many cases: the sides of all are executed, some at a time, and every case is judged like a run of its own."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from conform.beside import judged, with_others
from conform.pipeline import Checked, Progress, Quiet, judge_run, open_sides
from conform.run.gather import Choices
from conform.run.project import Project
from conform.run.runfile import Run
from conform.sides import profiles_of
from specs_dsl.spec import Spec


def judge_runs(project: Project, spec: Spec, rules: Path, runs: Sequence[Run], choices: Choices, progress: Progress, jobs: int) -> list[Checked]:
    """What `judge_run` gives, for each case in its order. Programs wait for each other only where they need the same build."""
    profiles = profiles_of(project)

    def execute(run: Run) -> None:
        reduced = judged(spec, run)
        with_others(open_sides(project, reduced, run, choices, Quiet()), project, reduced, run, choices, profiles, Quiet())

    with progress.tiles("running the cases", len(runs), "case") as tick, ThreadPoolExecutor(jobs) as pool:
        execute(runs[0])                 # builds the programs and makes the inputs that all share
        tick()
        rest = [pool.submit(execute, run) for run in runs[1:]]
        for one in rest:
            one.add_done_callback(lambda _: tick())
        for one in rest:                 # the first in order that failed is the one that is told
            one.result()
    kept = replace(choices, fresh=False)
    return [judge_run(project, spec, rules, run, kept, progress) for run in runs]
