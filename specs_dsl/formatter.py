"""`conform fmt`: a rules file laid out in the one way, with every comment in its place and every node as it was.

Line breaks in expressions and blank lines (at most one) are the author's. Columns are ours: the colons of one block of
declarations, the equals signs of neighbours, the guards of a clause, the comments that end neighbouring lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import inf

from specs_dsl.diagnostics import SpecError
from specs_dsl.flow import WIDTH, Flow, Row
from specs_dsl.parser import parse
from specs_dsl.spans import Source
from specs_dsl.words import DECLARATIONS, GUARDS, Comment, Part, Word, items, statements

_GUARD = 67                              # column of guards, where there is room: conditions stand to the right of equations
_GAP = 3                                 # between an equation and its guard
_APART = 2                               # between a line and the comment that ends it
_NAMED = ("CONST", "LET", "AXIS", "UNIT")        # `name = …`
_BLANK = Row("")


def format_rules(source: Source) -> str:
    """The text of a rules file in the one layout; SpecError if it cannot be parsed."""
    before, found = parse(source)
    if found:
        raise SpecError(found)
    text = _formatted(source.text)
    after, found = parse(Source(source.name, text))
    assert not found and after == before, "the layout changed the meaning"
    return text


def _formatted(text: str) -> str:
    parts, rest = items(text)
    rows = [row for block in _blocks(parts) for row in _laid(block)]
    rows += _comments(rest, 0)
    lines = [row.text + comment for row, comment in zip(rows, _after(rows), strict=True)]
    return "\n".join(lines).strip("\n") + "\n" if any(lines) else ""


# --- blocks of neighbours --------------------------------------------------------------------------------------------


def _blocks(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Neighbours that share columns: of one sort, with nothing between them."""
    block: list[Part] = []
    for part in parts:
        if block and (part.words[0].set_apart or _sort(part) != _sort(block[-1]) or not _sort(part)):
            yield block
            block = []
        block.append(part)
    if block:
        yield block


def _sort(part: Part) -> str:
    """What is aligned with its like; nothing for what stands alone."""
    if not part.plain:
        return ""
    if part.kind in DECLARATIONS:
        return "declaration"
    return part.kind if part.kind in _NAMED and len(part.words) > 2 and part.words[2].kind == "EQUAL" else ""


def _laid(block: Sequence[Part]) -> Iterator[Row]:
    yield from _comments(block[0].words[0].above, 0)
    if block[0].words[0].blank:
        yield _BLANK
    if block[0].kind == "CLAUSE":
        yield from _clause(block[0])
        return
    _align(block, "COLON" if block[0].kind in DECLARATIONS else "EQUAL")
    for run in _told(block):
        _align(run, "FROM")
    yield from _guarded([_Guarded(part, 0) for part in block])


def _told(block: Sequence[Part]) -> Iterator[list[Part]]:
    """Neighbouring inputs that have their flags in one column, and fit on a line each. The colons stand already."""
    run: list[Part] = []
    for part in block:
        if _fit([*run, part]):
            run.append(part)
        else:
            yield run
            run = [part] if _fit([part]) else []
    yield run


def _fit(parts: Sequence[Part]) -> bool:
    cuts = [part.index("FROM") for part in parts]
    start = max(len(_text(part.words[:cut])) for part, cut in zip(parts, cuts, strict=True))
    return all(cut is not None and start + 1 + len(_text(part.words[cut:])) <= WIDTH for part, cut in zip(parts, cuts, strict=True))


def _align(parts: Sequence[Part], kind: str) -> None:
    """Pad the words of this kind to one column, if their parts are plain."""
    marks = [(part, i) for part in parts if (i := part.index(kind)) is not None and Part(part.words[: i + 1]).plain]
    lengths = [len(_text(part.words[:i])) for part, i in marks]
    for (part, i), length in zip(marks, lengths, strict=True):
        if max(lengths) < WIDTH * 3 // 4:
            part.words[i].pad = max(lengths) - length


def _text(words: Sequence[Word]) -> str:
    return "".join(" " * (word.spaced + word.pad if i else 0) + word.text for i, word in enumerate(words))


def _comments(comments: Sequence[Comment], indent: int) -> Iterator[Row]:
    for comment in comments:
        if comment.blank:
            yield _BLANK
        yield Row(" " * indent + comment.text)


