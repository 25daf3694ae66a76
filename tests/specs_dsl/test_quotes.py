"""The sections of a document, and what counts when a sentence is looked for in one."""

from __future__ import annotations

import pytest

from specs_dsl.quotes import plain, sections


def test_a_section_ends_at_the_next_heading_of_its_level_or_above():
    text = "# Top\n## a.1 One\nfirst\n### Remark\nsecond\n### a.2 Two\nthird\n## Other\nfourth\n# b.1\nfifth"
    assert dict(sections(text)) == {"a.1": "first ### Remark second ### a.2 Two third", "a.2": "third", "b.1": "fifth"}


@pytest.mark.parametrize("written", ["the `flux` of a *pixel*", "> the flux\n> of a pixel", "the\n\n  flux of\ta pixel", "**the** flux _of_ a pixel"])
def test_marks_and_white_space_do_not_count(written):
    assert plain(written) == "the flux of a pixel"


@pytest.mark.parametrize("written", ["The flux of a pixel", "the flux of a pixel.", "the flux > of a pixel", "the fluxof a pixel"])
def test_every_other_character_counts(written):
    assert plain(written) != "the flux of a pixel"


@pytest.mark.parametrize("line", ["#a.1 One", "#\na.1 One", "####### a.1 One", "a.1 One", "# One a.1", "# a.1.2x One".replace(".2x", "bc")])
def test_what_is_no_heading_of_a_clause_begins_no_section(line):
    assert dict(sections(line + "\ntext")) == {}


def test_long_documents_are_read_in_little_time():
    blank = "\n" * 200_000
    headings = "".join(f"###### a.{i} x\n" for i in range(20_000))
    assert len(sections("# z.1 Top\n" + blank + headings)) == 20_001
