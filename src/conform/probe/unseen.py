"""What would change a value, or the way through a level, without being seen in its text: refused, with the lines.

Knows the ways in which C does it: text from elsewhere, macros, handlers, functions within functions. What can be
followed (pointers, calls) is no matter of this: it moves the probe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from conform.probe.directives import is_even
from conform.probe.index import Spot, resolve
from conform.probe.levels import CannotPlace, Levels, Region
from conform.probe.library import READS_ONLY
from conform.probe.paths import callee, expression, read_by
from conform.probe.reads import Read
from conform.probe.syntax import Source, descend, line_of, text_of

_WORDS = frozenset("if else for while do switch case default break continue return goto".split())
_SET_JUMPS = ("setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp", "__builtin_setjmp")
_TASK = re.compile(r"\bomp\b.*\btask", re.DOTALL)


def check_extent(levels: Levels, region: Region) -> None:
    """CannotPlace if it cannot be said where the level begins and ends."""
    _check_words(levels.source)
    _check_braces(levels.source, region)


def check_text(levels: Levels, region: Region) -> None:
    """CannotPlace if it cannot be said where the level begins and ends, or which way it goes."""
    check_extent(levels, region)
    index = region.index
    for spot in index.included:
        raise CannotPlace("an #include puts text into the function, which is not read", [levels.at(spot.node)])
    for jump in index.jumps:
        if jump.node.type == "goto_statement" and (jump.node.has_error or jump.node.child_by_field_name("label") is None):
            raise CannotPlace("a goto leads to a place that is computed", [levels.at(jump.node)])
    for call in _inside(index.calls, region):
        if text_of(call.node.child_by_field_name("function")) in _SET_JUMPS:
            raise CannotPlace("the level may be entered again in its middle, by setjmp", [levels.at(call.node)])
    for pragma in _inside(index.pragmas, region):
        if _TASK.search(text_of(pragma.node)):
            raise CannotPlace("a part of the level is a task, which runs at any moment", [levels.at(pragma.node)])


def _inside(spots: Iterable[Spot], region: Region) -> list[Spot]:
    return [spot for spot in spots if region.holds(spot)]


def _check_words(source: Source) -> None:
    for name in sorted(_WORDS & source.macros.keys()):
        raise CannotPlace(f"`{name}` is a macro, so the text does not say what it seems to", [f"{source.line(one.at)}: #define {name}" for one in source.macros[name]])


def _check_braces(source: Source, region: Region) -> None:
    function = region.index.function.node
    for at in source.uneven:
        if function.start_byte <= at < function.end_byte:
            raise CannotPlace("the braces of a branch of #if do not match, so it is not known where the level ends", [f"{source.line(at)}: {_line(source, at)}"])
    for name, every in source.macros.items():
        if any(("{" in one.body or "}" in one.body) and not is_even(one.body) for one in every) and re.search(rf"\b{name}\b", source.plain[function.start_byte : function.end_byte]):
            raise CannotPlace(f"a brace is hidden in the macro `{name}`, so it is not known where the level ends", [f"{source.line(one.at)}: #define {name} {one.body}" for one in every])


def _line(source: Source, at: int) -> str:
    start, end = source.data.rfind(b"\n", 0, at) + 1, source.data.find(b"\n", at)
    return source.data[start:end].decode("utf-8", "replace").strip()


def check_names(source: Source, region: Region, names: Iterable[str]) -> None:
    """CannotPlace if a name is a macro in one part of the function and not, or another, in the next."""
    function = region.index.function.node
    for name in names:
        places = [*(one.at for one in source.macros.get(name, ())), *source.undefined.get(name, ())]
        differs = len(places) > 1 and any((got := read_by(one.body)) is None or got[1] for one in source.macros.get(name, ()))
        if differs or any(function.start_byte <= at < function.end_byte for at in places):
            raise CannotPlace(f"`{name}` is a macro that does not mean the same everywhere", [f"{source.line(at)}: {_line(source, at)}" for at in sorted(places)])


def check_calls(source: Source, texts: Iterable[str]) -> None:
    """CannotPlace if an expression of the binding calls what reads more than it is given."""
    for text in texts:
        tree = expression(text)
        for node, _ in descend(tree) if tree is not None else ():
            name = callee(node) if node.type == "call_expression" else ""
            if node.type == "call_expression" and (name not in READS_ONLY or name in source.functions or name in source.macros):
                lines = [f"{line_of(one.node)}: {name}" for one in source.functions.get(name, ())] + [f"{source.line(one.at)}: #define {name}" for one in source.macros.get(name, ())]
                raise CannotPlace(f"nothing says what `{name or text_of(node)}` reads, so it is not known when `{text}` is complete (say `place` or `after`)", lines)


def check_hidden(levels: Levels, region: Region, reads: dict[str, Read]) -> None:
    """CannotPlace if something may change the value that does not stand in the level: at any moment, or at the end of a block."""
    for name, read in reads.items():
        _check_nested(levels, region, name, read)
        _check_cleanup(levels, region, name, read)
        _check_alias(levels.source, name, read)
        _check_moments(levels, name, read)


def _check_nested(levels: Levels, region: Region, name: str, read: Read) -> None:
    index = region.index
    for nested in index.nested:
        for one in read.objects:
            uses = [spot for spot in index.uses.get(one.place.base, ()) if spot.inside(nested.node) and resolve(index, one.place.base, spot.at) is one.declared]
            if uses and one.declared is not None:
                raise CannotPlace(f"`{name}` is used by a function within the function, which may be called from anywhere", [levels.at(uses[0].above[-1])])


def _check_cleanup(levels: Levels, region: Region, name: str, read: Read) -> None:
    body = region.index.function.body
    found = re.search(r"\b(__)?cleanup(__)?\s*\(", levels.source.plain[body.start_byte : body.end_byte])
    if found and (read.exposed or any(one.declared is None or one.declared.is_static for one in read.objects)):
        at = body.start_byte + found.start()
        raise CannotPlace(f"`{name}` may be changed at the end of a block, by a function that the attribute cleanup names", [f"{levels.source.line(at)}: {_line(levels.source, at)}"])


def _check_alias(source: Source, name: str, read: Read) -> None:
    found = source.alias if any(one.declared is None and not one.looked for one in read.objects) else None
    if found is not None:
        raise CannotPlace(f"`{name}` may have another name, by an attribute or an asm label", [f"{source.line(found.start(1))}: {_line(source, found.start(1))}"])


def _check_moments(levels: Levels, name: str, read: Read) -> None:
    source = levels.source
    asking = levels.effects.calls.moment
    if asking is None:
        return
    for function in sorted(source.taken):
        if levels.effects.may_change(function, read):
            where = [f"{source.line(asking.start(1))}: {_line(source, asking.start(1))}", f"{line_of(source.functions[function][0].node)}: {function}"]
            raise CannotPlace(f"`{name}` may be changed at any moment by `{function}`, a handler of signals or a thread", where)
