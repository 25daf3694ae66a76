"""The reader of pages, itself: what it takes for true, and what it notices."""

from __future__ import annotations

import pytest

from tests.docs.reader import commands, matches


@pytest.mark.parametrize("expected, printed, fits", [
    ("a\nb\n", "a\nb\n", True), ("a\n", "a\nb\n", False), ("a\nb\n", "a\n", False), ("", "", True), ("", "a\n", False),
    ("a … c\n", "a b c\n", True), ("a …\n", "a b\nc\n", True), ("a …\nd\n", "a b\nc\n", False), ("a …\n", "a\nb\nc\nd\ne\n", False), ("a\n…\n", "a\nb\nc\n", True), ("…\nc\n", "a\nb\nc\n", True), ("…\nc\n", "a\nb\n", False),
    ("a.c\n", "abc\n", False), ("a  \n", "a\n", True), ("a\n\nb\n", "a\nb\n", False),
])
def test_output_is_compared_line_for_line(expected, printed, fits):
    assert matches(expected, printed) is fits


def test_a_command_may_go_on_in_the_next_line():
    assert [*commands("$ a \\\n    b\nc\n$ d\n")] == [("a \\\n    b", "c\n"), ("d", "")]


@pytest.mark.parametrize("page", [
    "```console\n$ echo a\nb\n```\n", "```console\n$ false\n$ echo $?\n0\n```\n", "```sh\ncd conform\n```\n```diff README.md\n-no such line\n+another\n```\n",
    "```sh\nrm -r conform\n```\n", "```toml\na = 1\n```\n", "```sh\ngit clone URL nowhere\n```\n",
])
def test_a_page_that_is_wrong_is_noticed(reader, page):
    (reader.folder / "conform" / "README.md").write_text("a line\n")
    with pytest.raises(AssertionError):
        reader.follow(page)


def test_a_page_that_is_right_is_not(reader):
    reader.follow("```sh\ngit clone URL conform\nmkdir mine\ncd mine\n```\n\n```toml folder/file.toml\na = 1\n```\n\n```diff folder/file.toml\n-a = 1\n+a = 2\n```\n")
    reader.follow("```console\n$ false\n$ echo $?\n1\n$ printf 'a\\nb'\na\nb\n$ cat folder/file.toml\na = 2\n$ conform --version >/dev/null; ../conform/conform lint no.rules 2>&1 | head -1\nconform: no.rules: the rules file cannot be read: there is no such file\n```\n")
