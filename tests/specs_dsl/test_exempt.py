"""Reasons for clauses without a rule, and for rules without a run: three kinds, each with a sentence."""

from __future__ import annotations

import pytest

from specs_dsl.check import load
from specs_dsl.exempt import KINDS, Exempt, NoReason, without_run
from specs_dsl.quotes import clauses, sections

RULES = 'include "demo.rules"\nvalue v : 1\nclause scaling.1 "Signal" "A pixel that is switched off reads zero."\n  v = 1{}\nlet w = 2\n  # No run: not testable, because it is of another item\n'


def of(text: str):
    return {name: section.exempt for name, section in clauses(text, "it.md").items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_clause_of_the_document_gives_one_of_three_reasons(kind):
    assert of(f"### a.1 One\n> Said.\n*No rule:* {kind}, because of this.\n") == {"a.1": Exempt(kind, "of this.")}


def test_a_reason_goes_on_to_the_end_of_its_paragraph():
    text = "# a.1 One\n*No rule:* not testable,\n  because it is\nlong.\n\nMore.\n# a.2 Two\n*No rule:* no test needed, because so\n*Settled:* x\n"
    assert of(text) == {"a.1": Exempt("not testable", "it is long."), "a.2": Exempt("no test needed", "so")}


def test_a_reason_speaks_of_the_nearest_heading_only():
    text = "# a.1 Top\n## a.2 Below\n*No rule:* no test needed, because so\n"
    assert of(text) == {"a.1": None, "a.2": Exempt("no test needed", "so")}


def test_a_title_is_plain_text():
    assert clauses("### a.1 The `first` *one*\nx", "it.md")["a.1"].title == "The first one"


def test_a_reason_leaves_what_a_section_says_as_it_is():
    assert "Said." in sections("# a.1 One\n> Said.\n*No rule:* nonsense\n")["a.1"]


@pytest.mark.parametrize("mark", ["*No rule:*", "*No rule:* because so", "*No rule:* not testable", "*No rule:* not testable, because", "*No rule:* impossible, because so"])
def test_a_mark_without_a_reason_is_refused_with_its_place(mark):
    with pytest.raises(NoReason, match=r"it\.md: a\.1: `\*No rule:\*` without one of the reasons `not testable`"):
        of(f"# a.1 One\n{mark}\n")


@pytest.mark.parametrize("comment, expected", [
    ("  # No run: no test needed, because so", Exempt("no test needed", "so")),
    ("\n  # No run: still to be written, because of time\n", Exempt("still to be written", "of time")),
    ("  # no run here", None),
    ("", None),
])
def test_a_clause_of_the_rules_gives_its_reason_in_a_comment(demo, comment, expected):
    (demo / "it.rules").write_text(RULES.format(comment), "utf-8")
    (clause,) = load(demo / "it.rules").clauses
    assert without_run(clause.span, clause.id) == expected


def test_a_comment_without_a_reason_is_refused_with_its_place(demo):
    (demo / "it.rules").write_text(RULES.format("  # No run: why should it"), "utf-8")
    (clause,) = load(demo / "it.rules").clauses
    with pytest.raises(NoReason, match=r"it\.rules:3: scaling\.1: `No run:` without one of the reasons"):
        without_run(clause.span, clause.id)
