"""The figures of a waiver are those of the break, rounded up, so that it fits the break that it was made from."""

from __future__ import annotations

import datetime
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from conform.report.waived import waiver_of
from conform.run.waivers import append, load_waivers
from tests.conform.report.made import broken

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
    assert load_waivers(path) == (one,)
