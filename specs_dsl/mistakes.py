"""Every mistake a rules file can hold: one class, one code, one page of help (`codes/CFnnnn.md`).

CF01 reading · CF02 names and axes · CF03 units and kinds · CF04 definitions and guards · CF05 the spec's text ·
CF06 tolerances. A code is never reused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from specs_dsl.diagnostics import Diagnostic, did_you_mean
from specs_dsl.spans import Span


def listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


# --- CF01: reading ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SyntaxMistake(Diagnostic):
    """The grammar has no place for this word here."""

    code: ClassVar[str] = "CF0101"
    found: str
    expected: tuple[str, ...]

    def message(self) -> str:
        return f"{self.found} has no place here"

    def label(self) -> str:
        few = self.expected if len(self.expected) <= 6 else (*self.expected[:5], "…")
        return "expected " + (few[0] if len(few) == 1 else "one of " + ", ".join(few)) if few else ""

    def hint(self) -> str | None:
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
class NestedTooDeeply(Diagnostic):
    """Operators inside operators beyond what can be read; a chain such as a + b + c nests as well."""

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


# --- CF02: names and axes --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnknownName(Diagnostic):
    """A name that nothing declares."""

    code: ClassVar[str] = "CF0201"
    name: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"nothing declares `{self.name}`"

    def hint(self) -> str | None:
        return did_you_mean(self.name, self.known) or f"declare it: value {self.name}[pixel] : 1"


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
class UnknownAxis(Diagnostic):
    """An axis that nothing declares."""

    code: ClassVar[str] = "CF0203"
    axis: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"no axis is called `{self.axis}`"

    def label(self) -> str:
        return f"axes are {', '.join(self.known)}" if self.known else "no axis is declared"

    def hint(self) -> str | None:
        return did_you_mean(self.axis, self.known)


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
class ExtraAxes(Diagnostic):
    """The right side or the guard varies along an axis that the quantity does not have."""

    code: ClassVar[str] = "CF0206"
    target: str
    has: tuple[str, ...]
    extra: tuple[str, ...]
    what: str = "right side"

    def message(self) -> str:
        return f"the {self.what} varies along {listed(self.extra)}, which `{self.target}` does not have"

    def label(self) -> str:
        return f"`{self.target}` has {', '.join(self.has) or 'no axes'}"

    def hint(self) -> str | None:
        return f"sum over {self.extra[0]}, select [{self.extra[0]} = last], or declare `{self.target}` with it"


@dataclass(frozen=True, slots=True)
class NoAxisToReduce(Diagnostic):
    """A reduction, fold or selection names an axis that its operand does not have."""

    code: ClassVar[str] = "CF0207"
    axis: str
    known: tuple[str, ...]
    what: str

    def message(self) -> str:
        return f"no axis `{self.axis}` to {self.what}"

    def label(self) -> str:
        return f"the operand has {', '.join(self.known) or 'no axes'}"

    def hint(self) -> str | None:
        return did_you_mean(self.axis, self.known)


@dataclass(frozen=True, slots=True)
class UnknownLabel(Diagnostic):
    """A selection names a position that the axis does not have."""

    code: ClassVar[str] = "CF0208"
    axis: str
    label_: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"axis `{self.axis}` has no element `{self.label_}`"

    def hint(self) -> str | None:
        return f"one of {', '.join(self.known)}"


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
class NeedsVector(Diagnostic):
    """A vector function is given something without the vector axis."""

    code: ClassVar[str] = "CF0210"
    function: str
    axis: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.function}` works along the vector axis `{self.axis}`, which this operand lacks"

    def label(self) -> str:
        return f"it has {', '.join(self.known) or 'no axes'}"


@dataclass(frozen=True, slots=True)
class NoVectorAxis(Diagnostic):
    """A vector function in a spec without exactly one vector axis."""

    code: ClassVar[str] = "CF0211"
    function: str

    def message(self) -> str:
        return f"`{self.function}` needs an axis of three components that is declared `vector`"

    def hint(self) -> str | None:
        return "axis xyz = x, y, z vector"


@dataclass(frozen=True, slots=True)
class BadLookup(Diagnostic):
    """A look-up in something that is no grid, or with indices that do not fit it."""

    code: ClassVar[str] = "CF0212"
    why: str

    def message(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True)
class DifferentLength(Diagnostic):
    """An axis is renamed to one of another length."""

    code: ClassVar[str] = "CF0213"
    axis: str
    other: str

    def message(self) -> str:
        return f"`{self.axis}` cannot stand for `{self.other}`: they differ in length"


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
class AxisTaken(Diagnostic):
    """An axis is renamed to one that the operand has already."""

    code: ClassVar[str] = "CF0216"
    axis: str
    other: str

    def message(self) -> str:
        return f"`{self.axis}` cannot stand for `{self.other}`: the operand already varies along `{self.other}`"

    def hint(self) -> str | None:
        return "two axes do not become one: declare another axis of that length"


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


# --- CF03: units and kinds -------------------------------------------------------------------------------------------


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


# --- CF04: definitions and guards ------------------------------------------------------------------------------------


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


# --- CF05: the spec's text -------------------------------------------------------------------------------------------


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


# --- CF06: tolerances ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoReason(Diagnostic):
    """A written tolerance without a reason."""

    code: ClassVar[str] = "CF0601"

    def message(self) -> str:
        return "a written tolerance needs a reason"

    def hint(self) -> str | None:
        return 'within 1e-6 relative because "the program stores this in single precision"'
