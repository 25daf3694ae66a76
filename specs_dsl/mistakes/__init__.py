"""Every mistake a rules file can hold: one class, one code, one page of help (`codes/CFnnnn.md`).

CF01 reading · CF02 names and axes · CF03 units and kinds · CF04 definitions and guards · CF05 the spec's text ·
CF06 tolerances · CF07 the command line. A code is never reused.
"""

from specs_dsl.mistakes.axes import (
    AxisTaken, BadLookup, BadPrevious, DifferentLength, ExtraAxes, NeedsVector, NoAxisToReduce, NoVectorAxis, NotOnePlane, UnknownAxis,
    UnknownLabel,
)
from specs_dsl.mistakes.command import BadFlag, CannotFollow, ElsewhereInEquation, NotForRuns, NotFromCommand
from specs_dsl.mistakes.definitions import (
    CannotFail, CannotHold, Circular, Empty, IncompleteGuards, LoneOtherwise, NeverTrue, OverlappingGuards, TooManyCases, Undefined, Unused,
)
from specs_dsl.mistakes.document import NoDocument, NoQuote, NoReason, NoSuchSection, QuoteGone, TooLoose, TooTight
from specs_dsl.mistakes.names import (
    BadTies, BuiltIn, DeclaredTwice, NotDefinable, Recursive, UnknownFunction, UnknownName, WrongArguments,
)
from specs_dsl.mistakes.reading import CannotInclude, IncludeLoop, NestedTooDeeply, NoSpec, SyntaxMistake, TooLarge, UnreadableText
from specs_dsl.mistakes.units import (
    BadExponent, BeyondNumbers, MixedDimensions, NotDimensionless, OtherChoices, UnknownChoice, UnknownUnit, WrongDimension, WrongKind,
)

__all__ = [
    "AxisTaken", "BadExponent", "BadFlag", "BadLookup", "BadPrevious", "BadTies", "BeyondNumbers", "BuiltIn", "CannotFail", "CannotFollow", "CannotHold", "CannotInclude", "Circular", "DeclaredTwice",
    "DifferentLength", "ElsewhereInEquation", "Empty", "ExtraAxes", "IncludeLoop", "IncompleteGuards", "LoneOtherwise", "MixedDimensions", "NeedsVector",
    "NestedTooDeeply", "NeverTrue", "NoAxisToReduce", "NoDocument", "NoQuote", "NoReason", "NoSpec", "NoSuchSection",
    "NoVectorAxis", "NotDefinable", "NotForRuns", "NotFromCommand", "NotOnePlane", "NotDimensionless", "OtherChoices", "OverlappingGuards", "QuoteGone", "Recursive",
    "SyntaxMistake", "TooLarge", "TooLoose", "TooManyCases", "TooTight", "Undefined", "UnknownAxis", "UnknownChoice", "UnknownFunction",
    "UnknownLabel", "UnknownName", "UnknownUnit", "UnreadableText", "Unused", "WrongArguments", "WrongDimension",
    "WrongKind",
]
