"""The budget of one element: what was traced, what is required, and which operation of the clause grants how much of the bound.

A bound adds up from the roundings of single operations. The clause is evaluated once for each of them, with that one alone
rounding; what it leaves at the element is its share. `derivation` says the same in symbols, for no element in particular.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import floor, isfinite, log2

import numpy as np

from conform.engine.arithmetic import Arithmetic
from conform.engine.check import arithmetic_of
from conform.engine.compare import Allowance, Compared, compare_values
from conform.engine.confirm import exact_element
from conform.engine.evaluate import Evaluator
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.scope import Env
from conform.engine.tolerances import Profile
from conform.engine.values import Truth, Value
from conform.engine.vectors import Vectors
from conform.errors import UsageProblem
from specs_dsl import syntax as s
from specs_dsl.order import operands as operands_of
from specs_dsl.printer import show
from specs_dsl.spec import Equation


@dataclass(frozen=True, slots=True)
class Share:
    """One operation: how much of the bound it grants, in the target's unit. `clause`: whose right side it stands in."""

    operation: str
    text: str
    clause: str
    amount: float


@dataclass(frozen=True, slots=True)
class Operand:
    """What the side used, at the element; nan where it varies along an axis that the element does not have."""

    name: str
    value: float
    traced: bool


@dataclass(frozen=True, slots=True)
class Budget:
    """`allowed` = slack * bound + last; all in the target's unit. `ulp` of the required value, in the side's precision."""

    equation: Equation
    side: str
    dtype: str
    at: Mapping[str, int]
    traced: float
    required: float
    residual: float
    exact: bool                          # the required value comes from exact arithmetic
    ulp: float
    slack: float
    bound: float
    last: float
    allowed: float
    shares: tuple[Share, ...]            # the largest first
    operands: tuple[Operand, ...]


def budget(equation: Equation, side: Side, profiles: Mapping[str, Profile], place: Mapping[str, int]) -> Budget:
    """Of the element at `place`; of axes that it does not name, where the clause comes closest to its bound.

    UsageProblem if the clause says nothing there.
    """
    math, profile = arithmetic_of(side, profiles, equation)
    strict = Arithmetic(replace(math.precision, evaluator=0.0), math.order)
    tile = place.get(side.tile_axis, 0)
    operands = Operands(side, strict, slice(tile, tile + 1))
    allowance = Allowance(profile.slack_of(equation.clause), math.precision.unit, equation.tolerance)
    compared, value = _compared(equation, operands, allowance)
    index = _chosen(compared, {**place, side.tile_axis: 0})
    exact = exact_element(equation, operands, compared.axes, index)
    required = exact[1] if exact else float(compared.required[index])
    residual = exact[0] if exact else float(compared.residual[index])
    at = {axis: int(i) + (tile if axis == side.tile_axis else 0) for axis, i in zip(compared.axes, index, strict=True)}
    bound, allowed = (float(np.broadcast_to(np.asarray(array), compared.judged.shape)[index])
                      for array in (operands.order.spread(value.bound, value.axes, compared.axes), compared.allowed))
    return Budget(
        equation, side.name, math.precision.dtype, at, float(compared.traced[index]), required, residual, exact is not None,
        _ulp(required, math), allowance.slack, bound, allowed - allowance.slack * bound, allowed,
        tuple(sorted(_shares(equation, operands, strict, compared, index), key=lambda share: -share.amount)),
        tuple(_operands(equation, operands, dict(zip(compared.axes, index, strict=True)))),
    )


def _compared(equation: Equation, operands: Operands, allowance: Allowance) -> tuple[Compared, Value]:
    try:
        with np.errstate(all="ignore"):
            guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
            if not operands.side.has(equation.target):
                raise Unavailable(f"`{equation.target}` is not in the trace")
            left, right = operands.traced(equation.target), operands.right(equation)
            if isinstance(left, Truth) or isinstance(right, Truth):
                raise Unavailable(f"`{equation.target}` is a condition, which has no bound")
            return compare_values(left, right, guard, operands.order, allowance, ()), right
    except Unavailable as reason:
        raise UsageProblem(f"{equation.clause} cannot be evaluated on {operands.side.name}: {reason}") from None


