"""The description of a trace: what a program writes beside its arrays, and what a bundle holds (docs/trace-format.md).

Knows JSON and the form of a description. Knows no arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from conform.errors import Problem

MANIFEST = "manifest.json"
RAW = "trace.json"
PRINTED = "printed.log"                   # beside the image of a program that traced nothing
TOLD = ("given", "assumed")              # in the place of a raw name: values that no program wrote, somebody said them
FILE = r"^[A-Za-z0-9_.-]+\.npy$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class AxisEntry(_Strict):
    """An axis as the program has it: `labels` of a component axis, `first` index of a grid axis."""

    size: int = Field(ge=0)
    labels: tuple[str, ...] | None = None
    first: int | None = None

    @model_validator(mode="after")
    def _labels_name_every_element(self) -> AxisEntry:
        if self.labels is not None and len(self.labels) != self.size:
            raise ValueError(f"{len(self.labels)} labels for {self.size} elements")
        return self


class QuantityEntry(_Strict):
    """One array. `labels` are the words of a choice; `unset` names the mask of elements never reached.
    `precision`: what it was computed in, where that is more than the program claims; what is judged more strictly, never less.

    What was read from a log: `printed` names the half units of the last printed digits (shape and unit of the values),
    `partial` says that unset elements are those that the log does not show, and `raw` is the name that the log has for it.
    """

    unit: str
    axes: tuple[str, ...]
    dtype: Literal["float64", "float32", "int64"]
    file: str = Field(pattern=FILE)
    unset: str | None = Field(default=None, pattern=FILE)
    labels: tuple[str, ...] | None = None
    source: str = ""
    sha256: str = ""
    unset_sha256: str = ""
    printed: str | None = Field(default=None, pattern=FILE)
    printed_sha256: str = ""
    partial: bool = False
    raw: str = ""
    label: str = ""                      # the unit that the raw name says, where it is not `unit`
    precision: Literal["float64"] | None = None

    @model_validator(mode="after")
    def _is_written_as_it_was_computed(self) -> QuantityEntry:
        if self.precision is not None and self.dtype == "float32":
            raise ValueError(f"computed in {self.precision} and written in {self.dtype}: what was used is no longer there")
        return self

    @property
    def told(self) -> bool:
        """Whether somebody said it, and no program wrote it."""
        return self.raw in TOLD


class Producer(_Strict):
    """What made the values. `dtype` is the precision that the program claims to compute in."""

    program: str
    version: str = ""
    language: str = ""
    compiler: str = ""
    flags: str = ""
    dtype: Literal["float64", "float32"]
    device: str = "cpu"
    threads: int = 1
    quirks: tuple[str, ...] = ()
    build: str = ""
    notes: tuple[str, ...] = ()          # of a log: what in it was not read, or odd


class _Described(_Strict):
    """What the raw trace and the manifest have in common."""

    producer: Producer
    axes: Mapping[str, AxisEntry]
    quantities: Mapping[str, QuantityEntry]

    @model_validator(mode="after")
    def _every_axis_is_described(self) -> _Described:
        for name, entry in self.quantities.items():
            for axis in entry.axes:
                if axis not in self.axes:
                    raise ValueError(f"`{name}` has an axis `{axis}` that `axes` does not describe")
                if entry.axes.count(axis) > 1:
                    raise ValueError(f"`{name}` has the axis `{axis}` twice")
        return self

    def shape(self, entry: QuantityEntry) -> tuple[int, ...]:
        return tuple(self.axes[axis].size for axis in entry.axes)


class RawTrace(_Described):
    format: Literal["conform-raw/1"]


class Manifest(_Described):
    format: Literal["conform-trace/1"] = "conform-trace/1"
    side: str
    command: tuple[str, ...] | None      # without the program; None where nobody knows
    inputs: Mapping[str, str]
    not_traced: Mapping[str, str] = {}   # quantities that were asked for, and why there is nothing


Description = TypeVar("Description", RawTrace, Manifest)


def validation_lines(error: ValidationError) -> str:
    """pydantic's errors as lines `where: what`, without its links and class names."""
    lines = []
    for item in error.errors(include_url=False):
        where = ".".join(str(part) for part in item["loc"]) or "the file"
        what = {"extra_forbidden": "unknown key", "missing": "is missing"}.get(item["type"], item["msg"].removeprefix("Value error, "))
        lines.append(f"  {where}: {what}")
    return "\n".join(lines)


def read_description(path: Path, model: type[Description], who: str, problem: type[Problem]) -> Description:
    """Read and validate; `problem` says of `who` what is wrong."""
    try:
        return model.model_validate_json(path.read_bytes())
    except OSError as error:
        raise problem(f"{who}: {path.name} cannot be read: {error.strerror}", f"a bundle is a folder with a {MANIFEST}") from None
    except ValidationError as error:
        raise problem(f"{who}: {path.name} is not valid:\n{validation_lines(error)}", "see docs/trace-format.md") from None
