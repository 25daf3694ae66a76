"""CF04: definitions and guards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from specs_dsl.diagnostics import Diagnostic
from specs_dsl.spans import Span


@dataclass(frozen=True, slots=True)
class Undefined(Diagnostic):
    """A value that no clause defines."""

    code: ClassVar[str] = "CF0401"
    name: str

    def message(self) -> str:
        return f"no clause says what `{self.name}` must be"

    def hint(self) -> str | None:
        return "write its clause, or declare it as an input if the run gives it"


@dataclass(frozen=True, slots=True)
class Circular(Diagnostic):
    """Values that are defined by each other."""

    code: ClassVar[str] = "CF0402"
    names: tuple[str, ...]

    def message(self) -> str:
        return "defined in a circle: " + " → ".join((*self.names, self.names[0]))

    def hint(self) -> str | None:
        return "a value may not depend on itself; a running value is a `fold`"


@dataclass(frozen=True, slots=True)
class OverlappingGuards(Diagnostic):
    """Two clauses define one quantity at the same elements."""

    code: ClassVar[str] = "CF0403"
    name: str
    other: Span
    case: str

    def message(self) -> str:
        return f"`{self.name}` is defined twice when {self.case}"

    def label(self) -> str:
        return f"also by {self.other.where}"

    def hint(self) -> str | None:
        return "make the guards exclude each other"


@dataclass(frozen=True, slots=True)
class IncompleteGuards(Diagnostic):
    """A quantity that no clause defines in some case."""

    code: ClassVar[str] = "CF0404"
    name: str
    case: str

    def message(self) -> str:
        return f"no clause says what `{self.name}` is when {self.case}"

    def hint(self) -> str | None:
        return "add the missing case, or `otherwise`"


@dataclass(frozen=True, slots=True)
class Unused(Diagnostic):
    """A quantity that no clause speaks of."""

    code: ClassVar[str] = "CF0405"
    severity: ClassVar[Literal["error", "warning"]] = "warning"
    name: str

    def message(self) -> str:
        return f"no clause speaks of `{self.name}`"


@dataclass(frozen=True, slots=True)
class LoneOtherwise(Diagnostic):
    """`otherwise` without a case before it in the same clause."""

    code: ClassVar[str] = "CF0406"
    name: str

    def message(self) -> str:
        return f"`otherwise` has no earlier case of `{self.name}` in this clause to be the rest of"


@dataclass(frozen=True, slots=True)
class TooManyCases(Diagnostic):
    """The guards of one quantity ask for more conditions than can be checked."""

    code: ClassVar[str] = "CF0407"
    severity: ClassVar[Literal["error", "warning"]] = "warning"
    name: str

    def message(self) -> str:
        return f"the guards of `{self.name}` have too many conditions to prove that they cover each case once"


@dataclass(frozen=True, slots=True)
class Empty(Diagnostic):
    """A clause that demands nothing."""

    code: ClassVar[str] = "CF0408"

    def message(self) -> str:
        return "this clause has no equation and no requirement: nothing can break it"


@dataclass(frozen=True, slots=True)
class CannotFail(Diagnostic):
    """A requirement that no value can break: it would hold whatever a program does."""

    code: ClassVar[str] = "CF0409"

    def message(self) -> str:
        return "no value can break this requirement"

    def hint(self) -> str | None:
        return "say what a wrong program would violate, or take it away"


@dataclass(frozen=True, slots=True)
class CannotHold(Diagnostic):
    """A requirement that no value can satisfy: it would break whatever a program does."""

    code: ClassVar[str] = "CF0410"

    def message(self) -> str:
        return "no value can satisfy this requirement"

    def hint(self) -> str | None:
        return "two of its conditions exclude each other: is one of them turned round?"


@dataclass(frozen=True, slots=True)
class NeverTrue(Diagnostic):
    """A guard that is true in no case, so that what it guards is never judged."""

    code: ClassVar[str] = "CF0411"

    def message(self) -> str:
        return "this guard is never true"

    def hint(self) -> str | None:
        return "its conditions exclude each other, or the case in which the value exists at all: is one of them turned round?"
