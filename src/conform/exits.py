"""The exit statuses of every command, as the README lists them."""

from __future__ import annotations

from typing import Literal

CONFORMS: Literal[0] = 0
BREAKS: Literal[1] = 1
WRONG = 2                # the spec, the run, the rules or the command line
OPEN: Literal[3] = 3     # nothing breaks, but something that was meant to be judged, or placed, could not be
NOT_RUN = 4              # a side could not be built or executed, or its trace not be kept
INTERRUPTED = 130        # by Ctrl-C; typer ends so, too
TERMINATED = 143

Verdict = Literal[0, 1, 3]
WORST_FIRST: tuple[Verdict, ...] = (BREAKS, OPEN, CONFORMS)


def verdict(breaks: object, left_open: object) -> Verdict:
    """Whether anything breaks, and else whether anything is left open."""
    return BREAKS if breaks else OPEN if left_open else CONFORMS
