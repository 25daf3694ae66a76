"""Items to a checked spec: names, axes, units, guards, order, quotes. Collects every mistake and raises once.

The phases stand in reading order in `check`. Each takes what the ones before it found and adds its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from specs_dsl import mistakes as m
from specs_dsl import syntax as s
from specs_dsl.diagnostics import Diagnostic, SpecError
from specs_dsl.guards import TooMany, flaws
from specs_dsl.infer import Inference, Type, is_zero
from specs_dsl.lets import Lets
from specs_dsl.order import circle, in_graph_order
from specs_dsl.quotes import plain, sections
from specs_dsl.reader import CannotRead, Reading, read, read_text, shown, start_of
from specs_dsl.spec import Axis, Clause, Equation, Kind, Quantity, Requirement, Spec
from specs_dsl.units import PURE, Units


def load(path: Path) -> Spec:
    """Read and check a rules file. Raises SpecError with every mistake, CannotRead if `path` itself is unreadable."""
    reading = read(path)
    return check(reading, path)


@dataclass
class _Scope:
    """What is declared so far."""

    units: Units
    axes: dict[str, Axis] = field(default_factory=dict)
    quantities: dict[str, Quantity] = field(default_factory=dict)
    types: dict[str, Type] = field(default_factory=dict)
    lets: dict[str, s.LetItem] = field(default_factory=dict)
    spans: dict[str, object] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)

    def claim(self, name: s.Name) -> bool:
        """Note that `name` is taken; False (and a mistake) if it was already."""
        if (first := self.spans.get(name.text)) is not None:
            self.found.append(m.DeclaredTwice(name.span, name.text, first))  # type: ignore[arg-type]
            return False
        self.spans[name.text] = name.span
        return True


def check(reading: Reading, path: Path) -> Spec:
    """All phases, in order. Raises SpecError if any found an error; warnings are kept in the spec."""
    scope = _Scope(_units(reading), found=list(reading.found))
    _declare_axes(reading, scope)
    _declare_quantities(reading, scope)
    lets = Lets(scope.lets, scope.found)
    inference = Inference(scope.axes, scope.types, scope.units, scope.found)
    _domains(reading, scope, lets, inference)
    texts = _document(reading, path, scope)
    clauses = _clauses(reading, scope, texts, lets, inference)
    _definitions(clauses, scope)
    _unused(clauses, scope)
    _raise_errors(scope.found)
    if loop := circle(clauses, scope.quantities):
        first = next(q for name, q in scope.quantities.items() if name == loop[0])
        raise SpecError([m.Circular(first.span, loop)])
    spec_item = reading.document[0] if reading.document else None
    return Spec(
        name=spec_item.name if spec_item else path.stem,
        document=shown(reading.document[1]) if reading.document else "",
        axes=scope.axes,
        quantities=scope.quantities,
        clauses=in_graph_order(clauses, scope.quantities),
        units=_own_units(reading),
        warnings=tuple(item for item in scope.found if item.severity == "warning"),
        files=tuple(shown(file) for file in reading.files),
    )


def _raise_errors(found: list[Diagnostic]) -> None:
    if any(item.severity == "error" for item in found):
        raise SpecError(found)


# --- declarations ----------------------------------------------------------------------------------------------------


def _own_units(reading: Reading) -> dict[str, str]:
    return {item.name.text: item.unit.text if item.unit else "" for item in reading.items if isinstance(item, s.UnitItem)}


def _units(reading: Reading) -> Units:
    own = _own_units(reading)
    try:
        return Units(own)
    except Exception as error:  # pint: a definition in terms of a unit that it does not know
        item = next(item for item in reading.items if isinstance(item, s.UnitItem) and item.unit)
        raise SpecError([m.UnknownUnit(item.span, item.unit.text if item.unit else "", str(error))]) from None


def _declare_axes(reading: Reading, scope: _Scope) -> None:
    for item in reading.items:
        if isinstance(item, s.AxisItem) and scope.claim(item.name):
            scope.axes[item.name.text] = Axis(item.name.text, item.kind, item.labels, item.vector)


def _declare_quantities(reading: Reading, scope: _Scope) -> None:
    for item in reading.items:
        match item:
            case s.QuantityItem() if scope.claim(item.name):
                _add(scope, _quantity(item, scope))
            case s.ConstItem() if scope.claim(item.name):
                unit = item.unit.text if item.unit else "1"
                factor = _factor(item.unit, scope)
                _add(scope, Quantity(item.name.text, "const", (), unit, factor, "number", (), item.number.text, item.span))
            case s.LetItem() if scope.claim(item.name):
                scope.lets[item.name.text] = item


def _add(scope: _Scope, quantity: Quantity) -> None:
    scope.quantities[quantity.name] = quantity
    try:
        dimension = scope.units.dimension(quantity.unit)
    except ValueError:
        dimension = PURE                 # already reported
    scope.types[quantity.name] = Type(frozenset(quantity.axes), dimension, quantity.kind, quantity.choices)


def _quantity(item: s.QuantityItem, scope: _Scope) -> Quantity:
    for axis in item.axes:
        if axis.text not in scope.axes:
            scope.found.append(m.UnknownAxis(axis.span, axis.text, tuple(scope.axes)))
    names = {axis.text for axis in item.axes}
    axes = tuple(name for name in scope.axes if name in names)
    text = item.unit.text if item.unit else ""
    kind: Kind = "choice" if item.choices else "flag" if text == "flag" else "count" if text == "count" else "number"
    unit = "1" if kind in ("choice", "flag", "count") else text
    factor = _factor(item.unit, scope) if kind == "number" else 1.0
    return Quantity(item.name.text, item.kind, axes, unit, factor, kind, item.choices, "", item.span)


def _factor(unit: s.Unit | None, scope: _Scope) -> float:
    if unit is None:
        return 1.0
    try:
        return scope.units.factor(unit.text)
    except ValueError as error:
        scope.found.append(m.UnknownUnit(unit.span, unit.text, str(error)))
        return 1.0


def _domains(reading: Reading, scope: _Scope, lets: Lets, inference: Inference) -> None:
    """Where a value exists: `value parallax[pixel] : 1 when thickness > 0`."""
    for item in reading.items:
        if isinstance(item, s.QuantityItem) and item.guard and item.name.text in scope.quantities:
            if item.guard.condition is None:
                scope.found.append(m.LoneOtherwise(item.guard.span, item.name.text))
                continue
            condition = lets.unfold(item.guard.condition)
            if condition is not None and inference.condition(condition) is not None:
                quantity = scope.quantities[item.name.text]
                scope.quantities[item.name.text] = replace(quantity, exists=condition)


# --- the document ----------------------------------------------------------------------------------------------------


def _document(reading: Reading, path: Path, scope: _Scope) -> Mapping[str, str] | None:
    """Clause id to text; None (and a mistake) if there is no document to quote."""
    if reading.document is None:
        scope.found.append(m.NoSpec(start_of(path)))
        return None
    item, document = reading.document
    try:
        return sections(read_text(document))
    except CannotRead as error:
        scope.found.append(m.NoDocument(item.span, item.document, str(error)))
        return None


def _suspect(item: s.Clause, texts: Mapping[str, str] | None, document: str, scope: _Scope) -> bool:
    """Whether the spec fails to contain what the clause quotes; each such quote is a warning."""
    if texts is None:
        return False
    if item.id not in texts:
        scope.found.append(m.NoSuchSection(item.id_span, item.id, document, tuple(texts)))
        return True
    if not item.quotes:
        scope.found.append(m.NoQuote(item.id_span, item.id))
    gone = [span for quote, span in item.quotes if plain(quote) not in texts[item.id]]
    scope.found += [m.QuoteGone(span, item.id, document) for span in gone]
    return bool(gone)


# --- clauses ---------------------------------------------------------------------------------------------------------


def _clauses(
    reading: Reading, scope: _Scope, texts: Mapping[str, str] | None, lets: Lets, inference: Inference
) -> list[Clause]:
    _lone_lets(scope)
    document = reading.document[0].document if reading.document else ""
    clauses, seen = [], {}
    for item in reading.items:
        if not isinstance(item, s.Clause):
            continue
        if item.id in seen:
            scope.found.append(m.DeclaredTwice(item.id_span, item.id, seen[item.id]))
            continue
        seen[item.id] = item.id_span
        if not item.statements:
            scope.found.append(m.Empty(item.id_span))
        suspect = _suspect(item, texts, document, scope)
        clauses.append(_clause(item, suspect, lets, inference, scope))
    return clauses


def _lone_lets(scope: _Scope) -> None:
    """A `let` may not take the name of a parameter's owner twice; its own parameters shadow nothing by accident."""
    for item in scope.lets.values():
        names = [parameter.text for parameter, _ in item.parameters]
        for parameter, _ in item.parameters:
            if names.count(parameter.text) > 1:
                scope.found.append(m.DeclaredTwice(parameter.span, parameter.text, item.name.span))
                break


