"""The dimension of a value: powers of base dimensions, as pint names them. Nothing here knows a unit, and nothing loads pint."""

from __future__ import annotations

from collections.abc import ItemsView, Mapping


class Dimension:
    """`{"[length]": 1, "[time]": -2}`; a pure number has none. Immutable, equal by its powers."""

    __slots__ = ("_powers",)

    def __init__(self, powers: Mapping[str, float]) -> None:
        self._powers = {name: power for name, power in powers.items() if power != 0}

    def items(self) -> ItemsView[str, float]:
        return self._powers.items()

    def __mul__(self, other: Dimension) -> Dimension:
        return Dimension({**self._powers, **{name: self._powers.get(name, 0) + power for name, power in other.items()}})

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other**-1

    def __pow__(self, exponent: float) -> Dimension:
        return Dimension({name: power * exponent for name, power in self._powers.items()})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dimension) and self._powers == other._powers

    def __hash__(self) -> int:
        return hash(frozenset(self._powers.items()))

    def __repr__(self) -> str:
        return f"Dimension({self._powers})"


PURE = Dimension({})
OWN = "[own_"            # before the dimension of a declared unit: `unit time` is not the dimension of seconds
