"""Text to syntax tree. The only module that sees a raw parse tree, and the only one that imports Lark.

Items are cut apart at the keywords that begin them and parsed one by one, so that each with a mistake of its own is
reported in one pass and none is blamed for another's.
"""

from __future__ import annotations

import io
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import lark
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.grammar import Rule

from specs_dsl import brackets, kept
from specs_dsl import syntax as s
from specs_dsl.diagnostics import Diagnostic
from specs_dsl.mistakes import NestedTooDeeply, SyntaxMistake, UnreadableText
from specs_dsl.spans import Source, Span
from specs_dsl.syntax import DEEPEST

GRAMMAR = Path(__file__).with_name("grammar.lark")
KEYWORDS = frozenset(
    "spec include unit axis grid input value const let run with clause require when otherwise within because if then else fold "
    "from over or and not is as ties sum product mean minimum maximum count ulp relative vector".split()
)
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


@lru_cache(maxsize=1)
def _lark() -> Lark:
    """The parser; its tables take a tenth of a second to work out, and are the same until the grammar or Lark changes."""
    grammar = GRAMMAR.read_text("utf-8")
    options = {"parser": "lalr", "lexer": "basic", "propagate_positions": True, "maybe_placeholders": True}
    place = f"grammar-{kept.key(lark.__version__, sys.version_info[:2], options, grammar)}.lark"
    if (tables := kept.recall(place)) is not None:
        return _straight(Lark.load(io.BytesIO(tables)))
    made = Lark(grammar, **options)
    made.save(written := io.BytesIO())
    kept.keep(place, written.getvalue())
    return _straight(made)


