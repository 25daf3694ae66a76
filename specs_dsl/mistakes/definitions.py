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
