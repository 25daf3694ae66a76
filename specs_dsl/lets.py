"""Unfolding of `let`: a named expression, with or without parameters, put in the place where it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from specs_dsl.diagnostics import Diagnostic
from specs_dsl.mistakes import NestedTooDeeply, Recursive, TooLarge, WrongArguments
from specs_dsl.syntax import DEEPEST, Call, Expr, Fold, LetItem, Name, Unit, count, deeper_than, parts

Fits = Callable[[str, Unit, Expr], bool]     # whether an argument may stand for a parameter of that name and unit; says so if not
MOST_TERMS = 20_000      # of one expression
MOST_OF_ALL = 500_000    # of all expressions of a spec together


def rebuild(node: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """`node` with `change` applied to each direct sub-expression."""
    updates = {}
    for name in parts(type(node)):
        value = getattr(node, name)
        if isinstance(value, tuple):
            new = tuple(change(part) if isinstance(part, Expr) else part for part in value)
            if any(a is not b for a, b in zip(new, value, strict=True)):
                updates[name] = new
        elif value is not None and (new := change(value)) is not value:
            updates[name] = new
    return replace(node, **updates) if updates else node


def substitute(node: Expr, values: Mapping[str, Expr]) -> Expr:
    """`node` with names replaced by expressions. A fold's running value shadows an outer name."""
    match node:
        case Name(text):
            return values.get(text, node)
        case Fold(accumulator):
            inner = {name: value for name, value in values.items() if name != accumulator}
            start = substitute(node.start, values)
            return replace(node, start=start, body=substitute(node.body, inner))
    return rebuild(node, lambda part: substitute(part, values))


class Lets:
    """All `let`s of a spec. `unfold` reports what is wrong to `found` and gives None."""

    def __init__(self, items: Mapping[str, LetItem], found: list[Diagnostic]) -> None:
        self._items, self._found = items, found
        self._spent, self._whole = 0, 0
        self.used: set[str] = set()
        self.fits: Fits = lambda parameter, unit, argument: True

    def unfold(self, node: Expr) -> Expr | None:
        self._whole += self._spent
        self._spent = 0
        try:
            return self._shallow(self._unfold(node, (), DEEPEST), node)
        except _Stop as stop:
            if stop.mistake is not None:
                self._found.append(stop.mistake)
            return None

    def _unfold(self, node: Expr, inside: tuple[str, ...], depth: int) -> Expr:
        """`depth` is how many levels are left; all `let`s that are being unfolded around `node` are `inside`."""
        if depth == 0:
            raise _Stop(NestedTooDeeply(node.span, DEEPEST))
        self._spend(1, node)
        match node:
            case Name(text) if text in self._items:
                return self._body(text, (), node, inside, depth)
            case Call(function) if function in self._items:
                arguments = tuple(self._unfold(part, inside, depth - 1) for part in node.arguments)
                return self._body(function, arguments, node, inside, depth)
        return rebuild(node, lambda part: self._unfold(part, inside, depth - 1))

    def _body(self, name: str, arguments: tuple[Expr, ...], use: Expr, inside: tuple[str, ...], depth: int) -> Expr:
        item = self._items[name]
        self.used.add(name)
        if name in inside:
            raise _Stop(Recursive(item.name.span, name))
        if len(arguments) != len(item.parameters):
            raise _Stop(WrongArguments(use.span, name, len(item.parameters), len(arguments)))
        fitting = [self.fits(parameter.text, unit, argument) for (parameter, unit), argument in zip(item.parameters, arguments, strict=True) if unit is not None]
        if not all(fitting):
            raise _Stop(None)
        body = self._unfold(item.body, (*inside, name), depth - 1)
        if not arguments:
            return body
        values = {parameter.text: value for (parameter, _), value in zip(item.parameters, arguments, strict=True)}
        body = self._shallow(substitute(body, values), use)
        self._spend(count(body, MOST_TERMS), use)
        return body

    def _shallow(self, result: Expr, use: Expr) -> Expr:
        if deeper_than(result, DEEPEST):
            raise _Stop(NestedTooDeeply(use.span, DEEPEST))
        return result

    def _spend(self, terms: int, node: Expr) -> None:
        self._spent += terms
        if self._spent > MOST_TERMS:
            raise _Stop(TooLarge(node.span, MOST_TERMS))
        if self._whole + self._spent > MOST_OF_ALL:
            raise _Stop(TooLarge(node.span, MOST_OF_ALL))


class _Stop(Exception):
    """`mistake`: None if it was reported already."""

    def __init__(self, mistake: Diagnostic | None) -> None:
        self.mistake = mistake
