"""CF07: inputs that come from the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from specs_dsl.diagnostics import Diagnostic, listed


@dataclass(frozen=True, slots=True)
class NotFromCommand(Diagnostic):
    """`given`, or `otherwise`, of something that does not come from the command line."""

    code: ClassVar[str] = "CF0701"
    known: tuple[str, ...]

    def message(self) -> str:
        return "only an input that comes from the command line is given or not"

    def label(self) -> str:
        return f"those that do: {listed(self.known)}" if self.known else "no input does"

    def hint(self) -> str | None:
        return 'declare one: input flux_flag : 1/s from "-flux"'


@dataclass(frozen=True, slots=True)
class BadFlag(Diagnostic):
    """A flag that no command line can have, or that is there twice."""

    code: ClassVar[str] = "CF0702"
    why: str

    def message(self) -> str:
        return f"this is no flag: {self.why}"

    def hint(self) -> str | None:
        return 'a flag is written as the program is given it: "-lambda", or with the word after it: "-misset random"'


@dataclass(frozen=True, slots=True)
class CannotFollow(Diagnostic):
    """A value that no words of a command line can stand for."""

    code: ClassVar[str] = "CF0703"
    name: str
    why: str

    def message(self) -> str:
        return f"`{self.name}` cannot come from the command line: {self.why}"

    def hint(self) -> str | None:
        return "numbers follow their flag, as many as the components; a choice is the word that follows, or is named with `is`"


@dataclass(frozen=True, slots=True)
class NotForRuns(Diagnostic):
    """The command line of another run depends on something that is known only when a program has run."""

    code: ClassVar[str] = "CF0704"
    name: str

    def message(self) -> str:
        return f"the command line of a run cannot depend on `{self.name}`, which is no part of one"

    def hint(self) -> str | None:
        return "only constants and inputs from the command line are known before anything runs"


@dataclass(frozen=True, slots=True)
class ElsewhereInEquation(Diagnostic):
    """`@` in what defines a value: a program computes from its own values."""

    code: ClassVar[str] = "CF0705"

    def message(self) -> str:
        return "only a requirement compares sides or runs"

    def hint(self) -> str | None:
        return "make it a requirement: require image == image@torch"
