"""Programs under test, built on first use and kept by the hash of all that determines them."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from conform.errors import SideProblem, UsageProblem
from conform.files import new_folder, no_space_is_a_side_problem, sha256_of
from conform.run.process import run_logged
from conform.run.project import Project, SideSpec, make_cache, new_log


@dataclass(frozen=True)
class Program:
    """Something that can be executed: `identity` changes whenever its results may."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    identity: str
    quirk_flag: str | None = None
    evidence: tuple[Path, ...] = ()      # files that are kept with its traces: what was done to it
    refused: Mapping[str, str] = field(default_factory=dict)      # quantities that it was to show and cannot, and why
    timeout: float | None = None         # seconds

    def arguments(self, quirks: str | None) -> tuple[str, ...]:
        """The words that ask for a list of quirks."""
        if quirks is None:
            return ()
        if self.quirk_flag is None:
            raise UsageProblem(f"side {self.name} cannot be told which quirks to show: conform.toml gives it no `quirks.flag`", "leave its quirks out")
        return (self.quirk_flag, quirks)


def declared_program(project: Project, name: str, dtype: str) -> Program:
    """The program that conform.toml declares, built if need be."""
    spec = project.file.sides[name]
    if dtype not in spec.dtypes:
        raise UsageProblem(f"side {name} computes in {' and '.join(spec.dtypes)}, not in {dtype}", "correct the dtype that it is asked for")
    digest = _source_hash(project, name, spec)
    names = {"project": str(project.root), "python": sys.executable, "dtype": dtype, "build": "", "cc": ""}
    if spec.build:
        names["cc"] = compiler()
        digest = _hash(digest, spec.build, compiler_version(names["cc"]))
        names["build"] = str(_built(project, name, spec, names, digest))
    packages = [f"{package} {_version(package)}" for package in spec.packages]
    identity = _hash(digest, spec.command, dict(spec.env), dtype, packages, platform.python_version())
    command = tuple(word.format(**names) for word in spec.command)
    env = {key: value.format(**names) for key, value in spec.env.items()}
    return Program(name, command, env, identity, spec.quirks.flag if spec.quirks else None, timeout=spec.timeout)


def binary_program(project: Project, name: str, path: Path) -> Program:
    """A binary that somebody built, in the place of a declared side: same flags."""
    spec = project.file.sides.get(name)
    by_environment = spec is not None and spec.binary_env is not None and os.environ.get(spec.binary_env) == str(path)
    other = f"unset {spec.binary_env}, or let it name another" if by_environment else f"name another: --side {name}=binary:PATH"
    if not path.is_file():
        raise SideProblem(f"side {name}: {path}: " + ("that is a folder" if path.is_dir() else "there is no such program"), other)
    if not os.access(path, os.X_OK):
        raise SideProblem(f"side {name}: {path} is not executable", f"chmod +x {path}, or {other}")
    flag = spec.quirks.flag if spec and spec.quirks else None
    return Program(name, (str(path.resolve()),), {}, f"binary {sha256_of(path)}", flag, timeout=spec.timeout if spec else None)


def compiler() -> str:
    """The C compiler: what CC names, else the first that is there."""
    chosen = os.environ.get("CC")
    for candidate in (chosen,) if chosen else ("cc", "gcc", "clang"):
        if found := shutil.which(candidate):
            return found
    if chosen:
        raise SideProblem(f"CC names the C compiler {chosen}, and there is no such program", "correct CC, or unset it to use cc, gcc or clang")
    raise SideProblem("no C compiler on the PATH (looked for cc, gcc, clang)", "on Debian: apt-get install gcc libc6-dev")


def compiler_version(cc: str) -> str:
    """What the compiler says it is, and for which machine it compiles."""
    try:
        done = subprocess.run([cc, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SideProblem(f"the C compiler {cc} cannot be run: {error}") from None
    return f"{cc} {done.stdout.splitlines()[0] if done.stdout else ''} {os.uname().machine}"


def _built(project: Project, name: str, spec: SideSpec, names: Mapping[str, str], digest: str) -> Path:
    folder = project.cache / "builds" / f"{name}-{digest[:16]}"
    if folder.is_dir():
        return folder
    make_cache(project)
    log = new_log(project, f"build-{folder.name}")
    with no_space_is_a_side_problem(f"building side {name}"), new_folder(folder) as work:
        for words in spec.build:
            command = [part for word in words for part in _expanded(word.format(**{**names, "build": str(work)}), project.root)]
            run_logged(command, project.root, log, f"building side {name}")
    return folder


def _expanded(word: str, root: Path) -> list[str]:
    return sorted(glob.glob(word, root_dir=root)) or [word] if "*" in word else [word]


def _source_hash(project: Project, name: str, spec: SideSpec) -> str:
    files = sorted({path for pattern in spec.sources for path in project.root.glob(pattern) if path.is_file()})
    if not files:
        raise SideProblem(f"side {name}: no source file matches {', '.join(spec.sources)} in {project.root}")
    return _hash([(path.relative_to(project.root).as_posix(), sha256_of(path)) for path in files])


def _version(package: str) -> str:
    """Of an installed package; importing it would take seconds."""
    try:
        return version(package)
    except PackageNotFoundError:
        raise SideProblem(f"the Python package {package} is not installed", f"{sys.executable} -m pip install {package}") from None


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def hash_of(parts: Sequence[object]) -> str:
    """One hash for a list of plain values."""
    return _hash(*parts)
