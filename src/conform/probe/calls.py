"""What a call may be a call of, and what that does, as far as it is known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from conform.probe.index import resolve
from conform.probe.library import AT_ANY_MOMENT, CALLS_BACK_LATER, READS_ONLY, WRITES_ARGUMENTS
from conform.probe.objects import Objects
from conform.probe.paths import arguments, callee
from conform.probe.pieces import Piece
from conform.probe.syntax import Source, text_of
from conform.probe.targets import Memory, Target

if TYPE_CHECKING:
    from tree_sitter import Node

EVERYTHING = Memory(names=True)          # what a function may write that nobody has seen


@dataclass(frozen=True)
class Summary:
    """What a call of a function does. Parts of arguments by their number, `statics` of functions by themselves."""

    arguments: frozenset[tuple[int, tuple[str, ...], int | None]] = frozenset()
    others: frozenset[Target] = frozenset()
    keeps: frozenset[int] = frozenset()
    returns: frozenset[int] = frozenset()


class Calls:
    """Of one source. `summaries` of its functions are put in as they are found."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.summaries: dict[str, Summary] = {}

    def done_by(self, objects: Objects, piece: Piece) -> list[Summary]:
        """What a call may do: the summaries of all that it may be a call of."""
        name, every = callee(piece.node), tuple(range(len(arguments(piece.node))))
        writes_all = Summary(frozenset((number, (), None) for number in every))
        if name and resolve(objects.index, name, piece.at) is None:
            if name in self.source.functions:
                return [self.summaries.get(name, Summary()), *(_of_unnamed(every[len(one.parameters):]) for one in self.source.functions[name] if one.is_variadic)]
            if any(macro.parameters is not None for macro in self.source.macros.get(name, ())):
                return []                                        # its text has pieces of its own
            if self.is_known(name):
                return [writes_all] if name in WRITES_ARGUMENTS else []
        if meant := self._functions_meant(objects, piece.node.child_by_field_name("function"), piece.at):
            return [self.summaries.get(one, Summary()) for one in meant]
        unseen = Summary(writes_all.arguments, frozenset({EVERYTHING}), frozenset(every))
        return [unseen, *(self.summaries.get(one, Summary()) for one in self.source.taken)]

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
        return name in READS_ONLY | WRITES_ARGUMENTS and name not in self.source.macros and not self.calls_back

    @cached_property
    def calls_back(self) -> bool:
        return any(re.search(rf"\b{name}\b", self.source.plain) for name in CALLS_BACK_LATER)

    def called(self, objects: Objects) -> frozenset[str]:
        """Functions of the file that a function may call."""
        found: set[str] = set()
        for piece in objects.pieces:
            if piece.node.type == "call_expression":
                name = callee(piece.node)
                if name in self.source.functions and resolve(objects.index, name, piece.at) is None:
                    found.add(name)
                elif not self.is_known(name):
                    found |= self.source.taken
        return frozenset(found)

    @cached_property
    def moment(self) -> re.Match[str] | None:
        """Where the file asks that something runs at any moment."""
        return re.search(rf"\b({'|'.join(sorted(AT_ANY_MOMENT))})\s*\(", self.source.plain)


def _of_unnamed(numbers: Iterable[int]) -> Summary:
    """Arguments that no parameter names may be written and kept."""
    return Summary(frozenset((number, (), None) for number in numbers), frozenset(), frozenset(numbers))
