"""`conform explain CLAUSE --run NAME --at …`: the budget of one element, as a table of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from math import isfinite, isinf, isnan

from conform.engine.budget import Budget, Share
from specs_dsl.printer import show

WIDTH = 80
MOST = 24                                # of the operations that are listed


def terminal(budget: Budget, title: str, where: Mapping[str, int | str], full: bool = False) -> str:
    """`where`: the element, in the words of the report."""
    place = ", ".join(f"{axis} {i}" for axis, i in where.items())
    lines = [f"{budget.equation.clause} {title}, side {budget.side} ({budget.dtype}){', at ' if place else ''}{place}",
             f"  {budget.equation.target} = {show(budget.equation.right)}"]
    wrapped = [part for line in lines for part in textwrap.wrap(line, WIDTH, subsequent_indent="    ", break_on_hyphens=False)]
    return "\n".join([*wrapped, "", *_values(budget), "", *_operands(budget), *_shares(budget, full)]) + "\n"


def _values(budget: Budget) -> Iterator[str]:
    required = "in exact arithmetic" if budget.exact else "in double precision"
    yield f"  traced    {budget.traced:.17g}"
    yield f"  required  {budget.required:.17g} {required}"
    yield f"  residual  {_ulps(budget, budget.residual)}"
    if budget.equation.tolerance is not None:
        tolerance = budget.equation.tolerance
        yield f"  allowed   {_ulps(budget, budget.allowed)}, written: within {tolerance.amount.text} {tolerance.kind}"
    else:
        yield f"  allowed   {_ulps(budget, budget.allowed)}: {budget.slack:g} (slack) times {_count(budget, budget.bound)}, and {_count(budget, budget.last)} for"
        yield "            the last rounding of the traced value itself"
    yield f"  verdict   {_verdict(budget)}"


def _verdict(budget: Budget) -> str:
    if isinf(budget.allowed):
        return "ill-conditioned: rounding alone may make anything of it"
    if isnan(budget.residual) or budget.residual > budget.allowed:
        return f"breaks, {budget.residual / budget.allowed:.3g} bounds apart" if budget.allowed and not isnan(budget.residual) else "breaks"
    return f"holds, at {budget.residual / budget.allowed:.2g} of what is allowed" if budget.allowed else "holds, to the last bit"


def _ulps(budget: Budget, amount: float) -> str:
    return f"{amount:.4g} = {_count(budget, amount)} ulp"


def _count(budget: Budget, amount: float) -> str:
    return f"{amount / budget.ulp:.3g}"


def _operands(budget: Budget) -> Iterator[str]:
    for operand in budget.operands:
        value = "varies along an axis that the value does not have" if isnan(operand.value) else f"{operand.value:.17g}"
        yield f"  {operand.name:<22} {value}{'' if operand.traced else '   not traced: by its definition'}"
    if budget.operands:
        yield ""


def _shares(budget: Budget, full: bool) -> Iterator[str]:
    if not budget.shares:
        yield "  no operation rounds: the value is required exactly"
        return
    total = sum(share.amount for share in budget.shares)
    shown = budget.shares if full else budget.shares[:MOST]
    yield f"  {'ulps':>9}  {'share':>6}  operation"
    for share in shown:
        yield from _line(budget, share, total)
    if rest := budget.shares[len(shown) :]:
        yield f"  {_count(budget, sum(share.amount for share in rest)):>9}  {'':>6}  {len(rest)} more (--full lists them)"
    yield f"  {_count(budget, total):>9}  {'100 %':>6}  all of them"


def _line(budget: Budget, share: Share, total: float) -> Iterator[str]:
    part = f"{100 * share.amount / total:.3g} %" if isfinite(total) and total else ""
    clause = "" if share.clause == budget.equation.clause else f"   ({share.clause})"
    head = f"  {_count(budget, share.amount):>9}  {part:>6}  "
    yield from textwrap.wrap(f"{share.operation}: {share.text}{clause}", WIDTH, initial_indent=head, subsequent_indent=" " * 23, break_on_hyphens=False, max_lines=3, placeholder=" …")
