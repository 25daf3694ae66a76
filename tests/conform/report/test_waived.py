"""The figures of a waiver are those of the break, rounded up, so that it fits the break that it was made from; and an input
that the sides have differently because of a break is accepted with it, as it is.
"""

from __future__ import annotations

import datetime
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from conform.report.accepting import Context
from conform.report.unjudged import unjudged_of
from conform.report.waived import apply, waiver_of
from conform.run.waivers import WaiverFile, load_waivers
from conform.run.waiving import append
from tests.conform.report.made import broken, judgement, not_alike, report

FIGURES = st.one_of(st.floats(min_value=1, max_value=1e300), st.just(inf))


def accepted(margin: float, elements: int = 9, count: int = 9, **words):
    usual = dict(reason="so", owner="us", expires=datetime.date(2030, 1, 2), text="0" * 16)
    return waiver_of(broken(margin=margin, elements=elements, broken=count), ["wall"], **(usual | words))


@given(FIGURES, st.integers(1, 10**9), st.data())
def test_a_waiver_accepts_the_break_that_it_was_made_from_and_little_more(margin, elements, data):
    count = data.draw(st.integers(1, elements))
    one = accepted(margin, elements, count)
    assert margin <= one.margin <= 1.011 * margin and count / elements <= one.share <= min(1.0, 1.011 * count / elements)


@given(FIGURES, st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
def test_a_waiver_is_read_back_as_it_was_written(tmp_path_factory, margin, reason, owner):
    path = tmp_path_factory.mktemp("waivers") / "waivers.toml"
    one = accepted(margin, reason=reason, owner=owner)
    append(path, [one])
    assert load_waivers(path).waiver == (one,)


@given(st.lists(st.tuples(st.sampled_from(["an operand is not a number", 'it is "so"', "`x` is not in the trace"]), st.integers(0, 10**6)), min_size=1, max_size=3))
def test_a_waiver_of_unjudged_clauses_is_read_back_as_it_was_written(tmp_path_factory, reasons):
    path = tmp_path_factory.mktemp("waivers") / "waivers.toml"
    verdicts = [
        judgement(f"lamp.{i}", outcome="unchecked", reason=why + (f", at {lost:,} element{'s' if lost > 1 else ''}" if lost else ""), lost=lost) for i, (why, lost) in enumerate(reasons)
    ]
    one = unjudged_of(verdicts, {v.clause: "0" * 16 for v in verdicts}, ["wall"], "lamp.9", "so", "us", datetime.date(2030, 1, 2))
    append(path, [one])
    assert load_waivers(path).unjudged == (one,)
    assert [(open_.why, open_.elements) for open_ in one.clauses] == reasons


# --- inputs ------------------------------------------------------------------------------------------------------------


CONTEXT = Context({"lamp.1": "0" * 16}, {"lamp.1"}, {"wall"}, datetime.date(2029, 1, 1))
ASKEW = not_alike()["given"][0]


def with_inputs(found, *inputs):
    """The report under a waiver of its break, with the `flux` that the sides had when it was accepted."""
    waiver = waiver_of(broken(), ["wall"], "so", "us", datetime.date(2030, 1, 2), "0" * 16, inputs=inputs)
    return apply(found, WaiverFile(waiver=(waiver,)), CONTEXT)


def broken_report(**more):
    return report(roots=(broken(),), verdicts=(judgement(outcome="breaks"),), **({"given": (ASKEW,), "exit_code": 1} | more))


def test_an_input_that_differs_because_of_a_waived_break_is_accepted_by_name():
    under = with_inputs(broken_report(), ASKEW)
    assert (under.exit_code, under.given, under.waived[0].inputs) == (0, (), (ASKEW,))


def test_an_input_that_the_waiver_does_not_name_fails_the_run():
    under = with_inputs(broken_report())
    assert (under.exit_code, under.given, under.waivers_failed) == (1, (ASKEW,), ())


def test_an_input_that_differs_by_something_else_fails_the_run():
    under = with_inputs(broken_report(given=(ASKEW.model_copy(update={"values": (2.0, 4.0)}),)), ASKEW)
    assert under.exit_code == 1 and [(one.problem, one.text) for one in under.waivers_failed] == [("grew", "`flux`: a has 2.0 and b has 4.0, and 2.0 and 3.0 were accepted")]


def test_an_input_that_the_sides_have_alike_again_fails_the_run():
    under = with_inputs(broken_report(given=()), ASKEW)
    assert under.exit_code == 1 and [one.problem for one in under.waivers_failed] == ["gone"]


def test_a_waived_break_that_cannot_be_judged_any_more_is_gone():
    under = with_inputs(report(verdicts=(judgement(outcome="unchecked", reason="its guard is never true", excused="so"),)))
    assert under.exit_code == 1 and [(one.problem, one.text) for one in under.waivers_failed] == [("gone", "a does not break it now, and it is not judged: its guard is never true")]
