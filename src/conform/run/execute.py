"""Executing a side: in a folder of its own with the inputs, and its trace or image kept by the hash of what made it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from conform.errors import SideProblem
from conform.files import new_folder, no_space_is_a_side_problem, write_text
from conform.run.build import Program, hash_of
from conform.run.inputs import Prepared
from conform.run.pixels import pixel_hash, pixel_lines, read_image
from conform.run.process import Killed, run_logged, time_limit
from conform.run.project import Project, new_log
from conform.run.room import LESS, in_words
from conform.run.runfile import Run
from conform.run.took import Forecast, last_time, remember
from conform.trace.bundle import RAW, Bundle, open_bundle
from conform.trace.manifest import PRINTED
from conform.trace.seal import seal

MOST_PRINTED = 1 << 28                    # bytes of it
CACHE_FORMAT = 3                          # changes when what lies in the cache changes its form


@dataclass(frozen=True)
class Execution:
    """One side of one run, before it is executed."""

    project: Project
    run: Run
    program: Program
    inputs: Mapping[str, Prepared]
    dtype: str
    quirks: str | None
    fresh: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        return (*self.run.file.arguments, *self.program.arguments(self.quirks))

    def took(self, what: str) -> Path:
        """Where it stands how long the side took in this run for its `trace` or its `image`."""
        return self.project.cache / "logs" / f"{self.run.name}-{self.program.name}.{what}.seconds"

    def forecast(self, what: str) -> Forecast | None:
        frame = self.run.file.image
        return last_time(self.took(what), frame.slow * frame.fast if frame else 0)

    def key(self, what: str) -> str:
        """The hash of all that determines the result. The number of threads is among it: quirks may depend on it."""
        inputs = sorted((item.name, item.sha256) for item in self.inputs.values())
        image = self.run.file.image and self.run.file.image.model_dump()
        return hash_of([CACHE_FORMAT, what, self.program.name, self.program.identity, self.arguments, inputs, self.dtype, image, threads()])


def threads() -> str:
    return os.environ.get("OMP_NUM_THREADS") or str(len(os.sched_getaffinity(0)))


def image_of(execution: Execution) -> np.ndarray:
    """The whole image of a side, from the cache or by running it without a trace."""
    folder = execution.project.cache / "images" / f"{execution.program.name}-{execution.key('image')[:24]}"
    frame = execution.run.file.image
    assert frame is not None, "only a run with an image is asked for one"
    if not folder.is_dir() or execution.fresh:
        with _fresh(folder, execution) as work:
            _execute(execution, work, {}, "image", _log(execution, folder))
            _keep_only(work, {frame.file})
            read_image(work / frame.file, frame, f"side {execution.program.name}")
    return read_image(folder / frame.file, frame, f"side {execution.program.name}")


def trace_of(execution: Execution, pixels: np.ndarray | None) -> tuple[Bundle, bool]:
    """The bundle of a side, and whether it came from the cache."""
    what = f"{'trace' if execution.run.file.capture.trace else 'only the image'} {pixel_hash(pixels)}"
    folder = execution.project.cache / "traces" / f"{execution.program.name}-{execution.key(what)[:24]}"
    if folder.is_dir() and not execution.fresh:
        return open_bundle(folder), True
    with _fresh(folder, execution) as work:
        _traced(execution, pixels, work, _log(execution, folder))
    return open_bundle(folder), False


@contextmanager
def _fresh(folder: Path, execution: Execution) -> Iterator[Path]:
    """A folder to work in; with --fresh, what the cache held under this key gives way to it once it is complete."""
    with no_space_is_a_side_problem(f"running side {execution.program.name}"), new_folder(folder, replace=execution.fresh) as work:
        yield work


def _traced(execution: Execution, pixels: np.ndarray | None, work: Path, log: Path) -> None:
    name = execution.program.name
    place, trace = work / "run", work / "trace"
    place.mkdir()
    trace.mkdir()
    env = {"CONFORM_TRACE": str(trace)} if execution.run.file.capture.trace else {}
    if pixels is not None:
        write_text(work / "pixels", pixel_lines(pixels))
        env["CONFORM_PIXELS"] = str(work / "pixels")
    try:
        _execute(execution, place, env, "trace", log)
    except Killed as problem:
        raise SideProblem(f"{problem.message}\n{in_words(trace, pixels, execution.run.file.image)}", f"{LESS}; {problem.help}") from None
    if not (trace / RAW).is_file():
        _image_only(execution, pixels, place, trace)
        _keep_printed(log, trace / PRINTED)
    inputs = {item.name: item.sha256 for item in execution.inputs.values()}
    manifest = seal(trace, name, execution.arguments, inputs, execution.program.identity, execution.program.refused)
    if manifest.producer.dtype != execution.dtype:
        raise SideProblem(f"side {name} computes in {manifest.producer.dtype}; the run says {execution.dtype}", "correct `dtype` of the side in the run file")
    _check_pixels(name, open_bundle(trace), pixels)
    shutil.rmtree(place)
    (work / "pixels").unlink(missing_ok=True)
    for path in trace.iterdir():
        path.rename(work / path.name)
    trace.rmdir()
    for path in execution.program.evidence:
        shutil.copyfile(path, work / path.name)


def _check_pixels(name: str, bundle: Bundle, pixels: np.ndarray | None) -> None:
    """The side traced what it was asked for: values of other pixels would be compared in earnest."""
    if pixels is None or not (bundle.has("slow") and bundle.has("fast")):
        return
    traced = np.stack([bundle.values("slow"), bundle.values("fast")], axis=1)
    if not np.array_equal(traced, pixels):
        raise SideProblem(f"side {name} traced {len(traced):,} pixels that are not the {len(pixels):,} it was asked for", "CONFORM_PIXELS names a file with lines `slow fast`; see docs/trace-format.md")


def _execute(execution: Execution, place: Path, env: Mapping[str, str], what: str, log: Path) -> None:
    """Run the program in `place`, where the inputs are links under the names that the flags use."""
    name, start = execution.program.name, perf_counter()
    for item in execution.inputs.values():
        (place / item.name).symlink_to(item.path)
    try:
        run_logged((*execution.program.command, *execution.arguments), place, log, f"side {name}", {**execution.program.env, **env},
                   time_limit(execution.program.timeout))
    except SideProblem as problem:
        given = [f"{item.name} is {item.given}" for item in execution.inputs.values() if item.given]
        raise type(problem)(problem.message, "; ".join([*given, problem.help])) from None
    remember(execution.took(what), perf_counter() - start)


def _log(execution: Execution, folder: Path) -> Path:
    """Named like the folder that the result is kept in: another command line has another log."""
    return new_log(execution.project, f"{execution.run.name}-{folder.name}")


def _keep_only(folder: Path, names: set[str]) -> None:
    for path in folder.iterdir():
        if path.name not in names:
            path.unlink() if not path.is_dir() or path.is_symlink() else shutil.rmtree(path)


def _image_only(execution: Execution, pixels: np.ndarray | None, place: Path, trace: Path) -> None:
    """A program that knows nothing of traces still shows its image; everything else stays unchecked."""
    frame = execution.run.file.image
    if frame is None:
        raise SideProblem(f"side {execution.program.name} wrote no trace", "it belongs in the folder that CONFORM_TRACE names; see docs/trace-format.md")
    if not (place / frame.file).is_file():
        raise SideProblem(f"side {execution.program.name} wrote neither a trace nor the image {frame.file}", "does the run file's `image.file` match its flags?")
    image = read_image(place / frame.file, frame, f"side {execution.program.name}")
    if pixels is None:
        pixels = np.stack(np.divmod(np.arange(image.size), frame.fast), axis=1)
    arrays = {"slow": pixels[:, 0].astype(np.int64), "fast": pixels[:, 1].astype(np.int64), frame.quantity: image[pixels[:, 0], pixels[:, 1]]}
    units = {"slow": "count", "fast": "count", frame.quantity: frame.unit}
    entries = {}
    for name, array in arrays.items():
        np.save(trace / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
        entries[name] = {"unit": units[name], "axes": ["pixel"], "dtype": array.dtype.name, "file": f"{name}.npy"}
    description = {
        "format": "conform-raw/1", "axes": {"pixel": {"size": len(pixels)}}, "quantities": entries,
        "producer": {"program": Path(execution.program.command[0]).name, "dtype": execution.dtype},
    }
    write_text(trace / RAW, json.dumps(description))


def _keep_printed(log: Path, place: Path) -> None:
    """What the program printed may be in a dialect that somebody knows; whoever knows the rules reads it."""
    if 0 < log.stat().st_size <= MOST_PRINTED:
        shutil.copyfile(log, place)
