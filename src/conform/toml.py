"""TOML files that are validated at the door: one way to read them, one form of complaint."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path, PurePath
from string import Formatter
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from conform.errors import UsageProblem
from conform.trace.manifest import validation_lines


class Strict(BaseModel):
    """A table in which an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


Model = TypeVar("Model", bound=BaseModel)


def load(path: Path, model: type[Model], what: str, help: str = "") -> Model:
    """Read and validate; UsageProblem names file, key and what is allowed there."""
    try:
        return model.model_validate(tomllib.loads(path.read_bytes().decode("utf-8")))
    except FileNotFoundError:
        raise UsageProblem(f"{path}: there is no such {what}", help) from None
    except OSError as error:
        raise UsageProblem(f"{path}: cannot be read: {error.strerror}", help) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageProblem(f"{path}: not valid TOML: {error}") from None
    except ValidationError as error:
        raise UsageProblem(f"{path}: not a valid {what}:\n{validation_lines(error)}", help or allowed(model)) from None


def check_placeholders(words: Iterable[str], known: Iterable[str]) -> None:
    """ValueError for `{name}` that nobody fills in; `{{` and `}}` stand for braces."""
    known = tuple(known)
    for word in words:
        try:
            names = [name for _, name, _, _ in Formatter().parse(word) if name is not None]
        except ValueError as error:
            raise ValueError(f"`{word}`: {error}; a brace that is meant is written twice") from None
        if unknown := [name for name in names if name not in known]:
            raise ValueError(f"`{word}`: nothing is called {{{unknown[0]}}}; known are {', '.join(f'{{{name}}}' for name in known)}")


def check_relative(patterns: Iterable[str]) -> None:
    """ValueError for what cannot be looked for below a folder."""
    for pattern in patterns:
        if not pattern or PurePath(pattern).is_absolute():
            raise ValueError(f"`{pattern}` is not a path relative to this file's folder, as `programs/*.c` or `../include/own.h` is")


def allowed(model: type[BaseModel]) -> str:
    """The keys that a table may have."""
    return f"keys at the top: {', '.join(model.model_fields)}"
