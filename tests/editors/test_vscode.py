"""The highlighting for VS Code is what its script makes, and knows every word of the language."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from specs_dsl.functions import FUNCTIONS
from specs_dsl.grammar import KEYWORDS, lexemes
from tests.scripts import script

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "editors/vscode"
FILE = FOLDER / "syntaxes/conform-rules.tmLanguage.json"


@pytest.fixture(scope="module")
def make():
    with script(FOLDER / "make.py") as module:
        yield module


@pytest.fixture(scope="module")
def patterns():
    return json.loads(FILE.read_text("utf-8"))["patterns"]


def scopes(patterns, line: str) -> dict[str, str]:
    """Each piece of a line with its scope, as an editor finds them: the leftmost match, of those the first pattern."""
    found, at = {}, 0
    while at < len(line):
        matches = [(match.start(), i, match) for i, pattern in enumerate(patterns) if (match := re.compile(pattern["match"]).search(line, at)) and match[0]]
        if not matches:
            break
        _, i, match = min(matches, key=lambda item: item[:2])
        if "captures" in patterns[i]:
            found |= {match[int(number)]: of["name"].removesuffix(".conform-rules") for number, of in patterns[i]["captures"].items()}
        else:
            found[match[0]] = patterns[i]["name"].removesuffix(".conform-rules")
        at = match.end()
    return found


def test_the_committed_file_is_what_the_script_makes(make):
    assert FILE.read_text("utf-8") == make.text(), "run editors/vscode/make.py"


def test_the_script_says_when_the_file_is_another():
    check = [sys.executable, FOLDER / "make.py", "--check"]
    assert subprocess.run(check, cwd=ROOT).returncode == 0
    before = FILE.read_text("utf-8")
    code = f"import runpy, sys; sys.argv[1:] = ['--check']; import specs_dsl.grammar as p; p.KEYWORDS |= {{'whenever'}}; runpy.run_path({str(FOLDER / 'make.py')!r}, run_name='__main__')"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1 and "is not what editors/vscode/make.py makes" in ended.stderr and FILE.read_text("utf-8") == before


def test_every_keyword_is_in_one_list_of_the_script_or_a_control_keyword(make):
    lists = [*make.ITEMS, *make.STATEMENTS, *make.REDUCTIONS, *make.LOGIC]
    assert len(lists) == len(set(lists)) and set(lists) <= KEYWORDS


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_every_keyword_is_highlighted(patterns, word):
    assert scopes(patterns, f"x {word} ")[word].startswith("keyword.")
    assert word not in scopes(patterns, f"x{word}y")


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_is_highlighted_where_it_is_called(patterns, name):
    assert scopes(patterns, f"a + {name}(b)")[name] == "support.function"


def test_a_clause_is_highlighted_as_an_author_reads_it(patterns):
    assert scopes(patterns, 'clause lattice.2 "Square #1"  # the usual') == {
        "clause": "keyword.declaration", "lattice.2": "entity.name.section", '"Square #1"': "string.quoted.double", "# the usual": "comment.line.number-sign"}
    assert scopes(patterns, "F = sum over abc: f32(x1) * 2.5e-3 when shape is round") == {
        "=": "keyword.operator", "sum": "keyword.operator.reduction", "over": "keyword.control", "f32": "support.function", "*": "keyword.operator",
        "2.5e-3": "constant.numeric", "when": "keyword.other", "is": "keyword.operator.word"}


@pytest.mark.parametrize("path", sorted((ROOT / "specs").glob("*.rules")), ids=lambda path: path.name)
def test_every_keyword_string_and_comment_of_our_rules_is_highlighted_as_the_lexer_cuts_it(patterns, path):
    for line in path.read_text("utf-8").split("\n"):
        shown = scopes(patterns, line)
        for word in lexemes(line):
            if word.kind in ("COMMENT", "STRING") or word.text in KEYWORDS:
                assert word.text in shown, line


def test_the_extension_names_files_that_are_there():
    package = json.loads((FOLDER / "package.json").read_text("utf-8"))
    [language], [syntax] = package["contributes"]["languages"], package["contributes"]["grammars"]
    for name in (language["configuration"], syntax["path"]):
        json.loads((FOLDER / name).read_text("utf-8"))
    assert language["extensions"] == [".rules"] and syntax["scopeName"] == json.loads(FILE.read_text("utf-8"))["scopeName"]
