"""Quantities by name, as tensors: the values in use, with their graph where they have one."""
from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from torch_model.errors import Refusal
from torch_model.quantities import UNITS
from torch_model.trace import Probes


class Collector(Probes):
    """Keeps the values of the quantities that were asked for; `result` puts tiles and loops together."""

    active = True

    def __init__(self, names: Sequence[str]) -> None:
        unknown = [name for name in names if name not in UNITS]
        if unknown:
            raise Refusal(f"no quantity is called {', '.join(unknown)}; known are {', '.join(sorted(UNITS))}")
        self.loops: dict[str, int] = {}
        self.tile: tuple[int, int] = (0, 0)
        self.mask: Tensor | None = None
        self.kept: dict[str, dict[tuple[int, ...], list[Tensor]]] = {name: {} for name in names}
        self.axes: dict[str, tuple[str, ...]] = {}
        self.told: dict[str, dict[str, Any]] = {}           # of each: labels, the first index on an axis, the line that handed it over
        self.marks: dict[str, dict[tuple[int, ...], list[Tensor]]] = {}       # where it has no value, of those that say so

    def at(self, **place: object) -> None:
        if "rows" in place:
            self.mask = place.get("mask")
        else:
            self.loops.update(place)

    def put(self, name: str, value: object, *axes: str, labels: Sequence[str] | None = None, first: Mapping[str, int] | None = None,
            unset: Tensor | None = None, **more: object) -> None:
        if name not in self.kept:
            return
        value, line = torch.as_tensor(value), sys._getframe(1)
        self.told[name] = {"labels": labels, "first": first or {}, "source": f"{Path(line.f_code.co_filename).name}:{line.f_lineno}"}
        loops = axes[:len(axes) - value.dim()]
        marks = None if unset is None else unset.expand(value.shape)
        if "pixel" in axes and self.mask is not None:
            value, marks = (part if part is None else part[..., self.mask] for part in (value, marks))
        self.axes[name] = (*loops, *(axis for axis in axes[len(loops):] if axis != "pixel")) if "pixel" not in axes else axes
        place = tuple(self.loops[axis] for axis in loops)
        values = self.kept[name].setdefault(place, [])
        if "pixel" in axes or not values:           # what does not depend on the pixel is the same in every tile
            values.append(value)
            if marks is not None:
                self.marks.setdefault(name, {}).setdefault(place, []).append(marks)

    def result(self) -> dict[str, Tensor]:
        """Name to tensor: the pixel axis first, if there is one, then the loops from outside in, then the components."""
        return {name: self._one(name, places) for name, places in self.kept.items() if places}

    def unset(self, name: str) -> Tensor | None:
        """Where a quantity has no value, as `result` has it; None if it has one everywhere."""
        return self._one(name, self.marks[name]) if name in self.marks else None

    def _one(self, name: str, places: dict[tuple[int, ...], list[Tensor]]) -> Tensor:
        pixel = "pixel" in self.axes[name]
        parts = {place: torch.cat(values, -1) if pixel else values[0] for place, values in places.items()}
        while () not in parts:                      # stack along the innermost loop that is left
            outer = sorted({place[:-1] for place in parts})
            parts = {place: torch.stack([parts[one] for one in sorted(parts) if one[:-1] == place]) for place in outer}
        return parts[()].movedim(-1, 0) if pixel else parts[()]
