"""Waivers: what is known and accepted for a while, with its measured size, a reason, an owner and an end: breaks, and clauses
that a side's known departure leaves unjudged.

The file and its validation. Writing one: conform.run.waiving. What they do to a report: conform.report.waived and unjudged.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from conform.toml import Strict, load

Words = Annotated[str, Field(pattern=r"\S")]
Text = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]          # what a clause said when it was accepted
FORM = (
    "each [[waiver]] has clause, side, runs, margin and share (or relative), reason, owner, expires, text; "
    "each [[unjudged]] has side, runs, reason, owner, expires, and clauses of clause, why, elements, text"
)


class Accepted(Strict):
    """What every waiver says."""

    side: Words
    runs: Annotated[tuple[Words, ...], Field(min_length=1)]
    reason: Words
    owner: Words
    expires: datetime.date


class Waiver(Accepted):
    """One accepted break. It may only shrink: its size is the largest that the runs may show, as `margin` and `share`, or, where
    only last digits are other ones, as `relative`."""

    clause: Words
    margin: Annotated[float, Field(ge=1)] | None = None          # worst residual, in bounds
    share: Annotated[float, Field(gt=0, le=1)] | None = None     # of the judged elements, those that break
    relative: Annotated[float, Field(gt=0, lt=1)] | None = None  # worst residual, of the largest value
    inputs: Mapping[Words, tuple[float, float] | tuple[str, str]] = {}      # those that the sides have differently because of it, as they are
    text: Text

    @property
    def names(self) -> tuple[str, ...]:
        """The clauses that it speaks of."""
        return (self.clause,)

    @field_validator("margin")
    @classmethod
    def _a_number(cls, value: float | None) -> float | None:
        if value is not None and isnan(value):
            raise ValueError("not a number")
        return value

    @model_validator(mode="after")
    def _one_measure(self) -> Waiver:
        if [self.margin is None, self.share is None] != 2 * [self.relative is not None]:
            raise ValueError("its size is margin and share, or relative alone")
        return self


class Open(Strict):
    """A clause that was not judged: why, and at how many elements, where that is not the clause as a whole."""

    clause: Words
    why: Words
    elements: Annotated[int, Field(ge=0)] = 0
    text: Text


class Unjudged(Accepted):
    """Clauses that a side's departure leaves unjudged; `because`: the waived break that they follow from."""

    clauses: Annotated[tuple[Open, ...], Field(min_length=1)]
    because: Words | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.clause for one in self.clauses)


class WaiverFile(Strict):
    waiver: tuple[Waiver, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()

    @model_validator(mode="after")
    def _once_each(self) -> WaiverFile:
        said: set[tuple[str, str, str]] = set()
        for entry in (*self.waiver, *self.unjudged):
            for one in ((name, entry.side, run) for name in entry.names for run in entry.runs):
                if one in said:
                    raise ValueError(f"{one[0]} on {one[1]} is waived twice for {one[2]}")
                said.add(one)
        return self


def load_waivers(path: Path) -> WaiverFile:
    """The waivers of a file; UsageProblem names what is wrong with it."""
    return load(path, WaiverFile, "waiver file", FORM)
