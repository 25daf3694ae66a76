"""What `conform init` lays down: a skeleton of one's own, or the whole of a project that comes with conform.

Which projects come with it stands in starters.toml. Files are read from the package; in a checkout, from the checkout.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conform.errors import UsageProblem
from conform.files import write_bytes

_HERE = Path(__file__).parent
_PACKED = _HERE / "whole"                # made when a wheel is built
_ROOT = _PACKED if _PACKED.is_dir() else Path(__file__).parents[3]
_HEADER = "c_probes/conform_probe.h"
_NOT_OURS = ("__pycache__", "build", ".conform")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Starter:
    """Files and folders of a project, and the command to begin with."""

    parts: tuple[str, ...]
    begin: str


@cache
def known() -> Mapping[str, Starter]:
    listed = tomllib.loads((_ROOT / "starters.toml").read_text("utf-8"))
    return {name: Starter(tuple(one["parts"]), one["begin"]) for name, one in listed.items()}


def starter(name: str) -> Starter:
    """UsageProblem if no project of that name comes with conform."""
    if name not in known():
        raise UsageProblem(f"no project called `{name}` comes with conform", f"there are {', '.join(known())}; without a name a new one is made")
    return known()[name]


def whole(name: str) -> dict[str, bytes]:
    """The files of a project that comes with conform, by their path in it. UsageProblem if there is none of that name."""
    return {path.relative_to(_ROOT).as_posix(): path.read_bytes() for part in starter(name).parts for path in _files(_ROOT / part)}


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for inner in sorted(path.rglob("*")) if path.is_dir() else ():
        if inner.is_file() and not any(part in _NOT_OURS or part.startswith(".") for part in inner.relative_to(path).parts):
            yield inner


def skeleton(name: str, run: str) -> dict[str, bytes]:
    """A new project with one spec, rules, a run and two programs that conform. UsageProblem if a name cannot be one."""
    for what, word in (("a spec", name), ("a run", run)):
        if not _NAME.fullmatch(word):
            raise UsageProblem(f"`{word}` cannot be the name of {what}", "small letters, digits and underscores, beginning with a letter")
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    plain = _HERE / "plain"
    environment = Environment(loader=FileSystemLoader(plain), undefined=StrictUndefined, keep_trailing_newline=True)
    found = {}
    for path in _files(plain):
        file = path.relative_to(plain).as_posix()
        found[file.removesuffix(".j2").replace("spec.", f"{name}.").replace("program.", f"{name}.").replace("first.", f"{run}.")] = environment.get_template(file).render(name=name).encode()
    return found | {f"programs/{Path(_HEADER).name}": probe_header()}


def probe_header() -> bytes:
    """conform_probe.h, as it comes with conform."""
    return (_ROOT / _HEADER).read_bytes()


def lay_down(files: Mapping[str, bytes], folder: Path) -> None:
    """Write all of them, or none: UsageProblem if one is there already."""
    there = [file for file in files if (folder / file).exists()]
    if there:
        raise UsageProblem(f"{folder / there[0]} is there already{f', and {len(there) - 1} more' if len(there) > 1 else ''}", "nothing was written; use an empty folder")
    for file, content in files.items():
        write_bytes(folder / file, content)
