"""The audit table of a pixel, at 80 columns."""

from __future__ import annotations

import pytest


def test_a_chosen_pixel_is_shown_below_the_report(tiny_project):
    ended = tiny_project.check("--quirks", "a=far", "--pixel", "1,2")
    table = ended.out[ended.out.index("\nclause "):].splitlines()
    assert max(map(len, ended.out.splitlines())) <= 80
    broken = next(i for i, line in enumerate(table) if line.startswith("lamp.1"))
    assert table[broken].split()[:3] == ["lamp.1", "distance", "a"] and "requires" in table[broken + 1] and table[broken + 2].split()[0] == "b"


@pytest.mark.parametrize("pixel, said", [("1,99", "not among the 9 traced pixels"), ("x", "not whole numbers"), ("1,2,3", "not among"), ("-1", "not among")])
def test_a_pixel_that_was_not_traced_is_one_message(tiny_project, pixel, said):
    ended = tiny_project.check("--pixel", pixel)
    assert ended.status == 2 and said in ended.err and "SLOW,FAST" in ended.err and ended.out == ""
