"""A rules file as words with their comments, cut into items and statements: what the formatter lays out.

Whether a space stands before a word, and where a line may be broken, is decided here and needs no column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from specs_dsl.grammar import Lexeme, lexemes

ITEMS = frozenset("SPEC INCLUDE UNIT AXIS GRID INPUT VALUE CONST LET RUN CLAUSE".split())
DECLARATIONS = ("INPUT", "VALUE")
OPENING, CLOSING = ("LPAR", "LSQB"), ("RPAR", "RSQB")
GUARDS = ("WHEN", "OTHERWISE")
TAILS = (*GUARDS, "FROM")                # what may follow the unit of a declaration
LEVELS = {"OR": 1, "AND": 2, "COMPARE": 3, "IS": 3, "PLUS": 4, "MINUS": 4, "TIMES": 5, "DIVIDE": 5}     # loosest first
_OPERAND_ENDS = ("NAME", "INT", "NUMBER", *CLOSING)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a line of its own."""

    text: str
    blank: bool                  # a blank line stands before it
    indented: bool


@dataclass(slots=True)
class Word:
    """A word, the comments on lines before it, and the one that ends its line."""

    kind: str
    text: str
    breaks: bool                 # it begins a line in the author's text
    blank: bool                  # and a blank line stands before it
    above: list[Comment] = field(default_factory=list)
    after: str = ""
    spaced: bool = True
    level: int = 0               # of a binary operator; 0 is none
    pad: int = 0                 # more spaces, for the sake of a column

    @property
    def set_apart(self) -> bool:
        return self.blank or bool(self.above)


@dataclass(slots=True)
class Part:
    """An item, or a statement of a clause."""

    words: list[Word]
    below: list[Comment] = field(default_factory=list)       # at the end of a clause

    @property
    def kind(self) -> str:
        return self.words[0].kind

    @property
    def plain(self) -> bool:
        """No comment stands inside."""
        return not any(word.above for word in self.words[1:]) and not any(word.after for word in self.words[:-1])

    def index(self, *kinds: str) -> int | None:
        """Where a word of one of these kinds stands outside all brackets."""
        depth = 0
        for i, word in enumerate(self.words):
            if word.kind in kinds and depth == 0:
                return i
            depth += (word.kind in OPENING) - (word.kind in CLOSING)
        return None


def items(text: str) -> tuple[list[Part], list[Comment]]:
    """The items of a text that can be parsed, and the comments at its end."""
    words, rest = _words(text)
    starts = [i for i, word in enumerate(words) if _begins_item(words, i)]
    found = [Part(words[begin:end]) for begin, end in pairwise([*starts, len(words)])]
    for part, following in zip(found, [*(part.words[0].above for part in found[1:]), rest], strict=False):
        if part.kind == "CLAUSE":
            while following and following[0].indented and not following[0].blank:
                part.below.append(following.pop(0))
    for part in found:
        _space(part)
    return found, rest


def statements(clause: Part) -> tuple[list[Word], list[Part]]:
    """The words of the id and the sentences of a clause, and its statements."""
    first = next((i for i, word in enumerate(clause.words[2:], 2) if word.kind != "STRING"), len(clause.words))
    words, depth, starts = clause.words, 0, []
    for i in range(first, len(words)):
        begins = words[i].kind == "REQUIRE" or (words[i].kind == "NAME" and i + 1 < len(words) and words[i + 1].kind == "EQUAL")
        if depth == 0 and begins:
            starts.append(i)
        depth += (words[i].kind in OPENING) - (words[i].kind in CLOSING)
    return words[:first], [Part(words[begin:end]) for begin, end in pairwise([*starts, len(words)])]


def _words(text: str) -> tuple[list[Word], list[Comment]]:
    words: list[Word] = []
    waiting: list[Comment] = []
    end = 0
    for lexeme in lexemes(text):
        lines = text.count("\n", end, lexeme.start)
        end = lexeme.start + len(lexeme.text)
        if lexeme.kind != "COMMENT":
            words.append(Word(lexeme.kind, lexeme.text, lines > 0, lines > 1, waiting))
            waiting = []
        elif lines == 0 and words and not waiting and not words[-1].after:
            words[-1].after = lexeme.text.rstrip()
        else:
            waiting.append(_comment(text, lexeme, lines))
    return words, waiting


def _comment(text: str, lexeme: Lexeme, lines: int) -> Comment:
    return Comment(lexeme.text.rstrip(), lines > 1, lexeme.start > 0 and text[lexeme.start - 1] != "\n")


def _begins_item(words: Sequence[Word], i: int) -> bool:
    call = words[i].kind == "UNIT" and i + 1 < len(words) and words[i + 1].kind == "LPAR"
    return words[i].kind in ITEMS and not call


# --- spaces ----------------------------------------------------------------------------------------------------------


def _space(part: Part) -> None:
    """Decide for each word of an item whether a space stands before it, and which are binary operators."""
    in_unit = set(_units(part))
    typed = _typed(part)
    before: Word | None = None
    sign = False                         # the word before is a sign, which stands at its operand
    for i, word in enumerate(part.words):
        binary = word.kind in LEVELS and i not in in_unit and (word.kind != "MINUS" or (before is not None and before.kind in _OPERAND_ENDS))
        word.level = LEVELS[word.kind] if binary else 0
        word.spaced = not (before is None or sign or (i in in_unit and i - 1 in in_unit) or (_glued(before, word) and i not in typed))
        sign = word.kind == "MINUS" and not binary and i not in in_unit
        before = word


def _glued(before: Word, word: Word) -> bool:
    return (
        word.kind in ("COMMA", "COLON", "LSQB", "CIRCUMFLEX", "AT", *CLOSING)
        or before.kind in ("CIRCUMFLEX", "AT", *OPENING)
        or (word.kind == "LPAR" and before.kind in ("NAME", "UNIT"))
    )


def _typed(part: Part) -> set[int]:
    """Colons between a name and its unit, which have a space before them."""
    colons = [i for i, word in enumerate(part.words) if word.kind == "COLON"]
    if part.kind in DECLARATIONS:
        return set(colons[:1])
    end = part.index("EQUAL") if part.kind == "LET" else None
    return {i for i in colons if end is not None and i < end}


def _units(part: Part) -> Iterator[int]:
    """The words of units: powers, products and quotients in them are written without spaces."""
    words = part.words
    if part.kind in DECLARATIONS:
        start, end = part.index("COLON"), part.index(*TAILS)
        span = range((start or 0) + 1, len(words) if end is None else end)
        yield from span if all(words[i].kind != "VBAR" for i in span) else ()
    elif part.kind == "CONST":
        yield from range(5 if words[3].kind == "MINUS" else 4, len(words))
    elif part.kind == "UNIT":
        yield from range(3, len(words))
    for colon in _typed(part) if part.kind == "LET" else ():
        i = colon + 1
        while words[i].kind not in ("COMMA", "RPAR"):
            yield i
            i += 1
