"""What was found before, under the hash of all that determines it: a long measurement goes on where it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import conform
import specs_dsl
from conform.adequacy.faults import sources
from conform.files import sha256_of, write_text
from conform.run.build import hash_of
from conform.run.project import Project
from specs_dsl.spec import Spec

CODE = (".py", ".lark")


def state_of(project: Project, spec: Spec, quirks: Mapping[str, str]) -> str:
    """Of the checker, the rules, the programs under test and their runs: whatever a verdict may depend on but a planted change."""
    code = [path for package in (conform, specs_dsl) for path in Path(str(package.__file__)).parent.rglob("*") if path.suffix in CODE]
    rules = [Path(file) for file in spec.files]
    return hash_of([sorted((path.name, sha256_of(path)) for path in (*code, *rules, *sources(project))), dict(quirks)])


@dataclass(frozen=True)
class Kept:
    """`folder`: None where nothing is kept."""

    folder: Path | None
    state: str

    def get(self, *what: object) -> dict | None:
        path = self._path(what)
        if path is None or not path.is_file():
            return None
        try:
            return json.loads(path.read_text("utf-8"))
        except ValueError:
            return None                  # torn: measured again

    def put(self, value: dict, *what: object) -> None:
        if (path := self._path(what)) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, json.dumps(value))

    def _path(self, what: tuple[object, ...]) -> Path | None:
        return None if self.folder is None else self.folder / f"{hash_of([self.state, *what])[:32]}.json"
