"""A checked spec: what the engine is given. Every name is known, every axis and unit fits, every `let` is unfolded."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar

from specs_dsl.diagnostics import Diagnostic
from specs_dsl.spans import Span
from specs_dsl.syntax import Expr, Tolerance

Kind = Literal["number", "count", "flag", "choice"]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Axis:
    """A loop level, a component axis (with labels) or a grid axis (with integer coordinates)."""

    name: str
    kind: Literal["loop", "component", "grid"]
    labels: tuple[str, ...]
    vector: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """Words of a command line that give an input; without a `meaning` its value is what follows them."""

    words: tuple[str, ...]
    meaning: str | None

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named value. `axes` are in the spec's order; `factor` brings its unit to SI base units."""

    name: str
    role: Literal["input", "value", "const"]
    axes: tuple[str, ...]
    unit: str
    factor: float
    kind: Kind
    choices: tuple[str, ...]
    number: str                 # of a const: its literal
    span: Span
    exists: Expr | None = None  # where it exists at all; its equations' guards include this
    flags: tuple[Flag, ...] = ()        # of an input that comes from the command line and not from the trace


@dataclass(frozen=True, slots=True)
class Equation:
    """`target = right` where `guard` is true. `case` is the guard without the condition that the target exists."""

    clause: str
    target: str
    right: Expr
    guard: Expr | None
    case: Expr | None
    tolerance: Tolerance | None
    span: Span


@dataclass(frozen=True, slots=True)
class Requirement:
    """A property of traced values, where `guard` is true."""

    clause: str
    condition: Expr
    guard: Expr | None
    tolerance: Tolerance | None
    span: Span


@dataclass(frozen=True, slots=True)
class Clause:
    id: str
    title: str
    quotes: tuple[str, ...]
    equations: tuple[Equation, ...]
    requirements: tuple[Requirement, ...]
    suspect: bool               # the spec does not contain what the clause quotes
    span: Span

    @property
    def statements(self) -> tuple[Equation | Requirement, ...]:
        """In the order of their numbers."""
        return (*self.equations, *self.requirements)


@dataclass(frozen=True, slots=True)
class Rerun:
    """The run that is judged, once more with another command line: inputs that it is given instead, words that are added."""

    name: str
    changes: tuple[tuple[str, Expr | None], ...]         # an input and its value; or words and None
    span: Span


@dataclass(frozen=True)
class Spec:
    """Clauses stand in graph order: no clause before those that its operands come from."""

    name: str
    document: str
    axes: Mapping[str, Axis]
    quantities: Mapping[str, Quantity]
    clauses: tuple[Clause, ...]
    units: Mapping[str, str]
    warnings: tuple[Diagnostic, ...] = field(repr=False)
    files: tuple[str, ...]
    reruns: Mapping[str, Rerun] = field(default_factory=dict)

    @cached_property
    def definitions(self) -> Mapping[str, tuple[Equation, ...]]:
        """Of each value, the guarded equations that say what it must be."""
        found: dict[str, list[Equation]] = {}
        for clause in self.clauses:
            for equation in clause.equations:
                found.setdefault(equation.target, []).append(equation)
        return {name: tuple(items) for name, items in found.items()}

    @cached_property
    def by_id(self) -> Mapping[str, Clause]:
        return {clause.id: clause for clause in self.clauses}

    def once(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """An answer that follows from the spec and the question alone: worked out once, for it may be asked hundreds of times."""
        if question not in self._answers:
            self._answers[question] = ask()
        return self._answers[question]

    @cached_property
    def _answers(self) -> dict[Hashable, Any]:
        return {}
