"""The report `conform-report/1`: stable, documented in docs/report.md, the same bytes for the same findings.

Carries no clock and no path of a machine. What is infinite or not a number is a string ("Infinity", "NaN").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from conform.exits import Verdict

_CONTROL = {code: None for code in (*range(32), *range(127, 160)) if code != 10}


def printable(text: str) -> str:
    """What is written by others, without control codes and halves of characters."""
    return text.encode("utf-8", "replace").decode().translate(_CONTROL)


class Entry(BaseModel):
    """What is written by others (titles, quotes, messages, commands) is shown without control codes."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings", defer_build=True)

    @field_validator("*", mode="before")
    @classmethod
    def _printable(cls, value: object) -> object:
        return printable(value) if isinstance(value, str) else value


class Break(Entry):
    """A clause that a side breaks: a root, for clauses are judged on the side's own operands."""

    clause: str
    title: str
    quotes: tuple[str, ...]
    source: str                          # rules file and line
    side: str
    target: str
    at: Mapping[str, int]                # the first broken element in loop order
    labels: Mapping[str, str]            # the names of its components
    traced: float
    required: float
    margin: float                        # worst residual, in bounds
    ulps: float
    bits: float
    relative: float | None = None        # worst residual, of the largest value that is required; None if that says nothing
    elements: int                        # judged
    broken: int
    broken_at: Mapping[str, tuple[int, ...]]     # of each loop axis, the indices at which it breaks, if not at all
    tile_axis: str
    coordinates: tuple[str, ...]         # those names in `at` that say where on the tile axis
    tiles_judged: int
    tiles_broken: int
    others: Mapping[str, str]            # what the clause says of the other sides
    speaks_for: tuple[str, ...]          # clauses whose values the side did not trace: the mistake may be in any of them
    computes_instead: str                # in words; empty if no variant fits
    instead_equation: str                # the same in the rules language, where it can be said
    written_at: str = ""                 # file and line of the side's program that handed the value over
    trace_problem: str = ""              # the trace is at fault, and not the computation: the kind of fault
    ambiguous: str = ""                  # the spec leaves a choice here: what it is, and the tolerance at which the verdict flips
    trace_says: str = ""                 # what the trace holds in the place of the value
    pairs_tried: int = 0                 # no mistake fits, and the search for two at once ended after so many


class Judgement(Entry):
    """One verdict."""

    clause: str
    side: str
    outcome: Literal["holds", "breaks", "tie", "ill-conditioned", "waived", "unchecked"]
    margin: float | None
    ulps: float | None
    bits: float | None
    elements: int
    ties: int
    ill: int                             # elements that are ill-conditioned: counted, neither a pass nor a break
    worst_at: Mapping[str, int] | None
    reason: str | None
    lost: int = 0                        # elements that the reason concerns, where it is not the clause as a whole
    excused: str | None                  # why the run is not meant to judge it, or why that is accepted
    speaks_for: tuple[str, ...]


class Unchecked(Entry):
    """A clause that was not judged on some sides, with the reason; `excused` if the run file says why that is right."""

    clause: str
    title: str
    sides: tuple[str, ...]
    reason: str
    excused: str | None


class Difference(Entry):
    """One quantity on two sides: information, no verdict."""

    quantity: str
    sides: tuple[str, str]
    elements: int
    differing: int                       # by more than the rounding of both sides from the inputs on
    worst: float                         # relative, of those
    largest: float                       # relative, of all


class Explained(Entry):
    """One break repaired, the others kept: what differed because of it, and what still differs."""

    clause: str
    side: str
    against: str
    differing: tuple[str, ...]
    worst: Mapping[str, float]
    still: tuple[str, ...]
    given: tuple[str, ...]               # inputs that differ between the sides: the rules take them as they are
    share: float | None = None           # of all that the breaks change in the final quantity


class GivenDifference(Entry):
    """An input of the rules that two sides have differently: each then computed something else, whatever the clauses say."""

    quantity: str
    unit: str
    sides: tuple[str, str]
    at: Mapping[str, int]                # the first element that differs
    values: tuple[float, float] | tuple[str, str]
    differing: int
    elements: int
    ratio: float | None                  # the second over the first, if that is the same everywhere
    guess: str                           # the unit or option that explains it; may be empty


class UnlikeEntry(Entry):
    """A side whose trace is that of another command, or that read other files."""

    kind: str
    side: str
    text: str


