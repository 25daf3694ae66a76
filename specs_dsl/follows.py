"""Which mistakes only follow from text that could not be read: they would send a reader to lines that are right.

Where an item is broken, the names that stand in it may have been declared by it; where an include is missing, any may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from specs_dsl import mistakes as m
from specs_dsl.diagnostics import Diagnostic
from specs_dsl.parser import MOST_MISTAKES, item_around


def without_consequences(found: Iterable[Diagnostic], reading: list[Diagnostic]) -> list[Diagnostic]:
    """`found` without what may follow from the mistakes made in `reading`."""
    unread = [item for item in reading if isinstance(item, m.SyntaxMistake | m.UnreadableText | m.NestedTooDeeply)]
    lost = {word for item in unread for word in re.findall(r"\w+", item_around(item.span))}
    everything = len(unread) >= MOST_MISTAKES or any(isinstance(item, m.CannotInclude) for item in reading)
    return [item for item in found if not (_names(item) and (everything or _names(item) & lost))]


def _names(item: Diagnostic) -> set[str]:
    """What a mistake says is missing; nothing if it says something else."""
    match item:
        case m.UnknownName(_, name) | m.UnknownFunction(_, name) | m.UnknownAxis(_, name):
            return {name}
        case m.UnknownUnit(_, unit):
            return set(re.findall(r"\w+", unit))
        case m.NoSpec():
            return {"spec"}
    return set()
