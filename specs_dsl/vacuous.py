"""Statements that judge nothing, found before any trace exists: requirements that cannot break or cannot hold, guards that are never true, and
written tolerances that the arithmetic makes senseless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from specs_dsl import mistakes as m
from specs_dsl.diagnostics import Diagnostic
from specs_dsl.guards import TooMany, answers
from specs_dsl.spec import Clause, Equation, Quantity, Requirement
from specs_dsl.syntax import Binary, Call, Compare, Expr, Name, Negative, Number, Tolerance

DOUBLE, SINGLE = 2.0**-53, 2.0**-24      # unit roundoffs: no program is held to more, none of those that we know to less
LOOSE = 1000                             # times what single precision may lose


def vacuous(clauses: Iterable[Clause], quantities: Mapping[str, Quantity]) -> Iterator[Diagnostic]:
    """What of these statements says nothing, or cannot be kept."""
    for clause in clauses:
        for equation in clause.equations:
            yield from _guard(equation, quantities)
            yield from _tolerance(equation.tolerance, [equation.right])
        for requirement in clause.requirements:
            yield from _guard(requirement, quantities)
            yield from _requirement(requirement, quantities)
            match requirement.condition:
                case Compare(("==",), sides):
                    yield from _tolerance(requirement.tolerance, sides)


def _guard(statement: Equation | Requirement, quantities: Mapping[str, Quantity]) -> Iterator[Diagnostic]:
    if statement.guard is not None and True not in _answers(statement.guard, None, quantities):
        yield m.NeverTrue(statement.span)


def _requirement(requirement: Requirement, quantities: Mapping[str, Quantity]) -> Iterator[Diagnostic]:
    found = _answers(requirement.condition, requirement.guard, quantities)
    if found == {True}:
        yield m.CannotFail(requirement.span)
    elif found == {False}:
        yield m.CannotHold(requirement.span)


def _answers(asked: Expr, where: Expr | None, quantities: Mapping[str, Quantity]) -> set[bool]:
    try:
        return answers(asked, where, quantities)
    except TooMany:
        return {True, False}


# --- written tolerances ----------------------------------------------------------------------------------------------


def _tolerance(tolerance: Tolerance | None, sides: Iterable[Expr]) -> Iterator[Diagnostic]:
    """Only of products, whose relative error the operations alone decide: what a sum loses depends on its terms."""
    if tolerance is None:
        return
    rounded = [roundings(side) for side in sides]
    if None in rounded:
        return
    operations, amount = sum(rounded), float(tolerance.amount.text)      # type: ignore[arg-type]
    largest = amount * 2 * DOUBLE if tolerance.kind == "ulp" else amount         # one ulp is one or two roundoffs, relative
    if largest < (operations - 1) * DOUBLE:              # the last rounding is granted besides
        yield m.TooTight(tolerance.span, operations)
    needed = (operations + 1) * SINGLE
    if (amount * SINGLE if tolerance.kind == "ulp" else amount) > LOOSE * needed:
        yield m.TooLoose(tolerance.span, needed)


def roundings(node: Expr) -> int | None:
    """How often a product is rounded, each time by one roundoff of its size at most; None if it is more than a product."""
    match node:
        case Name() | Number():
            return 0
        case Negative(operand):
            return roundings(operand)
        case Binary("*" | "/", left, right):
            first, second = roundings(left), roundings(right)
            return None if first is None or second is None else first + second + 1
        case Call("sqrt", (operand,)):
            inside = roundings(operand)
            return None if inside is None else inside + 1
    return None
