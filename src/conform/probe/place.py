"""Where each probe goes: behind everything that may write the value at its level, where all paths have joined.

A probe inside `if (phi != 0)` would show fresh values only and make every stale one look clean. What cannot be placed with
certainty is refused, with the lines that may be meant: a wrong value is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from conform.probe.anchors import Anchor, after, behind_declarations, join_of, matching, statement_of
from conform.probe.binding import AFTER, RUN, Binding, Quantity
from conform.probe.certainty import check_number, check_readable, check_real, check_set
from conform.probe.escapes import Gap, check_jumps_back, gaps_before, labels_jumped_to
from conform.probe.index import SCOPES, Declared, Index, resolve
from conform.probe.levels import CannotPlace, Levels, Region
from conform.probe.openmp import check_own
from conform.probe.own import Effect
from conform.probe.paths import Place, changes, read_by
from conform.probe.syntax import first_line, line_of
from conform.probe.unseen import check_calls, check_hidden, check_names, check_text

OF_C = frozenset("NULL true false stdin stdout stderr errno M_PI INFINITY NAN INT_MAX INT_MIN DBL_MAX".split())


@dataclass(frozen=True)
class Placed:
    """A probe and its anchors: one, and one more at each label that jumps over the first."""

    anchors: tuple[Anchor, ...]
    index: Index
    line: int                            # of the source, that the value is complete behind
    statement: str
    others: tuple[int, ...] = ()         # lines that write it too
    gaps: tuple[Gap, ...] = ()           # where the level is left before the probe


class Places:
    """Finds places in one source by one binding."""

    def __init__(self, levels: Levels, begin: Anchor, behind: Anchor) -> None:
        self.levels, self.binding, self.source = levels, levels.binding, levels.source
        self.nest, self.begin, self.behind = levels.nest(), begin, behind

    def of(self, quantity: Quantity) -> Placed:
        """CannotPlace says why not."""
        region = self._region(quantity)
        reads, names = self._read(quantity)
        check_text(self.levels, region)
        check_names(self.source, region, names)
        self._check_kinds(quantity, region)
        if quantity.level == RUN and quantity.function is None and (quantity.place, quantity.before, quantity.after) == ("last", None, None):
            return self._before_nest(region, reads, names)
        region, declared = self._visible(region, reads, names)
        if quantity.after is not None:
            anchor = after(matching(region.index, region, quantity.after))
            return self._placed(region, (anchor,), anchor.node, [])
        if quantity.place in ("start", "end"):
            anchor = Anchor("enter" if quantity.place == "start" else "end", region.node, region.is_block)
            if region.first and quantity.place == "start":
                anchor = self.behind
            return self._placed(region, (anchor,), region.node, [])
        return self._last(quantity, region, declared)

    def _check_kinds(self, quantity: Quantity, region: Region) -> None:
        objects, at = self.levels.effects.objects(region.index), min(region.node.end_byte - 1, region.last)
        texts = expressions_of(self.binding, quantity)
        check_real(objects, texts, at)
        if quantity.value is not None:
            check_number(objects, texts, at)

    # --- the region -----------------------------------------------------------------------------------------------
    def _region(self, quantity: Quantity) -> Region:
        home = self.nest.index
        if quantity.function is not None:
            index = self.levels.function(quantity.function)
            if quantity.level not in (RUN, AFTER):
                region = self.levels.region(quantity.level)
                if region.index is index:
                    return region
            return Region(index, index.function.body)
        if quantity.level == RUN:
            return Region(home, home.function.body, last=self.begin.node.start_byte)
        if quantity.level == AFTER:
            return Region(home, home.function.body, first=self.behind.node.end_byte)
        return self.levels.region(quantity.level)

    def _read(self, quantity: Quantity) -> tuple[frozenset[Place], frozenset[str]]:
        return read_by_quantity(self.binding, quantity)

    def _visible(self, region: Region, reads: frozenset[Place], names: frozenset[str]) -> tuple[Region, dict[Place, Declared | None]]:
        """The region in which every name can be seen: smaller, if one is declared in a block of it."""
        for name in sorted(names):
            if self.known(region.index, name, region.node.end_byte - 1 if region.last > 1 << 60 else region.last):
                continue
            region = self._narrowed(region, name)
        end = region.node.end_byte - 1
        return region, {place: resolve(region.index, place.base, end) for place in reads}

    def known(self, index: Index, name: str, at: int) -> bool:
        source = self.source
        return (resolve(index, name, at) is not None or name in source.globals or name in source.macros or name in self.binding.known
                or name in OF_C or name in source.enumerators)

    def _narrowed(self, region: Region, name: str) -> Region:
        within = [one for one in region.index.declared.get(name, ()) if one.spot is not None and region.holds(one.spot)]
        blocks = {one.scope for one in within}
        if len(blocks) > 1:
            raise CannotPlace(f"`{name}` is declared in {len(blocks)} blocks there, and nothing says which", [self.levels.at(one.node) for one in within])
        if not within:
            self._refuse_name(region, name)
        above = within[0].spot.above
        block = next(node for node in reversed(above) if node.type in SCOPES)
        node = block.child_by_field_name("body") if block.type == "for_statement" else block
        return Region(region.index, node, region.loop if node == region.node else None)

    def _refuse_name(self, region: Region, name: str) -> None:
        index = region.index
        elsewhere = [one for one in index.declared.get(name, ())]
        if elsewhere:
            raise CannotPlace(f"`{name}` cannot be seen there; it is declared elsewhere in `{index.function.name}`", [self.levels.at(one.node) for one in elsewhere])
        near = get_close_matches(name, index.declared, n=3, cutoff=0.6)
        lines = [f"{line_of(index.declared[other][0].node)}: {other}" for other in near]
        for other, functions in self.source.functions.items():
            if other != index.function.name and name in self.levels.effects.index(functions[0]).declared:
                lines.append(f"{line_of(functions[0].node)}: `{other}` has a `{name}`")
        raise CannotPlace(f"there is no `{name}` in `{index.function.name}` (a name from a header is listed under `known`)", lines[:6])

    # --- the place ------------------------------------------------------------------------------------------------
    def _before_nest(self, region: Region, reads: frozenset[Place], names: frozenset[str]) -> Placed:
        index = region.index
        for name in sorted(names):
            if not self.known(index, name, self.begin.at):
                self._refuse_name(region, name)
        declared = {place: resolve(index, place.base, self.begin.at) for place in reads}
        effects = self._effects(region, declared, self.begin.at)
        for place, one in declared.items():
            check_set(self.levels, region, place, one, effects, self.begin.at)
        last = effects[-1].spot.node if effects else self.begin.node
        return self._placed(region, (self.begin,), statement_of(effects[-1].spot).node if effects else last, effects, gaps=False)

    def _last(self, quantity: Quantity, region: Region, declared: dict[Place, Declared | None]) -> Placed:
        if quantity.before is not None:
            stop = matching(region.index, region, quantity.before)
            region = Region(region.index, region.node, region.loop, region.first, stop.node.start_byte)
        check_calls(self.source, expressions_of(self.binding, quantity))
        end = region.node.end_byte - 1
        effects = self._chosen(quantity, region, self._effects(region, declared, end))
        check_readable(region, declared)
        reads = {place.base: self.levels.effects.read(region.index, place, end) for place in declared}
        check_hidden(self.levels, region, reads)
        check_own(self.levels.effects.kinds, region.index, region.node.start_byte, {name: read for name, read in reads.items() if any(read.is_touched(one.target) for one in effects)})
        last = effects[-1]
        joined = statement_of(last.spot) if quantity.place == "there" else behind_declarations(join_of(region, last.spot))
        if joined.node.type == "return_statement":
            raise CannotPlace("it is complete in a return only, and nothing can stand behind that", [self.levels.at(joined.node)])
        anchor = after(joined)
        labels = labels_jumped_to(region, anchor)
        check_jumps_back(region, anchor)
        if region.last < 1 << 60 and any(label.at >= region.last for label in labels):
            raise CannotPlace(f"a goto jumps past `{quantity.before}`", [self.levels.at(label.node) for label in labels])
        if quantity.place == "last" and quantity.when is None:
            for place, one in declared.items():
                check_set(self.levels, region, place, one, self._effects(Region(region.index, region.index.function.body), [place], end), anchor.at)
        return self._placed(region, (anchor, *labels), statement_of(last.spot).node, effects)

    def _effects(self, region: Region, declared: Iterable[Place], at: int) -> list[Effect]:
        """What may write the value in the region, in the order of the text; `at` is where the probe sees its names."""
        effects = self.levels.effects
        reads = [effects.read(region.index, place, at) for place in declared]
        found = {(effect.spot.node.start_byte, effect.spot.node.end_byte, effect.is_plain): effect for effect in effects.on(region.index, reads)
                 if region.holds(effect.spot)}
        return sorted(found.values(), key=lambda effect: (effect.spot.node.end_byte, effect.spot.node.start_byte))

    def _chosen(self, quantity: Quantity, region: Region, effects: list[Effect]) -> list[Effect]:
        if not effects:
            elsewhere = sorted({line_of(one.spot.node) for place in self._read(quantity)[0] for one in region.index.written.get(place.base, ())})
            help = f"; `{region.index.function.name}` writes it in line {', '.join(map(str, elsewhere[:8]))}" if elsewhere else ""
            raise CannotPlace(f"nothing there writes it{help} (`place = \"start\"` hands over what stands there)")
        inner = self.levels.inner_spots(region, quantity.level) if quantity.level not in (RUN, AFTER) else []
        within = [effect for effect in effects if any(effect.spot.inside(spot.node) for spot in inner)]
        own = [effect for effect in effects if effect not in within]
        if quantity.inner == "before":
            own = [effect for effect in own if all(effect.spot.node.end_byte <= spot.node.start_byte for spot in inner)]
            if not own:
                raise CannotPlace("nothing writes it before the inner loops", [self.levels.at(effect.spot.node) for effect in effects[-4:]])
            return own
        if quantity.inner is None and own and within and own[-1].spot.node.end_byte < within[-1].spot.node.end_byte:
            lines = [self.levels.at(statement_of(effect.spot).node) for effect in (own[-1], within[-1])]
            raise CannotPlace("it is written before the inner loops and in them (say `inner = \"before\"` or `inner = \"after\"`)", lines)
        return effects

    def _placed(self, region: Region, anchors: tuple[Anchor, ...], node, effects: list[Effect], gaps: bool = True) -> Placed:
        lines = tuple(dict.fromkeys(line_of(effect.spot.node) for effect in effects))
        line = node.end_point[0] + 1 if anchors[0].kind == "after" else line_of(node)
        statement = first_line(node) if anchors[0].kind not in ("enter", "end") else f"the {'start' if anchors[0].kind == 'enter' else 'end'} of the level"
        return Placed(anchors, region.index, line, statement, lines, gaps_before(region, anchors[0]) if gaps else ())


def read_by_quantity(binding: Binding, quantity: Quantity) -> tuple[frozenset[Place], frozenset[str]]:
    """The places that a probe reads and the names in it; CannotPlace for text that is no expression of C."""
    reads: set[Place] = set()
    names: set[str] = set()
    vectors = () if quantity.vector is None else (quantity.vector,) if isinstance(quantity.vector, str) else quantity.vector
    for name in vectors:
        names.add(name)
        count = int(binding.size(quantity.components[-1])) if quantity.components else 1
        reads |= {Place(name, (), quantity.first + i) for i in range(count)}
    for text in (*expressions_of(binding, quantity), *(one for one in (quantity.when, quantity.component) if one is not None)):
        if changes(text):
            raise CannotPlace(f"`{text}` changes the program, and a probe only looks")
    for text in expressions_of(binding, quantity):
        got = read_by(text)
        if got is None:
            raise CannotPlace(f"`{text}` is not an expression of C")
        reads |= got[0]
        names |= got[1]
    for text in (*quantity.strides, *(one for one in (quantity.when, quantity.component) if one is not None)):
        got = read_by(without_own_loops(quantity, text))
        if got is None:
            raise CannotPlace(f"`{text}` is not an expression of C")
        names |= got[1]
    own = {loop_variable(axis) for axis in quantity.each}
    constant = {place for place in reads if place.base in own}
    return frozenset(reads - constant), frozenset(names - own)


def expressions_of(binding: Binding, quantity: Quantity) -> tuple[str, ...]:
    """The texts whose values are handed over."""
    values = () if quantity.value is None else (quantity.value,) if isinstance(quantity.value, str) else quantity.value
    if quantity.count_of is not None:
        values = (binding.size(quantity.count_of),)
    return tuple(without_own_loops(quantity, text) for text in (*values, *(one for one in (quantity.pointer, quantity.table) if one is not None)))


def without_own_loops(quantity: Quantity, text: str) -> str:
    """`{source}` is the variable of the loop that the probe makes."""
    for axis in quantity.each:
        text = text.replace("{" + axis + "}", loop_variable(axis))
    return text


def loop_variable(axis: str) -> str:
    return f"conform_{axis}"
