"""Folds: what does not speak of the running value is worked out for all turns at once; what is left is turned, or added.

A body that only adds is a plain sum, whose terms may be added in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product as tuples
from typing import TYPE_CHECKING

from conform.engine.scope import Env, is_condition
from conform.engine.values import Truth, Value, picked
from specs_dsl import syntax as s

if TYPE_CHECKING:
    from conform.engine.evaluate import Evaluator

Picks = tuple[s.Pick, ...]


def fold(node: s.Fold, evaluator: Evaluator, env: Env) -> Value:
    """A plain sum where the body only adds; else one turn after another."""
    axes = tuple(axis.text for axis in node.axes)
    start = evaluator.number(node.start, env)
    hoisting = Hoisting(evaluator, env, node.accumulator)
    body = hoisting.hoist(node.body, frozenset({node.accumulator}))
    added = only_adds(body, node.accumulator, hoisting.parts)
    if added is None:
        return _turned(body, node.accumulator, start, axes, hoisting)
    skip, term = (None if name is None else hoisting.parts[name] for name in added)
    increment = term if skip is None else evaluator.math.choose(skip, evaluator.math.literal("0"), term)  # type: ignore[arg-type]
    return evaluator.math.accumulated(start, evaluator.selection.full(increment, axes), axes)  # type: ignore[arg-type]


def _turned(body: s.Expr, accumulator: str, start: Value, axes: Sequence[str], hoisting: Hoisting) -> Value:
    """One turn after another, outermost axis first."""
    value = start
    for place in tuples(*(range(len(hoisting.evaluator.scope.index(axis))) for axis in axes)):
        here = {name: _at(part, dict(zip(axes, place, strict=True))) for name, part in hoisting.parts.items()}
        value = hoisting.evaluator.number(body, {**hoisting.env, **here, accumulator: value})
    return value


def _at(part: Value | Truth, place: Mapping[str, int]) -> Value | Truth:
    """A hoisted part at one turn of the loops."""
    return picked(part, place) if any(axis in part.axes for axis in place) else part


@dataclass
class Hoisting:
    """Replaces every part of a body that does not speak of a running value by a name for its value."""

    evaluator: Evaluator
    env: Env
    accumulator: str
    parts: dict[str, Value | Truth] = field(default_factory=dict)

    def hoist(self, node: s.Expr, running: frozenset[str], picks: Picks = ()) -> s.Expr:
        """`picks`: selections around the node, which are made on its parts."""
        if not any(isinstance(inner, s.Name) and inner.text in running for inner in s.walk(node)):
            return self._part(node, picks)
        again: Callable[[s.Expr], s.Expr] = lambda part: self.hoist(part, running, picks)  # noqa: E731
        match node:
            case s.If():
                return self._if(node, again)
            case s.Logic(op, operands):
                return self._logic(node, op, operands, again)
            case s.Binary():
                return self._binary(node, again)
            case s.Negative(operand):
                return replace(node, operand=again(operand))
            case s.Compare(_, operands):
                return replace(node, operands=tuple(map(again, operands)))
            case s.Call("inside", (table, *index)):
                return replace(node, arguments=(table, *map(again, index)))
            case s.Call(_, arguments):
                return replace(node, arguments=tuple(map(again, arguments)))
            case s.Reduce(_, _, body):
                return replace(node, body=again(body))
            case s.Fold(inner, start, _, body):
                return replace(node, start=again(start), body=self.hoist(body, running | {inner}, picks))
            case s.Lookup(_, index, default):
                return replace(node, index=tuple(map(again, index)), default=default and again(default))
            case s.Select(body, inner, None):
                return self.hoist(body, running, (*inner, *picks))
        return s.Select(node, picks, span=node.span) if picks else node

    def _part(self, node: s.Expr, picks: Picks) -> s.Expr:
        evaluator = self.evaluator
        part = evaluator.truth(node, self.env) if is_condition(node, evaluator.scope, self.env) else evaluator.number(node, self.env)
        name = f"{self.accumulator}#{len(self.parts)}"
        self.parts[name] = evaluator.selection.select(part, picks)
        return s.Name(name, span=node.span)

    def _known(self, node: s.Expr) -> Value | Truth | None:
        return self.parts.get(node.text) if isinstance(node, s.Name) else None

    def _if(self, node: s.If, again: Callable[[s.Expr], s.Expr]) -> s.Expr:
        """A branch that no element takes is left alone. It is dropped if it is switched off for all, not for these only."""
        condition = again(node.condition)
        match self._known(condition):
            case Truth(()) as known if known.always or known.never:
                return again(node.then if known.always else node.other)
            case Truth() as known:
                always, never = known.always, known.never
            case _:
                always = never = False
        return replace(node, condition=condition, then=node.then if never else again(node.then), other=node.other if always else again(node.other))

    def _logic(self, node: s.Logic, op: str, operands: Sequence[s.Expr], again: Callable[[s.Expr], s.Expr]) -> s.Expr:
        """Left to right, and no further once the answer is sure."""
        found: list[s.Expr] = []
        for operand in operands:
            found.append(again(operand))
            match self._known(found[-1]):
                case Truth() as known if (op == "and" and known.never) or (op == "or" and known.always):
                    return found[-1]
        return replace(node, operands=tuple(found))

    def _binary(self, node: s.Binary, again: Callable[[s.Expr], s.Expr]) -> s.Expr:
        """A running factor that is switched off, which is the number one, is dropped: what is left may only add."""
        left, right = again(node.left), again(node.right)
        if node.op == "*":
            for factor, other in ((right, left), (left, right)):
                if is_one(self._known(factor)):
                    return other
        return replace(node, left=left, right=right)


def is_one(part: Value | Truth | None) -> bool:
    return isinstance(part, Value) and part.exact and part.missing is None and part.data.ndim == 0 and bool(part.data == 1)


def only_adds(body: s.Expr, accumulator: str, parts: Mapping[str, Value | Truth]) -> tuple[str | None, str] | None:
    """If the body is `acc + term`, or `if skip then acc else acc + term`: the names of skip (or None) and term."""
    match body:
        case s.If(s.Name(skip), s.Name(kept), inner) if kept == accumulator and (found := only_adds(inner, accumulator, parts)):
            return (skip, found[1]) if found[0] is None else None
        case s.Binary("+", s.Name(a), s.Name(b)) if accumulator in (a, b) and a != b:
            term = b if a == accumulator else a
            return (None, term) if isinstance(parts.get(term), Value) else None
    return None
