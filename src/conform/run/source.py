"""A C source that is not ours as a side: probed in a copy, built there, kept by the hash of all that determines it.

The source and its folder are only ever read. What was inserted lies beside the program as a diff, with a record of which
probe went where.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conform.errors import SideProblem, UsageProblem
from conform.files import new_folder, no_space_is_a_side_problem, sha256_of, write_text
from conform.probe import render
from conform.probe.binding import Binding, load_binding
from conform.probe.instrument import RECORD, Probed, instrument
from conform.run.build import Program, compiler, compiler_version, hash_of
from conform.run.process import run_logged
from conform.run.project import Project, make_cache, new_log
from conform.starters import probe_header

PROBE_HEADER = "conform_probe.h"
PATCH = "probes.diff"
PROGRAM = "program"
_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
_OWN_DIALECT = ("-std=", "-ansi", "-pedantic", "-W")


@dataclass(frozen=True)
class SourceSide:
    """A source and the binding that says what is what in it."""

    source: Path
    binding_file: Path
    binding: Binding
    data: bytes

    @property
    def folder(self) -> Path:
        return self.source.parent

    def flags(self) -> tuple[str, ...]:
        """CFLAGS, if it is set, in the place of the binding's flags."""
        chosen = os.environ.get("CFLAGS")
        try:
            return tuple(shlex.split(chosen)) if chosen else self.binding.build.flags
        except ValueError as error:
            raise UsageProblem(f"CFLAGS is not a list of words: {error}") from None


def open_source(source: Path, binding: Path) -> SourceSide:
    """UsageProblem if either cannot be read."""
    try:
        return SourceSide(source.resolve(), binding, load_binding(binding), source.read_bytes())
    except FileNotFoundError:
        raise UsageProblem(f"{source}: there is no such C source") from None
    except OSError as error:
        raise UsageProblem(f"{source}: the C source cannot be read: {error.strerror}") from None


def write_probed(folder: Path, side: SourceSide, probed: Probed) -> None:
    """The copy and all that it takes to compile it, the diff and the record."""
    (folder / side.source.name).write_bytes(probed.text)
    (folder / PATCH).write_bytes(probed.diff)
    (folder / PROBE_HEADER).write_bytes(probe_header())
    write_text(folder / render.HEADER, probed.header)
    write_text(folder / render.UNIT, probed.unit)
    write_text(folder / RECORD, probed.record())


def compile_probed(folder: Path, side: SourceSide, log: Path, what: str) -> None:
    """Build folder/program from what `write_probed` wrote. SideProblem with the compiler's words if it does not compile."""
    cc, flags = compiler(), side.flags()
    plain = [flag for flag in flags if not flag.startswith(_OWN_DIALECT)]
    defined = ["-DCONFORM_PROBES", f"-DCONFORM_FLAGS={_c_string(' '.join(flags))}"]
    others = [str(side.folder / name) for name in side.binding.build.sources]
    if missing := [path for path in others if not Path(path).is_file()]:
        raise SideProblem(f"{missing[0]}: the binding links this source, and it is not there", "correct build.sources of the binding")
    run_logged([cc, *plain, "-std=gnu11", *defined, "-I.", "-c", "-o", "conform_trace.o", render.UNIT], folder, log, what)
    run_logged([cc, *flags, *defined, "-iquote", str(side.folder), "-I.", "-o", PROGRAM, "-x", "c", f"./{side.source.name}", *others,
                "-x", "none", "conform_trace.o", *side.binding.build.link], folder, log, what)


def _c_string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def source_program(project: Project, name: str, source: Path, binding: Path) -> Program:
    """The probed program in the place of a declared side, built if need be."""
    side = open_source(source, binding)
    cc = compiler()
    probed = instrument(side.data, side.source.name, side.binding)
    digest = hash_of([probed.text.hex(), probed.header, probed.unit, probe_header().hex(), sorted(_beside(side)), side.flags(),
                      side.binding.build.model_dump(), compiler_version(cc), str(side.folder)])
    folder = project.cache / "builds" / f"{name}-source-{digest[:16]}"
    if not folder.is_dir():
        make_cache(project)
        log = new_log(project, f"build-{folder.name}")
        with no_space_is_a_side_problem(f"building side {name}"), new_folder(folder) as work:
            write_probed(work, side, probed)
            compile_probed(work, side, log, f"building side {name} from {source}")
    refused = {key: one.why for key, one in probed.refused.items()}
    declared = project.file.sides.get(name)
    return Program(name, (str(folder / PROGRAM),), {}, f"source {digest}", side.binding.quirk_flag, (folder / PATCH, folder / RECORD), refused,
                   declared.timeout if declared else None)


def _beside(side: SourceSide) -> Iterator[tuple[str, str]]:
    """Name and hash of the files that the source includes from its own folder, and of the binding's other sources."""
    seen: set[Path] = set()
    waiting = [(side.folder, name) for name in _names(side.data)] + [(side.folder, name) for name in side.binding.build.sources]
    while waiting:
        folder, name = waiting.pop()
        path = next((place for place in (folder / name, side.folder / name) if place.is_file()), None)
        if path is None or path in seen:
            continue
        seen.add(path)
        yield str(path), sha256_of(path)
        waiting += [(path.parent, inner) for inner in _names(path.read_bytes())]


def _names(data: bytes) -> list[str]:
    return [name.decode("utf-8", "surrogateescape") for name in _INCLUDE.findall(data)]
