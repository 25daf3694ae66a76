"""How much of a report a person wants to see."""

from __future__ import annotations

from enum import IntEnum


class Amount(IntEnum):
    QUIET = 0                            # the headline, the first break, the verdict
    USUAL = 1                            # the first screen
    VERBOSE = 2                          # and every clause with its margins
    FULL = 3                             # and every figure; nothing is cut
