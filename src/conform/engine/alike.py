"""Did the sides do the same thing? Their commands and input files, as their traces name them, and which elements they
have, before any value is compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conform.engine.operands import Side
from conform.engine.parity import lengths_apart, same_elements

COMMAND, INPUT, ELEMENTS = "another command", "another input", "other elements"


@dataclass(frozen=True, slots=True)
class Unlike:
    """A side that did something else than it was meant to."""

    kind: str
    side: str
    text: str


@dataclass(frozen=True)
class Reached:
    """What the breaks of a check concern: the `quantities` that they are in or may have changed, a count that says how long a loop is
    perhaps among them; and the loops for whose turns a side `read` what it should not."""

    quantities: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()


def unlike(sides: Sequence[Side], asked: Sequence[str], reached: Reached | None = None) -> Iterator[Unlike]:
    """`asked`: the words of the run. A side may have been told more, such as its quirks; one that shows no command says nothing.
    `reached`: what the breaks concern. What is said of them, or accepted, is not said again here.
    """
    for side in sides:
        command = tuple(side.bundle.manifest.command or ())
        if command and asked and command[: len(asked)] != tuple(asked):
            yield Unlike(COMMAND, side.name, f"{side.name} was traced with another command than this run's: {_difference(command, asked)}")
    first, *rest = sides
    for other in rest:
        told, heard = (side.bundle.manifest.command for side in (first, other))
        if told and heard and told != heard and not asked:
            yield Unlike(COMMAND, other.name, f"{first.name} and {other.name} were made by different commands: `{' '.join(told)}` and `{' '.join(heard)}`")
        mine, theirs = first.bundle.manifest.inputs, other.bundle.manifest.inputs
        for name in sorted(set(mine) & set(theirs)):
            if mine[name] != theirs[name]:
                yield Unlike(INPUT, other.name, f"{first.name} and {other.name} read different files as {name}: SHA-256 {mine[name][:8]}… and {theirs[name][:8]}…")
        if not (first.bundle.is_log or other.bundle.is_log) and (apart := same_elements(first, other)) and not (reached and _is_known(first, other, reached)):      # what a log leaves out may have been there
            yield Unlike(ELEMENTS, other.name, apart)


def _is_known(first: Side, other: Side, reached: Reached) -> bool:
    """Whether of each loop of another length a break is told that concerns its length."""
    spec = first.spec
    counts = [q.name for q in spec.quantities.values() if q.kind == "count" and not q.axes and q.name in reached.quantities and first.has(q.name) and other.has(q.name)]
    said = {tuple(int(side.bundle.values(name)) for side in (first, other)) for name in counts}
    apart = lengths_apart(first, other)
    return bool(apart) and all(pair in said or axis in reached.read for axis, pair in apart.items())


def _difference(command: Sequence[str], asked: Sequence[str]) -> str:
    """Where they first differ, with the flag before it."""
    at = next((i for i, (a, b) in enumerate(zip(command, asked, strict=False)) if a != b), min(len(command), len(asked)))
    start = at - 1 if at > 0 and asked[at - 1].startswith("-") else at
    told, wanted = (" ".join(words[start : at + 1]) or "nothing more" for words in (command, asked))
    return f"`{told}` where the run has `{wanted}`"