def _chosen(compared: Compared, place: Mapping[str, int]) -> tuple[int, ...]:
    """The element that is closest to its bound, of those that `place` leaves open."""
    open_here = np.full(compared.judged.shape, True)
    for i, axis in enumerate(compared.axes):
        if axis in place:
            indices = np.arange(compared.judged.shape[i]).reshape([-1 if j == i else 1 for j in range(len(compared.axes))])
            open_here = open_here & (indices == place[axis])
    spoken = open_here & compared.guard & ~compared.unset
    if not spoken.any():
        raise UsageProblem("the clause says nothing there: its guard is false, or the program never came to it", "leave out an axis of --at, and the element that comes closest to its bound is shown")
    ratio = np.where(np.isnan(compared.ratio), np.inf, compared.ratio)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(np.where(spoken, ratio, -1.0))), ratio.shape))


def _ulp(value: float, math: Arithmetic) -> float:
    size = abs(value)
    return 2 * math.precision.unit * 2.0 ** floor(log2(size)) if size > 0 and isfinite(size) else math.precision.tiny


def _operands(equation: Equation, operands: Operands, index: Mapping[str, int]) -> Iterator[Operand]:
    quantities = operands.spec.quantities
    for name in sorted(operands_of(equation.right, quantities), key=list(quantities).index):
        found = operands.known(name)
        if found is not None:
            yield Operand(name, _at(found, index), operands.side.has(name) or quantities[name].role == "const")


def _at(part: Value | Truth, index: Mapping[str, int]) -> float:
    """An element, where it is one."""
    if any(axis not in index and part.data.shape[i] > 1 for i, axis in enumerate(part.axes)):
        return float("nan")
    return float(part.data[tuple(min(index.get(axis, 0), part.data.shape[i] - 1) for i, axis in enumerate(part.axes))])


# --- the share of one operation --------------------------------------------------------------------------------------


class Single(Evaluator):
    """Lets one operation round and no other. `mine` says of the identity of a node whether it is the one."""

    def __init__(self, scope: Operands, loud: Arithmetic, quiet: Arithmetic, known: frozenset[int], mine: int) -> None:
        super().__init__(scope, quiet)
        self._loud, self._quiet, self._known, self._mine, self._around = loud, quiet, known, mine, 0

    @property
    def vectors(self) -> Vectors:  # type: ignore[override]
        return Vectors(self.math, self.scope.vector_axis())

    def number(self, node: s.Expr, env: Env = {}) -> Value:
        """A fold makes nodes of its own while it turns: they count as the fold."""
        owner = id(node) if id(node) in self._known else self._around
        before, around = self.math, self._around
        self.math = self._loud if owner == self._mine else self._quiet
        self._around = owner if isinstance(node, s.Fold) else around
        try:
            return super().number(node, env)
        finally:
            self.math, self._around = before, around


def _shares(equation: Equation, operands: Operands, loud: Arithmetic, compared: Compared, index: tuple[int, ...]) -> Iterator[Share]:
    none = {name: 0.0 for name in loud.precision.ulps}
    quiet = Arithmetic(replace(loud.precision, unit=0.0, tiny=0.0, ulps=none), loud.order)
    nodes = {id(node): (node, clause) for clause, right in _rights(equation, operands) for node in s.walk(right)}

    def amount(mine: int) -> float:
        scope = Operands(operands.side, quiet, operands.tile)
        scope.evaluator = Single(scope, loud, quiet, frozenset(nodes), mine)
        with np.errstate(all="ignore"):
            found = scope.right(equation)
        assert isinstance(found, Value)
        spread = operands.order.spread(found.bound, found.axes, compared.axes)
        return float(np.broadcast_to(np.asarray(spread), compared.judged.shape)[index])

    brought = amount(0)                  # by operands whose unit was converted, or that were printed
    if brought > 0:
        yield Share("operands", "that were converted from another unit", equation.clause, brought)
    for key, (node, clause) in nodes.items():
        share = amount(key) - brought
        if share > 0:
            yield Share(_operation(node), show(node), clause, share)


def _rights(equation: Equation, operands: Operands) -> Iterator[tuple[str, s.Expr]]:
    """The clause, and the definitions that stand in for what the side did not trace."""
    seen: set[str] = set()
    waiting = [equation]
    while waiting:
        one = waiting.pop()
        yield one.clause, one.right
        for name in operands_of(one.right, operands.spec.quantities) - seen:
            seen.add(name)
            if not operands.side.has(name):
                waiting += operands.spec.definitions.get(name, ())


def _operation(node: s.Expr) -> str:
    match node:
        case s.Binary(op):
            return {"*": "product", "/": "quotient", "^": "power", "+": "sum", "-": "difference"}[op]
        case s.Reduce(op):
            return op
        case s.Number() | s.Name():
            return "number"
        case s.Call(name):
            return name
    return type(node).__name__.lower()
