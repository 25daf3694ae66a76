"""Waivers: breaks that are known and accepted for a while, with their measured size, a reason, an owner and an end.

The file and its validation. What a waiver does to a report: see conform.report.waived.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from itertools import combinations
from math import isnan
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from conform.errors import UsageProblem
from conform.files import write_text
from conform.toml import Strict, load

Words = Annotated[str, Field(pattern=r"\S")]


class Waiver(Strict):
    """One accepted break. It may only shrink: `margin` and `share` are the largest that the runs may show."""

    clause: Words
    side: Words
    runs: Annotated[tuple[Words, ...], Field(min_length=1)]
    margin: Annotated[float, Field(ge=1)]            # worst residual, in bounds
    share: Annotated[float, Field(gt=0, le=1)]       # of the judged elements, those that break
    reason: Words
    owner: Words
    expires: datetime.date
    text: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]       # what the clause said when this was accepted

    @field_validator("margin")
    @classmethod
    def _a_number(cls, value: float) -> float:
        if isnan(value):
            raise ValueError("not a number")
        return value


class WaiverFile(Strict):
    waiver: tuple[Waiver, ...] = ()

    @model_validator(mode="after")
    def _once_each(self) -> WaiverFile:
        for one, other in combinations(self.waiver, 2):
            if (one.clause, one.side) == (other.clause, other.side) and (both := set(one.runs) & set(other.runs)):
                raise ValueError(f"{one.clause} on {one.side} is waived twice for {min(both)}")
        return self


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file; UsageProblem names what is wrong with it."""
    return load(path, WaiverFile, "waiver file", "each [[waiver]] has clause, side, runs, margin, share, reason, owner, expires, text").waiver


def append(path: Path, waivers: Sequence[Waiver]) -> None:
    """Add waivers at the end of a file, which may be new; what stands there stays, byte for byte. UsageProblem if one is there already."""
    before = path.read_text("utf-8") if path.exists() else ""
    known = load_waivers(path) if path.exists() else ()
    try:
        WaiverFile(waiver=(*known, *waivers))
    except ValueError as error:
        said = str(error).partition("Value error, ")[2].partition(" [type=")[0]
        raise UsageProblem(f"{path}: {said or error}", "edit or remove that entry") from None
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    write_text(path, before + gap + "\n".join(map(_entry, waivers)))


def _entry(waiver: Waiver) -> str:
    quoted = {name: _string(getattr(waiver, name)) for name in ("clause", "side", "reason", "owner", "text")}
    runs = ", ".join(map(_string, waiver.runs))
    return (
        f"[[waiver]]\nclause = {quoted['clause']}\nside = {quoted['side']}\nruns = [{runs}]\n"
        f"margin = {_number(waiver.margin)}\nshare = {_number(waiver.share)}\n"
        f"reason = {quoted['reason']}\nowner = {quoted['owner']}\nexpires = {waiver.expires.isoformat()}\ntext = {quoted['text']}\n"
    )


def _string(text: str) -> str:
    """As TOML writes it: as JSON does, and DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(value: float) -> str:
    """As TOML writes it: `inf`, `1.5`, `7.2e+12`."""
    text = repr(float(value))
    return text if any(mark in text for mark in (".", "e", "inf")) else f"{text}.0"
