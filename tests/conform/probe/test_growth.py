"""Twice as many functions are twice the work, however they call each other. Counted in calls of Python, not in seconds."""

from __future__ import annotations

import random
import sys

from conform.probe.binding import Binding
from conform.probe.instrument import instrument
from conform.probe.summaries import groups

BINDING = Binding.model_validate({
    "program": "large", "nest": {"loop": "i"}, "levels": {"turn": {"loop": "i"}},
    "quantities": {"t": {"unit": "", "level": "turn", "value": "t"}, "y": {"unit": "", "level": "turn", "value": "y"}, "x": {"unit": "", "level": "turn", "value": "x[0]"}},
})


def large(count: int, in_table: int) -> bytes:
    """`count` functions that call each other at random, each with a variable of the file; `in_table` of them stand in a table, and are called from there, too."""
    dice = random.Random(5)
    lines = [f"static double g{i};\nstatic double f{i}(double *v, int k);\n" for i in range(count)]
    lines.append(f"static double (*table[])(double *, int) = {{ {', '.join(f'f{i}' for i in range(in_table)) or '0'} }};\n")
    for i in range(count):
        a, b, c = (dice.randrange(count) for _ in range(3))
        third = f"table[k % {in_table}](v, k - 3)" if in_table and i % 2 else f"f{c}(v, k - 3)"
        lines.append(f"static double f{i}(double *v, int k)\n{{\n\tdouble here = v[0] + k;\n\tif (k <= 0)\n\t\treturn here;\n\tg{i} += here;\n"
                     f"\tv[{i % 3}] += f{a}(v, k - 1) + f{b}(&here, k - 2);\n\there += {third};\n\treturn here;\n}}\n")
    lines.append("int main(void)\n{\n\tint i;\n\tdouble x[3] = { 1, 2, 3 }, y = 0, t = 0;\n\tfor (i = 0; i < 5; i++) {\n\t\tt = i;\n\t\ty = f0(x, 2);\n\t\tt += y;\n\t}\n\treturn 0;\n}\n")
    return "".join(lines).encode()


def work(text: bytes) -> int:
    count = 0

    def called(frame, event, argument) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        probed = instrument(text, "large.c", BINDING)
    finally:
        sys.setprofile(before)
    assert not probed.refused and b"y = f0(x, 2); CONFORM_PUT(y, y); CONFORM_PUT(x, x[0]);" in probed.text
    return count


def test_twice_as_many_functions_are_twice_the_work():
    work(large(4, 0))                                       # what is loaded and compiled once
    assert work(large(80, 0)) < 2.3 * work(large(40, 0))


def test_and_when_they_are_called_through_a_table():
    assert work(large(80, 40)) < 2.3 * work(large(40, 20))


def test_groups_come_behind_what_they_call_and_hold_those_that_call_each_other():
    calls = {"main": "ad", "a": "b", "b": "c", "c": "be", "d": "de", "e": ""}
    found = [sorted(group) for group in groups(["main"], calls.__getitem__, {})]
    assert found == [["e"], ["b", "c"], ["a"], ["d"], ["main"]]
    assert list(groups(["b"], calls.__getitem__, {"e": 1})) == [["c", "b"]]
    deep = [str(i) for i in range(5000)]
    assert len(list(groups(["0"], lambda name: deep[int(name) + 1 : int(name) + 2], {}))) == 5000


def test_groups_of_any_calls_are_what_can_be_reached_both_ways():
    dice = random.Random(3)
    for _ in range(200):
        names = "abcdefgh"[: dice.randint(1, 8)]
        calls = {name: [dice.choice(names) for _ in range(dice.randint(0, 2))] for name in names}

        def reached(name: str) -> set[str]:
            found, waiting = set(), [name]
            while waiting:
                further = set(calls[waiting.pop()]) - found
                found |= further
                waiting += further
            return found

        every = list(groups(names, calls.__getitem__, {}))
        assert sorted(sum(every, [])) == sorted(names)
        for number, group in enumerate(every):
            assert all(other in group or any(other in earlier for earlier in every[:number]) for name in group for other in calls[name])
            for name in group:
                assert set(group) - {name} == {other for other in names if other != name and other in reached(name) and name in reached(other)}
