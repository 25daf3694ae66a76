"""Expressions from the raw parse tree."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from specs_dsl import syntax as s
from specs_dsl.spans import Source, Span


def span_of(source: Source, begin: int, meta: object) -> Span:
    """Where a piece of a tree stands in the file; `begin` is where the text of its item begins."""
    start = getattr(meta, "start_pos", 0)
    return Span(source, begin + start, begin + getattr(meta, "end_pos", start))


class Branches:
    """Branches of Lark's tree to our nodes: those of expressions. Each method is one rule of the grammar; nothing is decided here.

    Not Lark's own Transformer: that looks up every token and wraps every method anew for every branch.
    """

    def __init__(self, source: Source, begin: int) -> None:
        self._source, self._begin = source, begin

    def transform(self, tree: Tree) -> Any:
        """The branches first; each by the method of its rule."""
        parts = [self.transform(part) if isinstance(part, Tree) else part for part in tree.children]
        return getattr(self, tree.data)(tree.meta, parts)

    def _at(self, meta: object) -> Span:
        return span_of(self._source, self._begin, meta)

    _token = _at                        # a token carries its place itself

    def _name(self, token: Token) -> s.Name:
        return s.Name(str(token), span=self._token(token))

    def _names(self, tokens: list[Token]) -> tuple[s.Name, ...]:
        return tuple(self._name(token) for token in tokens)

    def conditional(self, meta, parts):
        return s.If(*parts, span=self._at(meta))

    def fold(self, meta, parts):
        return s.Fold(str(parts[0]), parts[1], parts[2], parts[3], span=self._at(meta))

    def reduce(self, meta, parts):
        return s.Reduce(str(parts[0]), parts[1], parts[2], span=self._at(meta))

    def count_of(self, meta, parts):
        """The sum of ones: whoever reads the tree knows one form."""
        at = self._at(meta)
        one, none = (s.Number(text, span=at) for text in "10")
        return s.Reduce("sum", parts[1], s.If(parts[2], one, none, span=at), span=at)

    def at(self, meta, parts):
        return s.At(parts[0], str(parts[1]), span=self._at(meta))

    def or_(self, meta, parts):
        return s.Logic("or", tuple(parts), span=self._at(meta))

    def and_(self, meta, parts):
        return s.Logic("and", tuple(parts), span=self._at(meta))

    def not_(self, meta, parts):
        return s.Logic("not", tuple(parts), span=self._at(meta))

    def compare(self, meta, parts):
        return s.Compare(tuple(map(str, parts[1::2])), tuple(parts[0::2]), span=self._at(meta))

    def is_(self, meta, parts):
        return s.Is(parts[0], str(parts[1]), span=self._at(meta))

    def binary(self, meta, parts):
        return s.Binary(str(parts[1]), parts[0], parts[2], span=self._at(meta))

    def power(self, meta, parts):
        return s.Binary("^", parts[0], parts[1], span=self._at(meta))

    def negative(self, meta, parts):
        return s.Negative(parts[1], span=self._at(meta))

    def select(self, meta, parts):
        body, *picks, first = parts
        return s.Select(body, tuple(picks), first, span=self._at(meta))

    def pick_one(self, meta, parts):
        return s.Pick(self._name(parts[0]), str(parts[1]), False, span=self._at(meta))

    def rename(self, meta, parts):
        return s.Pick(self._name(parts[0]), str(parts[1]), True, span=self._at(meta))

    def lookup(self, meta, parts):
        table, *index, default = parts
        return s.Lookup(table, tuple(index), default, span=self._at(meta))

    def default(self, meta, parts):
        """`x[otherwise y]` is short for a branch: whoever reads the tree knows one form."""
        subject, other = parts
        given = s.Call("given", (subject,), None, span=subject.span)
        return s.If(given, subject, other, span=self._at(meta))

    def call(self, meta, parts):
        function, *arguments, ties = parts
        arguments = tuple(part for part in arguments if part is not None)
        return s.Call(str(function), arguments, str(ties) if ties else None, span=self._at(meta))

    def number(self, meta, parts):
        return s.Number(str(parts[0]), span=self._token(parts[0]))

    def name(self, meta, parts):
        return self._name(parts[0])
