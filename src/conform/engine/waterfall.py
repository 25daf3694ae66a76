"""The waterfall: what each break makes of the final values, as a factor; their product is all that the breaks explain.

The breaks of a side are repaired one after another in graph order, each time with everything downstream computed again. The
ratio of the final values before and after a repair is the factor of that break: at one element, and of the sums over all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, nan

import numpy as np

from conform.engine.check import arithmetic_of, tiles
from conform.engine.operands import Side, Unavailable
from conform.engine.rework import Rework, downstream
from conform.engine.tolerances import Profile
from conform.engine.values import Value

MOST = 12                                # breaks of a side that are told apart


@dataclass(frozen=True, slots=True)
class Step:
    """One break. `factor`: final values with it over those without, summed over the image; `at_element`: at the one element.

    `weight`: the mean |log(factor)| over the elements, each counted with its value; `share` is that of all weights.
    """

    clauses: tuple[str, ...]
    side: str
    target: str
    factor: float
    at_element: float
    weight: float
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Of the sides' final quantity. `ratio`: of two sides, as traced; `left`: what of it no break explains."""

    quantity: str
    sides: tuple[str, ...]
    element: int
    steps: tuple[Step, ...]
    ratio: float = nan
    ratio_at: float = nan
    left: float = nan
    left_at: float = nan

    @property
    def largest(self) -> Step | None:
        """The break with the largest share, if the breaks change the final values at all."""
        return max(self.steps, key=lambda step: step.share, default=None) if any(step.share > 0 for step in self.steps) else None


Broken = Mapping[str, tuple[str, ...]]   # quantity -> the clauses that it breaks, in graph order


def waterfall(sides: Sequence[Side], broken: Mapping[str, Broken], profiles: Mapping[str, Profile], final: str, element: int) -> Waterfall | None:
    """`broken` of each side. None where no side can show the final quantity."""
    chains = {side.name: _chain(side, tuple(broken.get(side.name, {}))[:MOST], profiles, final) for side in sides if side.has(final)}
    chains = {name: chain for name, chain in chains.items() if chain}
    if not chains or not any(len(chain) > 1 for chain in chains.values()):
        return None
    steps = [step for name, chain in chains.items() for step in _steps(name, broken.get(name, {}), chain, element)]
    total = sum(step.weight for step in steps)
    shared = tuple(_with_share(step, total) for step in steps)
    ratio = ratio_at = left = left_at = nan
    if len(chains) == 2:
        one, other = chains.values()
        if one[0].shape == other[0].shape:
            ratio, ratio_at = _sums(one[0], other[0]), _at(one[0], other[0], element)
            left, left_at = _sums(one[-1], other[-1]), _at(one[-1], other[-1], element)
    return Waterfall(final, tuple(chains), element, shared, ratio, ratio_at, left, left_at)


def _with_share(step: Step, total: float) -> Step:
    from dataclasses import replace

    return replace(step, share=step.weight / total if 0 < total < inf else 0.0)


def _chain(side: Side, targets: Sequence[str], profiles: Mapping[str, Profile], final: str) -> list[np.ndarray]:
    """The final values as traced, then with the first break repaired, the first two, and so on."""
    relevant = [name for name in targets if name == final or final in downstream(side.spec, name)]
    states = [Rework(side, frozenset(targets), frozenset(relevant[:i])) for i in range(len(relevant) + 1)]
    found = [_values(state, profiles, final) for state in states]
    return [] if any(values is None for values in found) else _all_steps(found, targets, relevant)  # type: ignore[arg-type]


def _all_steps(found: list[np.ndarray], targets: Sequence[str], relevant: Sequence[str]) -> list[np.ndarray]:
    """A break from which the final values do not follow changes nothing: the same values again."""
    result, i = [found[0]], 0
    for name in targets:
        i += name in relevant
        result.append(found[i])
    return result


def _values(state: Rework, profiles: Mapping[str, Profile], final: str) -> np.ndarray | None:
    math, _ = arithmetic_of(state.side, profiles)
    parts = []
    for tile in tiles(state.side):
        try:
            with np.errstate(all="ignore"):
                value = state.operands(math, tile).resolve(final)
        except Unavailable:
            return None
        if not isinstance(value, Value) or value.axes not in ((), (state.side.tile_axis,)):
            return None
        gone = np.broadcast_to(False if value.missing is None else value.missing, value.data.shape)
        parts.append(np.where(gone, nan, value.data).reshape(-1))
    return np.concatenate(parts)


def _steps(side: str, broken: Broken, chain: Sequence[np.ndarray], element: int) -> list[Step]:
    return [
        Step(broken[name], side, name, _sums(before, after), _at(before, after, element), _weight(before, after))
        for name, before, after in zip(broken, chain, chain[1:], strict=False)
    ]


def _sums(before: np.ndarray, after: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        return float(np.nansum(before) / np.nansum(after))


def _at(before: np.ndarray, after: np.ndarray, element: int) -> float:
    i = min(element, len(before) - 1)
    with np.errstate(all="ignore"):
        return float(before[i] / after[i])


def _weight(before: np.ndarray, after: np.ndarray) -> float:
    """The mean |log ratio|, each element counted with its value; an element that is not a number before or after counts as e."""
    size = sum(np.nan_to_num(np.abs(values), posinf=0.0) for values in (before, after)) / 2
    if not size.sum():
        return 0.0 if np.array_equal(before, after, equal_nan=True) else 1.0
    with np.errstate(all="ignore"):
        logs = np.abs(np.log(np.abs(before) / np.abs(after)))
    same = before == after
    return float((np.where(same, 0.0, np.minimum(np.nan_to_num(logs, nan=1.0, posinf=50.0), 50.0)) * size).sum() / size.sum())
