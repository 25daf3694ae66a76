"""CF03: units and kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from specs_dsl.diagnostics import Diagnostic, did_you_mean


@dataclass(frozen=True, slots=True)
class UnknownUnit(Diagnostic):
    """A unit that the unit library does not know and no `unit` line declares."""

    code: ClassVar[str] = "CF0301"
    unit: str
    why: str

    def message(self) -> str:
        return f"`{self.unit}` is not a unit: {self.why}"

    def hint(self) -> str | None:
        return "a unit of your own needs a line such as: unit photon" if "not defined" in self.why else None


@dataclass(frozen=True, slots=True)
class WrongDimension(Diagnostic):
    """The two sides of an equation have different dimensions."""

    code: ClassVar[str] = "CF0302"
    target: str
    left: str
    right: str

    def message(self) -> str:
        return f"`{self.target}` is in {self.left}, the right side in {self.right}"

    def hint(self) -> str | None:
        return "look for a factor that is missing or there twice"


@dataclass(frozen=True, slots=True)
class MixedDimensions(Diagnostic):
    """Values of different dimensions are added, compared or offered as alternatives."""

    code: ClassVar[str] = "CF0303"
    what: str
    left: str
    right: str

    def message(self) -> str:
        return f"{self.what} {self.left} and {self.right}"

    def label(self) -> str:
        return f"this is in {self.right}"


@dataclass(frozen=True, slots=True)
class NotDimensionless(Diagnostic):
    """A function of a pure number is given something with a unit."""

    code: ClassVar[str] = "CF0304"
    function: str
    unit: str

    def message(self) -> str:
        return f"`{self.function}` is a function of a pure number, this is in {self.unit}"

    def hint(self) -> str | None:
        return "divide by a constant of that unit"


@dataclass(frozen=True, slots=True)
class WrongKind(Diagnostic):
    """A condition where a number is wanted, or the reverse."""

    code: ClassVar[str] = "CF0305"
    wanted: str
    found: str

    def message(self) -> str:
        return f"this is {self.found}, wanted is {self.wanted}"


@dataclass(frozen=True, slots=True)
class BadExponent(Diagnostic):
    """A value with a unit is raised to a power that is not a literal number of at most two digits."""

    code: ClassVar[str] = "CF0306"
    unit: str

    def message(self) -> str:
        return f"the exponent of a value in {self.unit} must be a literal number up to 99, or its unit would vary"


@dataclass(frozen=True, slots=True)
class BeyondNumbers(Diagnostic):
    """A number as written that is larger than any that a program can hold."""

    code: ClassVar[str] = "CF0309"

    def message(self) -> str:
        return "no double holds so large a number: it would be infinite"

    def hint(self) -> str | None:
        return "the largest is 1.7976931348623157e308"


@dataclass(frozen=True, slots=True)
class OtherChoices(Diagnostic):
    """Two choices among different words, or the same in another order."""

    code: ClassVar[str] = "CF0308"
    wanted: tuple[str, ...]
    found: tuple[str, ...]

    def message(self) -> str:
        return f"this is one of {', '.join(self.found)}; wanted is one of {', '.join(self.wanted)}"

    def hint(self) -> str | None:
        return "declare both with the same words in the same order"


@dataclass(frozen=True, slots=True)
class UnknownChoice(Diagnostic):
    """`is` asks for a word that the quantity cannot have."""

    code: ClassVar[str] = "CF0307"
    choice: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"it can never be `{self.choice}`"

    def label(self) -> str:
        return f"it is one of {', '.join(self.known)}" if self.known else "this is not a choice among words"

    def hint(self) -> str | None:
        return did_you_mean(self.choice, self.known)
