"""What a function writes, by itself and through the helpers, macros and pointers that it uses.

A helper of the same file is read: it writes what its text writes of its arguments, of the file's variables, and of
whatever was put where it can find it. One that is not there is taken to write, keep and call what it can get at, unless
it is a known one. May-write, throughout: a probe stands after everything that may write its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from conform.probe.calls import Calls, Summary
from conform.probe.expand import Expansions
from conform.probe.index import Index, Spot, index_function
from conform.probe.kept import Keeping, Keys
from conform.probe.kinds import Kinds
from conform.probe.objects import Objects, operands
from conform.probe.paths import Place, arguments, callee
from conform.probe.pieces import Piece
from conform.probe.reads import Read, read
from conform.probe.syntax import Function, Source, descend, text_of
from conform.probe.targets import ANYTHING, Memory, Object, Target


@dataclass(frozen=True)
class Effect:
    """`target` may be written at `spot`, `through` a helper or macro or by the function itself."""

    target: Target
    spot: Spot
    through: str = ""
    exported: bool = True                # a caller must know it, too

    @property
    def is_plain(self) -> bool:
        """Is it a variable that is named there, not just whatever may be changed?"""
        return isinstance(self.target, Object)


class Effects:
    """The effects of every function of a source, found when asked for."""

    def __init__(self, source: Source) -> None:
        self.source, self.kinds, self.expansions, self.calls = source, Kinds(source), Expansions(source), Calls(source)
        self._keeping = Keeping(self.calls)
        self._indices: dict[int, Index] = {}
        self._objects: dict[int, Objects] = {}
        self._effects: dict[int, list[Effect]] = {}
        self._escaped: dict[int, Keys] = {}
        self._shared: dict[str, bool] = {}

    def index(self, function: Function) -> Index:
        key = function.node.start_byte
        if key not in self._indices:
            self._indices[key] = index_function(self.source, function)
        return self._indices[key]

    def objects(self, index: Index) -> Objects:
        key = index.function.node.start_byte
        if key not in self._objects:
            self._objects[key] = Objects(self.source, self.kinds, self.expansions, index)
        return self._objects[key]

    def of(self, index: Index) -> list[Effect]:
        """The effects in a function, in the order of the text."""
        key = index.function.node.start_byte
        if key not in self._effects:
            self._solve(self.calls.called(self.objects(index)))
            self._effects[key] = sorted(self._all(index), key=lambda one: one.spot.node.end_byte)
        return self._effects[key]

    def read(self, index: Index, place: Place, at: int) -> Read:
        """What a place of a binding is, where the probe stands."""
        escaped = self.escaped(index)
        return read(self.objects(index), place, at, lambda one: one.key in escaped or self._is_exposed(one))

    def _is_exposed(self, one: Object) -> bool:
        """May its address be anywhere? What parameters and variables of the file point to; variables of the file by their uses."""
        if one.declared is None:
            return one.looked or self._is_shared(one.place.base) or one.place.base not in self.source.globals
        return one.looked and one.declared.spot is None

    def _is_shared(self, name: str) -> bool:
        """Is the address of a variable of the file taken somewhere?"""
        if name not in self._shared:
            kind, uses = self.kinds.of_global(name), self.source.uses.get(name, [])
            whole = [following for _, following in uses if following not in ("[", ".")]
            elements_only = kind.wrapped == ("array",) and kind.basic and not whole
            self._shared[name] = any(by_address for by_address, _ in uses) or not (kind.is_number or elements_only)
        return self._shared[name]

    # --- effects --------------------------------------------------------------------------------------------------
    def _all(self, index: Index) -> Iterator[Effect]:
        objects = self.objects(index)
        escaped = self._keeping.escaped(objects)
        for piece in objects.pieces:
            for effect in self._of_piece(objects, piece):
                yield effect
                one = effect.target
                if isinstance(one, Object) and (one.key in escaped or self._is_exposed(one)):
                    yield Effect(objects.parts.as_memory(one), effect.spot, effect.through, exported=False)      # seen by another name of it

    def _of_piece(self, objects: Objects, piece: Piece) -> Iterator[Effect]:
        node = piece.node
        if node.type in ("assignment_expression", "update_expression") or (node.type == "init_declarator" and node.child_by_field_name("value") is not None):
            yield from (Effect(target, piece.spot) for target in self._written(objects, piece))
        elif node.type == "call_expression":
            given = [objects.addresses(argument, piece.at) for argument in arguments(node)]
            for summary in self.calls.done_by(objects, piece):
                yield from (Effect(target, piece.spot, callee(node) or text_of(node)) for target in self._targets(objects, summary, given))
            if self.calls.may_be_macro(callee(node)):
                yield from (Effect(target, piece.spot, callee(node)) for argument in arguments(node) for target in objects.lvalue(argument, piece.at))
        elif node.type == "gnu_asm_expression":
            yield from (Effect(target, piece.spot, "asm") for target in {ANYTHING, *operands(objects, piece)})

    def _written(self, objects: Objects, piece: Piece) -> set[Target]:
        targets = objects.lvalue(piece.node, piece.at)
        for child in piece.node.children:
            if child.is_error:                                  # `WHEN(c) x = 1` reads as an assignment with something odd in it
                for part, _ in descend(child):
                    targets |= objects.lvalue(part, piece.at) if part.type == "identifier" else set()
        return targets

    def _targets(self, objects: Objects, summary: Summary, given: list[set[Target]]) -> set[Target]:
        found = set(summary.others)
        for number, fields, element in summary.arguments:
            for one in given[number] if number < len(given) else ():
                part: Target = one if not fields else objects.parts.element(one, 0)
                for name in fields:
                    part = objects.parts.part(part, name)
                if isinstance(part, Object):
                    part = replace(part, place=Place(part.place.base, part.place.fields, element)) if fields else objects.parts.element(part, element)
                found.add(part)
        return found

    # --- what is kept ---------------------------------------------------------------------------------------------
    def escaped(self, index: Index) -> Keys:
        """Variables whose address goes where this function cannot follow it, and pointers whose value does."""
        key = index.function.node.start_byte
        if key not in self._escaped:
            self._solve(self.calls.called(self.objects(index)))
            self._escaped[key] = self._keeping.escaped(self.objects(index))
        return self._escaped[key]

    # --- summaries ------------------------------------------------------------------------------------------------
    def summary(self, name: str) -> Summary:
        self._solve([name])
        return self.calls.summaries[name]

    def _solve(self, names: Iterable[str]) -> None:
        """Summaries of functions and of all that they call, until nothing more is found."""
        order: list[str] = []
        callers: dict[str, set[str]] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in self.calls.summaries:
                continue
            order.append(name)
            self.calls.summaries[name] = Summary()
            for called in frozenset().union(*(self.calls.called(self.objects(self.index(function))) for function in self.source.functions[name])):
                callers.setdefault(called, set()).add(name)
                waiting.append(called)
        again = set(order)
        while again:
            for name in [one for one in reversed(order) if one in again]:
                again.discard(name)
                new = self._summarised(name)
                if new != self.calls.summaries[name]:
                    self.calls.summaries[name] = new
                    again |= callers.get(name, set())

    def _summarised(self, name: str) -> Summary:
        given: set[tuple[int, tuple[str, ...], int | None]] = set()
        others: set[Target] = set()
        keeps: set[int] = set()
        returned: set[int] = set()
        for function in self.source.functions[name]:
            index = self.index(function)
            number = {one: i for i, name in enumerate(function.parameters) for one in index.declared.get(name, ()) if one.spot is None}
            for effect in self._all(index):
                target = effect.target
                if not effect.exported:
                    continue
                if isinstance(target, Memory) or target.declared is None or target.declared.is_static:
                    others.add(target)
                elif target.looked and target.declared in number:
                    given.add((number[target.declared], target.place.fields, target.place.element))
            objects = self.objects(index)
            keeps |= {number[key] for key, looked in self._keeping.escaped(objects) if looked and key in number}
            returned |= {number[key] for key, looked in self._keeping.returned(objects) if looked and key in number}
        return Summary(frozenset(given), frozenset(others), frozenset(keeps), frozenset(returned))
