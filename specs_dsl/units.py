"""Dimensions of units, by pint. We write no unit algebra of our own: a dimension is pint's container, multiplied by pint.

Loaded only where units are checked or converted: pint takes a quarter of a second to import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from math import inf
from typing import Any

import pint
from pint.util import UnitsContainer

Dimension = UnitsContainer
PURE: Dimension = UnitsContainer()


_LONGEST = 200           # characters of a unit
_OWN = "[own_"           # before the dimension of a declared unit: `unit time` is not the dimension of seconds


@lru_cache(maxsize=8)
def _registry(own: tuple[tuple[str, str], ...]) -> tuple[pint.UnitRegistry, frozenset[str]]:
    """pint's registry with the units of the rules, and the names among them that pint has already."""
    registry: Any = pint.UnitRegistry()
    taken = set()
    for name, definition in own:
        if name in registry:
            taken.add(name)
        elif not _strange(definition):
            registry.define(f"{name} = {definition or f'{_OWN}{name}]'}")
    return registry, frozenset(taken)


def _strange(text: str) -> str | None:
    """Why pint shall not see this text: a power that is a number of a million digits keeps it busy for ever."""
    if len(text) > _LONGEST:
        return f"it has more than {_LONGEST} characters"
    if any(not re.fullmatch(r"-?[1-9][0-9]?", power) for power in re.findall(r"\^(-?[0-9]+)", text)):
        return "powers of units go from 1 to 99"
    if re.search(r"[0-9]{10}", text) or re.search(r"[0-9]\^", text):
        return "a unit has no such number in it"
    return None


class Units:
    """pint's units and those that the rules declare. `own` maps a name to its definition; empty: a base unit."""

    def __init__(self, own: Mapping[str, str]) -> None:
        self._own = own
        self._registry, self.taken = _registry(tuple(own.items()))

    def flaw(self, name: str) -> str | None:
        """What is wrong with the definition of a declared unit."""
        try:
            return _strange(self._own[name]) or (self.dimension(name) and None)
        except ValueError as error:
            return str(error)

    def dimension(self, text: str) -> Dimension:
        """The dimension of a unit as written; "1" is a pure number. Raises ValueError with pint's reason."""
        return self._registry.get_dimensionality(self._parsed(text))

    def factor(self, text: str) -> float:
        """What a value in this unit is multiplied by to be in SI base units (1.0 for "m", 0.001 for "mm")."""
        magnitude, _ = self._registry.get_base_units(self._parsed(text))
        return float(magnitude)

    def spelled(self, dimension: Dimension) -> str:
        """A dimension in words a reader knows: "photon/m^2", "1"."""
        above = [self._symbol(name, power) for name, power in dimension.items() if power > 0]
        below = [self._symbol(name, -power) for name, power in dimension.items() if power < 0]
        return ("*".join(above) or "1") + "".join(f"/{item}" for item in below)

    def _symbol(self, name: str, power: float) -> str:
        if name.startswith(_OWN):
            name = name.removeprefix(_OWN)
        base = {"[length]": "m", "[time]": "s", "[mass]": "kg", "[current]": "A", "[temperature]": "K",
                "[substance]": "mol", "[luminosity]": "cd"}.get(name, name.strip("[]"))
        return base if power == 1 else f"{base}^{int(power) if float(power).is_integer() else power}"

    @lru_cache(maxsize=256)  # noqa: B019 - a Units lives as long as its spec
    def _parsed(self, text: str) -> UnitsContainer:
        if text in ("", "1"):
            return PURE
        if reason := _strange(text):
            raise ValueError(reason)
        try:
            parsed = self._registry.parse_units_as_container(text.replace("^", "**").replace("1/", "dimensionless/", 1)
                                                             if text.startswith("1/") else text.replace("^", "**"))
            factor, _ = self._registry.get_base_units(parsed)
            if not 0 < float(factor) < inf:
                raise OverflowError("its factor to SI units is no finite number")
        except RecursionError:
            raise ValueError("its definition leads back to itself") from None
        except Exception as error:  # pint raises a dozen kinds, some of them not its own
            raise ValueError(str(error).replace("**", "^")) from None
        return parsed
