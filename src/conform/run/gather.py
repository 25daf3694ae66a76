"""From a run to the bundles of its sides, in reading order: programs, inputs, pixels, traces."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from conform.errors import UsageProblem
from conform.run.build import Program, binary_program, declared_program
from conform.run.execute import Execution, image_of, trace_of
from conform.run.inputs import prepare_inputs
from conform.run.pixels import choose_pixels
from conform.run.project import Project, make_cache
from conform.run.runfile import Image, Run
from conform.run.source import source_program
from conform.run.took import Forecast
from conform.trace.bundle import Bundle, open_bundle

WITH_PATH = ("bundle", "binary", "source", "log")


class Progress(Protocol):
    """Told what is going on; shows it, or not."""

    def stage(self, text: str, forecast: Forecast | None = None) -> AbstractContextManager[object]: ...


@dataclass(frozen=True)
class Choices:
    """What the command line changes about a run."""

    sides: Mapping[str, str] = field(default_factory=dict)        # name -> kind:where
    inputs: Mapping[str, Path] = field(default_factory=dict)
    quirks: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False
    bindings: Mapping[str, Path] = field(default_factory=dict)    # name -> binding of the side's source
    dialects: Mapping[str, str] = field(default_factory=dict)     # of sides that are logs; else they are guessed


@dataclass(frozen=True)
class Traced:
    """A side's bundle, and whether it was there already."""

    bundle: Bundle
    cached: bool


def gather(project: Project, run: Run, choices: Choices, progress: Progress, only: Sequence[str] = (), logs: Mapping[str, Bundle] | None = None) -> dict[str, Traced]:
    """The bundles of all sides of a run, or of `only` some; `logs` are read already. UsageProblem and SideProblem say what went wrong."""
    _check_names(run, choices, only)
    found: dict[str, Traced] = {name: Traced(bundle, True) for name, bundle in (logs or {}).items()}
    wanted = [name for name in run.file.sides if not only or name in only]
    for name in wanted:
        if (folder := _bundle_folder(choices, name)) is not None:
            found[name] = Traced(_renamed(open_bundle(folder), name), True)
    rest = [name for name in wanted if name not in found]
    if unread := [name for name in rest if choices.sides.get(name, "").startswith("log:")]:
        raise UsageProblem(f"--side {unread[0]}={choices.sides[unread[0]]}: a log is not executed, and this command reads none", "conform check and conform compare read logs")
    if choices.inputs and not rest:
        raise UsageProblem(f"--input {next(iter(choices.inputs))}: every side is a bundle or a log, so no input is read", "leave it out")
    if rest:
        _execute_rest(project, run, choices, progress, rest, found)
    return {name: found[name] for name in wanted}


def _execute_rest(project: Project, run: Run, choices: Choices, progress: Progress, rest: Sequence[str], found: dict[str, Traced]) -> None:
    make_cache(project)
    with progress.stage("preparing inputs"):
        inputs = prepare_inputs(project, run, choices.inputs)

    def execution(name: str) -> Execution:
        side = run.file.sides[name]
        with progress.stage(f"building {name}"):
            program = program_of(project, name, choices.sides.get(name, ""), side.dtype, choices.bindings.get(name))
        quirks = choices.quirks.get(name, side.quirks)
        program.arguments(quirks)            # complains, before any side runs, if it cannot be told
        return Execution(project, run, program, inputs, side.dtype, quirks, choices.fresh)

    executions = {name: execution(name) for name in rest}
    given = next((traced.bundle for traced in found.values()), None)
    pixels = pixels_of(given, run.file.image) if given is not None else _pixels(run, executions, progress, execution)
    for name, ready in executions.items():
        with progress.stage(f"tracing {name}", ready.forecast("trace")):
            found[name] = Traced(*trace_of(ready, pixels))


def _pixels(run: Run, executions: Mapping[str, Execution], progress: Progress, execution) -> np.ndarray | None:
    capture, image = run.file.capture, None
    if capture.brightest is not None and not capture.all:
        of = capture.brightest.of
        ready = executions.get(of) or execution(of)
        with progress.stage(f"image of {of}, for its brightest pixels", ready.forecast("image")):
            image = image_of(ready)
    return choose_pixels(run, image)