def _clause(item: s.Clause, suspect: bool, lets: Lets, inference: Inference, scope: _Scope) -> Clause:
    equations: list[Equation] = []
    requirements: list[Requirement] = []
    for statement in item.statements:
        if statement.tolerance and not statement.tolerance.reason:
            scope.found.append(m.NoReason(statement.tolerance.span))
        if isinstance(statement, s.Equation):
            if equation := _equation(item, statement, equations, lets, inference, scope):
                equations.append(equation)
        elif requirement := _requirement(item, statement, lets, inference):
            requirements.append(requirement)
    quotes = tuple(quote for quote, _ in item.quotes)
    return Clause(item.id, item.title, quotes, tuple(equations), tuple(requirements), suspect, item.span)


def _equation(item: s.Clause, statement: s.Equation, earlier: list[Equation], lets: Lets, inference: Inference, scope: _Scope) -> Equation | None:
    target = scope.quantities.get(statement.target.text)
    if target is None:
        known = tuple(name for name, q in scope.quantities.items() if q.role == "value")
        scope.found.append(m.UnknownName(statement.target.span, statement.target.text, known))
    elif target.role != "value":
        scope.found.append(m.NotDefinable(statement.target.span, target.name, "an input" if target.role == "input" else "a constant"))
    guard = _guard(statement, earlier, lets, inference, scope)
    right = lets.unfold(statement.right)
    found = inference.infer(right) if right is not None else None
    if target is None or found is None or right is None:
        return None
    _fits(statement, target, found, inference, scope)
    return Equation(item.id, target.name, right, both(target.exists, guard), guard, statement.tolerance, statement.span)


