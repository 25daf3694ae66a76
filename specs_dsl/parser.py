"""Text to syntax tree.

Items are cut apart at the keywords that begin them and parsed one by one, so that each with a mistake of its own is
reported in one pass and none is blamed for another's.
"""

from __future__ import annotations

import re
from itertools import pairwise

from lark import Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from specs_dsl import brackets, grammar
from specs_dsl import syntax as s
from specs_dsl.branches import span_of
from specs_dsl.diagnostics import Diagnostic
from specs_dsl.mistakes import NestedTooDeeply, SyntaxMistake, UnreadableText
from specs_dsl.spans import Source, Span
from specs_dsl.syntax import DEEPEST
from specs_dsl.tree import Items

_ITEM_START = re.compile(r"^[ \t]*(?:spec|include|unit(?!\s*\()|axis|grid|input|value|const|let|run|clause)\b", re.MULTILINE)
_WHOLE_ITEM = re.compile(r'^[ \t]*(?:include|spec[ \t]+\w+)[ \t]*"[^"\n]*"', re.MULTILINE)     # a slip after it is not its own
MOST_MISTAKES = 50      # of one file: more is not a list of mistakes but another kind of file
_AFTER_EXPRESSION = ("EQUAL", "REQUIRE", "WHEN", "WITHIN", "$END")       # there an expression has ended, or should have
_SPELLING = {
    "NAME": "a name", "STRING": "a quoted sentence", "INT": "a whole number", "NUMBER": "a number", "CLAUSE_ID": "a clause id such as lattice.2",
    "COMPARE": "a comparison", "LPAR": "`(`", "RPAR": "`)`", "LSQB": "`[`", "RSQB": "`]`", "EQUAL": "`=`", "COLON": "`:`", "COMMA": "`,`",
    "PLUS": "`+`", "MINUS": "`-`", "TIMES": "`*`", "DIVIDE": "`/`", "CIRCUMFLEX": "`^`", "VBAR": "`|`",
    "REDUCTION": "a reduction", "AT": "`@`", "TOLERANCE_KIND": "`ulp` or `relative`", "$END": "the end of the item",
}


def parse(source: Source) -> tuple[tuple[s.Item, ...], list[Diagnostic]]:
    """The items of one file that could be read, and a mistake for each that could not."""
    items: list[s.Item] = []
    found: list[Diagnostic] = []
    for begin, end in pairwise(_cuts(source.text)):
        text = source.text[begin:end]
        if (bracket := brackets.too_deep(text, DEEPEST)) is not None:
            found.append(NestedTooDeeply(Span(source, begin + bracket, begin + bracket + 1), DEEPEST))
            continue
        try:
            tree = grammar.parser().parse(text)
        except UnexpectedInput as error:
            found.append(_mistake(source, begin, text, error))
        else:
            if (deep := _below(tree, DEEPEST)) is not None:
                found.append(NestedTooDeeply(span_of(source, begin, deep.meta), DEEPEST))
            else:
                items += Items(source, begin).transform(tree)
        if len(found) >= MOST_MISTAKES:
            break
    return tuple(items), found


def parse_expression(text: str) -> s.Expr:
    """A lone expression, for tests and reports; ValueError if it is not one."""
    items, found = parse(Source("<expression>", f"let it = {text}"))
    if found:
        raise ValueError(found[0].message())
    (item,) = items
    assert isinstance(item, s.LetItem)
    return item.body


def item_around(span: Span) -> str:
    """The text of the item in which something stands."""
    text = span.source.text
    return next((text[begin:end] for begin, end in pairwise(_cuts(text)) if begin <= span.start < end), "")


def _cuts(text: str) -> list[int]:
    """Where a file is cut into items, its beginning and its end included."""
    starts = {match.start() for match in _ITEM_START.finditer(text)}
    ends = {match.end() for match in _WHOLE_ITEM.finditer(text)}
    return sorted({0, *starts, *ends, len(text)})


def _below(tree: Tree, depth: int) -> Tree | None:
    """The first branch that stands deeper than `depth`, found without recursion."""
    level = [tree]
    for _ in range(depth):
        if not level:
            return None
        level = [child for branch in level for child in branch.children if isinstance(child, Tree)]
    return level[0] if level else None


def _mistake(source: Source, begin: int, text: str, error: UnexpectedInput) -> Diagnostic:
    """What Lark says of one item, whose text begins at `begin`."""
    if isinstance(error, UnexpectedCharacters):
        start = begin + error.pos_in_stream
        return UnreadableText(Span(source, start, start + 1), source.text[start])
    assert isinstance(error, UnexpectedToken)
    token = error.token                             # at the end Lark gives the place of the last word
    ended = token.type == "$END"
    before = text if ended else text[: token.start_pos]
    return SyntaxMistake(span_of(source, begin, token), "the end of the item" if ended else f"`{token}`", _expected(error.expected),
                         _bracket(source, begin, before, token))  # fmt: skip


def _bracket(source: Source, begin: int, before: str, token: Token) -> str:
    """What the brackets before a word have to do with it that it has no place; nothing where they are in order."""
    waiting = brackets.waiting(before)
    if token.type in ("RPAR", "RSQB"):
        return "" if waiting else f"no bracket is open that this `{token}` could close"
    if not waiting or token.type not in _AFTER_EXPRESSION:
        return ""
    line, column = source.position(begin + waiting[-1])
    return f"the `{before[waiting[-1]]}` in line {line}, column {column} is still open"


def _expected(names: set[str]) -> tuple[str, ...]:
    words = {_SPELLING.get(name, f"`{name.lower()}`") for name in names}
    return tuple(sorted(words, key=lambda word: (word.startswith("`"), word)))      # "a name" before marks and keywords
