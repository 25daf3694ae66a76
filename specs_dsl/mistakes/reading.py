"""CF01: what cannot be read: text, includes, sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from specs_dsl.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class SyntaxMistake(Diagnostic):
    """The grammar has no place for this word here."""

    code: ClassVar[str] = "CF0101"
    found: str
    expected: tuple[str, ...]
    bracket: str = ""           # what is wrong with the brackets before it, if that may be the reason

    def message(self) -> str:
        return f"{self.found} has no place here"

    def label(self) -> str:
        few = self.expected if len(self.expected) <= 6 else (*self.expected[:5], "…")
        return "expected " + (few[0] if len(few) == 1 else "one of " + ", ".join(few)) if few else ""

    def hint(self) -> str | None:
        if self.bracket:
            return self.bracket
        taken = "a name" in self.expected and self.found.strip("`").isidentifier()
        return "keywords such as `value`, `input`, `sum` cannot be names" if taken else None


@dataclass(frozen=True, slots=True)
class UnreadableText(Diagnostic):
    """A character that begins no word of the language, or a quotation mark without its partner on the line."""

    code: ClassVar[str] = "CF0102"
    found: str

    def message(self) -> str:
        return f"the character {self.found!r} begins no word of the language"

    def hint(self) -> str | None:
        return "a quoted sentence ends on the line it begins on" if self.found == '"' else "comments begin with `#`"


@dataclass(frozen=True, slots=True)
class CannotInclude(Diagnostic):
    """An included file cannot be read."""

    code: ClassVar[str] = "CF0103"
    path: str
    why: str

    def message(self) -> str:
        return f"cannot include `{self.path}`: {self.why}"

    def hint(self) -> str | None:
        return "paths are relative to the file that includes"


@dataclass(frozen=True, slots=True)
class IncludeLoop(Diagnostic):
    """A file that includes itself, by way of others or not."""

    code: ClassVar[str] = "CF0107"
    files: tuple[str, ...]      # each includes the next, the last the first

    def message(self) -> str:
        if len(self.files) == 1:
            return f"`{self.files[0]}` includes itself"
        return "files include each other in a circle: " + " → ".join(shortened((*self.files, self.files[0])))

    def hint(self) -> str | None:
        if len(self.files) == 1:
            return "take the line away, or name the file that was meant"
        return "move what both need into a file of its own, which both include"


def shortened(names: tuple[str, ...]) -> tuple[str, ...]:
    """Of a long way round its beginning and its end."""
    return names if len(names) <= 8 else (*names[:4], "…", *names[-3:])


@dataclass(frozen=True, slots=True)
class NestedTooDeeply(Diagnostic):
    """Operators inside operators, or brackets inside brackets, beyond what can be read; a chain such as a + b + c nests as well."""

    code: ClassVar[str] = "CF0104"
    most: int

    def message(self) -> str:
        return f"nested more than {self.most} deep"

    def hint(self) -> str | None:
        return "each operator of a chain counts: make a part of it a `value` with a clause of its own"


@dataclass(frozen=True, slots=True)
class NoSpec(Diagnostic):
    """No file says which spec these rules are of."""

    code: ClassVar[str] = "CF0105"

    def message(self) -> str:
        return "no `spec` line: which document do these rules quote?"

    def hint(self) -> str | None:
        return 'begin with a line such as: spec nanobragg "nanobragg.md"'


@dataclass(frozen=True, slots=True)
class TooLarge(Diagnostic):
    """The `let`s of this expression unfold into more than can be evaluated."""

    code: ClassVar[str] = "CF0106"
    most: int

    def message(self) -> str:
        return f"unfolds into more than {self.most} terms"

    def hint(self) -> str | None:
        return "make the repeated part a `value` with a clause of its own"
