"""What is kept between two runs saves time and changes nothing: not when it is damaged, another's, or cannot be written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import Lark
from pint.util import UnitsContainer

from specs_dsl import grammar, kept, parser, registry, units
from specs_dsl.dimension import PURE, Dimension
from specs_dsl.registry import Registry
from specs_dsl.spans import Source
from specs_dsl.units import Units

SPECS = Path(__file__).parents[2] / "specs"
TOLD = """
import sys
from pathlib import Path
from specs_dsl.check import load
from specs_dsl.diagnostics import SpecError
try:
    spec = load(Path("example.rules"))
    print([(q.name, q.unit, q.factor) for q in spec.quantities.values()], [c.id for c in spec.clauses])
except SpecError as error:
    print(error)
print("with pint" if "pint" in sys.modules else "without pint")
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """The folder of this test's own cache; nothing of other tests is remembered in this process."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(units, "_answers", units._Answers)
    grammar.parser.cache_clear()
    yield tmp_path / "cache" / "specs_dsl"
    grammar.parser.cache_clear()


def told(text: str) -> tuple[str, str]:
    """What another process says of a rules file with this text, and whether it needed pint for that."""
    Path("example.rules").write_text(text, "utf-8")
    done = subprocess.run([sys.executable, "-c", TOLD], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    said, _, how = done.stdout.rstrip("\n").rpartition("\n")
    return said, how


RULES = 'include "demo.rules"\nunit photon\nunit glow = photon\ninput shine : glow/mm^2\n'


def test_rules_that_were_checked_once_are_checked_again_without_pint_and_with_the_same_result(demo):
    first, second = told(RULES), told(RULES)
    assert (first[1], second[1]) == ("with pint", "without pint") and first[0] == second[0]
    assert told(RULES.replace("mm^2", "inch^2"))[1] == "with pint"          # what is new has to be asked


DAMAGES = [lambda b: b"", lambda b: b[:40], lambda b: b[:-3], lambda b: b.replace(b"0.001", b"0.002"), lambda b: b[:80] + b"\0" + b[81:], lambda b: b + b"x"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_not_recalled(cache, damage):
    kept.keep("a", content := b'{"taken": [], "known": {"mm": [{"[length]": 1}, 0.001]}}')
    assert kept.recall("a") == content
    (cache / "a").write_bytes(damage((cache / "a").read_bytes()))
    assert kept.recall("a") is None


def test_with_every_file_damaged_the_result_is_the_same(demo, cache):
    whole = told(RULES)[0]
    for number, path in enumerate(sorted(cache.iterdir())):
        path.write_bytes(DAMAGES[2 - number](path.read_bytes()))
    assert number == 1 and told(RULES) == (whole, "with pint")
    assert told(RULES) == (whole, "without pint")


def test_what_is_kept_is_what_is_used_so_that_damage_would_be_seen(cache):
    mine = Units({})
    assert mine.factor("mm") == 0.001
    mine.keep()
    (path,) = cache.iterdir()
    said = json.loads(kept.recall(path.name))
    said["known"]["mm"][1] = 7.0
    kept.keep(path.name, json.dumps(said).encode())
    assert Units({}).factor("mm") == 7.0


def test_a_file_of_another_user_is_not_trusted(cache, monkeypatch):
    kept.keep("a", b"content")
    assert kept.recall("a") == b"content"
    monkeypatch.setattr(os, "getuid", lambda: os.stat(cache).st_uid + 1, raising=False)
    assert kept.recall("a") is None


def test_where_nothing_can_be_written_nothing_is_kept_and_the_result_is_the_same(demo, cache):
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be")
    first, second = told(RULES), told(RULES)
    assert first == second and first[1] == "with pint" and "shine" in first[0]


def test_a_relative_cache_folder_is_ignored_as_its_standard_says(demo, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(demo / "home"))
    kept.keep("a", b"content")
    assert not Path("here").exists() and kept.recall("a") == b"content" and (demo / "home/.cache/specs_dsl/a").is_file()


def test_the_oldest_files_go_when_there_are_too_many(cache):
    for number in range(kept.MOST + 2):
        kept.keep(str(number), b"content")
        os.utime(cache / str(number), (number, number))
    assert {path.name for path in cache.iterdir()} == {str(number) for number in range(2, kept.MOST + 2)}


def test_mistakes_are_never_kept_and_told_alike_each_time(demo):
    wrong = RULES + "input other : furlongs_of_nobody\ninput third : kelvin^\n"
    first, second = told(wrong), told(wrong)
    assert first[0] == second[0] and "furlongs_of_nobody" in first[0]


class Loaded:
    """Lark that can be loaded but not made anew."""

    load = Lark.load


def test_kept_tables_parse_our_rules_and_their_mistakes_as_new_ones_do(monkeypatch):
    texts = [path.read_text("utf-8") for path in sorted(SPECS.glob("*.rules"))[:4]] + ["let a =", "clause a.1 \"t\" b = 1 +", "value §", "unit 3", "let a = (1"]
    made = [parser.parse(Source("x", text)) for text in texts]
    words = [grammar.lexemes(text) for text in texts[:4]]
    grammar.parser.cache_clear()
    monkeypatch.setattr(grammar, "Lark", Loaded)
    assert [parser.parse(Source("x", text)) for text in texts] == made and [grammar.lexemes(text) for text in texts[:4]] == words
    assert all(found for _, found in made[4:])


def test_pint_agrees_with_every_unit_that_was_kept(monkeypatch):
    own = {"photon": "", "electron": "", "glow": "photon"}
    texts = ["", "1", "m", "mm", "1/m", "angstrom", "deg", "sr", "photon/m^2", "glow*m^-2/s", "electron", "eV", "1/angstrom^3", "degC"]
    first = Units(own)
    asked = [(first.dimension(text), first.factor(text)) for text in texts]
    first.keep()
    again, direct = Units(own), pint.UnitRegistry()
    monkeypatch.setattr(registry, "registry", lambda own: pytest.fail("pint was asked"))
    assert [(again.dimension(text), again.factor(text)) for text in texts] == asked
    assert asked[5] == (Dimension(direct.get_dimensionality("angstrom")), float(direct("angstrom").to_base_units().magnitude))
    assert asked == [Registry(own.items()).answer(text) if text not in ("", "1") else (PURE, 1.0) for text in texts]


POWERS = st.dictionaries(st.sampled_from(["[length]", "[time]", "[own_photon]"]), st.sampled_from([-3, -2, -1, 1, 2, 0.5, -1.5]))


@given(POWERS, POWERS, st.sampled_from([-2, -1, 0.5, 1, 2, 3]))
def test_dimensions_multiply_as_pints_do(left, right, power):
    ours, pints = (Dimension(left), Dimension(right)), (UnitsContainer(left), UnitsContainer(right))
    for mine, wanted in ((ours[0] * ours[1], pints[0] * pints[1]), (ours[0] / ours[1], pints[0] / pints[1]), (ours[0] ** power, pints[0] ** power)):
        assert dict(mine.items()) == dict(wanted.items()) and list(mine.items()) == list(wanted.items())
    assert (ours[0] == ours[1]) == (pints[0] == pints[1])
    assert (ours[0] == ours[1]) <= (hash(ours[0]) == hash(ours[1]))
    assert ours[0] / ours[0] == PURE == ours[0] ** 0
