"""The two searches of `benchmarks/` at random: what they find when there is something to find, and that an input is the same again."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import script

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture
def fuzz(monkeypatch) -> Iterator[ModuleType]:
    monkeypatch.setenv("XDG_CACHE_HOME", "/nonexistent")        # search sets it, and this puts it back
    with script(BENCHMARKS / "fuzz.py") as module:
        yield module


@pytest.fixture
def expressions() -> Iterator[ModuleType]:
    with script(BENCHMARKS / "expressions.py") as module:
        yield module


@pytest.mark.parametrize(("search", "count", "told"), [("fuzz", 120, "120 inputs"), ("expressions", 1500, "0 outside")])
def test_a_search_in_sound_code_finds_nothing(search, count, told):
    ended = subprocess.run([sys.executable, BENCHMARKS / f"{search}.py", "--count", str(count), "--seed", "7"], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "") and told in ended.stdout, ended.stdout


def test_an_input_is_the_same_whatever_was_before_it(fuzz):
    first, again = fuzz.Inputs(3), fuzz.Inputs(3)
    assert [first.make(i) for i in range(40)][17:23] == [again.make(i) for i in range(17, 23)]
    assert first.make(1) != fuzz.Inputs(4).make(1)


@pytest.mark.parametrize("kind", range(4))
def test_every_kind_of_input_is_read_and_reported_on(fuzz, kind):
    figures = fuzz.search(1, range(kind, 120, 4))
    assert figures.inputs == 30 and len(figures.codes) > 1 and not figures.failed


def test_a_traceback_a_hang_and_an_unstable_layout_are_found(fuzz, monkeypatch):
    def fault(*_):
        raise KeyError("planted")

    def hang(path):
        end = fuzz.time.process_time() + 1.2
        while fuzz.time.process_time() < end:
            pass
        raise fuzz.CannotRead("late")

    with monkeypatch.context() as m:
        m.setattr(fuzz, "load", fault)
        assert [i for i, why in fuzz.search(1, range(4)).failed if "planted" in why] == [0, 1, 2, 3]
    with monkeypatch.context() as m:
        m.setattr(fuzz, "load", hang)
        (i, why), = fuzz.search(1, range(1)).failed
        assert i == 0 and why.startswith("took 1.")
    with monkeypatch.context() as m:
        m.setattr(fuzz, "format_rules", lambda source: source.text + "#")
        assert any("formatted twice" in why for _, why in fuzz.search(1, range(16)).failed)


def test_the_search_says_where_it_stands(fuzz):
    fuzz.search(1, range(20), every=10, out=(shown := io.StringIO()))
    assert shown.getvalue().startswith("seed 1, up to 9: 10 inputs") and "up to 19: 20 inputs" in shown.getvalue()


@pytest.mark.parametrize("arguments", [["--count", "300"], ["--count", "100", "--first", "12"]])
def test_a_bound_that_is_too_small_is_found(expressions, arguments, monkeypatch, capsys):
    real = expressions.beside_program
    monkeypatch.setattr(expressions, "beside_program", lambda *given: (replace(item, reach=item.reach / 50) for item in real(*given)))
    assert expressions.main(arguments) == 1
    assert "bounds off" in capsys.readouterr().out
