"""How mistakes are shown: for any text and any place in it, in a few lines that a terminal cannot be hurt by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hypothesis import example, given, settings
from hypothesis import strategies as st

from specs_dsl.diagnostics import MOST_FOUND, Diagnostic, Found, SpecError, did_you_mean, render
from specs_dsl.mistakes import Empty, NoQuote, UnknownName
from specs_dsl.spans import Source, Span

places = st.integers(0, 60)


def pointed(text: str, start: int, length: int) -> str:
    return render(Empty(Span(Source("a.rules", text), start, start + length)))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), places, places)
@example("", 0, 1)
@example("\n\n", 2, 0)
@example("a\tb", 2, 1)
@example("x" * 1000, 990, 50)
@example("x" * 1000, 5000, 5)
@example("\x1b[31m\0\u202e", 0, 6)
def test_any_place_in_any_text_can_be_shown(text, start, length):
    lines = pointed(text, start, length).split("\n")
    assert len(lines) == 4
    assert "^" in lines[3]
    assert max(map(len, lines)) < 300
    assert all(char.isprintable() or char == "\t" for line in lines for char in line)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("abc \t", max_size=30), min_size=1, max_size=4), st.data())
def test_the_carets_stand_under_what_is_meant(lines, data):
    row = data.draw(st.integers(0, len(lines) - 1))
    column = data.draw(st.integers(0, len(lines[row])))
    length = data.draw(st.integers(1, 30))
    start = sum(len(line) + 1 for line in lines[:row]) + column
    *_, text, carets = pointed("\n".join(lines), start, length).split("\n")
    text, carets = text[4:], carets[4:]                              # "1 | " and "  | "
    assert text == lines[row]
    assert len(carets.rstrip("^")) == column
    assert len(carets) - column == max(1, min(length, len(text) - column))
    assert [char == "\t" for char in carets[:column]] == [char == "\t" for char in text[:column]]


def test_of_a_long_line_the_part_around_the_mistake_is_shown():
    text = "a" * 500 + "MISTAKE" + "b" * 500
    *_, line, carets = pointed(text, 500, 7).split("\n")
    assert line[carets.index("^") : carets.rindex("^") + 1] == "MISTAKE"


def test_an_error_is_not_lost_behind_many_warnings():
    here = Span(Source("a.rules", "x"), 0, 1)
    found = Found([NoQuote(here, "a.1")] * 10)
    found.extend([NoQuote(here, "a.1")] * 10 * MOST_FOUND)
    found.append(Empty(here))
    found.append(Empty(here))
    assert len(found) == MOST_FOUND + 1
    assert found.failed


def test_an_exception_shows_every_mistake_once():
    here = Span(Source("a.rules", "x y"), 0, 1)
    error = SpecError([Empty(here), UnknownName(here, "x", ())])
    assert str(error).count("error[") == 2


def test_a_name_is_suggested_only_when_it_is_near():
    assert did_you_mean("fluxx", ["flux", "exposure"]) == "did you mean `flux`?"
    assert did_you_mean("fluxx", ["exposure"]) is None


def test_no_enormous_name_is_suggested():
    assert did_you_mean("x" * 1000, ["x" * 1001]) is None


def test_what_a_mistake_says_is_printable_too():
    @dataclass(frozen=True, slots=True)
    class Loud(Diagnostic):
        code: ClassVar[str] = "CF0000"

        def message(self) -> str:
            return "\x1b[2J"

        def hint(self) -> str:
            return "\a"

    shown = render(Loud(Span(Source("\x1b]0;name\a", "x"), 0, 1)))
    assert "\x1b" not in shown and "\a" not in shown


def test_a_caret_stands_under_what_it_means_whatever_the_width_of_characters_before_it():
    source = Source("wide.rules", 'let x = "光束" + beam')
    lines = render(UnknownName(Span(source, 15, 19), "beam", ())).splitlines()
    assert lines[2] == '1 | let x = "光束" + beam'
    assert lines[3] == "  | " + " " * 17 + "^^^^"            # two characters take two columns each