def pixels_of(bundle: Bundle, frame: Image | None) -> np.ndarray | None:
    """The traced pixels of a bundle, so that the other sides trace the same; None where there is no image."""
    if frame is None:
        return None
    entries = [bundle.manifest.quantities.get(name) for name in ("slow", "fast")]
    if any(entry is None or entry.axes != ("pixel",) or entry.dtype != "int64" for entry in entries):
        what = "log" if bundle.is_log else "bundle"
        raise UsageProblem(f"{bundle.folder}: the {what} does not say which pixels it holds (slow, fast)", "give a bundle or a log for every side")
    pixels = np.stack([bundle.values("slow"), bundle.values("fast")], axis=1)
    if (pixels < 0).any() or (pixels >= (frame.slow, frame.fast)).any():
        raise UsageProblem(f"{bundle.folder}: the {'log' if bundle.is_log else 'bundle'} holds pixels outside the image of {frame.slow} by {frame.fast}", "give one of this run")
    return pixels


def program_of(project: Project, name: str, chosen: str, dtype: str, binding: Path | None = None) -> Program:
    """The program of a side: as declared, or a binary or a C source from the command line or the environment."""
    kind, _, where = (chosen or _from_environment(project, name)).partition(":")
    if kind == "binary":
        return binary_program(project, name, Path(where))
    if kind == "source":
        return source_program(project, name, Path(where), binding or _declared_binding(project, name))
    return declared_program(project, name, dtype)


def _from_environment(project: Project, name: str) -> str:
    """`binary:PATH` or `source:PATH` where the variables that the side declares say so."""
    declared = project.file.sides.get(name)
    variables = {"binary": declared.binary_env, "source": declared.source_env} if declared else {}
    given = {kind: variable for kind, variable in variables.items() if variable and os.environ.get(variable)}
    if len(given) > 1:
        raise UsageProblem(f"side {name}: {' and '.join(given.values())} are both set", "unset one of them")
    return next((f"{kind}:{os.environ[variable]}" for kind, variable in given.items()), "")


def _declared_binding(project: Project, name: str) -> Path:
    declared = project.file.sides.get(name)
    if declared is None or declared.binding is None:
        raise UsageProblem(f"side {name} is a C source, and conform.toml names no `binding` for it", f"--binding {name}=FILE.toml; docs/instrument.md says what stands in it")
    return project.root / declared.binding


def _check_names(run: Run, choices: Choices, only: Sequence[str]) -> None:
    for option, names in (("--side", choices.sides), ("--quirks", choices.quirks), ("--binding", choices.bindings), ("--side", only)):
        for name in names:
            if name not in run.file.sides:
                raise UsageProblem(f"{option} {name}: the run `{run.name}` has no such side", f"its sides are {', '.join(run.file.sides)}")
    for name, chosen in choices.sides.items():
        kind, _, where = chosen.partition(":")
        if kind not in (*WITH_PATH, "reference", "model") or (kind in WITH_PATH) != bool(where):
            raise UsageProblem(f"--side {name}={chosen}: not a side", "write NAME=bundle:DIR, NAME=log:FILE, NAME=binary:PATH, NAME=source:FILE.c, NAME=reference or NAME=model")
        if kind in ("bundle", "log") and name in choices.quirks:
            raise UsageProblem(f"--quirks {name}={choices.quirks[name]}: side {name} is a {kind}, which is not executed again", "leave it out")


def _bundle_folder(choices: Choices, name: str) -> Path | None:
    kind, _, where = choices.sides.get(name, "").partition(":")
    return Path(where) if kind == "bundle" else None


def _renamed(bundle: Bundle, name: str) -> Bundle:
    """A bundle under the name that it has in this run, whatever it was called when it was written."""
    return Bundle(bundle.folder, bundle.manifest.model_copy(update={"side": name}))
