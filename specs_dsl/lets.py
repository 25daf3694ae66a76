"""Unfolding of `let`: a named expression, with or without parameters, put in the place where it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace

from specs_dsl.diagnostics import Diagnostic
from specs_dsl.mistakes import Recursive, TooLarge, WrongArguments
from specs_dsl.syntax import Call, Expr, Fold, LetItem, Name, walk

MOST_TERMS = 20_000


def rebuild(node: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """`node` with `change` applied to each direct sub-expression."""
    updates = {}
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, tuple):
            new = tuple(change(part) if isinstance(part, Expr) else part for part in value)
            if any(a is not b for a, b in zip(new, value, strict=True)):
                updates[item.name] = new
        elif isinstance(value, Expr) and (new := change(value)) is not value:
            updates[item.name] = new
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
        self._items, self._found, self._spent = items, found, 0

    def unfold(self, node: Expr) -> Expr | None:
        self._spent = 0
        try:
            return self._unfold(node, ())
        except _Stop as stop:
            self._found.append(stop.mistake)
            return None

    def _unfold(self, node: Expr, inside: tuple[str, ...]) -> Expr:
        self._spent += 1
        if self._spent > MOST_TERMS:
            raise _Stop(TooLarge(node.span, MOST_TERMS))
        match node:
            case Name(text) if text in self._items and not self._items[text].parameters:
                return self._body(text, (), node, inside)
            case Call(function) if function in self._items:
                arguments = tuple(self._unfold(part, inside) for part in node.arguments)
                return self._body(function, arguments, node, inside)
        return rebuild(node, lambda part: self._unfold(part, inside))

    def _body(self, name: str, arguments: tuple[Expr, ...], use: Expr, inside: tuple[str, ...]) -> Expr:
        item = self._items[name]
        if name in inside:
            raise _Stop(Recursive(item.name.span, name))
        if len(arguments) != len(item.parameters):
            raise _Stop(WrongArguments(use.span, name, len(item.parameters), len(arguments)))
        body = self._unfold(item.body, (*inside, name))
        self._spent += sum(1 for argument in arguments for _ in walk(argument))
        return substitute(body, {parameter.text: value for (parameter, _), value in zip(item.parameters, arguments, strict=True)})


class _Stop(Exception):
    def __init__(self, mistake: Diagnostic) -> None:
        self.mistake = mistake
