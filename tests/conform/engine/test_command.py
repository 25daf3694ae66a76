"""Inputs from the command line: what a side was told, whatever it made of it."""

from __future__ import annotations

import pytest

from conform.engine.command import Command
from conform.engine.scope import Unavailable
from conform.engine.verdicts import Outcome, Reason
from specs_dsl.spec import Flag

WAVELENGTH = """
input wavelength_flag : angstrom from "-lambda", "-wave"
value wavelength : m
clause one.1 "Wavelength" "It is so."
  wavelength = wavelength_flag
"""


@pytest.mark.parametrize("command", ["-lambda 0.9768", "-lambda 7 -wave 0.9768", "-wave 7 -phi -lambda 0.9768 -x", "-wave 9.768e-1"])
def test_the_value_is_what_follows_the_last_flag_and_is_converted(case, command):
    verdict = case(WAVELENGTH, command=command, wavelength=("", 0.9768 * 1e-10), units={"wavelength": "m"}).verdict()
    assert verdict.outcome is Outcome.HOLDS


def test_a_program_that_divides_by_ten_to_the_ten_is_inside_the_bound(case):
    assert case(WAVELENGTH, command="-lambda 0.9768", wavelength=("", 0.9768 / 1e10), units={"wavelength": "m"}).verdict().outcome is Outcome.HOLDS


@pytest.mark.parametrize("read", [0.9768, 0.9768e-9, 7e-10, 0.9768e-10 * (1 + 4e-15)], ids=["no conversion", "nanometre", "first of two", "last bits"])
def test_a_program_that_reads_something_else_breaks_the_clause(case, read):
    verdict = case(WAVELENGTH, command="-lambda 7 -lambda 0.9768", wavelength=("", read), units={"wavelength": "m"}).verdict()
    assert verdict.breaks and verdict.broken.first.required == pytest.approx(0.9768e-10, rel=1e-15)


@pytest.mark.parametrize(("command", "said"), [
    ("-lamda 1", "`wavelength_flag` is not given: the command has no -lambda or -wave"),
    ("-lambda", "`-lambda` in the command is followed by 0 words, and `wavelength_flag` is 1 number"),
    ("-lambda long", "`-lambda long` in the command: `long` is no number"),
    ("-lambda 0x10", "`-lambda 0x10` in the command: `0x10` is no number"),
    ("-lambda inf", "`-lambda inf` in the command: `inf` is no number"),
    ("-lambda 1e999", "`-lambda 1e999` in the command: the number is too large"),
    (None, "`wavelength_flag` comes from the command line, and the trace does not say with which command it was made"),
])  # fmt: skip
def test_what_cannot_be_read_is_not_checked_and_says_why(case, command, said):
    verdict = case(WAVELENGTH, command=command, wavelength=("", 1e-10), units={"wavelength": "m"}).verdict()
    assert (verdict.outcome, verdict.reason, verdict.detail) == (Outcome.UNCHECKED, Reason.NO_PROBE, said)


def test_as_many_numbers_are_read_as_there_are_components(case):
    rules = """
input turned_flag[xyz] : deg from "-turned"
value turned[xyz] : rad
clause one.1 "Turned" "It is so."
  turned = turned_flag
"""
    degree = 3.141592653589793 / 180
    right, wrong = ([x * degree for x in numbers] for numbers in ([3.1, -7.3, 11.9], [3.1, -7.3, 11.8]))
    command = "-turned 3.1 -7.3 +11.9 4"
    assert case(rules, command=command, turned=("xyz", right), units={"turned": "rad"}).verdict().outcome is Outcome.HOLDS
    assert case(rules, command=command, turned=("xyz", wrong), units={"turned": "rad"}).verdict().broken.first.at == {"xyz": 2}
    short = case(rules, command="-turned 1 2", turned=("xyz", right), units={"turned": "rad"}).verdict()
    assert short.detail == "`-turned` in the command is followed by 2 words, and `turned_flag` is 3 numbers"


