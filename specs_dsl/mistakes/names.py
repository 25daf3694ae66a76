"""CF02: names of things, and what stands in brackets behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from specs_dsl.diagnostics import Diagnostic, did_you_mean
from specs_dsl.spans import Span


@dataclass(frozen=True, slots=True)
class UnknownName(Diagnostic):
    """A name that nothing declares."""

    code: ClassVar[str] = "CF0201"
    name: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"nothing declares `{self.name}`"

    def hint(self) -> str | None:
        return did_you_mean(self.name, self.known) or f"declare it: value {self.name} : 1"


@dataclass(frozen=True, slots=True)
class DeclaredTwice(Diagnostic):
    """A name or clause id that stands for two things, or a spec of two documents."""

    code: ClassVar[str] = "CF0202"
    name: str
    first: Span

    def message(self) -> str:
        return f"`{self.name}` is declared twice"

    def label(self) -> str:
        return f"first at {self.first.where}"

    def hint(self) -> str | None:
        return "one name has one home: remove one of the two"


@dataclass(frozen=True, slots=True)
class UnknownFunction(Diagnostic):
    """A function that is neither built in nor a `let`."""

    code: ClassVar[str] = "CF0204"
    name: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"no function is called `{self.name}`"

    def hint(self) -> str | None:
        return did_you_mean(self.name, self.known) or "built in are " + ", ".join(self.known)


@dataclass(frozen=True, slots=True)
class WrongArguments(Diagnostic):
    """A function is given more or fewer arguments than it takes."""

    code: ClassVar[str] = "CF0205"
    name: str
    takes: int
    given: int

    def message(self) -> str:
        return f"`{self.name}` takes {self.takes} argument{'s' * (self.takes != 1)}, here it is given {self.given}"


@dataclass(frozen=True, slots=True)
class NotDefinable(Diagnostic):
    """An equation for something that is not a value."""

    code: ClassVar[str] = "CF0209"
    name: str
    kind: str

    def message(self) -> str:
        return f"`{self.name}` is {self.kind} and cannot be defined by a clause"

    def hint(self) -> str | None:
        return f"declare it as a value, or write: require {self.name} == …"


@dataclass(frozen=True, slots=True)
class Recursive(Diagnostic):
    """A `let` that unfolds into itself."""

    code: ClassVar[str] = "CF0214"
    name: str

    def message(self) -> str:
        return f"`{self.name}` is defined by itself"


@dataclass(frozen=True, slots=True)
class BadTies(Diagnostic):
    """`nearest` without a tie rule, or a tie rule that does not exist or has no place."""

    code: ClassVar[str] = "CF0215"
    function: str
    given: str | None

    def message(self) -> str:
        if self.given is None:
            return f"`{self.function}` must say where halves go"
        return f"`ties {self.given}` has no meaning for `{self.function}`"

    def hint(self) -> str | None:
        return "nearest(x) ties down | up | even | away"


@dataclass(frozen=True, slots=True)
class BuiltIn(Diagnostic):
    """A declaration of a name that the language or its units have already."""

    code: ClassVar[str] = "CF0217"
    name: str
    what: str

    def message(self) -> str:
        return f"`{self.name}` is built in as {self.what}"

    def hint(self) -> str | None:
        return "choose another name"
