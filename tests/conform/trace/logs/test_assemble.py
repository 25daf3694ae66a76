"""From columns to a bundle: each number in its place, or left out with a note."""

from __future__ import annotations

import errno
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, strategies as st

from conform.errors import UsageProblem
from conform.trace.logs import spool
from conform.trace.logs.given import with_given
from conform.trace.logs.place import Elements, _known
from conform.trace.logs.table import Column, Log

LOG = """lamp 1.0 starting
LAMP: height_m 1.25
LAMP pixel 2,3
LAMP: x_mm 250
LAMP: dist = 1.27475487839820
LAMP_TURN turn=0 power_w=40 light=24.137
LAMP_TURN turn=1 power_w=60 light=36.206
LAMP: stored 60.3
LAMP: shut 0
LAMP: turns 2
"""


def test_every_number_is_in_its_place_with_its_unit_and_digits(lamp):
    found = lamp.read(LOG)
    bundle = found.bundle
    assert found.notes == []
    assert (bundle.size("pixel"), bundle.size("turn")) == (1, 2)
    assert [bundle.values(name).tolist() for name in ("slow", "fast", "x", "light", "power", "shuttered")] == [[2], [3], [250], [[24.137, 36.206]], [40, 60], 0]
    assert bundle.half_units("x")[0] == 5e-13 and bundle.half_units("distance")[0] == 5e-15
    entry = bundle.manifest.quantities["x"]
    assert (entry.unit, entry.raw, entry.source, entry.unset) == ("mm", "x_mm", "lamp.log:4", None)


def test_turns_that_the_log_does_not_show_are_unset(lamp):
    bundle = lamp.read(LOG.replace("LAMP: turns 2", "LAMP: turns 5"), sizes={"turn": 5}).bundle
    assert bundle.values("light").shape == (1, 5) and bundle.unset("light").tolist() == [[False, False, True, True, True]]
    assert bundle.manifest.quantities["light"].partial


def test_a_loop_of_more_turns_than_are_shown_keeps_a_place_for_the_others(lamp):
    shown, more = lamp.read(LOG).bundle, lamp.read(LOG.replace("LAMP: turns 2", "LAMP: turns 7")).bundle
    unsaid = lamp.read(LOG.replace("LAMP: turns 2\n", "")).bundle
    assert shown.unset("light") is None
    assert more.size("turn") == 3 and more.unset("light").tolist() == [[False, False, True]]
    assert unsaid.size("turn") == 3, "nobody says that two turns are all"


def test_a_neighbour_with_fewer_turns_is_of_another_run(lamp):
    with pytest.raises(UsageProblem, match="shows 2 turns of `turn`, and the other side has 1"):
        lamp.read(LOG, sizes={"turn": 1})


def test_repetitions_run_along_the_axes_that_the_dialect_says(lamp):
    text = LOG.replace("LAMP_TURN turn=0 power_w=40 light=24.137\nLAMP_TURN turn=1 power_w=60 light=36.206\n", "LAMP: light 1\nLAMP: light 2\n")
    assert lamp.read(text).bundle.values("light").tolist() == [[1, 2]]


def test_lines_belong_to_the_element_that_was_named_last(lamp):
    text = LOG + "LAMP pixel 0,1\nLAMP: x_mm 10\nLAMP pixel 1,0\nLAMP: x_mm 20\n"
    bundle = lamp.read(text).bundle
    assert np.stack([bundle.values("slow"), bundle.values("fast")], 1).tolist() == [[0, 1], [1, 0], [2, 3]]       # sorted, as other sides trace them
    assert bundle.values("x").tolist() == [10, 20, 250]
    assert bundle.unset("distance").tolist() == [True, True, False]


def test_different_values_for_one_place_are_left_out_and_equal_ones_are_one(lamp):
    again = lamp.read(LOG + "LAMP: x_mm 250\n")
    assert again.notes == [] and again.bundle.values("x").tolist() == [250]
    odd = lamp.read(LOG + "LAMP: x_mm 251\n")
    assert not odd.bundle.has("x") and "x_mm: printed 2 times with different values" in odd.notes[0]


def test_of_a_name_that_is_kept_last_the_last_counts(lamp):
    assert lamp.read("LAMP: height_m 1\nLAMP: height_m 2\n" + LOG + "LAMP: height_m 3\n").bundle.values("height") == 3


def test_a_name_that_is_kept_first_is_kept_first(lamp):
    lamp.dialect((lamp.folder / "dialects/lamp.toml").read_text().replace('"m", keep = "last"', '"m", keep = "first"'))
    assert lamp.read("LAMP: height_m 1\nLAMP: height_m 2\n" + LOG).bundle.values("height") == 1


