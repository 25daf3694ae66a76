"""What a call of each function of a source does, with all that it calls in turn.

Groups of functions that call each other are settled together, those that they call before them. What functions write of
their arguments, keep and return goes round in a group until nothing more is found; what they write of what is
everybody's is the same whoever calls, so it is joined once for each group.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping

from conform.probe.calls import TAKEN, Summary
from conform.probe.numbered import Numbered
from conform.probe.own import Keys, Own
from conform.probe.syntax import Source
from conform.probe.targets import Memory, Object


class Summaries:
    """Of one source. `own`: what the functions of a name do by themselves; `is_exposed`: may the address of a variable of the file be anywhere?"""

    def __init__(self, source: Source, numbered: Numbered, own: Callable[[str], list[Own]], is_exposed: Callable[[Object], bool]) -> None:
        self.source, self.numbered, self._own, self._is_exposed = source, numbered, own, is_exposed
        self._found: dict[str, Summary] = {}
        self.turns = 0                       # how often a function was summarised, for those who ask what it costs

    def of(self, name: str) -> Summary:
        if name not in self._found:
            for group in groups([name], self._called, self._found):
                self._settle(group)
        return self._found[name]

    def of_call(self, functions: Iterable[str], besides: Summary) -> Summary:
        for name in functions:
            besides = besides.with_(self.of(name))
        return besides

    def escaped(self, own: Own) -> Keys:
        """Variables whose address goes where a function cannot follow it, and pointers whose value does."""
        return own.with_contents({*own.kept, *(one for call in own.calls for one in call.kept(self._of_call(call.functions, call.besides)))})

    def _called(self, name: str) -> list[str]:
        if name == TAKEN:
            return sorted(self.source.taken)
        return list(dict.fromkeys(called for own in self._own(name) for call in own.calls for called in call.functions))

    def _of_call(self, functions: Iterable[str], besides: Summary) -> Summary:
        """As far as it is known by now."""
        for name in functions:
            besides = besides.with_(self._found.get(name, Summary()))
        return besides

    # --- a group --------------------------------------------------------------------------------------------------
    def _settle(self, group: list[str]) -> None:
        callers: dict[str, list[str]] = {name: [] for name in group}
        outside: set[str] = set()
        for name in group:
            for called in self._called(name):
                if called in callers:
                    callers[called].append(name)
                else:
                    outside.add(called)
        mine: dict[str, int] = {}
        waiting, again = deque(reversed(group)), set(group)
        while waiting:
            name = waiting.pop()
            again.discard(name)
            new, mine[name] = self._summarised(name)
            if new != self._found.get(name):
                self._found[name] = new
                waiting.extendleft(one for one in callers[name] if one not in again)
                again.update(callers[name])
        others = 0
        for one in (*mine.values(), *(self._found[name].others for name in outside)):
            others |= one
        for name in group:
            self._found[name] = Summary(self._found[name].arguments, self._found[name].keeps, self._found[name].returns, others)

    def _summarised(self, name: str) -> tuple[Summary, int]:
        """What is the caller's matter, and what the function writes itself of what is everybody's."""
        self.turns += 1
        if name == TAKEN:
            joined = self._of_call(self.source.taken, Summary())
            return Summary(joined.arguments, joined.keeps, joined.returns), 0
        given: set[tuple[int, tuple[str, ...], int | None]] = set()
        keeps: set[int] = set()
        returned: set[int] = set()
        others = 0
        for own in self._own(name):
            index, parts = own.objects.index, own.objects.parts
            number = {one: i for i, name in enumerate(index.function.parameters) for one in index.declared.get(name, ()) if one.spot is None}
            escaped = self.escaped(own)
            targets = {effect.target for effect in own.effects}
            for call in own.calls:
                done = self._of_call(call.functions, call.besides)
                targets.update(call.written(own.objects, done))
                others |= call.besides.others
            for target in targets:
                if isinstance(target, Memory) or target.declared is None or target.declared.is_static:
                    others |= self.numbered.set_of([target])
                    if isinstance(target, Object) and (target.key in escaped or target.declared is None and self._is_exposed(target)):
                        others |= self.numbered.set_of([parts.as_memory(target)])       # seen by another name of it
                elif target.looked and target.declared in number:
                    given.add((number[target.declared], target.place.fields, target.place.element))
            keeps |= {number[key] for key, looked in escaped if looked and key in number}
            returned |= {number[key] for key, looked in own.returned if looked and key in number}
        return Summary(frozenset(given), frozenset(keeps), frozenset(returned)), others


def groups(names: Iterable[str], called: Callable[[str], Iterable[str]], done: Mapping[str, object]) -> Iterator[list[str]]:
    """Functions that call each other, in turn, from the inside out: a group comes behind all that it calls (Tarjan)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: list[str] = []
    is_open: set[str] = set()
    for start in names:
        path = [] if start in number or start in done else [(start, iter(()))]
        while path:
            name, further = path[-1]
            if name not in number:
                number[name] = lowest[name] = len(number)
                open_.append(name)
                is_open.add(name)
                path[-1] = name, further = name, iter(called(name))
            following = next((one for one in further if one not in done and (one not in number or one in is_open)), None)
            if following is not None and following not in number:
                path.append((following, iter(())))
                continue
            if following is not None:
                lowest[name] = min(lowest[name], number[following])
                continue
            path.pop()
            if path:
                lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[name])
            if lowest[name] == number[name]:
                group = [open_.pop()]
                while group[-1] != name:
                    group.append(open_.pop())
                is_open.difference_update(group)
                yield group
