"""Run files: flags, inputs and sides of one run, and which pixels of an image are traced; validated."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from conform.errors import UsageProblem
from conform.run.project import Project
from conform.toml import Strict, check_placeholders, load


PlainName = Annotated[str, Field(pattern=r"^[^/\x00]*[^/.\x00][^/\x00]*$")]       # of a file in the folder that a side runs in


class Input(Strict):
    """A file that the sides read, under the name `as`: one that lies there, or one that a script makes."""

    name: Annotated[PlainName, Field(alias="as")]
    file: str | None = None              # relative to the run file
    make: tuple[str, ...] | None = None  # a command with {python}, {here} (the run file's folder) and {output}
    sources: tuple[str, ...] = ()        # of `make`: the files that determine the output, relative to the run file

    @model_validator(mode="after")
    def _one_origin(self) -> Input:
        if (self.file is None) == (self.make is None):
            raise ValueError("give either `file` or `make`")
        if self.make is not None and not any("{output}" in word for word in self.make):
            raise ValueError("`make` needs {output} for the file that it writes")
        check_placeholders(self.make or (), ("python", "here", "output"))
        return self


class Brightest(Strict):
    count: Annotated[int, Field(ge=1, le=1_000_000)]
    of: str                              # the side whose image decides


class Random(Strict):
    count: Annotated[int, Field(ge=1, le=100_000_000)]
    seed: int


class Capture(Strict):
    """Which pixels are traced: chosen ones, the brightest, and some at random (from those not chosen yet); or all."""

    pixels: tuple[tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]], ...] = ()      # slow, fast
    brightest: Brightest | None = None
    random: Random | None = None
    all: bool = False


class Image(Strict):
    """The image that both sides write: raw numbers, slow axis outside."""

    file: PlainName
    quantity: str                        # what its numbers are in the spec, and their unit
    unit: str = "1"
    dtype: Literal["float32", "float64"] = "float32"
    slow: Annotated[int, Field(ge=1)]
    fast: Annotated[int, Field(ge=1)]


class RunSide(Strict):
    dtype: Literal["float64", "float32"] = "float64"
    quirks: str | None = None


class RunFile(Strict):
    title: str = ""
    flags: str
    inputs: Mapping[str, Input] = {}
    sides: Annotated[Mapping[str, RunSide], Field(min_length=1)]
    capture: Capture = Capture()
    image: Image | None = None           # of a program that has none, everything is traced
    waivers: str | None = None           # accepted breaks, relative to the run file
    not_judged: Mapping[str, tuple[str, ...]] = {}       # why -> clauses that this run is not meant to judge

    @field_validator("flags")
    @classmethod
    def _can_be_split(cls, value: str) -> str:
        try:
            shlex.split(value, comments=True)
        except ValueError as error:
            raise ValueError(f"not a command line: {error}") from None
        return value

    @model_validator(mode="after")
    def _brightest_of_a_side(self) -> RunFile:
        if self.capture.brightest and self.capture.brightest.of not in self.sides:
            raise ValueError(f"capture.brightest.of: `{self.capture.brightest.of}` is not a side of this run ({', '.join(self.sides)})")
        return self

    @model_validator(mode="after")
    def _pixels_of_an_image(self) -> RunFile:
        chosen = [key for key in ("pixels", "brightest", "random") if getattr(self.capture, key)]
        if chosen and self.image is None:
            raise ValueError(f"capture.{chosen[0]}: pixels are those of an image, and this run has no [image]; without [capture] everything is traced")
        return self

    @model_validator(mode="after")
    def _one_file_of_a_name(self) -> RunFile:
        names = [item.name for item in self.inputs.values()]
        for name in names:
            if names.count(name) > 1 or (self.image is not None and name == self.image.file):
                raise ValueError(f"inputs: two files of the run would be called `{name}`")
        return self

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(shlex.split(self.flags, comments=True))

    def excused(self, clause: str) -> str | None:
        """Why this run is not meant to judge a clause; None if it is meant to."""
        return next((why for why, clauses in self.not_judged.items() if clause in clauses), None)


@dataclass(frozen=True)
class Run:
    name: str
    path: Path
    file: RunFile


def names_of_runs(project: Project) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in project.runs.glob("*.toml")))


def load_run(project: Project, name: str) -> Run:
    """The run file of that name (or path); UsageProblem with the list of runs if there is none."""
    path = Path(name) if name.endswith(".toml") else project.runs / f"{name}.toml"
    if not path.is_file():
        known = names_of_runs(project)
        near = get_close_matches(name, known, n=1)
        help = f"did you mean `{near[0]}`? " if near else ""
        raise UsageProblem(f"there is no run `{name}` (no file {path})", f"{help}runs in {project.runs}: {', '.join(known) or 'none'}; the project is that of the working directory")
    run = Run(path.stem, path, load(path, RunFile, "run file"))
    unknown = [side for side in run.file.sides if side not in project.file.sides]
    if unknown:
        raise UsageProblem(f"{path}: sides.{unknown[0]}: conform.toml declares no such side", f"sides there: {', '.join(project.file.sides)}")
    return run