def test_two_names_of_one_quantity_give_the_one_with_more_digits(lamp):
    lamp.dialect((lamp.folder / "dialects/lamp.toml").read_text() + 'distance_long = { is = "distance", unit = "m" }\n')
    text = LOG.replace("dist = 1.27475487839820", "dist = 1.27475487839820\nLAMP: distance_long 1.2747548783981960")
    bundle = lamp.read(text).bundle
    assert bundle.values("distance")[0] == 1.274754878398196 and bundle.half_units("distance")[0] < 1e-15
    differ = lamp.read(LOG.replace("dist = 1.27475487839820", "dist = 1.27475487839820\nLAMP: distance_long 1.3"))
    assert any("are both distance and differ" in note for note in differ.notes)


def test_not_a_number_stays_one(lamp):
    assert np.isnan(lamp.read(LOG.replace("x_mm 250", "x_mm -nan")).bundle.values("x")[0])


def test_what_should_be_whole_and_is_not_is_left_out(lamp):
    found = lamp.read(LOG.replace("shut 0", "shut 0.5"))
    assert not found.bundle.has("shuttered") and "0.5 is no whole number" in found.notes[0]


def test_another_number_of_numbers_is_left_out(lamp):
    found = lamp.read(LOG.replace("x_mm 250", "x_mm 250 251"))
    assert not found.bundle.has("x") and "x_mm: 2 numbers in line 4, where x has 1" in found.notes[0]


def test_missing_keys_are_missing(lamp):
    bundle = lamp.read(LOG.replace("LAMP: dist = 1.27475487839820\n", "")).bundle
    assert not bundle.has("distance") and bundle.has("x")


def test_a_log_that_is_cut_says_so(lamp):
    found = lamp.read(LOG + "LAMP: x_mm 2")
    assert found.bundle.values("x").tolist() == [250] and "line 11 ends in its middle" in found.notes[0]


def test_the_precision_is_told_from_the_digits_unless_somebody_says(lamp):
    rows = "".join(f"LAMP: {name} {np.float32(x):.15g}\n" for name, x in (("height_m", 0.1234567), ("x_mm", 1.7654321), ("dist", 2.7182818), ("stored", 3.1415926)))
    assert lamp.read(rows).bundle.manifest.producer.dtype == "float32"
    assert lamp.read(rows, dtype="float64").bundle.manifest.producer.dtype == "float64"
    assert lamp.read(LOG).bundle.manifest.producer.dtype == "float64"


def test_a_log_without_anything_the_rules_know_is_refused(lamp):
    with pytest.raises(UsageProblem, match="nothing in this log is a quantity of the rules"):
        lamp.read("LAMP: colour 3\n")


# --- which dialect ---------------------------------------------------------------------------------------------------


def test_the_dialect_that_knows_most_of_a_log_is_its_dialect(lamp):
    lamp.dialect('title = "other"\n[[line]]\nform = "OTHER: {key} {values}"\n[names]\nx_mm = { is = "x", unit = "mm" }\n', "other")
    lamp.dialect('title = "rows"\nformat = "jsonl"\nown_names = true\n', "rows")
    lamp.dialect('title = "cells"\nformat = "csv"\nown_names = true\n', "cells")
    assert lamp.log(LOG, None).named.name == "lamp"
    assert lamp.log("OTHER: x_mm 3\n", None).named.name == "other"
    assert lamp.log('{"x": 3}\n', None).named.name == "rows"
    assert lamp.log("slow,fast,x\n0,0,1\n0,1,2\n", None).named.name == "cells"


def test_two_dialects_that_know_as_much_are_a_question(lamp):
    lamp.dialect((lamp.folder / "dialects/lamp.toml").read_text(), "twin")
    with pytest.raises(UsageProblem, match="reads as well in the dialects lamp and twin"):
        lamp.log(LOG, None)


def test_a_log_that_no_dialect_knows_lists_the_dialects(lamp):
    with pytest.raises(UsageProblem, match="no dialect knows anything in this log") as caught:
        lamp.log("hello\n", None)
    assert "lamp" in caught.value.help


def test_an_unknown_dialect_lists_those_that_are_there(lamp):
    with pytest.raises(UsageProblem, match="there is no dialect `limp`") as caught:
        lamp.log(LOG, "limp")
    assert "lamp" in caught.value.help


# --- inputs that no log shows ----------------------------------------------------------------------------------------


