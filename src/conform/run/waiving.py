"""Adding waivers to their file, as a person would write them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from math import isfinite
from pathlib import Path

from conform.errors import UsageProblem
from conform.files import write_text
from conform.run.waivers import Accepted, Unjudged, Waiver, WaiverFile, load_waivers

LARGE = 1e6                              # from here on with an exponent


def append(path: Path, waivers: Sequence[Waiver | Unjudged]) -> None:
    """Add waivers at the end of a file, which may be new; what stands there stays, byte for byte. UsageProblem if one is there already."""
    before = path.read_text("utf-8") if path.exists() else ""
    known = load_waivers(path) if path.exists() else WaiverFile()
    breaks, unjudged = [one for one in waivers if isinstance(one, Waiver)], [one for one in waivers if isinstance(one, Unjudged)]
    try:
        WaiverFile(waiver=(*known.waiver, *breaks), unjudged=(*known.unjudged, *unjudged))
    except ValueError as error:
        said = str(error).partition("Value error, ")[2].partition(" [type=")[0]
        raise UsageProblem(f"{path}: {said or error}", "edit or remove that entry") from None
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    write_text(path, before + gap + "\n".join(map(_entry, waivers)))


def _entry(waiver: Waiver | Unjudged) -> str:
    lines = [*(_break(waiver) if isinstance(waiver, Waiver) else _unjudged(waiver))]
    return "\n".join(lines) + "\n"


def _break(waiver: Waiver) -> Iterator[str]:
    yield "[[waiver]]"
    yield f"clause = {_string(waiver.clause)}"
    yield from _accepted(waiver)
    for name in ("margin", "share", "relative"):
        if (value := getattr(waiver, name)) is not None:
            yield f"{name} = {_number(value)}"
    if waiver.inputs:
        told = (f"{_string(name)} = [{', '.join(_string(v) if isinstance(v, str) else _number(v) for v in values)}]" for name, values in waiver.inputs.items())
        yield f"inputs = {{ {', '.join(told)} }}"
    yield f"text = {_string(waiver.text)}"


def _unjudged(waiver: Unjudged) -> Iterator[str]:
    yield "[[unjudged]]"
    yield from _accepted(waiver)
    if waiver.because:
        yield f"because = {_string(waiver.because)}"
    yield "clauses = ["
    for one in waiver.clauses:
        elements = f", elements = {one.elements}" if one.elements else ""
        yield f"    {{ clause = {_string(one.clause)}, why = {_string(one.why)}{elements}, text = {_string(one.text)} }},"
    yield "]"


def _accepted(waiver: Accepted) -> Iterator[str]:
    yield f"side = {_string(waiver.side)}"
    yield f"runs = [{', '.join(map(_string, waiver.runs))}]"
    yield f"reason = {_string(waiver.reason)}"
    yield f"owner = {_string(waiver.owner)}"
    yield f"expires = {waiver.expires.isoformat()}"


def _string(text: str) -> str:
    """As TOML writes it: as JSON does, and DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(value: float) -> str:
    """As TOML writes it: `inf`, `1.5`, `7.2e+12`."""
    text = repr(float(value))
    short = str(Decimal(text).normalize()).lower() if isfinite(value) and abs(value) >= LARGE else ""
    return short if "e" in short else text
