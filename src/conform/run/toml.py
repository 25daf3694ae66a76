"""TOML files that are validated at the door: one way to read them, one form of complaint."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from conform.errors import UsageProblem
from conform.trace.bundle import validation_lines


class Strict(BaseModel):
    """A table in which an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


def allowed(model: type[BaseModel]) -> str:
    """The keys that a table may have."""
    return f"keys at the top: {', '.join(model.model_fields)}"
