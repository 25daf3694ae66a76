"""The project: what `conform.toml` declares once, and where it lies."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from conform.errors import UsageProblem
from conform.files import make_room, no_space_is_a_side_problem, write_text
from conform.toml import Strict, check_placeholders, check_relative, load

FILE = "conform.toml"
TOLERANCES = "specs/tolerances"
MOST_LOGS = 100                          # of programs that were run, that are kept


class Quirks(Strict):
    """How a program is told which of its named departures from the spec to show: a flag that takes a list."""

    flag: str


class SideSpec(Strict):
    """One program under test. Placeholders: {project} {build} {python} {cc} {dtype}; `*` in a build command is globbed."""

    title: str
    kind: Literal["reference", "model"]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    build: tuple[tuple[str, ...], ...] = ()
    command: Annotated[tuple[str, ...], Field(min_length=1)]
    env: Mapping[str, str] = {}
    packages: tuple[str, ...] = ()       # Python packages whose versions change the result
    dtypes: tuple[Literal["float64", "float32"], ...] = ("float64",)
    quirks: Quirks | None = None
    binary_env: str | None = None        # an environment variable that names another binary to use in its place
    source_env: str | None = None        # one that names a C source to instrument and use in its place
    binding: str | None = None           # what is what in such a source
    timeout: Annotated[float, Field(gt=0)] | None = None      # seconds after which it is taken to hang

    @model_validator(mode="after")
    def _can_be_filled_in(self) -> SideSpec:
        check_relative(self.sources)
        made = ("build", "cc") if self.build else ()
        words = [word for command in (*self.build, self.command) for word in command]
        check_placeholders([*words, *self.env.values()], ("project", "python", "dtype", *made))
        if self.source_env is not None and self.binding is None:
            raise ValueError("`source_env` needs a `binding`")
        if () in self.build:
            raise ValueError("a build command is empty")
        return self


class ProjectFile(Strict):
    rules: str | None = None             # where `conform explain` looks names up, if not told otherwise
    runs: str = "runs"
    tolerances: str | None = None        # specs/tolerances, or else the profiles that come with conform
    cache: str = ".conform"
    dialects: str = "dialects"           # the folder of the dialects that logs are read in
    sides: Annotated[Mapping[str, SideSpec], Field(min_length=1)]


@dataclass(frozen=True)
class Project:
    root: Path
    file: ProjectFile
    shared_cache: Path | None = None     # of the project that this one is a copy of

    @property
    def runs(self) -> Path:
        return self.root / self.file.runs

    @property
    def cache(self) -> Path:
        chosen = os.environ.get("CONFORM_CACHE")
        return Path(chosen).absolute() if chosen else self.shared_cache or self.root / self.file.cache

    @property
    def dialects(self) -> Path:
        return self.root / self.file.dialects

    def tolerances(self, dtype: str) -> Path:
        """The profile of a precision. A project that says nothing of tolerances, and has none, is judged by conform's own."""
        own = self.root / (self.file.tolerances or TOLERANCES)
        if self.file.tolerances is None and not own.is_dir():
            places = (*Path(__file__).parents, Path(__file__).parents[1] / "starters" / "whole")      # a checkout, or what was installed
            own = next((folder / TOLERANCES for folder in places if (folder / TOLERANCES).is_dir()), own)
        return own / f"{dtype}.toml"


def make_cache(project: Project) -> None:
    """A new cache keeps itself out of git. A folder that is there already is somebody's and stays as it is."""
    with no_space_is_a_side_problem("making the cache"):
        if not project.cache.exists():
            write_text(project.cache / ".gitignore", "*\n")


def log_of(project: Project, what: str) -> Path:
    """Where the output of a program is kept, under a name that is made of all that determines it: others may be run at the same time."""
    return project.cache / "logs" / f"{what}.log"


def new_log(project: Project, what: str) -> Path:
    """The same, for a program that is about to run; the oldest logs give way."""
    make_room(project.cache / "logs", "*.log", MOST_LOGS)
    return log_of(project, what)


def find_project() -> Project:
    """Upward from the working directory, else the project that this `conform` belongs to."""
    for folder in (Path.cwd(), *Path.cwd().parents, Path(sys.prefix).parent, *Path(__file__).parents):
        if (folder / FILE).is_file():
            return Project(folder, load(folder / FILE, ProjectFile, "project file"))
    raise UsageProblem(f"no {FILE} here or in a folder above", "run conform inside a project that has one")
