"""Clauses of the text to clauses of the spec: quotes compared, expressions unfolded and typed, guards made whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isinf

from specs_dsl import mistakes as m
from specs_dsl import syntax as s
from specs_dsl.declare import Scope, accumulators, guard
from specs_dsl.inference import Inference, Type, is_zero
from specs_dsl.lets import Lets
from specs_dsl.quotes import plain
from specs_dsl.spans import Span
from specs_dsl.spec import Clause, Equation, Quantity, Requirement

_WORDS = {"number": "a number", "count": "a whole number", "flag": "a condition", "choice": "a choice"}


@dataclass
class _Cases:
    """What one clause has said of one quantity so far: the conditions it wrote, and where it said `otherwise`."""

    written: list[s.Expr] = field(default_factory=list)
    rest: Span | None = None


@dataclass
class Clauses:
    """What turns one clause after the other. `texts`: clause id to the document's text; None if there is no document."""

    scope: Scope
    lets: Lets
    inference: Inference
    texts: Mapping[str, str] | None
    document: str

    def all(self, items: list[s.Item]) -> list[Clause]:
        clauses: list[Clause] = []
        seen: dict[str, Span] = {}
        for item in items:
            if not isinstance(item, s.Clause):
                continue
            if item.id in seen:
                self.scope.found.append(m.DeclaredTwice(item.id_span, item.id, seen[item.id]))
                continue
            seen[item.id] = item.id_span
            if not item.statements:
                self.scope.found.append(m.Empty(item.id_span))
            clauses.append(self._clause(item))
        return clauses

    def _clause(self, item: s.Clause) -> Clause:
        suspect = self._suspect(item)
        equations: list[Equation] = []
        requirements: list[Requirement] = []
        cases: dict[str, _Cases] = {}
        for statement in item.statements:
            if statement.tolerance and not statement.tolerance.reason:
                self.scope.found.append(m.NoReason(statement.tolerance.span))
            if statement.tolerance and isinf(float(statement.tolerance.amount.text)):
                self.scope.found.append(m.BeyondNumbers(statement.tolerance.amount.span))
            if isinstance(statement, s.Equation):
                if equation := self._equation(item.id, statement, cases.setdefault(statement.target.text, _Cases())):
                    equations.append(equation)
            elif requirement := self._requirement(item.id, statement):
                requirements.append(requirement)
        quotes = tuple(quote.text for quote in item.quotes)
        return Clause(item.id, item.title, quotes, tuple(equations), tuple(requirements), suspect, item.span)

    # --- the document --------------------------------------------------------------------------------------------
    def _suspect(self, item: s.Clause) -> bool:
        """Whether the spec fails to contain what the clause quotes; each such quote is a warning."""
        if self.texts is None:
            return False
        if item.id not in self.texts:
            self.scope.found.append(m.NoSuchSection(item.id_span, item.id, self.document, tuple(self.texts)))
            return True
        if not any(plain(quote.text) for quote in item.quotes):
            self.scope.found.append(m.NoQuote(item.id_span, item.id))
        text = self.texts[item.id]
        gone = [quote.span for quote in item.quotes if plain(quote.text) not in text]
        self.scope.found.extend(m.QuoteGone(span, item.id, self.document) for span in gone)
        return bool(gone)

    # --- equations -----------------------------------------------------------------------------------------------
    def _equation(self, clause: str, statement: s.Equation, cases: _Cases) -> Equation | None:
        target = self._target(statement.target)
        case = self._case(statement, target, cases)
        accumulators(statement.right, self.scope)
        right = self.lets.unfold(statement.right)
        inference = self.inference.with_words(target.choices) if target is not None and target.choices else self.inference
        found = inference.infer(right) if right is not None else None
        if target is None or found is None or right is None:
            return None
        if elsewhere := next((part for part in s.walk(right) if isinstance(part, s.At)), None):
            self.scope.found.append(m.ElsewhereInEquation(elsewhere.span))
        self._fits(statement, target, found)
        return Equation(clause, target.name, right, both(target.exists, case), case, statement.tolerance, statement.span)

    def _target(self, name: s.Name) -> Quantity | None:
        target = self.scope.quantities.get(name.text)
        if target is None:
            known = tuple(name for name, q in self.scope.quantities.items() if q.role == "value")
            self.scope.found.append(m.UnknownName(name.span, name.text, known))
        elif target.role != "value":
            self.scope.found.append(m.NotDefinable(name.span, target.name, "an input" if target.role == "input" else "a constant"))
        return target

    def _fits(self, statement: s.Equation, target: Quantity, found: Type) -> None:
        """Kinds, axes and dimensions of both sides."""
        scope, wanted, where = self.scope, self.scope.types[target.name], statement.right.span
        if found.kind != wanted.kind and not (wanted.kind == "number" and found.kind == "count"):
            scope.found.append(m.WrongKind(where, _WORDS[wanted.kind], _WORDS[found.kind]))
        elif found.choices != wanted.choices:
            scope.found.append(m.OtherChoices(where, wanted.choices, found.choices))
        elif found.dimension != wanted.dimension and not is_zero(statement.right):
            left, right = scope.units.spelled(wanted.dimension), scope.units.spelled(found.dimension)
            scope.found.append(m.WrongDimension(where, target.name, left, right))
        if extra := found.axes - wanted.axes:
            scope.found.append(m.ExtraAxes(where, target.name, target.axes, self.inference.ordered(extra)))

    def _case(self, statement: s.Equation, target: Quantity | None, cases: _Cases) -> s.Expr | None:
        """The guard as written; `otherwise` is "none of the cases of this quantity that this clause wrote so far"."""
        if statement.guard is None:
            return None
        if statement.guard.condition is not None:
            condition = guard(statement.guard.condition, target, self.scope, self.lets, self.inference)
            cases.written += [condition] if condition is not None else []
            return condition
        span = statement.guard.span
        if not cases.written:
            self.scope.found.append(m.LoneOtherwise(span, statement.target.text))
            return None
        if cases.rest is not None:
            self.scope.found.append(m.OverlappingGuards(span, statement.target.text, cases.rest, "no case before `otherwise` holds"))
            return None
        cases.rest = span
        denied = [s.Logic("not", (case,), span=span) for case in cases.written]
        return denied[0] if len(denied) == 1 else s.Logic("and", tuple(denied), span=span)

    # --- requirements --------------------------------------------------------------------------------------------
    def _requirement(self, clause: str, statement: s.Requirement) -> Requirement | None:
        accumulators(statement.condition, self.scope)
        condition = self.lets.unfold(statement.condition)
        if condition is None or self.inference.condition(condition) is None:
            return None
        where = None
        if statement.guard is not None:
            if statement.guard.condition is None:
                self.scope.found.append(m.LoneOtherwise(statement.guard.span, "require"))
                return None
            where = guard(statement.guard.condition, None, self.scope, self.lets, self.inference)
        return Requirement(clause, condition, where, statement.tolerance, statement.span)


def both(first: s.Expr | None, second: s.Expr | None) -> s.Expr | None:
    """The conjunction of two guards, either of which may be absent."""
    if first is None or second is None:
        return first if second is None else second
    return s.Logic("and", (first, second), span=second.span)
