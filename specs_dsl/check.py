"""Items to a checked spec: names, axes, units, guards, order, quotes. Collects every mistake and raises once.

The phases stand in reading order in `check`. Each takes what the ones before it found and adds its own.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path

from specs_dsl import mistakes as m
from specs_dsl import syntax as s
from specs_dsl.clauses import Clauses
from specs_dsl.declare import Scope, declare, domains, own_units
from specs_dsl.diagnostics import SpecError
from specs_dsl.follows import without_consequences
from specs_dsl.guards import TooMany, flaws
from specs_dsl.inference import Inference
from specs_dsl.lets import Lets
from specs_dsl.order import circle, in_graph_order, needs
from specs_dsl.quotes import sections
from specs_dsl.reader import MOST_BYTES, CannotRead, Reading, read, read_text, shown, start_of
from specs_dsl.reruns import reruns
from specs_dsl.spec import Clause, Equation, Quantity, Rerun, Spec
from specs_dsl.vacuous import vacuous


def load(path: Path) -> Spec:
    """Read and check a rules file. Raises SpecError with every mistake, CannotRead if `path` itself is unreadable."""
    collecting = gc.isenabled()
    gc.disable()                         # a tenth of the time: a tree of frozen nodes holds no circles
    try:
        return check(read(path), path)
    finally:
        if collecting:
            gc.enable()


def check(reading: Reading, path: Path) -> Spec:
    """All phases, in order. Raises SpecError if any found an error; warnings are kept in the spec."""
    scope = declare(reading)
    lets = Lets(scope.lets, scope.found)
    inference = Inference(scope.axes, scope.types, scope.units, scope.found)
    lets.fits = inference.fits
    domains(reading, scope, lets, inference)
    others = reruns(reading, scope, lets, inference)
    texts = _document(reading, path, scope)
    document = reading.document[0].document if reading.document else ""
    clauses = Clauses(scope, lets, inference, texts, document).all(reading.items)
    _definitions(clauses, scope)
    if not scope.found.failed:
        scope.found.extend(vacuous(clauses, scope.quantities))
    _unused(clauses, scope, lets, others)
    scope.units.keep()
    if scope.found.failed:
        raise SpecError(without_consequences(scope.found, reading.found))
    needed = needs(clauses, scope.quantities)
    if loop := circle(needed):
        raise SpecError([m.Circular(scope.quantities[loop[0]].span, loop)])
    return Spec(
        name=reading.document[0].name if reading.document else path.stem,
        document=shown(reading.document[1]) if reading.document else "",
        axes=scope.axes,
        quantities=scope.quantities,
        clauses=in_graph_order(clauses, scope.quantities, needed),
        units=own_units(reading),
        warnings=tuple(scope.found),
        files=tuple(shown(file) for file in reading.files),
        reruns=others,
    )


def _document(reading: Reading, path: Path, scope: Scope) -> Mapping[str, str] | None:
    """Clause id to text; None (and a mistake) if there is no document to quote."""
    if reading.document is None:
        scope.found.append(m.NoSpec(start_of(path)))
        return None
    item, document = reading.document
    try:
        return sections(read_text(document, MOST_BYTES))
    except CannotRead as error:
        scope.found.append(m.NoDocument(item.span, item.document, str(error)))
        return None


def _definitions(clauses: list[Clause], scope: Scope) -> None:
    """Every value is defined, exactly once in every case."""
    defined: dict[str, list[Equation]] = {}
    for clause in clauses:
        for equation in clause.equations:
            defined.setdefault(equation.target, []).append(equation)
    failed = scope.found.failed
    for quantity in scope.quantities.values():
        equations = defined.get(quantity.name, [])
        if quantity.role != "value" or (failed and not equations):
            continue                     # an equation that was itself mistaken defines nothing: say that only
        if not equations:
            scope.found.append(m.Undefined(quantity.span, quantity.name))
        elif not failed:
            _cover_once(quantity, equations, scope)


def _cover_once(quantity: Quantity, equations: list[Equation], scope: Scope) -> None:
    try:
        overlap, gap = flaws(equations, quantity.exists, scope.quantities)
    except TooMany:
        scope.found.append(m.TooManyCases(quantity.span, quantity.name))
        return
    if overlap:
        first, second, case = overlap
        scope.found.append(m.OverlappingGuards(second.span, quantity.name, first.span, case))
    if gap:
        scope.found.append(m.IncompleteGuards(quantity.span, quantity.name, gap))


def _unused(clauses: list[Clause], scope: Scope, lets: Lets, others: Mapping[str, Rerun]) -> None:
    if scope.found.failed:
        return
    used: set[str] = {*lets.used, *(name for rerun in others.values() for name, _ in rerun.changes)}
    for value in (value for rerun in others.values() for _, value in rerun.changes):
        used |= _names(value)
    for clause in clauses:
        for equation in clause.equations:
            used |= {equation.target} | _names(equation.right) | _names(equation.guard)
        for requirement in clause.requirements:
            used |= _names(requirement.condition) | _names(requirement.guard)
    for quantity in scope.quantities.values():
        used |= _names(quantity.exists)
    for name, item in {**scope.quantities, **scope.lets, **others}.items():
        if name not in used:
            scope.found.append(m.Unused(item.span, name))


def _names(node: s.Expr | None) -> set[str]:
    if node is None:
        return set()
    return {part.place if isinstance(part, s.At) else part.text for part in s.walk(node) if isinstance(part, s.Name | s.At)}
