"""How long the sides took last time, for whoever waits: kept beside their logs, and nothing but a guess.

A program under test is a closed box; what it did in the same run before is all that is known of how long it will take.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from conform.files import write_text


@dataclass(frozen=True, slots=True)
class Forecast:
    """`seconds` that it took last time, for so many `elements` of a kind; none if nobody counts them."""

    seconds: float
    elements: int = 0
    kind: str = "pixel"


def remember(place: Path, seconds: float) -> None:
    write_text(place, f"{seconds:.3f}\n")


def last_time(place: Path, elements: int = 0) -> Forecast | None:
    """None if it was never executed here, or nobody can read what was kept."""
    try:
        seconds = float(place.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return Forecast(seconds, elements) if isfinite(seconds) and seconds > 0 else None
