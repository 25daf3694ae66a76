"""Expressions of the rules on the values of one side: each node gives a value and its bound.

`Scope` says what a name stands for; everything else follows from the tree. Knows nothing of clauses and verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from conform.engine.arithmetic import Arithmetic, conjunction, disjunction, negation
from conform.engine.folds import fold
from conform.engine.plane import distance, peaks
from conform.engine.scope import NOTHING, Env, Grid, Scope, Unavailable
from conform.engine.selection import Selection
from conform.engine.values import Truth, Value
from conform.engine.vectors import Vectors
from specs_dsl import syntax as s

__all__ = ["Evaluator", "Grid", "Scope", "terms"]

_NO_NAMES: Env = {}


class Evaluator:
    """Evaluates in double precision, with the bounds of `arithmetic`."""

    def __init__(self, scope: Scope, arithmetic: Arithmetic) -> None:
        self.scope, self.math, self.order = scope, arithmetic, scope.order
        self.selection = Selection(scope, arithmetic)
        self.evaluations = 0             # nodes of expressions so far: what a search may spend is counted, not timed

    @cached_property
    def vectors(self) -> Vectors:
        return Vectors(self.math, self.scope.vector_axis())

    # --- numbers -------------------------------------------------------------------------------------------------
    def number(self, node: s.Expr, env: Env = _NO_NAMES) -> Value:
        self.evaluations += 1
        match node:
            case s.Number(text):
                return self.math.literal(text)
            case s.Name(text):
                return self._name(text, env)
            case s.Negative(operand):
                return self.math.negative(self.number(operand, env))
            case s.Binary("+" | "-"):
                return self.math.total([(sign, self.number(term, env)) for sign, term in terms(node)])
            case s.Binary("*", left, right):
                return self.math.product(self.number(left, env), self.number(right, env))
            case s.Binary("/", left, right):
                return self.math.quotient(self.number(left, env), self.number(right, env))
            case s.Binary("^", left, right):
                return self._power(left, right, env)
            case s.If():
                return self._if(node, env)
            case s.Reduce():
                return self._reduce(node, env)
            case s.Fold():
                return fold(node, self, env)
            case s.Select(body, picks, None):
                return self.selection.select(self.number(body, env), picks)
            case s.Select(body, (pick,), first):
                return self.selection.previous(self.number(body, env), pick.axis.text, self.number(first, env))
            case s.Lookup(s.Name(table), index, default):
                other = None if default is None else lambda: self._or_nothing(default, env)
                return self.selection.lookup(self.scope.grid(table), self._all(index, env), other)
            case s.At(body, place):
                found = self.scope.at(place).number(body)
                self.scope.fits(found, place)
                return found
            case s.Call():
                return self._call(node, env)
        raise TypeError(f"not a number: {type(node).__name__}")

    def _all(self, nodes: Sequence[s.Expr], env: Env) -> list[Value]:
        return [self.number(node, env) for node in nodes]

    def _name(self, text: str, env: Env) -> Value:
        if text in env:
            return env[text]  # type: ignore[return-value]
        found = self.math.pi() if text == "pi" else self.scope.resolve(text)
        assert isinstance(found, Value), text
        return found

    def _power(self, left: s.Expr, right: s.Expr, env: Env) -> Value:
        base = self.number(left, env)
        match right:
            case s.Number(text):
                return self.math.power(base, text)
            case s.Negative(s.Number(text)):
                return self.math.power(base, "-" + text)
        return self.math.any_power(base, self.number(right, env))

    def _if(self, node: s.If, env: Env) -> Value:
        """Only the branch that is taken, where all elements take the same: the other may be without meaning."""
        condition = self.truth(node.condition, env)
        if condition.always or condition.never:
            return self.math.beside(self.number(node.then if condition.always else node.other, env), condition)
        then = self._or_nothing(node.then, env)
        if then is NOTHING:                              # then the other branch has to say something
            return self.math.choose(condition, then, self.number(node.other, env))
        return self.math.choose(condition, then, self._or_nothing(node.other, env))

    def _or_nothing(self, node: s.Expr, env: Env) -> Value:
        """What some elements only need: where it cannot be evaluated, the others are judged all the same."""
        try:
            return self.number(node, env)
        except Unavailable as reason:
            self.scope.lack(str(reason))
            return NOTHING

    def _reduce(self, node: s.Reduce, env: Env) -> Value:
        axes = tuple(axis.text for axis in node.axes)
        body = self.selection.full(self.number(node.body, env), axes)
        match node.op:
            case "sum":
                return self.math.sum_over(body, axes)
            case "mean":
                count = int(np.prod([len(self.scope.index(axis)) for axis in axes]))
                return self.math.quotient(self.math.sum_over(body, axes), self.math.literal(str(count)))
            case "product":
                for axis in axes:
                    body = self.math.product_over(body, axis)
                return body
        return self.math.extreme_over(body, axes, node.op == "maximum")

    # --- conditions ----------------------------------------------------------------------------------------------
    def truth(self, node: s.Expr, env: Env = _NO_NAMES) -> Truth:
        match node:
            case s.Name(text):
                found = env[text] if text in env else self.scope.resolve(text)
                assert isinstance(found, Truth), text
                return found
            case s.Logic("not", (operand,)):
                return negation(self.truth(operand, env))
            case s.Logic(op, operands):
                return self._logic(op, operands, env)
            case s.Compare(ops, operands):
                values = self._all(operands, env)
                parts = [self.math.compare(op, a, b) for op, a, b in zip(ops, values, values[1:], strict=False)]
                return parts[0] if len(parts) == 1 else conjunction(self.order, parts)
            case s.Is(subject, choice):
                return self._is(subject, choice, env)
            case s.Select(body, picks, None):
                return self.selection.select(self.truth(body, env), picks)
            case s.Select(body, (pick,), first):
                return self.selection.previous(self.truth(body, env), pick.axis.text, self.truth(first, env))
            case s.At(body, place):
                found = self.scope.at(place).truth(body)
                self.scope.fits(found, place)
                return found
            case s.Call("peaks", (value, down, across, radius, most)):
                r, k = (int(self.number(part, env).data) for part in (radius, most))
                return peaks(*self._all((value, down, across), env), r, k, self.order)
            case s.Call("given", (s.Name(name),)):
                return Truth((), np.bool_(self.scope.given(name)))
            case s.Call("inside", (s.Name(table), *index)):
                return self.selection.inside(self.scope.grid(table), self._all(index, env))
        raise TypeError(f"not a condition: {type(node).__name__}")

    def _logic(self, op: str, operands: Sequence[s.Expr], env: Env) -> Truth:
        """Left to right, and no further once the answer is sure: `interpolate and stencil_in` needs no stencil."""
        parts = []
        for operand in operands:
            part = self.truth(operand, env)
            if part.never if op == "and" else part.always:
                return part
            parts.append(part)
        return conjunction(self.order, parts) if op == "and" else disjunction(self.order, parts)

    def _is(self, subject: s.Expr, choice: str, env: Env) -> Truth:
        if isinstance(subject, s.Name) and not self.scope.given(subject.text):       # what is not given is none of its words
            return Truth((), np.False_)
        found, words = self.number(subject, env), self.scope.words(chosen(subject))
        return Truth(found.axes, np.asarray(found.data == (words.index(choice) if choice in words else -1)), None, found.missing)

    # --- functions -----------------------------------------------------------------------------------------------
    def _call(self, node: s.Call, env: Env) -> Value:
        name = node.function
        if name in ("index", "size"):
            (axis,) = node.arguments
            assert isinstance(axis, s.Name)
            return self._of_axis(name, axis.text)
        if name == "distance":
            where, *coordinates = node.arguments
            return distance(self.truth(where, env), *self._all(coordinates, env), self.order)
        values = self._all(node.arguments, env)
        match name:
            case "atan2":
                return self.math.atan2(*values)
            case "abs":
                return self.math.absolute(*values)
            case "min" | "max":
                return self.math.larger(*values, largest=name == "max")
            case "f32":
                return self.math.single(*values)
            case "nearest" | "floor" | "ceil":
                return self.math.whole_number(name, values[0], node.ties)
            case "dot" | "cross" | "norm" | "unit" | "rotate":
                return getattr(self.vectors, name)(*values)
        return self.math.function(name, values[0])

    def _of_axis(self, name: str, axis: str) -> Value:
        index = self.scope.index(axis)
        return self.math.literal(str(len(index))) if name == "size" else Value((axis,), index.astype(np.float64), whole=True)


def chosen(subject: s.Expr) -> str:
    """The name of a choice among words that an expression takes its word from: any of several, for they have the same words."""
    match subject:
        case s.Name(text):
            return text
        case s.If(_, body) | s.Select(body) | s.At(body):
            return chosen(body)
    raise TypeError(f"not a choice: {type(subject).__name__}")


def terms(node: s.Expr, sign: int = 1) -> Iterator[tuple[int, s.Expr]]:
    """A chain of sums and differences as signed terms: their order is nobody's business."""
    match node:
        case s.Binary("+", left, right):
            yield from terms(left, sign)
            yield from terms(right, sign)
        case s.Binary("-", left, right):
            yield from terms(left, sign)
            yield from terms(right, -sign)
        case _:
            yield sign, node