def _fits(statement: s.Equation, target: Quantity, found: Type, inference: Inference, scope: _Scope) -> None:
    """Kinds, axes and dimensions of both sides."""
    wanted = scope.types[target.name]
    words = {"number": "a number", "count": "a whole number", "flag": "a condition", "choice": "a choice"}
    if found.kind != wanted.kind and not (wanted.kind == "number" and found.kind == "count"):
        scope.found.append(m.WrongKind(statement.right.span, words[wanted.kind], words[found.kind]))
    elif found.dimension != wanted.dimension and not is_zero(statement.right):
        left, right = scope.units.spelled(wanted.dimension), scope.units.spelled(found.dimension)
        scope.found.append(m.WrongDimension(statement.right.span, target.name, left, right))
    if extra := found.axes - wanted.axes:
        scope.found.append(m.ExtraAxes(statement.right.span, target.name, target.axes, inference.ordered(extra)))


def both(first: s.Expr | None, second: s.Expr | None) -> s.Expr | None:
    """The conjunction of two guards, either of which may be absent."""
    if first is None or second is None:
        return first if second is None else second
    return s.Logic("and", (first, second), span=second.span)


def _guard(statement: s.Statement, earlier: list[Equation], lets: Lets, inference: Inference, scope: _Scope) -> s.Expr | None:
    """The guard's condition; `otherwise` becomes "none of the earlier cases of this quantity in this clause"."""
    if statement.guard is None:
        return None
    if statement.guard.condition is not None:
        condition = lets.unfold(statement.guard.condition)
        return condition if condition is not None and inference.condition(condition) else None
    span = statement.guard.span
    name = statement.target.text if isinstance(statement, s.Equation) else ""
    before = [equation.case for equation in earlier if equation.target == name and equation.case is not None]
    if not before:
        scope.found.append(m.LoneOtherwise(span, name))
        return None
    denied = [s.Logic("not", (guard,), span=span) for guard in before]
    return denied[0] if len(denied) == 1 else s.Logic("and", tuple(denied), span=span)


def _requirement(item: s.Clause, statement: s.Requirement, lets: Lets, inference: Inference) -> Requirement | None:
    condition = lets.unfold(statement.condition)
    if condition is None or inference.condition(condition) is None:
        return None
    guard = statement.guard and statement.guard.condition and lets.unfold(statement.guard.condition)
    if guard and inference.condition(guard) is None:
        return None
    return Requirement(item.id, condition, guard or None, statement.tolerance, statement.span)


# --- the whole -------------------------------------------------------------------------------------------------------


def _definitions(clauses: list[Clause], scope: _Scope) -> None:
    """Every value is defined, exactly once in every case."""
    defined: dict[str, list[Equation]] = {}
    for clause in clauses:
        for equation in clause.equations:
            defined.setdefault(equation.target, []).append(equation)
    failed = any(item.severity == "error" for item in scope.found)
    for quantity in scope.quantities.values():
        equations = defined.get(quantity.name, [])
        if quantity.role != "value" or (failed and not equations):
            continue                     # an equation that was itself mistaken defines nothing: say that only
        if not equations:
            scope.found.append(m.Undefined(quantity.span, quantity.name))
        elif not failed:
            _cover_once(quantity, equations, scope)


def _cover_once(quantity: Quantity, equations: list[Equation], scope: _Scope) -> None:
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


def _unused(clauses: list[Clause], scope: _Scope) -> None:
    if any(item.severity == "error" for item in scope.found):
        return
    used: set[str] = set()
    for clause in clauses:
        for equation in clause.equations:
            used.add(equation.target)
            used |= _names(equation.right) | _names(equation.guard)
        for requirement in clause.requirements:
            used |= _names(requirement.condition) | _names(requirement.guard)
    for quantity in scope.quantities.values():
        used |= _names(quantity.exists)
    for quantity in scope.quantities.values():
        if quantity.name not in used:
            scope.found.append(m.Unused(quantity.span, quantity.name))


def _names(node: s.Expr | None) -> set[str]:
    return {part.text for part in s.walk(node) if isinstance(part, s.Name)} if node is not None else set()


