"""Tolerance profiles: what rounding a correct program of one precision is granted. Validated; every number has a reason."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from conform.errors import UsageProblem
from conform.toml import Strict, load
from specs_dsl.functions import FUNCTIONS

UNIT_ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24}
SMALLEST = {"float64": 2.0**-1074, "float32": 2.0**-149}
NORMAL = {"float64": 2.0**-1022, "float32": 2.0**-126}
ROUNDED = ("sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "exp", "log")


class Override(Strict):
    """A bound typed by hand for one clause, which only a reason excuses."""

    slack: Annotated[float, Field(gt=0, le=1e6)]
    reason: Annotated[str, Field(min_length=10)]


class Profile(Strict):
    """`unit_roundoff` of the precision, `ulps` granted to each function, `slack` on the whole derived bound."""

    precision: Literal["float64", "float32"]
    unit_roundoff: Annotated[float, Field(gt=0, le=2.0**-8)]
    slack: Annotated[float, Field(ge=1, le=16)] = 2.0
    ulps: Mapping[str, Annotated[float, Field(ge=0.5, le=64)]]
    overrides: Mapping[str, Override] = {}

    def slack_of(self, clause: str) -> float:
        """The factor on the bounds of one clause."""
        override = self.overrides.get(clause)
        return override.slack if override else self.slack

    @field_validator("unit_roundoff")
    @classmethod
    def _is_the_precisions_own(cls, value: float, info: object) -> float:
        precision = getattr(info, "data", {}).get("precision")
        if precision and value != UNIT_ROUNDOFF[precision]:
            raise ValueError(f"the unit roundoff of {precision} is {UNIT_ROUNDOFF[precision]!r}, not {value!r}")
        return value

    @field_validator("ulps")
    @classmethod
    def _names_every_function(cls, value: Mapping[str, float]) -> Mapping[str, float]:
        if unknown := sorted(set(value) - set(ROUNDED)):
            raise ValueError(f"no function is called {', '.join(unknown)}; allowed are {', '.join(ROUNDED)}")
        if missing := sorted(set(ROUNDED) - set(value)):
            raise ValueError(f"ulps are missing for {', '.join(missing)}")
        return value


def load_profile(path: Path) -> Profile:
    """Read a profile; UsageProblem names file, key and what is allowed."""
    if not path.exists():
        raise UsageProblem(f"{path}: there is no such tolerance profile", "profiles lie in specs/tolerances/, one for each precision")
    return load(path, Profile, "tolerance profile", "docs/tolerances.md lists every key")


assert set(ROUNDED) <= set(FUNCTIONS)
