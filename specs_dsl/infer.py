"""The type of an expression: its axes, its dimension and its kind. One walk finds all mistakes of all three.

A mistake gives the type None, which silences whatever would only follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf, isinf

from specs_dsl import mistakes as m
from specs_dsl import syntax as s
from specs_dsl.diagnostics import Diagnostic
from specs_dsl.dimension import PURE, Dimension
from specs_dsl.functions import FUNCTIONS, TIES, Function
from specs_dsl.printer import show
from specs_dsl.spans import Span
from specs_dsl.spec import Axis, Kind
from specs_dsl.units import Units

_WORDS = {"number": "a number", "count": "a whole number", "flag": "a condition", "choice": "a choice among words"}
FIRST_LAST, PREVIOUS = ("first", "last"), "previous"
MOST_POWER = 99          # of a value with a unit


@dataclass(frozen=True, slots=True)
class Type:
    axes: frozenset[str]
    dimension: Dimension
    kind: Kind
    choices: tuple[str, ...] = ()
    from_command: bool = False           # of a name: it may be absent


NUMBER = Type(frozenset(), PURE, "number")


class Inference:
    """Types in one scope. `names` are the quantities and constants; mistakes go to `found`."""

    def __init__(self, axes: Mapping[str, Axis], names: Mapping[str, Type], units: Units, found: list[Diagnostic]) -> None:
        self._axes, self._names, self._units, self._found = axes, names, units, found
        self._vector = [axis.name for axis in axes.values() if axis.vector and len(axis.labels) == 3]
        self._running: Mapping[str, Span] = {}          # the running values of the folds around, and where

    def ordered(self, axes: frozenset[str]) -> tuple[str, ...]:
        return tuple(name for name in self._axes if name in axes)

    def _wrong(self, mistake: Diagnostic) -> None:
        self._found.append(mistake)

    # --- what the callers ask ------------------------------------------------------------------------------------
    def number(self, node: s.Expr) -> Type | None:
        return self._of_kind(node, ("number", "count"), "a number")

    def condition(self, node: s.Expr) -> Type | None:
        return self._of_kind(node, ("flag",), "a condition")

    def fits(self, name: str, unit: s.Unit, argument: s.Expr) -> bool:
        """Whether an argument of a `let` has the unit of its parameter; what has no type yet (a running value) is let through."""
        found = Inference(self._axes, self._names, self._units, []).infer(argument)
        if found is None:
            return True
        if unit.text == "count":
            return found.kind == "count" or self._wrong(m.WrongKind(argument.span, "a whole number", _WORDS[found.kind])) is not None
        try:
            wanted = self._units.dimension(unit.text)
        except ValueError:
            return True                  # already reported
        if found.dimension == wanted or is_zero(argument) or found.kind not in ("number", "count"):
            return True
        left, right = self._units.spelled(wanted), self._units.spelled(found.dimension)
        return self._wrong(m.WrongDimension(argument.span, name, left, right)) is not None

    def _of_kind(self, node: s.Expr, kinds: tuple[Kind, ...], wanted: str) -> Type | None:
        found = self.infer(node)
        if found is not None and found.kind not in kinds:
            return self._wrong(m.WrongKind(node.span, wanted, _WORDS[found.kind]))
        return found

    def infer(self, node: s.Expr) -> Type | None:
        match node:
            case s.Number(text) if isinf(float(text)):
                return self._wrong(m.BeyondNumbers(node.span))
            case s.Number(text):
                return replace(NUMBER, kind="count") if text.isdigit() else NUMBER
            case s.Name(text):
                return self._name(node, text)
            case s.Negative(operand):
                return self.number(operand)
            case s.Binary("^"):
                return self._power(node)
            case s.Binary():
                return self._binary(node)
            case s.Compare(_, operands):
                return self._alike(operands, "compares", "flag")
            case s.Is(subject, choice):
                return self._is(node, subject, choice)
            case s.Logic(_, operands):
                types = [self.condition(part) for part in operands]
                return None if None in types else replace(NUMBER, axes=_union(types), kind="flag")
            case s.If(condition, then, other):
                where, found = self.condition(condition), self._branches((then, other))
                return where and found and replace(found, axes=found.axes | where.axes)
            case s.Reduce():
                return self._reduce(node)
            case s.Fold():
                return self._fold(node)
            case s.Select():
                return self._select(node)
            case s.At(body):
                return self.infer(body)
            case s.Lookup(table, index, default):
                return self._lookup(node, table, index, default)
            case s.Call():
                return self._call(node)

    # --- leaves --------------------------------------------------------------------------------------------------
    def _name(self, node: s.Name, text: str) -> Type | None:
        if text == "pi":
            return NUMBER
        if text not in self._names:
            self._wrong(m.UnknownName(node.span, text, (*self._names, "pi")))
        return self._names.get(text)

    def _is(self, node: s.Is, subject: s.Expr, choice: str) -> Type | None:
        found = self.infer(subject)
        if found is None:
            return None
        if choice not in found.choices:
            return self._wrong(m.UnknownChoice(node.span, choice, found.choices))
        return replace(NUMBER, axes=found.axes, kind="flag")

    # --- arithmetic ----------------------------------------------------------------------------------------------
    def _binary(self, node: s.Binary) -> Type | None:
        if node.op in "+-":
            return self._alike((node.left, node.right), "adds")
        left, right = self.number(node.left), self.number(node.right)
        if left is None or right is None:
            return None
        dimension = left.dimension * right.dimension if node.op == "*" else left.dimension / right.dimension
        kind: Kind = "count" if node.op == "*" and left.kind == right.kind == "count" else "number"
        return Type(left.axes | right.axes, dimension, kind)

    def _power(self, node: s.Binary) -> Type | None:
        base, exponent = self.number(node.left), self.number(node.right)
        if base is None or exponent is None:
            return None
        literal = node.right if isinstance(node.right, s.Number) else None
        if isinstance(node.right, s.Negative) and isinstance(node.right.operand, s.Number):
            literal = replace(node.right.operand, text="-" + node.right.operand.text)
        if literal is not None:
            whole = base.kind == "count" and literal.text.isdigit()
            power = float(literal.text)
            if base.dimension == PURE or abs(power) <= MOST_POWER:
                return replace(base, dimension=base.dimension**power, kind="count" if whole else "number")
        if base.dimension != PURE:
            return self._wrong(m.BadExponent(node.right.span, self._units.spelled(base.dimension)))
        return Type(base.axes | exponent.axes, PURE, "number")

    def _alike(self, nodes: tuple[s.Expr, ...], what: str, kind: Kind | None = None) -> Type | None:
        """Values that must share a dimension: terms of a sum, sides of a comparison, branches."""
        return self._joint(nodes, [self.infer(node) for node in nodes], what, kind)

    def _branches(self, nodes: tuple[s.Expr, s.Expr]) -> Type | None:
        """Of an `if`: numbers that share a dimension, or the same choice among words."""
        types = [self.infer(node) for node in nodes]
        if None not in types and all(found.kind == "choice" for found in types):
            then, other = types
            if then.choices != other.choices:
                return self._wrong(m.OtherChoices(nodes[1].span, then.choices, other.choices))
            return replace(then, axes=then.axes | other.axes)
        return self._joint(nodes, types, "the branches are in")

    def with_words(self, choices: tuple[str, ...]) -> Inference:
        """Where a choice is wanted its words are values, but for those that are names of something else."""
        words = {word: Type(frozenset(), PURE, "choice", choices) for word in choices}
        return Inference(self._axes, {**words, **self._names}, self._units, self._found)

    def _joint(self, nodes: tuple[s.Expr, ...], types: list[Type | None], what: str, kind: Kind | None = None) -> Type | None:
        if any(found is None for found in types):
            return None
        first = next((found for node, found in zip(nodes, types, strict=True) if not is_zero(node)), types[0])
        for node, found in zip(nodes, types, strict=True):
            if found.kind not in ("number", "count"):
                return self._wrong(m.WrongKind(node.span, "a number", _WORDS[found.kind]))
            if found.dimension != first.dimension and not is_zero(node):
                left, right = self._units.spelled(first.dimension), self._units.spelled(found.dimension)
                return self._wrong(m.MixedDimensions(node.span, what, left, right))
        joint: Kind = "count" if all(found.kind == "count" for found in types) else "number"
        return Type(_union(types), PURE if kind else first.dimension, kind or joint)

    # --- axes ----------------------------------------------------------------------------------------------------
    def _dropped(self, found: Type, axes: tuple[s.Name, ...], what: str) -> Type | None:
        for axis in axes:
            if _axis(axis) not in found.axes:
                return self._wrong(m.NoAxisToReduce(axis.span, _axis(axis), self.ordered(found.axes), what))
        return replace(found, axes=found.axes - {axis.text for axis in axes})

    def _reduce(self, node: s.Reduce) -> Type | None:
        body = self.number(node.body)
        if body is None:
            return None
        if node.op == "product" and body.dimension != PURE:
            return self._wrong(m.NotDimensionless(node.body.span, "product", self._units.spelled(body.dimension)))
        found = self._dropped(body, node.axes, f"take the {node.op} over" if node.op != "sum" else "sum over")
        return found and (replace(found, kind="number") if node.op == "mean" else found)

    def _fold(self, node: s.Fold) -> Type | None:
        start = self.number(node.start)
        if start is None:
            return None
        if (around := self._running.get(node.accumulator)) is not None:
            return self._wrong(m.DeclaredTwice(node.span, node.accumulator, around))
        over = self._known(node.axes)
        running = replace(start, from_command=False)
        inner = Inference(self._axes, {**self._names, node.accumulator: running}, self._units, self._found)
        inner._running = {**self._running, node.accumulator: node.span}
        body = inner.number(node.body)
        if body is None or len(over) < len(node.axes):
            return None
        if body.dimension != start.dimension:
            left, right = self._units.spelled(start.dimension), self._units.spelled(body.dimension)
            return self._wrong(m.MixedDimensions(node.body.span, "the fold starts and goes on in", left, right))
        if extra := start.axes & over:
            has = self.ordered(start.axes - over)
            return self._wrong(m.ExtraAxes(node.start.span, node.accumulator, has, self.ordered(extra), "start of the fold"))
        found = self._dropped(replace(body, axes=body.axes | over), node.axes, "fold over")
        return found and replace(found, axes=found.axes | start.axes, kind="number")

    def _known(self, axes: tuple[s.Name, ...]) -> frozenset[str]:
        """The loop axes among these: a fold turns at every one, whether its body varies there or not."""
        for axis in axes:
            if _axis(axis) not in self._axes:
                self._wrong(m.UnknownAxis(axis.span, _axis(axis), tuple(self._axes)))
        return frozenset(_axis(axis) for axis in axes) & self._axes.keys()

    def _select(self, node: s.Select) -> Type | None:
        if node.first is not None or any(self._is_previous(pick) for pick in node.picks):
            return self._previous(node)
        found = self.infer(node.body)
        for pick in node.picks:
            if found is None:
                return None
            found = self._renamed(found, pick) if pick.rename else self._picked(found, pick)
        return found

    def _is_previous(self, pick: s.Pick) -> bool:
        axis = self._axes.get(pick.axis.text)
        return not pick.rename and pick.at == PREVIOUS and (axis is None or PREVIOUS not in axis.labels)

    def _previous(self, node: s.Select) -> Type | None:
        """Each element of an axis has the value of the one before it; what the first has is said behind `otherwise`."""
        if node.first is None or len(node.picks) > 1 or not self._is_previous(node.picks[0]):
            return self._wrong(m.BadPrevious(node.span, "it stands alone in its brackets, with what the first element has behind `otherwise`"))
        if any(isinstance(part, s.Name) and part.text in self._running for part in s.walk(node)):
            return self._wrong(m.BadPrevious(node.span, "the running value of a fold is that of the turn before already"))
        found, first = self.number(node.body), self.number(node.first)
        if found is None or first is None or self._dropped(found, (node.picks[0].axis,), "select from") is None:
            return None
        if first.dimension != found.dimension and not is_zero(node.first):
            left, right = self._units.spelled(found.dimension), self._units.spelled(first.dimension)
            return self._wrong(m.MixedDimensions(node.first.span, "the elements and the first of them are in", left, right))
        return Type(found.axes | first.axes, found.dimension, "count" if found.kind == first.kind == "count" else "number")

    def _picked(self, found: Type, pick: s.Pick) -> Type | None:
        dropped = self._dropped(found, (pick.axis,), "select from")
        if dropped is None:
            return None
        axis = self._axes[pick.axis.text]
        if pick.at in FIRST_LAST or pick.at in axis.labels:
            return dropped
        if not pick.at.isdigit() or float(pick.at) >= (len(axis.labels) or inf):       # how long a loop is, only a run knows
            return self._wrong(m.UnknownLabel(pick.span, axis.name, pick.at, (*FIRST_LAST, *axis.labels)))
        return dropped

    def _renamed(self, found: Type, pick: s.Pick) -> Type | None:
        dropped = self._dropped(found, (pick.axis,), "rename")
        if dropped is None:
            return None
        if pick.at not in self._axes:
            return self._wrong(m.UnknownAxis(pick.span, pick.at, tuple(self._axes)))
        old, new = self._axes[pick.axis.text], self._axes[pick.at]
        if old.kind != "component" or len(old.labels) != len(new.labels):
            return self._wrong(m.DifferentLength(pick.span, old.name, new.name))
        if new.name in dropped.axes:
            return self._wrong(m.AxisTaken(pick.span, old.name, new.name))
        return replace(dropped, axes=dropped.axes | {new.name})

    def _lookup(self, node: s.Lookup, table: s.Expr, index: tuple[s.Expr, ...], default: s.Expr | None) -> Type | None:
        found = self.infer(table)
        at = self._index(found, table, index)
        if found is None or at is None:
            return None
        grid = self._grid(found)
        axes = (found.axes - set(grid)) | at
        if default is None:
            return replace(found, axes=axes)
        other = self.number(default)
        if other is None:
            return None
        if other.dimension != found.dimension and not is_zero(default):
            left, right = self._units.spelled(found.dimension), self._units.spelled(other.dimension)
            return self._wrong(m.MixedDimensions(default.span, "the table and its default are in", left, right))
        return replace(found, axes=axes | other.axes)

    def _grid(self, found: Type) -> tuple[str, ...]:
        return tuple(axis for axis in self.ordered(found.axes) if self._axes[axis].kind == "grid")

    def _index(self, table: Type | None, node: s.Expr, index: tuple[s.Expr, ...]) -> frozenset[str] | None:
        """The axes of a look-up's indices: one vector of indices, or one number for each grid axis."""
        types = [self._of_kind(part, ("count",), "a whole number (use nearest, floor or ceil)") for part in index]
        if table is None or any(found is None for found in types):
            return None
        grid = self._grid(table)
        if not grid or not isinstance(node, s.Name):
            return self._wrong(m.BadLookup(node.span, "only a quantity with grid axes can be looked up"))
        if len(types) == len(grid):
            return _union(types)
        fitting = [axis for axis in types[0].axes if len(self._axes[axis].labels) == len(grid)]
        if len(types) != 1 or len(fitting) != 1:
            return self._wrong(m.BadLookup(index[0].span, f"the grid has {len(grid)} axes: give one vector of {len(grid)} indices, or {len(grid)} numbers"))
        return types[0].axes - {fitting[0]}

    # --- functions -----------------------------------------------------------------------------------------------
    def _call(self, node: s.Call) -> Type | None:
        function = FUNCTIONS.get(node.function)
        if function is None:
            return self._wrong(m.UnknownFunction(node.span, node.function, tuple(FUNCTIONS)))
        if len(node.arguments) != function.arguments and not (function.name == "inside" and len(node.arguments) > 2):
            return self._wrong(m.WrongArguments(node.span, node.function, function.arguments, len(node.arguments)))
        if (node.function == "nearest") != (node.ties is not None) or node.ties not in (None, *TIES):
            return self._wrong(m.BadTies(node.span, node.function, node.ties))
        if function.name in ("index", "size"):
            return self._of_axis(node)
        if function.name == "given":
            return self._given(node.arguments[0])
        if function.name in ("peaks", "distance"):
            return self._plane(node)
        if function.name == "inside":
            at = self._index(self.infer(node.arguments[0]), node.arguments[0], node.arguments[1:])
            return None if at is None else replace(NUMBER, axes=at, kind="flag")
        return self._vectors(node, function) if function.vector else self._plain(node, function)

    def _given(self, node: s.Expr) -> Type | None:
        found = self._names.get(node.text) if isinstance(node, s.Name) else None
        if found is not None and found.from_command:
            return replace(NUMBER, kind="flag")
        return self._wrong(m.NotFromCommand(node.span, tuple(name for name, its in self._names.items() if its.from_command)))

    def _plane(self, node: s.Call) -> Type | None:
        """Values or a condition, and the two coordinates of each element: along one axis, the same for all."""
        first, *coordinates = node.arguments[:3]
        types = [self.number(first) if node.function == "peaks" else self.condition(first), self._alike(tuple(coordinates), f"`{node.function}` has coordinates in")]
        types += [self._of_kind(part, ("count",), "a whole number") for part in node.arguments[3:]]
        if any(found is None for found in types):
            return None
        axes = types[0].axes | types[1].axes
        if len(axes) != 1 or any(found.axes for found in types[2:]):
            return self._wrong(m.NotOnePlane(node.span, node.function, self.ordered(axes)))
        return Type(axes, PURE, "flag") if node.function == "peaks" else Type(axes, types[1].dimension, "number")

    def _of_axis(self, node: s.Call) -> Type | None:
        (axis,) = node.arguments
        if not isinstance(axis, s.Name) or axis.text not in self._axes:
            return self._wrong(m.UnknownAxis(axis.span, _axis(axis), tuple(self._axes)))
        along = frozenset({axis.text}) if node.function == "index" else frozenset()
        return replace(NUMBER, axes=along, kind="count")

    def _plain(self, node: s.Call, function: Function) -> Type | None:
        if function.unit in ("ratio", "alike"):
            found = self._alike(node.arguments, f"`{function.name}` of")
            return found and (replace(found, dimension=PURE, kind="number") if function.unit == "ratio" else found)
        found = self.number(node.arguments[0])
        if found is None:
            return None
        if function.unit == "pure" and found.dimension != PURE:
            return self._wrong(m.NotDimensionless(node.arguments[0].span, function.name, self._units.spelled(found.dimension)))
        if function.unit == "root":
            found = replace(found, dimension=found.dimension**0.5)
        keeps_kind = function.name == "abs"
        return replace(found, kind=found.kind if keeps_kind else function.gives)

    def _vectors(self, node: s.Call, function: Function) -> Type | None:
        if len(self._vector) != 1:
            return self._wrong(m.NoVectorAxis(node.span, function.name))
        (axis,) = self._vector
        types = [self.number(part) for part in node.arguments]
        if any(found is None for found in types):
            return None
        vectors = types[:2] if function.name == "rotate" else types
        for part, found in zip(node.arguments, vectors, strict=False):
            if axis not in found.axes:
                return self._wrong(m.NeedsVector(part.span, function.name, axis, self.ordered(found.axes)))
        axes = _union(types)
        match function.name:
            case "norm":
                return Type(axes - {axis}, types[0].dimension, "number")
            case "unit":
                return Type(axes, PURE, "number")
            case "dot":
                return Type(axes - {axis}, types[0].dimension * types[1].dimension, "number")
            case "cross":
                return Type(axes, types[0].dimension * types[1].dimension, "number")
        for part, found in zip(node.arguments[1:], types[1:], strict=True):
            if found.dimension != PURE:
                return self._wrong(m.NotDimensionless(part.span, "rotate", self._units.spelled(found.dimension)))
        return Type(axes, types[0].dimension, "number")


def is_zero(node: s.Expr) -> bool:
    """Zero is zero in any unit."""
    return isinstance(node, s.Number) and float(node.text) == 0.0


def _axis(node: s.Expr) -> str:
    """An axis by name. A `let` may have put an expression in its place, which is the name of none."""
    return node.text if isinstance(node, s.Name) else show(node)


def _union(types: list[Type]) -> frozenset[str]:
    return frozenset().union(*(found.axes for found in types))
