"""The words of the language, and its parser: Lark's, made from `grammar.lark` once and then kept."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

import lark
from lark import Lark
from lark.grammar import Rule

from specs_dsl import kept

GRAMMAR = Path(__file__).with_name("grammar.lark")
KEYWORDS = frozenset(
    "spec include unit axis grid input value const let run with clause require when otherwise within because if then else fold "
    "from over or and not is as ties sum product mean minimum maximum count ulp relative vector".split()
)


@lru_cache(maxsize=1)
def parser() -> Lark:
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


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A word of a text as the lexer cuts it, or a comment; `kind` is its name in the grammar."""

    kind: str
    text: str
    start: int


def lexemes(text: str) -> list[Lexeme]:
    """All words and comments of a text that can be parsed."""
    found = parser().lex(text, dont_ignore=True)
    return [Lexeme(token.type, str(token), token.start_pos) for token in found if not token.type.startswith("__")]
