"""The input files of a run: taken from where they lie, or made once and kept in the cache."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conform.errors import UsageProblem
from conform.files import new_folder, no_space_is_a_side_problem, sha256_of
from conform.run.process import run_logged
from conform.run.project import Project, new_log
from conform.run.runfile import Input, Run


@dataclass(frozen=True)
class Prepared:
    """An input: the name that the sides know it by, the file, and its hash."""

    name: str
    path: Path
    sha256: str
    given: str = ""                      # the path as the command line gave it


def prepare_inputs(project: Project, run: Run, given: Mapping[str, Path]) -> dict[str, Prepared]:
    """Every input of the run. `given` puts a user's file in the place of one of them."""
    unknown = [name for name in given if name not in run.file.inputs]
    if unknown:
        raise UsageProblem(f"--input {unknown[0]}=…: the run `{run.name}` has no such input", f"its inputs are {', '.join(run.file.inputs) or 'none'}")
    return {name: _prepared(item.name, given.get(name) or _origin(project, run, name, item), name in given) for name, item in run.file.inputs.items()}


def _prepared(name: str, path: Path, given: bool) -> Prepared:
    if path.is_dir():
        raise UsageProblem(f"{path}: an input must be a file, and this is a folder")
    try:
        return Prepared(name, path.resolve(), sha256_of(path), str(path) if given else "")
    except FileNotFoundError:
        raise UsageProblem(f"{path}: there is no such input file") from None
    except OSError as error:
        raise UsageProblem(f"{path}: the input cannot be read: {error.strerror}") from None


def _origin(project: Project, run: Run, name: str, item: Input) -> Path:
    here = run.path.parent
    if item.make is None:
        return here / str(item.file)
    key = _key(item, here)
    folder = project.cache / "inputs" / f"{name}-{key[:16]}"
    target = folder / item.name
    if not target.is_file():
        log = new_log(project, f"input-{folder.name}")
        with no_space_is_a_side_problem(f"making the input `{name}`"), new_folder(folder) as work:
            words = [word.format(python=sys.executable, here=here.resolve(), output=work / item.name) for word in item.make]
            run_logged(words, work, log, f"making the input `{name}`")
            if not (work / item.name).is_file():
                raise UsageProblem(f"{run.path}: inputs.{name}: its `make` wrote no {{output}}", f"what it said is in {log}")
    return target


def _key(item: Input, here: Path) -> str:
    """Changes with the command and with every file that it is made from."""
    digest = hashlib.sha256(repr(item.make).encode())
    for source in item.sources:
        try:
            digest.update(sha256_of(here / source).encode())
        except OSError as error:
            raise UsageProblem(f"{here / source}: an input is made from this file: {error.strerror}") from None
    return digest.hexdigest()
