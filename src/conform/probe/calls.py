"""What a call may be a call of, and what is known of those that have no text here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from conform.probe.index import resolve
from conform.probe.library import AT_ANY_MOMENT, CALLS_BACK_LATER, PRINTS, READS_ONLY, WRITES_ARGUMENTS
from conform.probe.objects import Objects
from conform.probe.paths import arguments, callee
from conform.probe.pieces import Piece
from conform.probe.syntax import Source, text_of
from conform.probe.targets import Memory

if TYPE_CHECKING:
    from tree_sitter import Node

EVERYTHING = Memory(names=True)          # what a function may write that nobody has seen
TAKEN = ""                               # in the place of a name: any function of the file that a pointer may lead to


@dataclass(frozen=True)
class Summary:
    """What a call of a function does. Parts of arguments, and which are kept and returned, by their number; of what is everybody's the numbers."""

    arguments: frozenset[tuple[int, tuple[str, ...], int | None]] = frozenset()
    keeps: frozenset[int] = frozenset()
    returns: frozenset[int] = frozenset()
    others: int = 0                      # a set of Numbered

    def with_(self, other: Summary) -> Summary:
        return Summary(self.arguments | other.arguments, self.keeps | other.keeps, self.returns | other.returns, self.others | other.others)


class Calls:
    """Of one source. `everything`: the set that EVERYTHING alone is."""

    def __init__(self, source: Source, everything: int) -> None:
        self.source, self.everything = source, everything

    def meant(self, objects: Objects, piece: Piece) -> tuple[tuple[str, ...], Summary]:
        """The functions of the file that a call may be a call of, and what it may do besides."""
        name, every = callee(piece.node), tuple(range(len(arguments(piece.node))))
        if name and resolve(objects.index, name, piece.at) is None:
            if name in self.source.functions:
                unnamed = [number for one in self.source.functions[name] if one.is_variadic for number in every[len(one.parameters) :]]
                return (name,), Summary(_written(unnamed), frozenset(unnamed))
            if any(macro.parameters is not None for macro in self.source.macros.get(name, ())):
                return (), Summary()                             # its text has pieces of its own
            if self.is_known(name):
                return (), Summary(_written(every)) if name in WRITES_ARGUMENTS or (name in PRINTS and self.counts_what_it_prints) else Summary()
        if meant := self._functions_meant(objects, piece.node.child_by_field_name("function"), piece.at):
            return tuple(sorted(meant)), Summary()
        return (TAKEN,), Summary(_written(every), frozenset(every), others=self.everything)

    def _functions_meant(self, objects: Objects, node: Node | None, at: int) -> set[str]:
        """The functions of the file that an expression chooses among; none if there may be others."""
        while node is not None and node.type in ("parenthesized_expression", "pointer_expression") and node.named_children:
            node = node.named_children[-1]
        if node is not None and node.type == "conditional_expression":
            both = [self._functions_meant(objects, node.child_by_field_name(key), at) for key in ("consequence", "alternative")]
            return set().union(*both) if all(both) else set()
        known = node is not None and node.type == "identifier" and text_of(node) in self.source.functions and resolve(objects.index, text_of(node), at) is None
        return {text_of(node)} if known and not any(one.is_variadic for one in self.source.functions[text_of(node)]) else set()

    def may_be_macro(self, name: str) -> bool:
        """A name in capitals that the file does not define is one of a header's macros, which may assign to what they are given."""
        return name == name.upper() and name != "" and not (self.is_known(name) or name in self.source.functions or name in self.source.macros)

    def is_known(self, name: str) -> bool:
        return (name in READS_ONLY or name in WRITES_ARGUMENTS) and name not in self.source.macros and not self.calls_back

    @cached_property
    def calls_back(self) -> bool:
        return any(re.search(rf"\b{name}\b", self.source.plain) for name in CALLS_BACK_LATER)

    @cached_property
    def counts_what_it_prints(self) -> bool:
        return re.search(rb"%(?:hh|h|ll|l|j|z|t)?n", self.source.data) is not None

    @cached_property
    def moment(self) -> re.Match[str] | None:
        """Where the file asks that something runs at any moment."""
        return re.search(rf"\b({'|'.join(sorted(AT_ANY_MOMENT))})\s*\(", self.source.plain)


def _written(numbers: Iterable[int]) -> frozenset[tuple[int, tuple[str, ...], int | None]]:
    return frozenset((number, (), None) for number in numbers)