def _straight(made: Lark) -> Lark:
    """A fifth of the time: from `expr` down to an atom each rule hands its only branch on, and Lark works out its place ten times.

    Lark has no option for it. Should its callbacks have another name one day, all is as before, only slower.
    """
    callbacks = getattr(made, "_callbacks", {})
    for rule in callbacks:
        if isinstance(rule, Rule) and len(rule.expansion) == 1 and rule.options.expand1 and not rule.alias and not rule.expansion[0].is_term:
            callbacks[rule] = itemgetter(0)
    return made


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
            tree = _lark().parse(text)
        except UnexpectedInput as error:
            found.append(_mistake(source, begin, text, error))
        else:
            if (deep := _below(tree, DEEPEST)) is not None:
                found.append(NestedTooDeeply(_span(source, begin, deep.meta), DEEPEST))
            else:
                items += _Tree(source, begin).transform(tree)
        if len(found) >= MOST_MISTAKES:
            break
    return tuple(items), found


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A word of a text as the lexer cuts it, or a comment; `kind` is its name in the grammar."""

    kind: str
    text: str
    start: int


def lexemes(text: str) -> list[Lexeme]:
    """All words and comments of a text that can be parsed."""
    found = _lark().lex(text, dont_ignore=True)
    return [Lexeme(token.type, str(token), token.start_pos) for token in found if not token.type.startswith("__")]


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


def _span(source: Source, begin: int, meta: object) -> Span:
    """Where a piece of a tree stands in the file; `begin` is where the text of its item begins."""
    start = getattr(meta, "start_pos", 0)
    return Span(source, begin + start, begin + getattr(meta, "end_pos", start))


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
    return SyntaxMistake(_span(source, begin, token), "the end of the item" if ended else f"`{token}`", _expected(error.expected),
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


class _Tree:
    """Lark's tree of one item to ours. Each method is one rule of the grammar; nothing is decided here.

    Not Lark's own Transformer: that looks up every token and wraps every method anew for every branch.
    """

    def __init__(self, source: Source, begin: int) -> None:
        self._source, self._begin = source, begin

    def transform(self, tree: Tree) -> Any:
        """The branches first; each by the method of its rule."""
        parts = [self.transform(part) if isinstance(part, Tree) else part for part in tree.children]
        return getattr(self, tree.data)(tree.meta, parts)

    def _at(self, meta: object) -> Span:
        return _span(self._source, self._begin, meta)

    _token = _at                        # a token carries its place itself

    def _name(self, token: Token) -> s.Name:
        return s.Name(str(token), span=self._token(token))

    def _names(self, tokens: list[Token]) -> tuple[s.Name, ...]:
        return tuple(self._name(token) for token in tokens)

    def start(self, _, items: list[object]) -> tuple[s.Item, ...]:
        flat: list[s.Item] = []
        for item in items:
            flat.extend(item if isinstance(item, tuple) else (item,))  # type: ignore[arg-type]
        return tuple(flat)

    # --- items ---------------------------------------------------------------------------------------------------
    def spec(self, meta, parts):
        return s.SpecItem(str(parts[0]), parts[1][1:-1], span=self._at(meta))

    def include(self, meta, parts):
        return s.IncludeItem(parts[0][1:-1], span=self._at(meta))

    def unit_item(self, meta, parts):
        return s.UnitItem(self._name(parts[0]), parts[1], span=self._at(meta))

    def loop_axes(self, meta, parts):
        return tuple(s.AxisItem(name, "loop", (), False, span=name.span) for name in self._names(parts))

    def grid_axes(self, meta, parts):
        return tuple(s.AxisItem(name, "grid", (), False, span=name.span) for name in self._names(parts))

    def component_axis(self, meta, parts):
        *labels, vector = parts[1:]
        return s.AxisItem(self._name(parts[0]), "component", tuple(map(str, labels)), vector is not None, span=self._at(meta))

    def axes(self, _, parts):
        return self._names(parts)

    names = axes

    def input(self, meta, parts):
        name, axes, (unit, choices), flags = parts
        return s.QuantityItem("input", self._name(name), axes or (), unit, choices, None, flags or (), span=self._at(meta))

    def flags(self, _, parts):
        return tuple(parts)

    def flag(self, meta, parts):
        return s.Flag(parts[0][1:-1], str(parts[1]) if parts[1] else None, span=self._at(meta))

    def value(self, meta, parts):
        name, axes, (unit, choices), guard = parts
        return s.QuantityItem("value", self._name(name), axes or (), unit, choices, guard, span=self._at(meta))

    def const(self, meta, parts):
        return s.ConstItem(self._name(parts[0]), parts[1], parts[2], span=self._at(meta))

    def let(self, meta, parts):
        return s.LetItem(self._name(parts[0]), parts[1] or (), parts[2], span=self._at(meta))

    def run(self, meta, parts):
        return s.RunItem(self._name(parts[0]), tuple(parts[1:]), span=self._at(meta))

    def set_input(self, meta, parts):
        return s.Change(self._name(parts[0]), parts[1], "", span=self._at(meta))

    def add_words(self, meta, parts):
        return s.Change(None, None, parts[0][1:-1], span=self._at(meta))

    def parameters(self, _, parts):
        return tuple(parts)

    def parameter(self, _, parts):
        return self._name(parts[0]), parts[1]

    def clause(self, meta, parts):
        token, (title, *quotes), *statements = parts
        return s.Clause(str(token), title.text, tuple(quotes), tuple(statements), id_span=self._token(token), span=self._at(meta))

    def sentences(self, _, parts):
        return tuple(s.Quote(token[1:-1], span=self._token(token)) for token in parts)

    # --- types and units -----------------------------------------------------------------------------------------
    def unit_type(self, _, parts):
        return parts[0], ()

    def choice_type(self, _, parts):
        return None, tuple(map(str, parts))

    def unit(self, meta, parts):
        return s.Unit("".join(map(str, parts)), span=self._at(meta))

    def unit_factor(self, _, parts):
        return str(parts[0]) + (f"^{parts[1]}" if parts[1] is not None else "")

    def signed_int(self, _, parts):
        return ("-" if parts[0] else "") + str(parts[1])

    def signed(self, meta, parts):
        return s.Number(("-" if parts[0] else "") + str(parts[1]), span=self._at(meta))

    # --- statements ----------------------------------------------------------------------------------------------
    def equation(self, meta, parts):
        return s.Equation(self._name(parts[0]), parts[1], parts[2], parts[3], span=self._at(meta))

    def requirement(self, meta, parts):
        return s.Requirement(parts[0], parts[1], parts[2], span=self._at(meta))

    def when(self, meta, parts):
        return s.Guard(parts[0], span=self._at(meta))

    def otherwise(self, meta, parts):
        return s.Guard(None, span=self._at(meta))

    def tolerance(self, meta, parts):
        amount = s.Number(str(parts[0]), span=self._token(parts[0]))
        return s.Tolerance(amount, str(parts[1]), parts[2][1:-1] if parts[2] else None, span=self._at(meta))

    # --- expressions ---------------------------------------------------------------------------------------------
    def conditional(self, meta, parts):
        return s.If(*parts, span=self._at(meta))

    def fold(self, meta, parts):
        return s.Fold(str(parts[0]), parts[1], parts[2], parts[3], span=self._at(meta))

    def reduce(self, meta, parts):
        return s.Reduce(str(parts[0]), parts[1], parts[2], span=self._at(meta))

    def count_of(self, meta, parts):
        """The sum of ones: whoever reads the tree knows one form."""
        at = self._at(meta)
        one, none = (s.Number(text, span=at) for text in "10")
        return s.Reduce("sum", parts[1], s.If(parts[2], one, none, span=at), span=at)

    def at(self, meta, parts):
        return s.At(parts[0], str(parts[1]), span=self._at(meta))

    def or_(self, meta, parts):
        return s.Logic("or", tuple(parts), span=self._at(meta))

    def and_(self, meta, parts):
        return s.Logic("and", tuple(parts), span=self._at(meta))

    def not_(self, meta, parts):
        return s.Logic("not", tuple(parts), span=self._at(meta))

    def compare(self, meta, parts):
        return s.Compare(tuple(map(str, parts[1::2])), tuple(parts[0::2]), span=self._at(meta))

    def is_(self, meta, parts):
        return s.Is(parts[0], str(parts[1]), span=self._at(meta))

    def binary(self, meta, parts):
        return s.Binary(str(parts[1]), parts[0], parts[2], span=self._at(meta))

    def power(self, meta, parts):
        return s.Binary("^", parts[0], parts[1], span=self._at(meta))

    def negative(self, meta, parts):
        return s.Negative(parts[1], span=self._at(meta))

    def select(self, meta, parts):
        body, *picks, first = parts
        return s.Select(body, tuple(picks), first, span=self._at(meta))

    def pick_one(self, meta, parts):
        return s.Pick(self._name(parts[0]), str(parts[1]), False, span=self._at(meta))

    def rename(self, meta, parts):
        return s.Pick(self._name(parts[0]), str(parts[1]), True, span=self._at(meta))

    def lookup(self, meta, parts):
        table, *index, default = parts
        return s.Lookup(table, tuple(index), default, span=self._at(meta))

    def default(self, meta, parts):
        """`x[otherwise y]` is short for a branch: whoever reads the tree knows one form."""
        subject, other = parts
        given = s.Call("given", (subject,), None, span=subject.span)
        return s.If(given, subject, other, span=self._at(meta))

    def call(self, meta, parts):
        function, *arguments, ties = parts
        arguments = tuple(part for part in arguments if part is not None)
        return s.Call(str(function), arguments, str(ties) if ties else None, span=self._at(meta))

    def number(self, meta, parts):
        return s.Number(str(parts[0]), span=self._token(parts[0]))

    def name(self, meta, parts):
        return self._name(parts[0])
