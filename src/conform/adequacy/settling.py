"""What shows on no run: a mistake that lived, or none at all?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import prod

from conform.adequacy.equivalent import Worlds
from conform.adequacy.mutate import Fate, Skipped, Tried, told_apart
from conform.engine.check import arithmetic_of
from conform.engine.operands import Side
from conform.engine.tolerances import Profile
from conform.engine.variants import Variant


def settled(found: Sequence[Tried | Skipped], sides: Sequence[Side], profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None) -> list[Tried | Skipped]:
    """The same, with what shows on no run looked into: is it a mistake at all? The smallest side on which that can be told tells it."""
    worlds = [Worlds(side, arithmetic_of(side, profiles)[0]) for side in sorted(sides, key=_elements)]
    known: dict[tuple[str, int, int], dict[str, Variant]] = {}

    def is_none(one: Tried) -> bool:
        for i, world in enumerate(worlds):
            equation, place = world.side.spec.by_id[one.clause].equations[one.case], (one.clause, one.case)
            if (*place, i) not in known:
                known[*place, i] = {variant.text: variant for variant in told_apart(equation, world.side)}
            variant = known[*place, i].get(one.text)
            told = None if variant is None else world.same(variant, equation, place)
            if told is not None:
                return told
        return False

    settled = []
    for one in found:
        if isinstance(one, Tried) and one.fate is Fate.UNSEEN:
            one = replace(one, fate=Fate.EQUIVALENT) if is_none(one) else one
            tick()
        settled.append(one)
    return settled


def _elements(side: Side) -> int:
    """Of all loops together."""
    return prod(axis.size for axis in side.bundle.manifest.axes.values())