class Left(Entry):
    """What differs between two sides with every break repaired, and what may be behind it."""

    sides: tuple[str, str]
    quantities: tuple[str, ...]
    clauses: tuple[str, ...]             # upstream and not judged on both sides
    given: tuple[str, ...]


class WaterfallStep(Entry):
    """What one break makes of the final values: a factor on their sum, one at the element, and its share of all |log(factor)|."""

    clauses: tuple[str, ...]
    side: str
    target: str
    factor: float
    at_element: float
    share: float


class WaterfallEntry(Entry):
    """The ratio of the final values of two sides as a product: its steps on the first over those on the second, times `left`."""

    quantity: str
    sides: tuple[str, ...]
    at: Mapping[str, int]
    steps: tuple[WaterfallStep, ...]
    ratio: float | None
    ratio_at_element: float | None
    left: float | None
    left_at_element: float | None


class Waived(Entry):
    """A break that a waiver accepts: what was found, and what was accepted: `accepted_margin` and `_share`, or `_relative`."""

    found: Break
    share: float                         # of the judged elements, those that break
    accepted_margin: float | None
    accepted_share: float | None
    accepted_relative: float | None = None
    inputs: tuple[GivenDifference, ...] = ()     # which the sides have differently because of it
    reason: str
    owner: str
    expires: str                         # the last day, as 2027-12-31


class WaivedUnjudged(Entry):
    """A clause that was not judged on a side, and a waiver that accepts so. It is no pass, and no break."""

    clause: str
    title: str
    side: str
    why: str                             # it was not judged
    elements: int                        # at which it was not; 0 where that is the clause as a whole
    because: str                         # the waived break that it follows from; empty if it stands alone
    reason: str
    owner: str
    expires: str


class FailedWaiver(Entry):
    """A waiver that no longer fits: it fails the run until somebody has looked at it."""

    clause: str
    side: str
    problem: Literal["grew", "gone", "changed", "expired", "unmatched", "otherwise", "unfounded"]
    text: str


class Provenance(Entry):
    """One side: who made its trace, and from what."""

    side: str
    inputs_from: str | None              # the side whose inputs stand in for those that this one did not trace
    lent: Mapping[str, str] = {}         # each of those inputs, and the side that lent it
    program: str
    version: str
    language: str
    compiler: str
    flags: str
    dtype: str
    device: str
    threads: int
    quirks: tuple[str, ...]
    build: str
    notes: tuple[str, ...] = ()          # of a log: what in it was not read, or odd
    command: tuple[str, ...]
    inputs: Mapping[str, str]


class Stated(Entry):
    """A clause of the rules: what it says, where, and its place in the graph."""

    clause: str
    title: str
    quotes: tuple[str, ...]
    source: str                          # rules file and line
    document: str                        # the document and the line of its heading; empty if it has none
    text: str                            # as its author wrote it
    needs: tuple[str, ...]               # quantities
    defines: tuple[str, ...]
    layer: int                           # of the graph, from 1


class Label(Entry):
    """Values that are in another unit than their raw name says; `clauses` hold with the true one, so the computation is right."""

    quantity: str
    raw: str
    sides: tuple[str, ...]
    says: str
    true: str
    clauses: tuple[str, ...]


class Report(Entry):
    format: Literal["conform-report/1"] = "conform-report/1"
    spec: str
    rules: str
    run: str
    title: str = ""                      # of the run file
    sides: tuple[str, ...]
    elements: int                        # of the tile axis: traced elements
    tile_axis: str
    clauses: int                         # in the rules
    judged: int                          # on at least one side
    exit_code: Verdict
    first_break: Break | None
    roots: tuple[Break, ...]
    verdicts: tuple[Judgement, ...]
    unchecked: tuple[Unchecked, ...]
    parity: tuple[Difference, ...]
    incomparable: str
    explained: Explained | None
    repairs: tuple[Explained, ...] = ()  # of each root, the first ones; `explained` is that of the first
    given: tuple[GivenDifference, ...] = ()
    unlike: tuple[UnlikeEntry, ...] = () # sides that did something else than this run asks for
    left: tuple[Left, ...] = ()
    waterfall: WaterfallEntry | None = None
    provenance: tuple[Provenance, ...]
    wrong_labels: tuple[Label, ...] = ()
    waived: tuple[Waived, ...] = ()
    waived_unjudged: tuple[WaivedUnjudged, ...] = ()
    waivers_failed: tuple[FailedWaiver, ...] = ()
    stated: tuple[Stated, ...] = ()      # every clause of the rules, in graph order
