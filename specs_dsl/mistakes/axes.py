"""CF02: axes, components, vectors and look-ups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from specs_dsl.diagnostics import Diagnostic, did_you_mean, listed


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
class NotOnePlane(Diagnostic):
    """Peaks or distances among elements that do not lie along one axis."""

    code: ClassVar[str] = "CF0218"
    name: str
    axes: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.name}` works on elements along one axis, each with two coordinates"

    def label(self) -> str:
        return f"these have the axes {', '.join(self.axes) or 'none'}"

    def hint(self) -> str | None:
        return "peaks(image, slow, fast, 2, 25): the 25 highest, each the largest within 2 of it"


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
class BadPrevious(Diagnostic):
    """`previous` without a value for the first element, or in a place where it means nothing."""

    code: ClassVar[str] = "CF0219"
    rule: str

    def message(self) -> str:
        return f"`previous` cannot be used so: {self.rule}"

    def hint(self) -> str | None:
        return "for example: angle[step = previous otherwise start]"
