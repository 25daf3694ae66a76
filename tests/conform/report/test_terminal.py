"""The report as a person sees it at 80 columns: what was not checked first, then the first break, and nothing wider."""

from __future__ import annotations

import re
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from conform.report.model import Difference, Explained
from conform.report.amount import Amount
from conform.report.terminal import render
from tests.conform.report.made import broken, judgement, report, unchecked


def lines(*args, **options) -> list[str]:
    return render(*args, **options).splitlines()


# --- whole screens, of real checks -----------------------------------------------------------------------------------

CONFORMS = """\
conform · lamp · wall · 2 sides · 9 pixels · 3 clauses
not checked   lamp.4 (no shutter)
3 clauses hold on both sides (closest to its bound: lamp.2 on b, at N of it)
conforms
"""

ONE_BREAK = """\
conform · lamp · wall · 2 sides · 9 pixels · 3 clauses
not checked   lamp.4 (no shutter)
FIRST BREAK   lamp.1 Distance, side a                        specs/lamp.rules:20
  “The distance of a pixel is the hypotenuse of its offset and the height of the
  lamp.”
  on 9 of 9 pixels; b holds it everywhere, to the last bit
  a traced distance = 2.54647305110421 at slow 0, fast 1; the clause requires
  2.52168594396685: N bounds apart at worst, 7 bits agree
what follows  distance, light, image differ between the sides, by up to 2.94 %;
              with lamp.1 repaired all agree with b
largest       the first, too: it makes the sum of image 0.97106 times what it
              would be without, and that at slow 0, fast 1 0.97108 times
2 clauses hold on both sides (closest to its bound: lamp.2 on b, at N of it)
"""

UNCHECKED = """\
conform · lamp · wall · 2 sides · 9 pixels · 3 clauses
NOT CHECKED   lamp.4 Shutter: its guard is never true
3 clauses hold on both sides (closest to its bound: lamp.2 on b, at N of it)
nothing breaks, but 1 clause that this run is meant to judge could not be judged
"""


def screen(ended) -> str:
    """Without the time that it took, and without figures that a sharper bound would change."""
    first, *rest = ended.out.splitlines()
    assert first.endswith(" s")
    text = "\n".join([first.rsplit(maxsplit=2)[0].rstrip(), *rest]) + "\n"
    return re.sub(r"\d[.]\de[+]\d\d(?= bounds)|(?<=at )0[.]\d\d(?= of it)", "N", text)


def test_a_check_that_conforms(tiny_project):
    assert screen(tiny_project.check()) == CONFORMS


def test_a_check_with_one_break(tiny_project):
    assert screen(tiny_project.check("--quirks", "a=far")) == ONE_BREAK


def test_a_check_that_leaves_something_unchecked(tiny_project):
    tiny_project.replace("runs/wall.toml", '"no shutter" = ["lamp.4"]', "")
    assert screen(tiny_project.check()) == UNCHECKED


def test_several_roots_are_told_in_the_order_of_the_clauses_and_then_of_the_sides(tiny_project):
    tiny_project.replace("a.py", "return power * height / d**3", "return 1.5 * power * height / d**3")
    tiny_project.replace("a.py", "return sum(turns)", "return 2 * sum(turns)")
    tiny_project.replace("b.py", "return math.fsum(turns)", "return 2 * math.fsum(turns)")
    text = tiny_project.check().out
    places = [text.index(part) for part in ("FIRST BREAK   lamp.2 Light of a turn, side a", "breaks too    lamp.3 Stored light, side a: on 9 of 9 pixels",
                                            "lamp.3 Stored light, side b: on 9 of 9 pixels")]
    assert places == sorted(places)
    assert "has twice what is" in text and text.splitlines()[-1].startswith("1 clause holds on both sides")


# --- the parts -------------------------------------------------------------------------------------------------------


def test_what_was_not_checked_comes_before_the_first_break():
    text = render(report(roots=(broken(),), unchecked=(unchecked(),)))
    assert text.index("NOT CHECKED   lamp.4") < text.index("FIRST BREAK")


