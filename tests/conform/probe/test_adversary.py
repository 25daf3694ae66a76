"""Whatever way a program changes a variable: the value at the end of the level is handed over, or there is a clear refusal."""

from __future__ import annotations

import platform

import pytest

from conform.errors import UsageProblem
from conform.probe.binding import Binding
from conform.probe.instrument import instrument

from .adversaries import ALL, FILES, Adversary

TURNS = 5


def binding(adversary: Adversary) -> Binding:
    return Binding.model_validate({
        "program": "adversary", "nest": {"loop": "i"}, "levels": {"turn": {"loop": "i", "size": "5"}},
        "quantities": {"x": {"unit": "m", "level": "turn", "value": adversary.value, **dict(adversary.keys)}},
    })


def truth(out: bytes) -> dict[int, float]:
    """The values at the ends of the turns that came to their end."""
    words = [line.split() for line in out.decode().splitlines()]
    return {int(line[0]): float.fromhex(line[1]) for line in words if len(line) == 2}


@pytest.fixture(scope="module")
def beside(workshop):
    """Folders with the files that the adversaries include."""

    def put(place):
        for name, text in FILES.items():
            (place / name).write_text(text)
        return place

    inner = workshop.folder
    workshop.folder = lambda: put(inner())
    yield workshop
    workshop.folder = inner


@pytest.mark.parametrize("name", ALL)
def test_the_value_at_the_end_of_the_turn_is_handed_over_or_clearly_refused(beside, run_program, name):
    adversary = ALL[name]
    if adversary.needs == "x86" and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("the assembler is that of another machine")
    flags = ("-std=gnu11", "-O0", "-w", *adversary.flags)
    if adversary.said:
        why, candidates = refusal(adversary)
        assert adversary.said in why and candidates
        return
    program, probed = beside.probed(adversary.text.encode(), binding(adversary), flags)
    assert not probed.refused, probed.refused
    plain, ran = run_program(beside.plain(adversary.text.encode(), flags), [], trace=False, inputs={}), run_program(program, [], inputs={})
    assert ran.shown == plain.shown and ran.status == 0
    wanted = truth(ran.out)
    handed, unset = ran.values("x"), ran.unset("x")
    assert {turn: handed[turn] for turn in range(TURNS) if not unset[turn]} == wanted and len(wanted) >= 1


def refusal(adversary: Adversary) -> tuple[str, tuple[str, ...]]:
    """Of the quantity, or of the whole source where nobody can say where its loop ends."""
    try:
        probed = instrument(adversary.text.encode(), "adversary.c", binding(adversary))
    except UsageProblem as problem:
        why, *candidates = problem.message.split("\n")
        return why, tuple(candidates)
    assert set(probed.refused) == {"x"} and b"CONFORM_PUT" not in probed.text, probed.text.decode()
    return probed.refused["x"].why, probed.refused["x"].candidates
