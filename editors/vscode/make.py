"""Makes the highlighting of rules files for VS Code from the language's own lists of keywords and functions.

    .venv/bin/python editors/vscode/make.py            write the file
    .venv/bin/python editors/vscode/make.py --check    exit 1 if it is not what would be written
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from specs_dsl.functions import FUNCTIONS, TIES
from specs_dsl.inference import FIRST_LAST
from specs_dsl.grammar import KEYWORDS

FILE = Path(__file__).parent / "syntaxes" / "conform-rules.tmLanguage.json"

# What each keyword is to a reader; one that is in no list here is shown as a control keyword.
ITEMS = ("spec", "include", "unit", "axis", "grid", "input", "value", "const", "let", "clause")
STATEMENTS = ("require", "when", "otherwise", "within", "because")
REDUCTIONS = ("sum", "product", "mean", "minimum", "maximum", "fold")
LOGIC = ("and", "or", "not", "is")
KINDS = ("flag", "count")                # of a quantity, in the place of a unit

_NAME = "[A-Za-z_][A-Za-z_0-9]*"
_NUMBER = r"(?<![A-Za-z_0-9.])(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?(?![A-Za-z_0-9])"


def grammar() -> dict:
    """The TextMate grammar, as the editor reads it."""
    return {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "information_for_contributors": ["Made by editors/vscode/make.py from the lists of the language. Change those."],
        "name": "conform rules",
        "scopeName": "source.conform-rules",
        "fileTypes": ["rules"],
        "patterns": _patterns(),
    }


def _patterns() -> list[dict]:
    rest = KEYWORDS - {*ITEMS, *STATEMENTS, *REDUCTIONS, *LOGIC}
    return [
        {"name": "comment.line.number-sign.conform-rules", "match": "#.*$"},
        {"name": "string.quoted.double.conform-rules", "match": r'"[^"\n]*"'},
        _captured(r"\b(clause)\s+([a-z]+\.[0-9]+[a-z]?)\b", "keyword.declaration", "entity.name.section"),
        _captured(rf"\b(let)\s+({_NAME})", "keyword.declaration", "entity.name.function"),
        _captured(rf"\b(input|value|const|axis|grid)\s+({_NAME})", "keyword.declaration", "variable.other.definition"),
        _words("support.function", FUNCTIONS, r"(?=\s*\()"),     # before the keywords: `unit` is both
        _words("keyword.declaration", ITEMS),
        _words("keyword.other", STATEMENTS),
        _words("keyword.operator.reduction", REDUCTIONS),
        _words("keyword.operator.word", LOGIC),
        _words("keyword.control", rest),
        _words("constant.language", (*FIRST_LAST, *TIES, "pi")),
        _words("storage.type", KINDS),
        {"name": "constant.numeric.conform-rules", "match": _NUMBER},
        {"name": "keyword.operator.conform-rules", "match": r"<=|>=|==|!=|[-+*/^<>=|]"},
    ]


def _words(scope: str, words: Iterable[str], after: str = "") -> dict:
    return {"name": f"{scope}.conform-rules", "match": rf"\b(?:{'|'.join(sorted(words))})\b{after}"}


def _captured(match: str, *scopes: str) -> dict:
    return {"match": match, "captures": {str(i): {"name": f"{scope}.conform-rules"} for i, scope in enumerate(scopes, 1)}}


def text() -> str:
    return json.dumps(grammar(), indent=2) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(0 if FILE.is_file() and FILE.read_text("utf-8") == text() else f"{FILE.name} is not what editors/vscode/make.py makes")
    FILE.write_text(text(), "utf-8")
