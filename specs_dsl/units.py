"""Dimensions of units, by pint. We write no unit algebra of our own: a dimension is pint's container, multiplied by pint.

Loaded only where units are checked or converted: pint takes a quarter of a second to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pint
from pint.util import UnitsContainer

Dimension = UnitsContainer
PURE: Dimension = UnitsContainer()


@lru_cache(maxsize=8)
def _registry(own: tuple[tuple[str, str], ...]) -> pint.UnitRegistry:
    registry: Any = pint.UnitRegistry(on_redefinition="ignore")
    for name, definition in own:
        registry.define(f"{name} = {definition}")
    return registry


class Units:
    """pint's units and those that the rules declare. `own` maps a name to its definition; empty: a base unit."""

    def __init__(self, own: Mapping[str, str]) -> None:
        self._registry = _registry(tuple((name, text or f"[{name}]") for name, text in own.items()))

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
        base = {"[length]": "m", "[time]": "s", "[mass]": "kg", "[current]": "A", "[temperature]": "K",
                "[substance]": "mol", "[luminosity]": "cd"}.get(name, name.strip("[]"))
        return base if power == 1 else f"{base}^{int(power) if float(power).is_integer() else power}"

    @lru_cache(maxsize=256)  # noqa: B019 - a Units lives as long as its spec
    def _parsed(self, text: str) -> UnitsContainer:
        if text in ("", "1"):
            return PURE
        try:
            parsed = self._registry.parse_units_as_container(text.replace("^", "**").replace("1/", "dimensionless/", 1)
                                                             if text.startswith("1/") else text.replace("^", "**"))
            self._registry.get_base_units(parsed)
        except Exception as error:  # pint raises a dozen kinds, some of them not its own
            raise ValueError(str(error).replace("**", "^")) from None
        return parsed
