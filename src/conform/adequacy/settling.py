"""What shows on no run: a mistake that lived, or none at all?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from conform.adequacy.equivalent import Worlds
from conform.adequacy.mutate import Fate, Skipped, Tried, told_apart
from conform.engine.check import arithmetic_of
from conform.engine.operands import Side
from conform.engine.tolerances import Profile


def settled(found: Sequence[Tried | Skipped], sides: Sequence[Side], profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None) -> list[Tried | Skipped]:
    """The same, with what shows on no run looked into: is it a mistake at all?"""
    worlds = [Worlds(side, arithmetic_of(side, profiles)[0]) for side in sides]
    settled = []
    for one in found:
        if isinstance(one, Tried) and one.fate is Fate.UNSEEN:
            one = replace(one, fate=Fate.EQUIVALENT) if _is_none(one, worlds) else one
            tick()
        settled.append(one)
    return settled


def _is_none(one: Tried, worlds: Sequence[Worlds]) -> bool:
    """The first side on which that can be told tells it."""
    for world in worlds:
        equation = world.side.spec.by_id[one.clause].equations[one.case]
        variant = next((variant for variant in told_apart(equation, world.side) if variant.text == one.text), None)
        told = None if variant is None else world.same(variant, equation, (one.clause, one.case))
        if told is not None:
            return told
    return False
