"""CF05: the spec's text. CF06: tolerances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from specs_dsl.diagnostics import Diagnostic, did_you_mean


@dataclass(frozen=True, slots=True)
class NoDocument(Diagnostic):
    """The spec document cannot be read."""

    code: ClassVar[str] = "CF0501"
    path: str
    why: str

    def message(self) -> str:
        return f"cannot read the spec `{self.path}`: {self.why}"


@dataclass(frozen=True, slots=True)
class NoSuchSection(Diagnostic):
    """The spec has no section of this clause's id."""

    code: ClassVar[str] = "CF0502"
    id: str
    document: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"{self.document} has no clause {self.id}"

    def hint(self) -> str | None:
        return did_you_mean(self.id, self.known)


@dataclass(frozen=True, slots=True)
class QuoteGone(Diagnostic):
    """The spec does not say (any more) what the clause quotes: the clause is suspect and is not judged."""

    code: ClassVar[str] = "CF0503"
    severity: ClassVar[Literal["error", "warning"]] = "warning"
    id: str
    document: str

    def message(self) -> str:
        return f"{self.document} does not say this under {self.id}; the clause is suspect and will not be judged"

    def hint(self) -> str | None:
        return "read the section, mend the equation if it must change, and quote the sentence as it stands now"


@dataclass(frozen=True, slots=True)
class NoQuote(Diagnostic):
    """A clause that quotes nothing."""

    code: ClassVar[str] = "CF0504"
    severity: ClassVar[Literal["error", "warning"]] = "warning"
    id: str

    def message(self) -> str:
        return f"clause {self.id} quotes no sentence of the spec"


@dataclass(frozen=True, slots=True)
class NoReason(Diagnostic):
    """A written tolerance without a reason."""

    code: ClassVar[str] = "CF0601"

    def message(self) -> str:
        return "a written tolerance needs a reason"

    def hint(self) -> str | None:
        return 'within 1e-6 relative because "the program stores this in single precision"'


@dataclass(frozen=True, slots=True)
class TooTight(Diagnostic):
    """A written tolerance below what double precision loses in so many operations."""

    code: ClassVar[str] = "CF0602"
    severity: ClassVar[Literal["error", "warning"]] = "warning"
    operations: int

    def message(self) -> str:
        return f"{self.operations} operations may lose more than this, in double precision too"

    def hint(self) -> str | None:
        return "without a tolerance the bound follows from the arithmetic"


@dataclass(frozen=True, slots=True)
class TooLoose(Diagnostic):
    """A written tolerance that is a thousand times what single precision may lose in so many operations."""

    code: ClassVar[str] = "CF0603"
    severity: ClassVar[Literal["error", "warning"]] = "warning"
    needed: float

    def message(self) -> str:
        return f"far more than the arithmetic needs: {self.needed:.1g} relative in single precision"

    def hint(self) -> str | None:
        return "without a tolerance the bound follows from the arithmetic; if the value is known no better, require a range"
