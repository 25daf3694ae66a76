"""Words to lines: the author's line breaks stay, indentation follows from the brackets and operators before.

A line that begins with an operator stands under the operators of its kind; one that begins otherwise, at the start of
what it continues. Lines that are too long are broken at their loosest operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from specs_dsl.words import CLOSING, OPENING, Word

WIDTH = 120
_DEEPEST = 64                            # column that no continuation line of a statement begins beyond
_WINDOW = 2 * WIDTH                      # words that are looked at for a place to break a line
_LEVELS = range(1, 6)
_ENDS = ("COLON", "THEN", "ELSE", *OPENING)      # what ends a line whose continuation is a step deeper
_FRESH = ("COLON", "THEN", "ELSE", "IF", "COMMA", "OTHERWISE", "FROM")         # what a new expression follows


@dataclass(frozen=True, slots=True)
class Row:
    """A line, and the comment that ends it."""

    text: str
    after: str = ""


@dataclass(slots=True)
class _Group:
    """What stands between two brackets, or outside all of them."""

    opened: int                          # column of the bracket
    inside: int                          # column at which lines inside begin
    starts: dict[int, int] = field(default_factory=dict)     # by level: column of the operand that is being continued
    operators: dict[int, int] = field(default_factory=dict)  # by level: column of the first operator
    ifs: list[int] = field(default_factory=list)
    waiting: set[int] = field(default_factory=lambda: set(_LEVELS))      # levels whose operand begins at the next word

    def place(self, column: int) -> None:
        for level in self.waiting:
            self.starts[level] = column
        self.waiting.clear()

    def operate(self, level: int, column: int) -> None:
        tighter = set(range(level + 1, 6))
        for other in tighter:
            self.operators.pop(other, None)
        self.operators.setdefault(level, column)
        self.waiting |= tighter

    def renew(self) -> None:
        self.operators.clear()
        self.waiting = set(_LEVELS)


class Flow:
    """Lays the words of one statement out, line by line. `body`: the first word of the expression, if there is one."""

    def __init__(self, indent: int, body: int | None = None, width: float = WIDTH) -> None:
        self.indent, self.body, self.width = indent, body, width
        self.rows: list[Row] = []
        self._groups = [_Group(indent, indent + 4)]
        self._base = indent + 2
        self._placed = 0
        self._last = ""

    def lay(self, words: Sequence[Word]) -> list[Row]:
        line: list[Word] = []
        for i, word in enumerate(words):
            if i and _breaks(words[i - 1], word, self.body is not None and i >= self.body):
                self._lay_line(line)
                line = []
            line.append(word)
        self._lay_line(line)
        return self.rows

    def _lay_line(self, line: list[Word]) -> None:
        """One line of the author's, or several if it is too long."""
        while line:
            begin = self._begin(line[0]) if self._placed else self.indent
            if self._placed:
                self.rows += [Row(" " * begin + comment.text) for comment in line[0].above]
            cut = _cut(line, begin, max(0, (self.body or 0) - self._placed), self.width) or len(line)
            self._commit(line[:cut], begin)
            line = line[cut:]

    def _begin(self, word: Word) -> int:
        """The column at which a line begins, from all that stands before it."""
        return min(max(self._wanted(word), self.indent + 1), max(_DEEPEST, self.indent + _DEEPEST // 4))

    def _wanted(self, word: Word) -> int:
        group = self._groups[-1]
        if word.kind in CLOSING:
            return group.opened
        if word.kind in ("THEN", "ELSE") and group.ifs:
            return group.ifs[-1]
        if word.kind in ("WITHIN", "BECAUSE"):
            return self.indent + 4
        if self._last in _ENDS or (self.body is not None and self._placed <= self.body):
            return self._base + 2
        if word.level:
            hanging = group.starts.get(word.level, group.inside) - len(word.text) - 1
            return group.operators.get(word.level, hanging)
        return group.inside

    def _commit(self, line: Sequence[Word], begin: int) -> None:
        self._base = begin if self._placed else self._base
        text = ""
        for i, (word, column) in enumerate(zip(line, _columns(line, begin), strict=True)):
            text += " " * (column - len(text)) + word.text
            if self._placed == self.body:
                self._groups = [_Group(column, column)]
                self._base = column
            self._take(word, column, i + 1 == len(line))
            self._placed += 1
        self.rows.append(Row(text, line[-1].after))
        self._last = line[-1].kind

    def _take(self, word: Word, column: int, ends_line: bool) -> None:
        """What a word means for the lines that follow."""
        group = self._groups[-1]
        if word.kind in CLOSING:
            if len(self._groups) > 1:
                self._groups.pop()
            return
        group.place(column)
        if word.level:
            group.operate(word.level, column)
        if word.kind in OPENING:
            self._groups.append(_Group(column, self._base + 2 if ends_line else column + 1))
        elif word.kind == "IF":
            group.ifs.append(column)
        elif word.kind == "ELSE" and group.ifs:
            group.ifs.pop()
        if word.kind in _FRESH:
            group.renew()


def _breaks(before: Word, word: Word, in_body: bool) -> bool:
    """Whether a line ends between two words: a comment wants it so, or the author of an expression did."""
    wanted = in_body and word.breaks and (word.spaced or (before.kind in OPENING and word.kind not in CLOSING))
    return wanted or bool(before.after or word.above)


def _columns(line: Sequence[Word], begin: int) -> list[int]:
    columns, end = [], begin
    for i, word in enumerate(line):
        column = end + (word.spaced + word.pad if i else 0)
        columns.append(column)
        end = column + len(word.text)
    return columns


# --- lines that are too long -----------------------------------------------------------------------------------------


def _cut(line: Sequence[Word], begin: int, head: int, width: float) -> int | None:
    """Before which word a line that is too long is broken, if it can be.

    `head` words stand before the expression. They are broken only where they do not fit by themselves: how long the
    expression's part of the line is depends on breaks that are the author's the next time.
    """
    columns = _columns(line[:_WINDOW], begin)
    if columns[-1] + len(line[len(columns) - 1].text) <= width:
        return None
    if head >= len(columns) or columns[head] + len(line[head].text) > WIDTH:
        return _best(line[: head + 1], columns, 0) or _best(line, columns, head)
    return _best(line, columns, head)


def _best(line: Sequence[Word], columns: Sequence[int], after: int) -> int | None:
    """Outside as many brackets as possible, at the loosest place, as late as it fits."""
    fitting, depth = [], 0
    for i, word in enumerate(line):
        depth -= word.kind in CLOSING
        fits = i <= len(columns) and (i == 0 or columns[i - 1] + len(line[i - 1].text) <= WIDTH)
        if not fits and fitting:
            break
        if i > after and word.kind != "UNIT" and (rank := _rank(line[i - 1], word)):
            if not fits:
                return i
            fitting.append((depth, rank, -i))
        depth += word.kind in OPENING
    return -min(fitting)[2] if fitting else None


def _rank(before: Word, word: Word) -> int:
    """How well a line may be broken between two words; 0: not at all."""
    if not word.spaced:
        return 9 if before.kind in OPENING and word.kind not in CLOSING else 0
    if before.kind == "COLON" or word.kind in ("THEN", "ELSE", "WITHIN", "BECAUSE"):
        return 1
    if before.kind == "COMMA":
        return 2
    return word.level + 2 if word.level else 8 if word.kind in ("OVER", "FROM", "VBAR") else 0