def test_inputs_are_given_in_the_units_of_the_rules(lamp):
    bundle, names = with_given(lamp.read(LOG).bundle, {"transmission": "0.25", "height": "9"}, lamp.spec, "given")
    assert names == ("transmission",) and bundle.values("transmission") == 0.25 and bundle.values("height") == 1.25


@pytest.mark.parametrize("name, value, said", [
    ("transmission", "much", "cannot be `much`"), ("distance", "1", "runs along pixel"), ("power", "1", "runs along turn"), ("transmission", "1,2", "cannot be"),
])
def test_inputs_that_cannot_be_are_refused(lamp, name, value, said):
    bundle = lamp.read("LAMP pixel 0,0\nLAMP: stored 1\n").bundle
    with pytest.raises(UsageProblem, match=said):
        with_given(bundle, {name: value}, lamp.spec, "given")


# --- elements that lines name ----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30))
def test_each_line_is_placed_at_the_element_that_it_names(pairs):
    rows = np.array(pairs)
    places = {"slow": rows[:, 0].astype(float), "fast": rows[:, 1].astype(float)}
    column = Column("it", np.zeros((len(rows), 1)), np.arange(len(rows), dtype=np.uint32), places, {}, 15, 15)
    known = _known(Log([column], len(rows), Counter(), [], None), ("slow", "fast"))
    assert known.tolist() == sorted(map(list, set(pairs)))
    assert known[Elements(("slow", "fast"), known).index(places)].tolist() == rows.tolist()


def test_an_element_that_is_no_number_is_refused(lamp):
    with pytest.raises(UsageProblem, match="`slow nan` where it should say which element"):
        lamp.read("LAMP pixel 1,2\nLAMP: stored 1\nLAMP pixel nan,2\nLAMP: stored 2\n")


def test_a_line_that_names_a_turn_of_which_the_log_cannot_come_near_is_named(lamp):
    with pytest.raises(UsageProblem, match="lamp.log: line 3 is of turn 2000000000 of `turn`, and there are no more than 2 lines of light"):
        lamp.read("LAMP: power_w 40\nLAMP_TURN turn=0 light=5\nLAMP_TURN turn=2000000000 light=5\n")


# --- large logs ------------------------------------------------------------------------------------------------------


def test_a_large_log_becomes_what_a_small_one_becomes(lamp, monkeypatch):
    """Columns and arrays in files, looked at in pieces, and no difference."""
    lines = [f"LAMP pixel {i // 5},{i % 5}\nLAMP: x_mm {i}.5\nLAMP: x_mm = {i}.50\n" + "".join(f"LAMP_TURN turn={k} light={i + k / 3:.9g}\n" for k in range(3)) for i in range(40)]
    text = "".join(lines) + "LAMP: power_w 40\nLAMP: shut 1\nLAMP: light 7\nLAMP: light 8\n"
    small = lamp.read(text)
    monkeypatch.setattr(spool, "LARGE", 1)
    monkeypatch.setattr(spool, "PIECE", 7)
    large = lamp.read(text)
    assert large.notes == small.notes and large.bundle.manifest == small.bundle.manifest
    for name in small.bundle.manifest.quantities:
        for what in ("values", "unset", "half_units"):
            a, b = (getattr(one.bundle, what)(name) for one in (small, large))
            assert (a is None) == (b is None) and (a is None or np.array_equal(a, b, equal_nan=True)), (name, what)
    assert isinstance(large.bundle.values("x"), np.memmap) and not isinstance(small.bundle.values("x"), np.memmap)


@pytest.mark.parametrize("large, module, function", [(1, spool.tempfile, "TemporaryFile"), (400, spool.os, "posix_fallocate")])
def test_a_log_for_whose_numbers_there_is_no_room_says_so(lamp, monkeypatch, large, module, function):
    """Where they are read, and where they are put in their places."""
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool, "LARGE", large)
    monkeypatch.setattr(module, function, full)
    with pytest.raises(UsageProblem, match="does not fit there: No space left"):
        lamp.read("LAMP: power_w 40\n" + ("" if large == 1 else "LAMP_TURN turn=60 light=5\n"))


def test_repetitions_for_which_the_other_side_has_no_turns_are_left_out(lamp):
    found = lamp.read("LAMP: power_w 40\n" + "".join(f"LAMP: light {i}\n" for i in range(5)), sizes={"turn": 3})
    assert not found.bundle.has("light") and any("printed 5 times, and turn together have 3 turns: left out" in note for note in found.notes)