def _after(rows: Sequence[Row]) -> list[str]:
    """The comment that ends each line, those of neighbouring lines in one column if they fit there."""
    found: list[str] = []
    for _, group in groupby(rows, key=lambda row: bool(row.text) and not row.text.lstrip().startswith("#")):
        run = list(group)
        column = max((len(row.text) for row in run if row.after), default=0) + _APART
        for row in run:
            start = column if column + len(row.after) <= WIDTH else len(row.text) + _APART
            found.append(" " * (start - len(row.text)) + row.after if row.after else "")
    return found


# --- clauses and guards ----------------------------------------------------------------------------------------------


def _clause(clause: Part) -> Iterator[Row]:
    head, parts = statements(clause)
    for i, word in enumerate(head[2:]):
        if i:
            yield from _comments(word.above, 2)
            yield Row("  " + word.text, word.after)
        else:
            yield from Flow(0).lay(head[:3])
    for run in _runs(parts):
        _align(run, "EQUAL")
    laid = [_Guarded(part, 2) for part in parts]
    yield from _guarded(laid)
    yield from _comments(clause.below, 2)


def _runs(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Equations with nothing between them."""
    run: list[Part] = []
    for part in parts:
        if run and (part.words[0].set_apart or part.kind == "REQUIRE"):
            yield run
            run = []
        run += [part] if part.kind != "REQUIRE" else []
    if run:
        yield run


class _Guarded:
    """A statement or declaration, laid out but for its guard."""

    def __init__(self, part: Part, indent: int) -> None:
        self.first, self.indent = part.words[0], indent
        least = 0 if part.kind in DECLARATIONS else _GUARD
        cut = part.index(*GUARDS)
        words, self.guard = (part.words, []) if cut is None else (part.words[:cut], part.words[cut:])
        self.rows = Flow(indent, _body(part)).lay(words)
        self.end = len(self.rows[-1].text)
        self.column = max(least, self.end + _GAP)
        if self.guard:
            self.lines = len(self._lay_guard(0, inf))
            apart = bool(self.rows[-1].after or self.guard[0].above)
            broken = self.guard[0].breaks and (self.lines > 1 or self.end + _GAP > least)
            self.below = apart or broken or not self.fits(self.end + _GAP)

    def _lay_guard(self, column: int, width: float = WIDTH) -> list[Row]:
        return Flow(column, 1, width).lay(self.guard)

    def fits(self, column: int) -> bool:
        """Without a line break that is not the author's: the next time it would be."""
        return all(len(row.text) <= WIDTH for row in self._lay_guard(column, inf))

    def _column_below(self, shared: int) -> int:
        """Of a guard on lines of its own; one of several lines stands to the left, for which lines it has depends on where it stands."""
        return next((column for column in (shared, _GUARD) if self.lines == 1 and self.fits(column)), self.indent + 4)

    def laid(self, shared: int) -> Iterator[Row]:
        """With its guard in the shared column, or as near to it as there is room."""
        if not self.guard:
            yield from self.rows
        elif self.below:
            column = self._column_below(shared)
            yield from self.rows
            yield from (Row(" " * column + comment.text) for comment in self.guard[0].above)
            yield from self._lay_guard(column)
        else:
            column = next((column for column in (shared, self.column) if self.fits(column)), self.end + _GAP)
            first, *rest = self._lay_guard(column)
            yield from self.rows[:-1]
            yield Row(self.rows[-1].text + first.text[self.end :], first.after)
            yield from rest


def _guarded(parts: Sequence[_Guarded]) -> Iterator[Row]:
    shared = max((part.column for part in parts if part.guard and not part.below and part.fits(part.column)), default=_GUARD)
    for part in parts:
        if part.indent:                  # a statement; of items, the caller has shown what stands above
            yield from _comments(part.first.above, part.indent)
            if part.first.blank:
                yield _BLANK
        yield from part.laid(shared)


def _body(part: Part) -> int | None:
    """The first word of a part's expression: line breaks from there on are the author's."""
    if part.kind == "REQUIRE":
        return 1
    start = part.index("EQUAL") if part.kind in ("LET", "NAME") else None
    return None if start is None else start + 1
