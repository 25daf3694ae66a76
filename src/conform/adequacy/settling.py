"""What shows on no run: a mistake that lived, or none at all?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import prod

from conform.adequacy.equivalent import Worlds
from conform.adequacy.forked import answered
from conform.adequacy.mutate import Fate, Skipped, Tried, told_apart
from conform.engine.check import arithmetic_of
from conform.engine.operands import Side
from conform.engine.tolerances import Profile


def settled(found: Sequence[Tried | Skipped], sides: Sequence[Side], profiles: Mapping[str, Profile], jobs: int = 1, tick: Callable[[], None] = lambda: None) -> list[Tried | Skipped]:
    """The same, with what shows on no run looked into: is it a mistake at all? The smallest side on which that can be told tells it.
    `jobs`: statements at a time."""
    worlds = [Worlds(side, arithmetic_of(side, profiles)[0]) for side in sorted(sides, key=_elements)]
    unseen: dict[tuple[str, int], list[int]] = defaultdict(list)
    for n, one in enumerate(found):
        if isinstance(one, Tried) and one.fate is Fate.UNSEEN:
            unseen[one.clause, one.case].append(n)
    places, result = list(unseen), list(found)
    for i, answers in answered(lambda *place: _none(place, [found[n].text for n in unseen[place]], worlds), places, jobs):  # type: ignore[union-attr]
        for n, is_none in zip(unseen[places[i]], answers, strict=True):
            result[n] = replace(result[n], fate=Fate.EQUIVALENT) if is_none else result[n]  # type: ignore[call-arg]
            tick()
    return result


def _none(place: tuple[str, int], texts: Sequence[str], worlds: Sequence[Worlds]) -> list[bool]:
    """Which of these mistakes of one statement are none."""
    told: dict[str, bool] = {}
    for world in worlds:
        equation = world.side.spec.by_id[place[0]].equations[place[1]]
        left = set(texts) - set(told)
        for variant in told_apart(equation, world.side) if left else ():
            answer = world.same(variant, equation, place) if variant.text in left else None
            if answer is not None:
                told[variant.text] = answer
    return [told.get(text, False) for text in texts]


def _elements(side: Side) -> int:
    """Of all loops together."""
    return prod(axis.size for axis in side.bundle.manifest.axes.values())
