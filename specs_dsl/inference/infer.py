"""The type of an expression, node by node."""

from __future__ import annotations

from dataclasses import replace
from math import isinf

from specs_dsl import mistakes as m
from specs_dsl import syntax as s
from specs_dsl.dimension import PURE
from specs_dsl.inference.along import Along
from specs_dsl.inference.calls import Calls
from specs_dsl.inference.types import KIND_WORDS, NUMBER, Type, is_zero, union


class Inference(Along, Calls):
    """All of it. `number` and `condition` ask for a kind."""

    def fits(self, name: str, unit: s.Unit, argument: s.Expr) -> bool:
        """Whether an argument of a `let` has the unit of its parameter; what has no type yet (a running value) is let through."""
        found = Inference(self._axes, self._names, self._units, []).infer(argument)
        if found is None:
            return True
        if unit.text == "count":
            return found.kind == "count" or self._wrong(m.WrongKind(argument.span, "a whole number", KIND_WORDS[found.kind])) is not None
        try:
            wanted = self._units.dimension(unit.text)
        except ValueError:
            return True                  # already reported
        if found.dimension == wanted or is_zero(argument) or found.kind not in ("number", "count"):
            return True
        left, right = self._units.spelled(wanted), self._units.spelled(found.dimension)
        return self._wrong(m.WrongDimension(argument.span, name, left, right)) is not None

    def with_words(self, choices: tuple[str, ...]) -> Inference:
        """Where a choice is wanted its words are values, but for those that are names of something else."""
        words = {word: Type(frozenset(), PURE, "choice", choices) for word in choices}
        return Inference(self._axes, {**words, **self._names}, self._units, self._found)

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
                return None if None in types else replace(NUMBER, axes=union(types), kind="flag")
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
