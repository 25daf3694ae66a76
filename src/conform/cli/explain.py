"""`conform explain`: a clause, a quantity or the code of a mistake, in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conform.cli.options import Fresh, Quirks
from conform.cli.output import show

if TYPE_CHECKING:
    from conform.run.project import Project
    from specs_dsl.spec import Clause, Quantity, Spec
    from specs_dsl.syntax import Tolerance


def explain(
    what: Annotated[str, typer.Argument(help="A clause (crystal.15), a quantity (omega) or a code (CF0203).", show_default=False)],
    rules: Annotated[Path | None, typer.Option(help="Rules file that it is looked up in; default: what conform.toml names.")] = None,
    dtype: Annotated[str, typer.Option(help="Precision whose bound is explained: float64 or float32.")] = "float64",
    run: Annotated[str | None, typer.Option("--run", help="A run: where the bound of one element of the clause comes from.")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="AXIS=INDEX,…", help="The element; default: where the clause comes closest to its bound.")] = None,
    side: Annotated[list[str] | None, typer.Option("--side", metavar="NAME[=KIND:WHERE]", help="The side to look at, or another in the run's place; default: the one closest to its bound.")] = None,
    quirks: Quirks = None,
    fresh: Fresh = False,
    full: Annotated[bool, typer.Option("--full", help="List every operation.")] = False,
) -> None:
    """Say what a clause demands and where its bound comes from, what a quantity is, or what a code means.

    \b
    For example: conform explain crystal.15
                 conform explain crystal.15 --run quick --at slow=0,phi=0
    """
    import re

    if re.fullmatch(r"CF\d{4}", what):
        show(_code(what))
        return
    from conform.cli.options import load_spec
    from conform.errors import UsageProblem
    from conform.run.project import find_project

    spec = load_spec(rules or _rules(find_project()))
    if run is not None and what in spec.by_id:
        from conform.cli.budget import budget_of

        show(budget_of(spec.by_id[what], spec, run, at or "", side or [], quirks, fresh, full))
        return
    if run is not None or at is not None or side:
        raise UsageProblem("--run, --at and --side explain the bound of one element of a clause", "conform explain CLAUSE --run NAME --at slow=1,fast=2")
    if what in spec.by_id:
        show("\n".join([*_clause(spec.by_id[what], spec, dtype), ""]))
    elif what in spec.quantities:
        show("\n".join([*_quantity(spec.quantities[what], spec), ""]))
    else:
        from specs_dsl.diagnostics import did_you_mean

        near = did_you_mean(what, [*spec.by_id, *spec.quantities])
        raise UsageProblem(f"`{what}` is neither a clause nor a quantity of {spec.name}, nor a code", near or "conform lint RULES counts them; codes look like CF0203")


def _rules(project: Project) -> Path:
    from conform.errors import UsageProblem

    if project.file.rules is None:
        raise UsageProblem("conform.toml names no rules to look this up in", "give --rules FILE, or write `rules = \"FILE\"` there")
    return project.root / project.file.rules


def _code(code: str) -> str:
    from conform.errors import UsageProblem
    from specs_dsl.help import codes, page

    text = page(code)
    if text is None:
        raise UsageProblem(f"there is no code {code}", f"codes run from {codes()[0]} to {codes()[-1]}")
    return text


def _clause(clause: Clause, spec: Spec, dtype: str) -> Iterator[str]:
    from conform.engine.derivation import roundings
    from conform.engine.tolerances import load_profile
    from conform.run.project import find_project
    from specs_dsl.order import operands
    from specs_dsl.printer import show

    profile = load_profile(find_project().tolerances(dtype))
    yield f"{clause.id} {clause.title}    {clause.span.where}"
    yield from (f"  “{quote}”" for quote in clause.quotes)
    if clause.suspect:
        yield "  SUSPECT: the spec does not say this (any more); the clause is not judged"
    for equation in clause.equations:
        yield ""
        yield f"  {equation.target} = {show(equation.right)}"
        if equation.guard is not None:
            yield f"      when {show(equation.guard)}"
        for name in sorted(operands(equation.right, spec.quantities)):
            yield f"    {_one_line(spec.quantities[name])}"
        override = profile.overrides.get(clause.id)
        slack = f"{override.slack:g} (by hand: {override.reason})" if override else f"{profile.slack:g}"
        yield f"  bound in {dtype}: u = {profile.unit_roundoff:.3g}, slack {slack}, plus u |traced value|"
        if equation.tolerance is not None:
            yield f"    {_by_hand(equation.tolerance)}"
            continue
        lines = list(roundings(equation.right, spec, profile.ulps))
        yield from (f"    {line.what}: {line.amount}" for line in lines)
        if not lines:
            yield "    no rounding: the value is required exactly"
    for requirement in clause.requirements:
        yield ""
        yield f"  require {show(requirement.condition)}"
        if requirement.guard is not None:
            yield f"      when {show(requirement.guard)}"
        for name in sorted(operands(requirement.condition, spec.quantities)):
            yield f"    {_one_line(spec.quantities[name])}"
        if requirement.tolerance is not None:
            yield f"    {_by_hand(requirement.tolerance)}"


def _by_hand(tolerance: Tolerance) -> str:
    return f"written by hand: within {tolerance.amount.text} {tolerance.kind} because {tolerance.reason}"


def _one_line(quantity: Quantity) -> str:
    axes = f"[{', '.join(quantity.axes)}]" if quantity.axes else ""
    kind = " | ".join(quantity.choices) if quantity.choices else quantity.unit if quantity.kind == "number" else quantity.kind
    flags = ", ".join(f'"{flag.text}"' + (f" is {flag.meaning}" if flag.meaning and quantity.kind == "choice" else "") for flag in quantity.flags)
    return f"{quantity.role} {quantity.name}{axes} : {kind}{f' from {flags}' if flags else ''}"


def _quantity(quantity: Quantity, spec: Spec) -> Iterator[str]:
    from specs_dsl.order import uses
    from specs_dsl.printer import show

    yield f"{_one_line(quantity)}    {quantity.span.where}"
    if quantity.exists is not None:
        yield f"  exists when {show(quantity.exists)}"
    for equation in spec.definitions.get(quantity.name, ()):
        guard = f"    when {show(equation.case)}" if equation.case is not None else ""
        yield f"  {equation.clause}: {quantity.name} = {show(equation.right)}{guard}"
    users = [clause.id for clause in spec.clauses if quantity.name in uses(clause, spec.quantities)]
    yield f"  used by {', '.join(users) or 'no clause'}"
