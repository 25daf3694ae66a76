"""Partial verdicts of tiles are merged: in any grouping, with the same result."""

from __future__ import annotations

from functools import reduce
from math import inf

from hypothesis import assume, given
from hypothesis import strategies as st

from conform.engine.verdicts import Outcome, Partial, Reason, Sample, Verdict

RATIOS = st.sampled_from((0.0, 0.5, 0.999, 7.0, inf))
COUNTS = st.integers(0, 9)
PLACES = st.tuples(st.integers(0, 20), st.integers(0, 3)).map(lambda at: (("pixel", at[0]), ("turn", at[1])))
SAMPLES = st.none() | st.builds(Sample, PLACES, st.just(1.0), st.just(2.0), st.just(0.1), RATIOS)
PARTS = st.builds(
    Partial, st.just("one.1"), st.just("y"), st.just(0), COUNTS, COUNTS, COUNTS, COUNTS, st.dictionaries(st.sampled_from(("NAN", "ILL")), COUNTS),
    st.dictionaries(st.integers(-3, 3), COUNTS), st.sampled_from((0.0, 0.5, 8.0)), SAMPLES, SAMPLES,
    st.dictionaries(st.sampled_from(("turn", "xyz")), st.dictionaries(st.integers(0, 3), COUNTS)), COUNTS, COUNTS, st.booleans(), COUNTS,
    st.frozensets(st.sampled_from(("two.1", "two.2"))), st.sampled_from(("", "b is missing", "a is missing")), st.just(False), st.sampled_from((0.0, 0.25, 4.0)),
)


@given(PARTS, PARTS, PARTS)
def test_merging_is_associative(a, b, c):
    assert a.merge(b).merge(c) == a.merge(b.merge(c))


@given(PARTS, PARTS)
def test_the_order_of_tiles_leaves_no_mark(a, b):
    samples = [sample for part in (a, b) for sample in (part.worst, part.first) if sample]
    assume(len({sample.place for sample in samples}) == len(samples))          # no element is in two tiles
    assert a.merge(b) == b.merge(a)


@given(PARTS)
def test_an_empty_tile_changes_nothing(a):
    merged = a.merge(Partial("one.1", "y"))
    assert (merged.judged, merged.worst, merged.first, merged.problem, merged.nonzero) == (a.judged, a.worst, a.first, a.problem, a.nonzero)


@given(st.lists(PARTS, min_size=1, max_size=5))
def test_counts_add_up_and_the_worst_and_first_are_those_of_all(parts):
    merged = reduce(Partial.merge, parts)
    assert merged.broken == sum(part.broken for part in parts) and merged.ties == sum(part.ties for part in parts)
    assert sum(merged.not_judged.values()) == sum(sum(part.not_judged.values()) for part in parts)
    worst = [part.worst for part in parts if part.worst]
    assert (merged.worst.ratio if merged.worst else None) == max((sample.ratio for sample in worst), default=None)
    firsts = [part.first.order() for part in parts if part.first]
    assert (merged.first.order() if merged.first else None) == min(firsts, default=None)


def sample(pixel: int, ratio: float) -> Sample:
    return Sample((("pixel", pixel),), 1.0, 2.0, 0.1, ratio)


def test_of_equally_bad_elements_the_first_in_loop_order_is_the_worst():
    a, b = (Partial("one.1", "y", worst=sample(pixel, 3.0)) for pixel in (5, 2))
    assert a.merge(b).worst.at == {"pixel": 2} == b.merge(a).worst.at


def test_the_first_break_is_the_first_in_loop_order_however_small():
    a, b = Partial("one.1", "y", first=sample(5, 1e9)), Partial("one.1", "y", first=sample(2, 1.1))
    assert a.merge(b).first.at == {"pixel": 2}


def test_breaks_along_an_axis_are_counted_index_by_index():
    a, b = (Partial("one.1", "y", broken_at={"turn": counts}) for counts in ({0: 2, 1: 1}, {1: 4, 3: 1}))
    assert a.merge(b).broken_at == {"turn": {0: 2, 1: 5, 3: 1}}


def test_only_a_break_breaks():
    assert [Verdict("one.1", "a", outcome).breaks for outcome in Outcome] == [outcome is Outcome.BREAKS for outcome in Outcome]


def test_every_outcome_and_reason_explains_itself():
    for item in (*Outcome, *Reason):
        assert len(item.value.split()) >= 2 and item.value[0].islower()
