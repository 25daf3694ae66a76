"""The command line of a run beside the one that is judged: inputs that it is given instead, words that are added.

What changes stands where it stood, so that flags keep their order; what was not given comes last.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from conform.engine.arithmetic import Arithmetic
from conform.engine.command import Command
from conform.engine.operands import Operands, Side
from conform.engine.scope import Unavailable
from conform.engine.values import Order
from conform.errors import UsageProblem
from conform.trace.bundle import Bundle
from conform.trace.manifest import Manifest, Producer
from specs_dsl import syntax as s
from specs_dsl.spec import Quantity, Rerun, Spec


def command_of(rerun: Rerun, words: Sequence[str], spec: Spec, math: Arithmetic) -> list[str]:
    """The words of the other run; UsageProblem if it needs a flag that the command at hand does not have."""
    found = list(words)
    for name, value in rerun.changes:
        if value is None:
            found += name.split()
            continue
        quantity = spec.quantities[name]
        try:
            found = _replaced(quantity, _told(quantity, value, words, spec, math), found)
        except Unavailable as reason:
            raise UsageProblem(f"{rerun.span.where}: the run `{rerun.name}` cannot be told its `{name}`: {reason}", "give the flag in the run file, or a value that needs none") from None
    return found


def _told(quantity: Quantity, value: s.Expr, words: Sequence[str], spec: Spec, math: Arithmetic) -> list[str]:
    """What stands for a value on a command line."""
    if quantity.kind in ("flag", "choice"):
        assert isinstance(value, s.Name)
        return [value.text]
    manifest = Manifest(side="", producer=Producer(program="", dtype="float64"), axes={}, quantities={}, command=tuple(words), inputs={})
    side = Side("", Bundle(Path(), manifest), spec, Order(spec.axes))
    found = Operands(side, math, slice(0, 0)).evaluator.number(value)
    count = len(spec.axes[quantity.axes[0]].labels) if quantity.axes else 1
    numbers = np.broadcast_to(found.data, (count,)) / quantity.factor
    if not np.isfinite(numbers).all():
        raise Unavailable("it is no finite number")
    return [f"{number:.0f}" if quantity.kind == "count" else f"{number:.15g}" for number in numbers]


def _replaced(quantity: Quantity, told: list[str], words: list[str]) -> list[str]:
    """The command with the last flag of an input saying something else."""
    last = Command(words).last(quantity)
    new = _flagged(quantity, told)
    if last is None:
        return words + new
    flag, after = last
    start = len(words) - len(after) - len(flag.words)
    follows = 0 if flag.meaning is not None else len(told)
    return words[:start] + new + list(after[follows:])


def _flagged(quantity: Quantity, told: list[str]) -> list[str]:
    """The first flag that can say it, with what follows."""
    for flag in quantity.flags:
        if flag.meaning is None:
            return [*flag.words, *told]
        if flag.meaning == told[0]:
            return list(flag.words)
    if told == ["off"]:
        return []
    raise Unavailable(f"no flag of it means {told[0]}")
