"""Types along axes: reductions, folds, and the selection of elements."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from specs_dsl import mistakes as m
from specs_dsl import syntax as s
from specs_dsl.dimension import PURE
from specs_dsl.inference.terms import Terms
from specs_dsl.inference.types import Type, axis_name, union

FIRST_LAST, PREVIOUS = ("first", "last"), "previous"


class Along(Terms):
    """Each method takes the types of the parts and says which axes are left."""

    def _dropped(self, found: Type, axes: tuple[s.Name, ...], what: str) -> Type | None:
        for axis in axes:
            if axis_name(axis) not in found.axes:
                return self._wrong(m.NoAxisToReduce(axis.span, axis_name(axis), self.ordered(found.axes), what))
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
        inner = type(self)(self._axes, {**self._names, node.accumulator: running}, self._units, self._found)
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
        return found and replace(found, axes=found.axes | start.axes, kind="count" if start.kind == body.kind == "count" else "number")

    def _known(self, axes: tuple[s.Name, ...]) -> frozenset[str]:
        """The loop axes among these: a fold turns at every one, whether its body varies there or not."""
        for axis in axes:
            if axis_name(axis) not in self._axes:
                self._wrong(m.UnknownAxis(axis.span, axis_name(axis), tuple(self._axes)))
        return frozenset(axis_name(axis) for axis in axes) & self._axes.keys()

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
        types = [self.infer(node.body), self.infer(node.first)]
        if None in types or self._dropped(types[0], (node.picks[0].axis,), "select from") is None:
            return None
        if all(found.kind == "flag" for found in types):
            return replace(types[0], axes=union(types))
        return self._one_of((node.body, node.first), types, "the elements and the first of them are in")

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