def test_whole_numbers_are_compared_as_such(case):
    rules = """
input steps_flag : count from "-steps"
value steps : count
clause one.1 "Steps" "It is so."
  steps = steps_flag
"""
    assert case(rules, command="-steps 10", steps=("", 10)).verdict().outcome is Outcome.HOLDS
    assert case(rules, command="-steps 10", steps=("", 11)).verdict().breaks
    assert "`10.5` is no whole number" in case(rules, command="-steps 10.5", steps=("", 10)).verdict().detail


CASES = """
input steps_flag : count from "-steps"
value steps : count
clause one.1 "Steps" "It is so."
  steps = steps_flag[otherwise 7]
clause one.2 "Again" "It is so."
  again = 2 * steps_flag   when given(steps_flag) and steps_flag > 0
  again = 0                otherwise
value again : count
"""


@pytest.mark.parametrize(("command", "steps", "again"), [("-steps 3", 3, 6), ("-x", 7, 0), ("-steps -1", -1, 0), ("", 7, 0)])
def test_what_is_not_given_has_a_default_or_a_case_of_its_own(case, command, steps, again):
    findings = case(CASES, command=command, steps=("", steps), again=("", again)).check()
    assert findings.of("one.1", "a").outcome is Outcome.HOLDS and not findings.breaks
    assert len(case(CASES, command=command, steps=("", steps + 1), again=("", again + 1)).check().breaks) == 2


CHOICES = """
input off_flag : flag from "-off", "-on" is off
input when_flag : early | late from "-when", "-late" is late
input how : angles | random from "-turn" is angles, "-turn random" is random
value off : flag
value turned_words : early | late
value drawn : flag
clause one.1 "Off" "It is so."
  off = off_flag
clause one.2 "When" "It is so."
  turned_words = when_flag[otherwise early]
clause one.3 "Drawn" "It is so."
  drawn = how is random
"""
LATE, EARLY, NEVER = range(3)            # as the side numbers them


@pytest.mark.parametrize(("command", "off", "word", "drawn"), [
    ("", 0, EARLY, 0), ("-off -late -turn 1 2 3", 1, LATE, 0), ("-off -on -when early", 0, EARLY, 0),
    ("-on -off -late -when early -turn random", 1, EARLY, 1), ("-when early -late -turn random -turn 1", 1 - 1, LATE, 0),
])  # fmt: skip
def test_conditions_and_choices_follow_the_last_flag(case, command, off, word, drawn):
    assert not case(CHOICES, command=command, off=("", off), turned_words=("", word), drawn=("", drawn)).check().breaks
    wrong = case(CHOICES, command=command, off=("", 1 - off), turned_words=("", NEVER), drawn=("", 1 - drawn))
    assert [verdict.clause for verdict in wrong.check().breaks] == ["one.1", "one.2", "one.3"]


def test_a_word_that_is_none_of_the_choices_is_not_checked(case):
    verdict = case(CHOICES, command="-when soon", off=("", 0), turned_words=("", EARLY), drawn=("", 0)).verdict("one.2")
    assert verdict.detail == "`-when soon` in the command: the word is none of early, late"
    assert "nothing follows it" in case(CHOICES, command="-when", off=("", 0), turned_words=("", EARLY), drawn=("", 0)).verdict("one.2").detail


def test_what_the_trace_says_of_such_an_input_does_not_count(case):
    told = case(WAVELENGTH, command="-lambda 2", wavelength=("", 2e-10), wavelength_flag=("", 1e-10), units={"wavelength": "m", "wavelength_flag": "m"})
    assert told.verdict().outcome is Outcome.HOLDS


def test_the_longer_of_two_flags_that_begin_alike_counts():
    quantity = type("Q", (), {"flags": (Flag(("-a",), "one"), Flag(("-a", "b"), "two")), "name": "q", "choices": ("one", "two")})()
    assert Command(("-a", "c", "-a", "b")).word(quantity) == "two"
    assert Command(("-a", "b", "-a")).word(quantity) == "one"
    with pytest.raises(Unavailable):
        Command(None).has(quantity)