def test_what_is_excused_is_told_apart_from_what_is_not():
    shown = lines(report(unchecked=(unchecked(), unchecked("lamp.5", excused="no water")), exit_code=3))
    assert "NOT CHECKED   lamp.4 Shutter: its guard is never true" in shown and "not checked   lamp.5 (no water)" in shown


def test_a_clause_that_one_side_cannot_show_names_that_side():
    assert "NOT CHECKED   lamp.4 Shutter, side b: not in the trace" in lines(report(unchecked=(unchecked(sides=("b",), reason="not in the trace"),), exit_code=3))


def test_many_excused_clauses_are_counted_and_all_named_in_full():
    many = tuple(unchecked(f"lamp.{i}", excused="no shutter") for i in range(4, 12))
    short, full = render(report(unchecked=many)), render(report(unchecked=many), amount=Amount.FULL)
    assert "8 clauses" in short and "no shutter" in short and "lamp.9" not in short
    assert all(f"lamp.{i}" in full for i in range(4, 12))


@pytest.mark.parametrize("ties, said", [((0, 0), None), ((1, 0), "1 decision fell the other way inside its rounding"), ((1200, 34), "1,234 decisions fell the other way inside their rounding")])
def test_ties_are_counted_and_are_no_breaks(ties, said):
    verdicts = tuple(judgement(side=side, outcome="tie" if count else "holds", ties=count) for side, count in zip("ab", ties))
    text = " ".join(render(report(verdicts=verdicts)).split())
    assert "conforms" in text and "1 clause holds on both sides" in text
    assert said in text if said else "fell the other way" not in text


def test_a_clause_that_holds_on_one_side_only_does_not_count_as_holding():
    verdicts = (judgement(), judgement(side="b", outcome="unchecked", margin=None), judgement("lamp.2"), judgement("lamp.2", "b"))
    assert "1 clause holds on both sides" in render(report(verdicts=verdicts))


def test_the_loops_at_which_it_breaks_are_shown_as_ranges():
    text = render(report(roots=(broken(broken_at={"turn": (0, 2, 3, 4, 7)}),)))
    assert "at turn 0, 2-4, 7, on 9 of 9 pixels" in text


def test_not_a_number_and_infinity_are_words_and_no_figures_of_them():
    text = " ".join(render(report(roots=(broken(traced=nan, margin=inf, ulps=inf, bits=0.0),))).split())
    assert "a traced distance = not a number" in text and "no rounding makes the one of the other" in text and "inf" not in text


def test_a_component_is_shown_by_its_name():
    assert "a traced cell[a, y] = 2.5" in render(report(roots=(broken(target="cell", at={"pixel": 3, "abc": 0, "xyz": 1}, labels={"abc": "a", "xyz": "y"}),)))


def test_a_break_that_needs_no_pixels_says_how_many_elements():
    shown = render(report(roots=(broken(tiles_judged=0, tiles_broken=0, elements=3, broken=2, at={"turn": 0}),)))
    assert "on 2 of 3 elements" in shown
    assert "once in the run" in render(report(roots=(broken(tiles_judged=0, tiles_broken=0, elements=1, broken=1, at={}),)))


def test_what_follows_from_the_break_and_what_is_left_are_told():
    def told(**more):
        explained = Explained(clause="lamp.1", side="a", against="b", **{"given": (), **more})
        return " ".join(render(report(roots=(broken(),), explained=explained)).split())

    assert "light, image differ between the sides, by up to 3 %; with lamp.1 repaired all agree with b" in told(differing=("light", "image"), worst={"light": 0.01, "image": 0.03}, still=())
    assert "still differs: so does power, which the rules take as given" in told(differing=("light",), worst={"light": 0.01}, still=("image",), given=("power",))
    assert "something is left unexplained" in told(differing=("light",), worst={"light": 0.01}, still=("image",))


def test_sides_that_cannot_be_compared_say_why():
    assert "a has 9 elements on the axis pixel" in render(report(roots=(broken(),), incomparable="a has 9 elements on the axis pixel and b has 8"))


