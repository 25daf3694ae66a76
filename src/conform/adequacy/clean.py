"""The clean matrix: the programs as they are, built and run in many ways. A break in any of them is a false alarm."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from conform.adequacy.faults import Edit, check_copy, copied, plant
from conform.errors import Problem
from conform.run.project import Project
from conform.toml import Strict, load
from specs_dsl.spec import Spec

FILE = "clean/matrix.toml"               # in the folder of faults


class Variant(Strict):
    """One way to build and run: edits of a copy of the project, in which {run} is the name of the run, and an environment."""

    name: str
    needs: str = ""                      # a program that must be there
    env: Mapping[str, str] = {}
    edits: tuple[Edit, ...] = ()


class Matrix(Strict):
    runs: Annotated[tuple[str, ...], Field(min_length=1)]
    variant: Annotated[tuple[Variant, ...], Field(min_length=1)]

    @property
    def cells(self) -> tuple[tuple[Variant, str], ...]:
        return tuple((variant, run) for variant in self.variant for run in self.runs)


@dataclass(frozen=True)
class Cell:
    """What was reported of one variant on one run. `left_out`: why it could not be asked."""

    variant: str
    run: str
    breaks: tuple[str, ...] = ()
    left_out: str = ""


def load_matrix(folder: Path) -> Matrix | None:
    """The matrix of a folder of faults, if it has one."""
    path = folder / FILE
    return load(path, Matrix, "matrix of clean runs", "docs/faults.md lists every key") if path.is_file() else None


def cell_of(project: Project, spec: Spec, rules: Path, variant: Variant, run: str, quirks: Mapping[str, str]) -> Cell:
    if variant.needs and shutil.which(variant.needs) is None:
        return Cell(variant.name, run, left_out=f"there is no {variant.needs} here")
    with copied(project) as copy, _environment(variant.env):
        if problem := plant(copy, [edit.model_copy(update={"file": edit.file.format(run=run)}) for edit in variant.edits]):
            return Cell(variant.name, run, left_out=problem)
        try:
            report = check_copy(copy, project.cache, spec, rules, run, quirks)        # the cache is shared: what an edit does not touch need not be made again
        except Problem as problem:
            return Cell(variant.name, run, left_out=_begin(problem.message))
    return Cell(variant.name, run, (*(f"{root.clause} on {root.side}" for root in report.roots), *(f"the input {one.quantity}" for one in report.given)))


def _begin(message: str) -> str:
    """What happened, and the first line in which a compiler says why."""
    first, *others = (line.strip() for line in message.splitlines())
    return " ".join([first, *[line for line in others if "error" in line][:1]])


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
