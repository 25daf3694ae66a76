"""Run files: flags, inputs and sides of one run, and which pixels of an image are traced; validated."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from conform.errors import UsageProblem
from conform.run.project import Project
from conform.toml import Strict, check_placeholders, load
from conform.trace.manifest import validation_lines


CaseName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
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
    trace: bool = True                   # false: the sides write their image and nothing else, which is all that is judged


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


class Case(Strict):
    """What one case of a run changes: its flags come after those of the run, its tables key by key in their place."""

    title: str = ""
    flags: str = ""
    judge: tuple[str, ...] | None = None         # the clauses that this case is there for; none named: all
    inputs: Mapping[str, Mapping] = {}
    sides: Mapping[str, Mapping] = {}
    capture: Mapping | None = None
    image: Mapping | None = None
    not_judged: Mapping[str, tuple[str, ...]] = {}


class RunFile(Strict):
    title: str = ""
    flags: str = ""
    inputs: Mapping[str, Input] = {}
    sides: Annotated[Mapping[str, RunSide], Field(min_length=1)]
    capture: Capture = Capture()
    image: Image | None = None           # of a program that has none, everything is traced
    waivers: str | None = None           # accepted breaks, relative to the run file
    not_judged: Mapping[str, tuple[str, ...]] = {}       # why -> clauses that this run is not meant to judge
    judge: tuple[str, ...] | None = None
    cases: Mapping[CaseName, Case] = {}  # each a run of its own; then the rest of the file is what they share

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

    @model_validator(mode="after")
    def _every_case_is_a_run(self) -> RunFile:
        for name in self.cases:
            try:
                self.of_case(name)
            except ValidationError as error:
                raise ValueError(f"cases.{name}:\n{validation_lines(error)}") from None
        return self

    def of_case(self, name: str) -> RunFile:
        """The run that a case is."""
        case, own = self.cases[name], self.model_dump(by_alias=True, exclude={"cases"})
        changed = case.model_dump(exclude_unset=True)
        tables = {key: {**(own[key] or {}), **changed[key]} for key in ("capture", "image", "not_judged") if changed.get(key) is not None}
        nested = {key: _each(own[key], changed[key]) for key in ("inputs", "sides") if key in changed}
        return RunFile.model_validate({
            **own, **tables, **nested, "title": case.title or self.title, "flags": f"{self.flags}\n{case.flags}", "judge": case.judge or self.judge,
        })

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
    """One run: that of a file, or `FILE:CASE` of one that holds many. UsageProblem with what there is instead."""
    runs = load_runs(project, name)
    if len(runs) > 1 or runs[0].name != name and ":" in runs[0].name and ":" not in name:
        known = ", ".join(run.name.partition(":")[2] for run in runs)
        raise UsageProblem(f"the run `{name}` has cases, and this command takes one run", f"name one, such as {runs[0].name}; its cases: {known}")
    return runs[0]


def load_runs(project: Project, name: str) -> tuple[Run, ...]:
    """All runs of a file: its cases, or itself; `FILE:CASE` is that case."""
    file, colon, case = name.partition(":")
    run = _load(project, file if colon else name)
    if not run.file.cases and not colon:
        return (run,)
    if colon and case not in run.file.cases:
        near = get_close_matches(case, run.file.cases, n=1)
        raise UsageProblem(f"the run `{file}` has no case `{case}`", f"{f'did you mean `{near[0]}`? ' if near else ''}its cases: {', '.join(run.file.cases) or 'none'}")
    return tuple(Run(f"{run.name}:{one}", run.path, run.file.of_case(one)) for one in run.file.cases if one == case or not colon)


def _each(own: Mapping[str, Mapping], changed: Mapping[str, Mapping]) -> dict[str, dict]:
    return {key: {**own.get(key, {}), **changed.get(key, {})} for key in {**own, **changed}}


def _load(project: Project, name: str) -> Run:
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
