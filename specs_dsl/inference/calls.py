"""Types of look-ups in tables and of the built-in functions."""

from __future__ import annotations

from dataclasses import replace

from specs_dsl import mistakes as m
from specs_dsl import syntax as s
from specs_dsl.dimension import PURE
from specs_dsl.functions import FUNCTIONS, TIES, Function
from specs_dsl.inference.terms import Terms
from specs_dsl.inference.types import NUMBER, Type, axis_name, is_zero, union


class Calls(Terms):
    """A look-up asks for whole numbers; what a function asks for stands in `functions`, or in a method of its own."""

    def _lookup(self, node: s.Lookup, table: s.Expr, index: tuple[s.Expr, ...], default: s.Expr | None) -> Type | None:
        found = self.number(table)
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
            return union(types)
        fitting = [axis for axis in types[0].axes if len(self._axes[axis].labels) == len(grid)]
        if len(types) != 1 or len(fitting) != 1:
            return self._wrong(m.BadLookup(index[0].span, f"the grid has {len(grid)} axes: give one vector of {len(grid)} indices, or {len(grid)} numbers"))
        return types[0].axes - {fitting[0]}

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
            return self._wrong(m.UnknownAxis(axis.span, axis_name(axis), tuple(self._axes)))
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
        axes = union(types)
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
