"""Declarations to a scope: units, axes, quantities and `let`s, each name with one meaning. Knows nothing of clauses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import isinf

from specs_dsl import mistakes as m
from specs_dsl import syntax as s
from specs_dsl.diagnostics import Found
from specs_dsl.dimension import PURE
from specs_dsl.functions import FUNCTIONS
from specs_dsl.inference import Inference, Type
from specs_dsl.lets import Lets
from specs_dsl.reader import Reading
from specs_dsl.spans import Span
from specs_dsl.spec import Axis, Flag, Kind, Quantity
from specs_dsl.units import Units


@dataclass
class Scope:
    """What is declared so far, and the mistakes so far."""

    units: Units
    found: Found
    axes: dict[str, Axis] = field(default_factory=dict)
    quantities: dict[str, Quantity] = field(default_factory=dict)
    types: dict[str, Type] = field(default_factory=dict)
    lets: dict[str, s.LetItem] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)

    def claim(self, name: s.Name) -> bool:
        """Note that `name` is taken; False (and a mistake) if it was already."""
        if name.text == "pi":
            self.found.append(m.BuiltIn(name.span, name.text, "a number"))
        elif (first := self.spans.get(name.text)) is not None:
            self.found.append(m.DeclaredTwice(name.span, name.text, first))
        else:
            self.spans[name.text] = name.span
            return True
        return False


def declare(reading: Reading) -> Scope:
    """All declarations of the files that were read."""
    scope = Scope(Units(own_units(reading)), Found(reading.found))
    _check_units(reading, scope)
    _axes(reading, scope)
    _quantities(reading, scope)
    for item in scope.lets.values():
        _parameters(item, scope)
    return scope


def own_units(reading: Reading) -> dict[str, str]:
    """Of each unit that the rules declare, its definition; "" is a new base unit."""
    return {item.name.text: item.unit.text if item.unit else "" for item in _unit_items(reading)}


def _unit_items(reading: Reading) -> Iterator[s.UnitItem]:
    return (item for item in reading.items if isinstance(item, s.UnitItem))


def _check_units(reading: Reading, scope: Scope) -> None:
    first: dict[str, Span] = {}
    for item in _unit_items(reading):
        name = item.name.text
        if name in first:
            scope.found.append(m.DeclaredTwice(item.name.span, name, first[name]))
        elif name in scope.units.taken:
            scope.found.append(m.BuiltIn(item.name.span, name, "a unit"))
        elif reason := scope.units.flaw(name):
            unit = item.unit or s.Unit(name, span=item.name.span)
            scope.found.append(m.UnknownUnit(unit.span, unit.text, reason))
        first.setdefault(name, item.name.span)


def _axes(reading: Reading, scope: Scope) -> None:
    for item in reading.items:
        if isinstance(item, s.AxisItem) and scope.claim(item.name):
            scope.axes[item.name.text] = Axis(item.name.text, item.kind, item.labels, item.vector)
            seen: set[str] = set()
            if twice := next((label for label in item.labels if label in seen or seen.add(label)), None):
                scope.found.append(m.DeclaredTwice(item.span, twice, item.span))


def _quantities(reading: Reading, scope: Scope) -> None:
    for item in reading.items:
        match item:
            case s.LetItem(name) if name.text in FUNCTIONS:
                scope.found.append(m.BuiltIn(name.span, name.text, "a function"))
            case s.QuantityItem() if scope.claim(item.name):
                _add(scope, _quantity(item, scope))
            case s.ConstItem() if scope.claim(item.name):
                unit = item.unit.text if item.unit else "1"
                factor = _factor(item.unit, scope)
                if isinf(float(item.number.text) * factor):
                    scope.found.append(m.BeyondNumbers(item.number.span))
                _add(scope, Quantity(item.name.text, "const", (), unit, factor, "number", (), item.number.text, item.span))
            case s.LetItem() if scope.claim(item.name):
                scope.lets[item.name.text] = item


def _add(scope: Scope, quantity: Quantity) -> None:
    scope.quantities[quantity.name] = quantity
    try:
        dimension = scope.units.dimension(quantity.unit)
    except ValueError:
        dimension = PURE                 # already reported
    scope.types[quantity.name] = Type(frozenset(quantity.axes), dimension, quantity.kind, quantity.choices, bool(quantity.flags))


def _quantity(item: s.QuantityItem, scope: Scope) -> Quantity:
    for axis in item.axes:
        if axis.text not in scope.axes:
            scope.found.append(m.UnknownAxis(axis.span, axis.text, tuple(scope.axes)))
    names = {axis.text for axis in item.axes}
    axes = tuple(name for name in scope.axes if name in names)
    text = item.unit.text if item.unit else ""
    kind: Kind = "choice" if item.choices else "flag" if text == "flag" else "count" if text == "count" else "number"
    unit = "1" if kind in ("choice", "flag", "count") else text
    factor = _factor(item.unit, scope) if kind == "number" else 1.0
    quantity = Quantity(item.name.text, item.kind, axes, unit, factor, kind, item.choices, "", item.span)
    return replace(quantity, flags=_flags(item, quantity, scope)) if item.flags else quantity


SWITCH = ("on", "off")                   # what a flag of the command line says of a condition


def _flags(item: s.QuantityItem, quantity: Quantity, scope: Scope) -> tuple[Flag, ...]:
    """The flags of an input, each with the words that it is made of."""
    if loops := [axis for axis in quantity.axes if not scope.axes[axis].labels]:
        scope.found.append(m.CannotFollow(item.span, quantity.name, f"how many there are along {', '.join(loops)}, only a run knows"))
    elif quantity.axes and (len(quantity.axes) > 1 or quantity.kind in ("choice", "flag")):
        scope.found.append(m.CannotFollow(item.span, quantity.name, "its values would follow in an order that nobody says"))
    found: dict[tuple[str, ...], Flag] = {}
    for flag in item.flags:
        words = tuple(flag.text.split())
        if why := "it is empty" if not words else "it is there twice" if words in found else "it has more than two words" if len(words) > 2 else "":
            scope.found.append(m.BadFlag(flag.span, why))
            continue
        known = quantity.choices if quantity.kind == "choice" else SWITCH if quantity.kind == "flag" else None
        if flag.meaning is not None and known is None:
            scope.found.append(m.CannotFollow(flag.span, quantity.name, "`is` names a word, and it is a number"))
        elif flag.meaning is not None and flag.meaning not in known:
            scope.found.append(m.UnknownChoice(flag.span, flag.meaning, known))
        found[words] = Flag(words, flag.meaning or ("on" if quantity.kind == "flag" else None))
    return tuple(found.values())


def _factor(unit: s.Unit | None, scope: Scope) -> float:
    if unit is None:
        return 1.0
    try:
        return scope.units.factor(unit.text)
    except ValueError as error:
        scope.found.append(m.UnknownUnit(unit.span, unit.text, str(error)))
        return 1.0


def _parameters(item: s.LetItem, scope: Scope) -> None:
    """A parameter may not have the name of anything else: what it then means in the body would depend on the reader."""
    own: dict[str, Span] = {}
    for parameter, unit in item.parameters:
        if unit is not None and unit.text != "count":
            _factor(unit, scope)
        if (first := own.get(parameter.text) or scope.spans.get(parameter.text)) is not None:
            scope.found.append(m.DeclaredTwice(parameter.span, parameter.text, first))
        own.setdefault(parameter.text, parameter.span)
    accumulators(item.body, scope)


def accumulators(node: s.Expr, scope: Scope) -> None:
    """Nor may the running value of a fold, for the same reason."""
    for part in s.walk(node):
        if isinstance(part, s.Fold) and (first := scope.spans.get(part.accumulator)) is not None:
            scope.found.append(m.DeclaredTwice(part.span, part.accumulator, first))


def domains(reading: Reading, scope: Scope, lets: Lets, inference: Inference) -> None:
    """Where a value exists: `value parallax[pixel] : 1 when thickness > 0`."""
    for item in reading.items:
        if isinstance(item, s.QuantityItem) and item.guard and item.name.text in scope.quantities:
            quantity = scope.quantities[item.name.text]
            if item.guard.condition is None:
                scope.found.append(m.LoneOtherwise(item.guard.span, quantity.name))
            elif condition := guard(item.guard.condition, quantity, scope, lets, inference):
                scope.quantities[quantity.name] = replace(quantity, exists=condition)


def guard(node: s.Expr, quantity: Quantity | None, scope: Scope, lets: Lets, inference: Inference) -> s.Expr | None:
    """A guard's condition, unfolded; it may vary only along axes of the quantity whose elements it picks."""
    accumulators(node, scope)
    condition = lets.unfold(node)
    if condition is not None and quantity and (elsewhere := next((part for part in s.walk(condition) if isinstance(part, s.At)), None)):
        scope.found.append(m.ElsewhereInEquation(elsewhere.span))
    found = inference.condition(condition) if condition is not None else None
    if found is None:
        return None
    if quantity and (extra := found.axes - set(quantity.axes)):
        scope.found.append(m.ExtraAxes(node.span, quantity.name, quantity.axes, inference.ordered(extra), "guard"))
    return condition
