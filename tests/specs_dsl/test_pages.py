"""The pages: the language's manual in `pages/`, and the help of each code. Their examples are run, word for word.

An example is a `rules` block and an `expect` block with all that is reported, or `ok`. Blocks with a file name, and
`markdown` blocks (the document), belong to the example that follows them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from specs_dsl import help
from specs_dsl.diagnostics import render

PAGES = sorted(Path(__file__).with_name("pages").glob("*.md"))
_FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Example:
    name: str
    rules: str = ""
    files: dict[str, str] = field(default_factory=dict)
    expected: str = ""


def examples(page: Path) -> list[Example]:
    text = page.read_text("utf-8")
    read, example = [], Example("")
    for fence in _FENCE.finditer(text):
        language, name, content = fence.groups()
        if language == "expect":
            example.name = f"{page.stem}:{text.count(chr(10), 0, fence.start()) + 1}"
            example.expected = content.rstrip("\n")
            read.append(example)
            example = Example("")
        elif language == "rules" and name is None:
            example.rules = content
        else:
            example.files[name or "demo.md"] = content
    return read


EXAMPLES = [example for page in PAGES for example in examples(page)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_page_shows_what_the_checker_says(example, demo, found):
    for name, content in example.files.items():
        (demo / name).parent.mkdir(exist_ok=True)
        (demo / name).write_text(content, "utf-8")
    assert ("\n\n".join(map(render, found(example.rules))) or "ok") == example.expected


def test_every_block_of_every_page_is_part_of_an_example():
    for page in PAGES:
        text = page.read_text("utf-8")
        run = sum(1 + len(example.files) + 1 for example in examples(page))
        assert text.count("```") == 2 * run, page.name


def test_the_pages_show_every_code(known_codes):
    shown = set(re.findall(r"^(?:error|warning)\[(CF\d{4})\]", "\n".join(example.expected for example in EXAMPLES), re.MULTILINE))
    assert known_codes - shown == set()


def test_every_code_has_a_page_of_help_and_no_page_is_left_over(known_codes):
    assert set(help.codes()) == known_codes


@pytest.mark.parametrize("code", help.codes())
def test_the_example_of_a_code_has_it_before_and_nothing_after(code, codes):
    text = help.page(code)
    assert text.startswith(f"# {code}: ")
    before, after = (fence[3] for fence in _FENCE.finditer(text))
    assert codes(before) == [code]
    assert codes(after) == []


@pytest.mark.parametrize("code", ["CF9999", "CF02", "cf0201", "demo", "../codes/CF0201", "", "CF0201\0", "*"])
def test_there_is_no_help_on_what_is_no_code(code):
    assert help.page(code) is None
