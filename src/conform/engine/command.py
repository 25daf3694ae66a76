"""Inputs from the command line: what a side was told, read from the command that its own manifest records.

So it does not depend on what the program made of it: a clause can judge the program's own reading. Flags are spelled
exactly; the last one counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conform.engine.scope import Unavailable
from specs_dsl.spec import Flag, Quantity

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,6})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Command:
    """The words of a command line without the program; None if the trace does not tell them."""

    words: Sequence[str] | None

    def has(self, quantity: Quantity) -> bool:
        return self.last(quantity) is not None

    def word(self, quantity: Quantity) -> str | None:
        """What a choice or a condition was set to; None if nothing sets it."""
        found = self.last(quantity)
        if found is None:
            return None
        flag, after = found
        if flag.meaning is not None:
            return flag.meaning
        if not after:
            raise Unavailable(f"`{flag.text}` is the last word of the command: nothing follows it")
        if after[0] not in quantity.choices:
            raise Unavailable(f"`{flag.text} {after[0]}` in the command: the word is none of {', '.join(quantity.choices)}")
        return after[0]

    def needed(self, quantity: Quantity) -> str:
        """The word that a choice is set to."""
        word = self.word(quantity)
        if word is None:
            raise _absent(quantity)
        return word

    def numbers(self, quantity: Quantity, count: int) -> list[str]:
        """The numbers that follow the flag, as they are written."""
        found = self.last(quantity)
        if found is None:
            raise _absent(quantity)
        flag, after = found
        if len(after) < count:
            raise Unavailable(f"`{flag.text}` in the command is followed by {len(after)} words, and `{quantity.name}` is {count} number{'s' * (count > 1)}")
        form, what = (_WHOLE, "whole number") if quantity.kind == "count" else (_NUMBER, "number")
        for word in after[:count]:
            if not form.fullmatch(word):
                raise Unavailable(f"`{' '.join((flag.text, *after[:count]))}` in the command: `{word}` is no {what}")
            if abs(float(word)) == float("inf"):
                raise Unavailable(f"`{flag.text} {word}` in the command: the number is too large")
        return list(after[:count])

    def last(self, quantity: Quantity) -> tuple[Flag, Sequence[str]] | None:
        """The last flag of an input, the longer of two that begin alike, and what follows it."""
        return next(self._backwards(quantity), None)

    def _backwards(self, quantity: Quantity) -> Iterator[tuple[Flag, Sequence[str]]]:
        if self.words is None:
            raise Unavailable(f"`{quantity.name}` comes from the command line, and the trace does not say with which command it was made")
        longest = sorted(quantity.flags, key=lambda flag: -len(flag.words))
        for at in reversed(range(len(self.words))):
            for flag in longest:
                end = at + len(flag.words)
                if tuple(self.words[at:end]) == flag.words:
                    yield flag, self.words[end:]
                    break


def _absent(quantity: Quantity) -> Unavailable:
    return Unavailable(f"`{quantity.name}` is not given: the command has no {' or '.join(flag.text for flag in quantity.flags)}")
