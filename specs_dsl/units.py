"""Dimensions of units and their factors, by pint. What it said once is kept for the next run: pint itself is loaded for what is new."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from specs_dsl import kept
from specs_dsl.dimension import OWN, PURE, Dimension

if TYPE_CHECKING:
    from specs_dsl.registry import Registry

Own = tuple[tuple[str, str], ...]
_MOST = 1000             # texts that are kept of one set of declared units


class Units:
    """pint's units and those that the rules declare. `own` maps a name to its definition; empty: a base unit."""

    def __init__(self, own: Mapping[str, str]) -> None:
        self._own = own
        self._answers = _answers(tuple(own.items()))

    @property
    def taken(self) -> frozenset[str]:
        """The declared names that pint has already."""
        return self._answers.taken

    def flaw(self, name: str) -> str | None:
        """What is wrong with the definition of a declared unit."""
        try:
            self.dimension(name)
        except ValueError as error:
            from specs_dsl.registry import strange

            return strange(self._own[name]) or str(error)
        return None

    def dimension(self, text: str) -> Dimension:
        """The dimension of a unit as written; "1" is a pure number. Raises ValueError with pint's reason."""
        return self._answers.of(text)[0]

    def factor(self, text: str) -> float:
        """What a value in this unit is multiplied by to be in SI base units (1.0 for "m", 0.001 for "mm")."""
        return self._answers.of(text)[1]

    def keep(self) -> None:
        """What was asked is known the next time."""
        self._answers.keep()

    def spelled(self, dimension: Dimension) -> str:
        """A dimension in words a reader knows: "photon/m^2", "1"."""
        above = [_symbol(name, power) for name, power in dimension.items() if power > 0]
        below = [_symbol(name, -power) for name, power in dimension.items() if power < 0]
        return ("*".join(above) or "1") + "".join(f"/{item}" for item in below)


def _symbol(name: str, power: float) -> str:
    name = name.removeprefix(OWN)
    base = {"[length]": "m", "[time]": "s", "[mass]": "kg", "[current]": "A", "[temperature]": "K",
            "[substance]": "mol", "[luminosity]": "cd"}.get(name, name.strip("[]"))
    return base if power == 1 else f"{base}^{int(power) if float(power).is_integer() else power}"


class _Answers:
    """What pint says with one set of declared units; whatever it refuses, it is asked again."""

    def __init__(self, own: Own) -> None:
        self._own = own
        self._place = f"units-{kept.key(version('pint'), _sources(), own)}.json"
        self._known: dict[str, tuple[Dimension, float]] = {"": (PURE, 1.0), "1": (PURE, 1.0)}
        self._taken: frozenset[str] | None = None
        self._new = False
        if (content := kept.recall(self._place)) is not None:
            said = json.loads(content)
            self._taken = frozenset(said["taken"])
            self._known |= {text: (Dimension(powers), factor) for text, (powers, factor) in said["known"].items()}

    @property
    def _registry(self) -> Registry:
        from specs_dsl.registry import registry

        return registry(self._own)

    @property
    def taken(self) -> frozenset[str]:
        if self._taken is None:
            self._taken, self._new = self._registry.taken, True
        return self._taken

    def of(self, text: str) -> tuple[Dimension, float]:
        if text not in self._known:
            self._known[text], self._new = self._registry.answer(text), True
        return self._known[text]

    def keep(self) -> None:
        if self._new and len(self._known) <= _MOST:
            said = {"taken": sorted(self.taken), "known": {text: (dict(dimension.items()), factor) for text, (dimension, factor) in self._known.items()}}
            kept.keep(self._place, json.dumps(said).encode())
            self._new = False


_answers = lru_cache(maxsize=8)(_Answers)


@lru_cache(maxsize=1)
def _sources() -> tuple[str, ...]:
    """How pint is asked is part of its answer."""
    return tuple(Path(__file__).with_name(name).read_text("utf-8") for name in ("units.py", "registry.py", "dimension.py"))
