"""What a function writes, by itself and through the helpers, macros and pointers that it uses.

A helper of the same file is read: it writes what its text writes of its arguments, of the file's variables, and of
whatever was put where it can find it. One that is not there is taken to write, keep and call what it can get at, unless
it is a known one. May-write, throughout: a probe stands after everything that may write its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conform.probe.calls import EVERYTHING, Calls
from conform.probe.expand import Expansions
from conform.probe.index import Index, Spot, index_function
from conform.probe.kinds import Kinds
from conform.probe.numbered import Numbered
from conform.probe.objects import Objects
from conform.probe.own import Effect, Keys, Own, own_of
from conform.probe.paths import Place
from conform.probe.reads import Read, read
from conform.probe.summaries import Summaries
from conform.probe.syntax import Function, Source
from conform.probe.targets import Object


@dataclass(frozen=True)
class _Called:
    """What a call may write of what is everybody's: a set of Numbered."""

    others: int
    spot: Spot
    through: str


class Effects:
    """The effects of every function of a source, found when asked for."""

    def __init__(self, source: Source) -> None:
        self.source, self.kinds, self.expansions, self.numbered = source, Kinds(source), Expansions(source), Numbered()
        self.calls = Calls(source, self.numbered.set_of([EVERYTHING]))
        self.summaries = Summaries(source, self.numbered, lambda name: [self._own(self.index(one)) for one in source.functions[name]], self._is_exposed)
        self._indices: dict[int, Index] = {}
        self._objects: dict[int, Objects] = {}
        self._owns: dict[int, Own] = {}
        self._effects: dict[int, tuple[list[Effect], list[_Called]]] = {}
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

    def _own(self, index: Index) -> Own:
        key = index.function.node.start_byte
        if key not in self._owns:
            self._owns[key] = own_of(self.objects(index), self.calls)
        return self._owns[key]

    def on(self, index: Index, reads: Iterable[Read]) -> Iterator[Effect]:
        """The effects in a function that may change what is read."""
        reads = tuple(reads)
        key = index.function.node.start_byte
        if key not in self._effects:
            self._effects[key] = self._all(index)
        effects, called = self._effects[key]
        yield from (effect for effect in effects if any(one.is_touched(effect.target) for one in reads))
        for call in called:
            for target in dict.fromkeys(target for one in reads for target in self.numbered.touching(call.others, one)):
                yield Effect(target, call.spot, call.through)

    def read(self, index: Index, place: Place, at: int) -> Read:
        """What a place of a binding is, where the probe stands."""
        escaped = self.escaped(index)
        return read(self.objects(index), place, at, lambda one: one.key in escaped or self._is_exposed(one))

    def escaped(self, index: Index) -> Keys:
        """Variables whose address goes where this function cannot follow it, and pointers whose value does."""
        key = index.function.node.start_byte
        if key not in self._escaped:
            own = self._own(index)
            for call in own.calls:
                self.summaries.of_call(call.functions, call.besides)
            self._escaped[key] = self.summaries.escaped(own)
        return self._escaped[key]

    def _all(self, index: Index) -> tuple[list[Effect], list[_Called]]:
        """What is known by name in a function, and what is everybody's, call by call."""
        own, escaped = self._own(index), self.escaped(index)
        parts = own.objects.parts
        effects, called = list(own.effects), []
        for call in own.calls:
            done = self.summaries.of_call(call.functions, call.besides)
            effects += (Effect(target, call.spot, call.name) for target in set(call.written(own.objects, done)))
            effects += (Effect(parts.as_memory(one), call.spot, call.name) for one in self.numbered.with_keys(done.others, escaped))
            if done.others:
                called.append(_Called(done.others, call.spot, call.name))
        effects += [Effect(parts.as_memory(one.target), one.spot, one.through) for one in effects
                    if isinstance(one.target, Object) and (one.target.key in escaped or self._is_exposed(one.target))]      # seen by another name of it
        return effects, called

    # --- who may know an address ----------------------------------------------------------------------------------
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
            self._shared[name] = any(by_address for by_address, _ in uses) or name in self.source.addressed or not (kind.is_number or elements_only)
        return self._shared[name]

    # --- for what may run at any moment ---------------------------------------------------------------------------
    def may_change(self, name: str, one: Read) -> bool:
        """May a call of a function, from anywhere, change what is read?"""
        summary = self.summaries.of(name)
        return bool(summary.arguments and one.exposed) or next(self.numbered.touching(summary.others, one), None) is not None