def test_full_shows_verdicts_and_parity():
    parity = (Difference(quantity="light", sides=("a", "b"), elements=27, differing=3, worst=0.5, largest=0.5),)
    shown = lines(report(parity=parity), amount=Amount.FULL)
    assert [line.split() for line in shown if line.startswith(("lamp.1", "light"))] == [
        ["lamp.1", "a", "holds", "0.25", "1", "52", "9"], ["lamp.1", "b", "holds", "0.25", "1", "52", "9"], ["light", "a/b", "0.5", "3", "27"]]


def test_the_time_stands_at_the_right_edge():
    first = lines(report(), elapsed="1.5 s", width=80)[0]
    assert first.endswith("  1.5 s") and len(first) == 80


# --- any report ------------------------------------------------------------------------------------------------------

NAMES = st.text(st.characters(whitelist_categories=("Ll", "Lu", "Nd")), min_size=1, max_size=24)
PROSE = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), min_size=1, max_size=40), min_size=1, max_size=12).map(" ".join)
FIGURES = st.floats(width=64)


@st.composite
def reports(draw):
    clauses = [f"{draw(NAMES).lower()}.{i}" for i in range(draw(st.integers(1, 6)))]
    verdicts = tuple(
        judgement(clause, side, draw(st.sampled_from(["holds", "breaks", "tie", "unchecked"])), margin=draw(st.none() | st.floats(0, allow_nan=False)), ties=draw(st.integers(0, 5)))
        for clause in clauses for side in "ab")
    roots = tuple(
        broken(clause=draw(st.sampled_from(clauses)), title=draw(PROSE), quotes=(draw(PROSE),), source=f"{draw(NAMES)}.rules:{draw(st.integers(1, 999))}",
               target=draw(NAMES), traced=draw(FIGURES), required=draw(FIGURES), margin=draw(st.floats(1)), bits=draw(st.floats(0, 53)),
               broken_at={"phi": tuple(sorted(draw(st.sets(st.integers(0, 50), max_size=20))))}, computes_instead=draw(st.just("") | PROSE), instead_equation="", speaks_for=(), others={"b": draw(PROSE)})
        for _ in range(draw(st.integers(0, 15))))
    missing = tuple(unchecked(clause, excused=draw(st.none() | PROSE), reason=draw(PROSE), title=draw(PROSE)) for clause in clauses)
    explained = Explained(clause=clauses[0], side="a", against="b", differing=tuple(clauses), worst={name: 0.5 for name in clauses}, still=tuple(clauses), given=()) if roots else None
    return report(verdicts=verdicts, roots=roots, unchecked=missing, explained=explained, spec=draw(NAMES), run=draw(NAMES))


@settings(max_examples=60, deadline=None)
@given(reports(), st.sampled_from([60, 80, 132]), st.sampled_from(Amount))
def test_no_line_is_wider_than_the_screen_and_none_has_an_escape_code(made, width, amount):
    text = render(made, width=width, amount=amount, elapsed="12.3 s")
    assert max(map(cell_len, text.splitlines())) <= width
    assert "\x1b" not in text and text.endswith("\n") and not any(line != line.rstrip() for line in text.splitlines())


@settings(max_examples=60, deadline=None)
@given(reports())
def test_every_unexcused_clause_is_named(made):
    text = "".join(render(made, width=80).split())
    assert all(item.clause in text for item in made.unchecked if item.excused is None)


def test_colour_is_there_only_where_it_is_asked_for():
    assert "\x1b[" in render(report(roots=(broken(),)), colour=True)
    assert "\x1b" not in render(report(roots=(broken(),)), colour=False)


def test_markup_in_names_is_text_and_no_markup():
    assert "[bold]" in render(report(roots=(broken(title="[bold]"),))) and "[/red]" in render(report(unchecked=(unchecked(reason="[/red]"),)))


def test_a_factor_that_is_no_number_is_called_one(monkeypatch):
    from conform.report.causes import _times

    assert _times(float("nan"), " what it would be") == "no number" and _times(2.0, " what it would be") == "2 times what it would be"


def test_a_long_equation_stays_behind_its_margin():
    text = render(report(roots=(broken(computes_instead="something", instead_equation=f"value = {' + '.join(['operand'] * 20)}"),)))
    lines = [line for line in text.splitlines() if "operand" in line]
    assert len(lines) > 1 and all(line.startswith("    ") for line in lines)
