"""Runs beside the one that is judged: its command line, with inputs given otherwise. Nothing runs here."""

from __future__ import annotations

from specs_dsl import mistakes as m
from specs_dsl import syntax as s
from specs_dsl.declare import Scope
from specs_dsl.inference import Inference
from specs_dsl.lets import Lets
from specs_dsl.reader import Reading
from specs_dsl.spec import Rerun


def reruns(reading: Reading, scope: Scope, lets: Lets, inference: Inference) -> dict[str, Rerun]:
    """Every `run` of the rules, by name."""
    found: dict[str, Rerun] = {}
    for item in reading.items:
        if isinstance(item, s.RunItem) and scope.claim(item.name):
            changes = [_change(change, scope, lets, inference) for change in item.changes]
            found[item.name.text] = Rerun(item.name.text, tuple(change for change in changes if change), item.span)
    return found


def _change(change: s.Change, scope: Scope, lets: Lets, inference: Inference) -> tuple[str, s.Expr | None] | None:
    if change.name is None:
        return change.words, None
    assert change.value is not None
    quantity = scope.quantities.get(change.name.text)
    if quantity is None or not quantity.flags:
        known = tuple(name for name, its in scope.quantities.items() if its.flags)
        scope.found.append(m.NotFromCommand(change.name.span, known))
        return None
    words = ("on", "off") if quantity.kind == "flag" else quantity.choices
    value = lets.unfold(change.value)
    if value is None:
        return None
    if quantity.kind in ("flag", "choice"):
        if isinstance(value, s.Name) and value.text in words:
            return quantity.name, value
        scope.found.append(m.UnknownChoice(value.span, value.text if isinstance(value, s.Name) else "this", words))
        return None
    for part in s.walk(value):
        known = isinstance(part, s.Name) and part.text in scope.quantities and scope.quantities[part.text]
        if isinstance(part, s.At) or (known and known.role != "const" and not known.flags):
            scope.found.append(m.NotForRuns(part.span, part.text if isinstance(part, s.Name) else part.place))
            return None
    found, wanted = inference.number(value), scope.types[quantity.name]
    if found is None:
        return None
    if found.dimension != wanted.dimension:
        left, right = scope.units.spelled(wanted.dimension), scope.units.spelled(found.dimension)
        scope.found.append(m.WrongDimension(value.span, quantity.name, left, right))
    elif found.axes - wanted.axes:
        scope.found.append(m.ExtraAxes(value.span, quantity.name, quantity.axes, inference.ordered(found.axes - wanted.axes)))
    elif wanted.kind == "count" and found.kind != "count":
        scope.found.append(m.WrongKind(value.span, "a whole number", "a number"))
    return quantity.name, value
