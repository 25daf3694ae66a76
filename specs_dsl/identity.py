"""What a clause says, as a short hash: it changes with its quotes, equations, guards and tolerances, and not with layout.

A `let` counts as what it unfolds to; the title and comments do not count.
"""

from __future__ import annotations

import hashlib

from specs_dsl.printer import show
from specs_dsl.spec import Clause, Equation, Requirement

_DIGITS = 16


def identity(clause: Clause) -> str:
    """Sixteen hexadecimal digits."""
    lines = [*clause.quotes, *(_line(part) for part in clause.statements)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:_DIGITS]


def _line(part: Equation | Requirement) -> str:
    says = f"{part.target} = {show(part.right)}" if isinstance(part, Equation) else f"require {show(part.condition)}"
    guard = f" when {show(part.guard)}" if part.guard is not None else ""
    tolerance = f" within {part.tolerance.amount.text} {part.tolerance.kind}" if part.tolerance is not None else ""
    return says + guard + tolerance
