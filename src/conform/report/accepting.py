"""What every kind of waiver shares: what its names may refer to, and how it says that it no longer fits."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from conform.report.model import FailedWaiver
from conform.run.waivers import Unjudged, Waiver


@dataclass(frozen=True)
class Context:
    """What the names in waivers may refer to, and the day."""

    texts: Mapping[str, str]             # clause of the rules -> what it says now
    clauses: Collection[str]             # of the spec's document: rules need not hold them all
    runs: Collection[str]                # of the project
    today: datetime.date

    def said(self, clause: str, text: str) -> str | None:
        """What is wrong with a clause that was accepted when it said `text`."""
        if self.texts[clause] != text:
            return f"the clause no longer says what was accepted: look at it, and write text = \"{self.texts[clause]}\""
        return None

    def past(self, entry: Waiver | Unjudged) -> str | None:
        return f"it was accepted until {entry.expires.isoformat()}, by {entry.owner}" if self.today > entry.expires else None


def failure(clause: str, side: str, problem: str, text: str) -> FailedWaiver:
    return FailedWaiver(clause=clause, side=side, problem=problem, text=text)
