"""What pint says of units. We write no algebra of units ourselves, and this is the only module that imports pint.

That and its registry take a third of a second, so it is loaded for a text of which nothing is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from math import inf
from typing import Any

import pint

from specs_dsl.dimension import OWN, Dimension

_LONGEST = 200           # characters of a unit


def strange(text: str) -> str | None:
    """Why pint shall not see this text: a power that is a number of a million digits keeps it busy for ever."""
    if len(text) > _LONGEST:
        return f"it has more than {_LONGEST} characters"
    if any(not re.fullmatch(r"-?[1-9][0-9]?", power) for power in re.findall(r"\^(-?[0-9]+)", text)):
        return "powers of units go from 1 to 99"
    if re.search(r"[0-9]{10}|[0-9]\^|(?<![\w.])0+(?!\w)", text):
        return "a unit has no such number in it"
    return None


class Registry:
    """pint's units, and those that the rules declare: (name, definition), an empty definition being a base unit."""

    def __init__(self, own: Iterable[tuple[str, str]]) -> None:
        self._pint: Any = pint.UnitRegistry()
        taken = set()
        for name, definition in own:
            if name in self._pint:
                taken.add(name)
            elif not strange(definition):
                self._pint.define(f"{name} = {definition or f'{OWN}{name}]'}")
        self.taken = frozenset(taken)        # the names that pint has already

    def answer(self, text: str) -> tuple[Dimension, float]:
        """The dimension of a unit as written, and its factor to SI base units. ValueError with pint's reason."""
        if reason := strange(text):
            raise ValueError(reason)
        written = text.replace("1/", "dimensionless/", 1) if text.startswith("1/") else text
        try:
            parsed = self._pint.parse_units_as_container(written.replace("^", "**"))
            factor = float(self._pint.get_base_units(parsed)[0])
            if not 0 < factor < inf:
                raise OverflowError("its factor to SI units is no finite number")
            return Dimension(self._pint.get_dimensionality(parsed)), factor
        except RecursionError:
            raise ValueError("its definition leads back to itself") from None
        except Exception as error:  # pint raises a dozen kinds, some of them not its own
            raise ValueError(str(error).replace("**", "^")) from None


@lru_cache(maxsize=8)
def registry(own: tuple[tuple[str, str], ...]) -> Registry:
    return Registry(own)
