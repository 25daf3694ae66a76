"""A dialect: how the lines of a log look, and what their names are in the spec (docs/logs.md). Validated TOML.

Knows the form of a dialect. Reads no log and knows no rules.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from conform.errors import UsageProblem
from conform.toml import Strict, load

PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")
READERS = ("key", "values", "pairs", "words", "heading", "text", "command")       # placeholders that are no names of their own
Index = Annotated[int, Field(ge=0)]
Reason = Annotated[str, Field(min_length=1)]
Digits = Annotated[int, Field(ge=1, le=40)] | Literal["printed", "longest", "exact"]


class Line(Strict):
    """One form of line: literal text with {key}, {values}, {pairs}, {words}, {heading}, {text}, {command}, and {NAME} for one number."""

    form: str
    at: Mapping[str, Index] = {}         # indices that the form itself stands for: source = 2
    digits: Digits | None = None
    key: str | None = None               # the name of its numbers, where the form has no {key}
    staged: bool = False                 # its keys are `HEADING/KEY`: the same key means something else under another heading

    @model_validator(mode="after")
    def _can_be_read(self) -> Line:
        names = PLACEHOLDER.findall(self.form)
        if not names:
            raise ValueError(f"`{self.form}` has no placeholder, such as {{key}} and {{values}}")
        if "values" in names and ("key" in names) == (self.key is not None):
            raise ValueError(f"`{self.form}`: {{values}} needs a {{key}}, or else `key` says what they are")
        if sum(names.count(reader) for reader in ("values", "pairs", "words")) > 1:
            raise ValueError(f"`{self.form}`: only one of {{values}}, {{pairs}} and {{words}} fits into a line")
        if twice := [name for name in dict.fromkeys(names) if name != "text" and names.count(name) > 1]:
            raise ValueError(f"`{self.form}`: {{{twice[0]}}} stands in it more than once; only {{text}} may")
        if self.form.lstrip().startswith("{"):
            raise ValueError(f"`{self.form}`: a form begins with text, by which its lines are known")
        return self


class Name(Strict):
    """What a raw name is in the spec. Loop axes that are not said are read at their first element."""

    quantity: Annotated[str, Field(alias="is")]
    unit: str = "1"                      # what its numbers are in
    label: str | None = None             # what its name says they are in, where that is something else
    along: tuple[str, ...] = ()          # loop axes that its repetitions run along, outermost first
    at: Mapping[str, Index | Literal["first", "last"]] = {}      # where it belongs on the other loop axes
    over: str | None = None              # the component axis that the numbers of one line run along
    part: Mapping[str, str] = {}         # or the one component that it is: abc = "a"
    keep: Literal["only", "first", "last"] = "only"              # of several that say nothing of their place
    sign: Literal[1, -1] = 1


class Dialect(Strict):
    """`axes`: by which names a line says where it is; a name that is a quantity of the rules is written as one."""

    title: str
    extends: str | None = None           # another dialect in the same folder: its names and axes, unless said otherwise here
    format: Literal["lines", "jsonl", "json", "csv"] = "lines"
    digits: Digits = "printed"
    dtype: Literal["float64", "float32"] | None = None           # as claimed; else told from the digits
    own_names: bool = False              # a name that `names` lacks is the quantity of that name, in the spec's unit
    axes: Mapping[str, tuple[str, ...]] = {}
    total: Mapping[str, tuple[str, ...]] = {}                    # a name whose value is the number of turns of these loops together
    line: tuple[Line, ...] = ()
    names: Mapping[str, Name] = {}
    ignored: Mapping[str, Reason] = {}   # names that are not read, and why
    assumed: Mapping[str, bool | int | float | str | tuple[float, ...]] = {}     # inputs of a run that says nothing else, for logs that do not show them
    derived: Mapping[str, str] = {}      # coordinates that follow from other values, in the rules language

    @model_validator(mode="after")
    def _says_how_it_is_read(self) -> Dialect:
        if self.format != "lines" and self.line:
            raise ValueError(f"`line`: a log in the format {self.format} has no line forms")
        if doubled := sorted(self.ignored.keys() & self.names.keys()):
            raise ValueError(f"`{doubled[0]}` is both in [names] and in [ignored]")
        return self

    @property
    def readable(self) -> bool:
        """Whether it says how lines look; one that holds names alone is there to be extended."""
        return self.format != "lines" or bool(self.line)

    def coordinates(self) -> dict[str, str]:
        """Each name that says where a line is, and its axis."""
        return {name: axis for axis, names in self.axes.items() for name in names}


@dataclass(frozen=True)
class Named:
    """A dialect and what it is called: the name of its file."""

    name: str
    dialect: Dialect


def load_dialect(path: Path) -> Named:
    """Read a dialect with all that it extends; UsageProblem names file, key and what is allowed."""
    return Named(path.stem, _extended(path, ()))


def _extended(path: Path, above: tuple[Path, ...]) -> Dialect:
    own = _loaded(path, os.stat(path).st_mtime_ns if path.is_file() else 0)
    if own.extends is None:
        return own
    base = path.with_name(f"{own.extends}.toml")
    if base in (path, *above):
        raise UsageProblem(f"{path}: `extends` leads back to {base.name}")
    under = _extended(base, (path, *above))
    return own.model_copy(update=_merged(under, own))


@lru_cache(maxsize=64)
def _loaded(path: Path, _changed: int) -> Dialect:
    """Every log is tried in all dialects, and most of them extend the same one."""
    return load(path, Dialect, "dialect", "docs/logs.md lists every key")


def _merged(under: Dialect, own: Dialect) -> dict[str, Any]:
    tables = {key: {**getattr(under, key), **getattr(own, key)} for key in ("axes", "total", "names", "ignored", "assumed", "derived")}
    for key, other in (("names", own.ignored), ("ignored", own.names)):                # what this one says goes before what it extends
        tables[key] = {name: value for name, value in tables[key].items() if name not in other}
    return {**tables, "line": own.line or under.line}


def dialects_in(folder: Path) -> dict[str, Path]:
    """The files of a folder of dialects, by name."""
    return {path.stem: path for path in sorted(folder.glob("*.toml"))} if folder.is_dir() else {}
