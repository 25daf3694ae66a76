"""The command line: how an argument is matched to flags, and what numbers are read from it. The flags are in `flags`.

A flag matches when its word occurs anywhere in an argument that begins with `-`, as in the original, so that `-matrix`
is `-mat`; some words must match exactly. Values are not skipped: a negative number matches nothing. Unknown flags are
ignored, as in the original.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch_model.parameters import Parameters

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?)")
_INTEGER = re.compile(r"\s*[-+]?\d+")


def number(text: str) -> float:
    """The longest numeric prefix, else 0: what C's atof makes of it."""
    found = _NUMBER.match(text)
    return float(found[0]) if found else 0.0


def integer(text: str) -> int:
    """The longest prefix that is an integer, else 0: what C's atoi makes of it."""
    found = _INTEGER.match(text)
    return int(found[0]) if found else 0


@dataclass(frozen=True, slots=True)
class Flag:
    """A word, how many values it needs, and what it does with them.

    `exact`: the whole argument must be the word. `ends`: no other flag may match this argument. `unless`: a longer word that
    is not this flag. A count of -1 hands over all that follows; an act that returns True ends as `ends` does.
    """

    word: str
    count: int
    act: Callable[..., bool | None]
    exact: bool = False
    ends: bool = False
    unless: str = "\0"

    def matches(self, argument: str) -> bool:
        return argument == self.word if self.exact else self.word in argument and self.unless not in argument


def scan(arguments: Sequence[str], parameters: Parameters | None = None) -> Parameters:
    """Read the flags from left to right; a later one overwrites an earlier one. Raises Refusal."""
    from torch_model.flags import FLAGS               # it is made of what stands above

    parameters = parameters or Parameters()
    for i, argument in enumerate(arguments):
        if not argument.startswith("-"):
            continue
        for flag in FLAGS:
            if flag.matches(argument) and i + flag.count < len(arguments):
                values = arguments[i + 1:] if flag.count < 0 else arguments[i + 1:i + 1 + flag.count]
                if flag.act(parameters, *values) or flag.ends:
                    break
    return parameters
