"""The spec as a document of its own: what the rules name, it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specs_dsl.check import load

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "specs/nanobragg.md").read_text("utf-8")


@pytest.fixture(scope="module")
def spec():
    return load(ROOT / "specs/nanobragg.rules")


def missing(names, text: str) -> list[str]:
    """Which of these names, whole, a text does not have."""
    return sorted(name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?!\w)", text))


def test_every_value_has_its_name_in_the_document(spec):
    names = {quantity.name for quantity in spec.quantities.values() if quantity.role == "value"}
    pattern = {name for name in names if name.endswith(("_asked", "_given"))}        # said of all of them at once
    paired = {name for name in names if name.startswith("vdiv")}
    assert missing(names - pattern - paired, TEXT) == []


def test_every_flag_of_the_rules_stands_in_the_document(spec):
    assert missing({flag.words[0] for quantity in spec.quantities.values() for flag in quantity.flags}, TEXT) == []


def test_every_contradiction_is_settled_here_or_with_the_acceptance_tests():
    there = (ROOT / "specs/acceptance.md").read_text("utf-8")
    assert missing({f"X{i:02}" for i in range(1, 50)}, TEXT.partition("## Nomenclature")[2] + there) == []


def test_a_name_that_is_only_part_of_another_is_missing():
    assert missing({"-mat", "omega"}, "`-matrix` and `omega_sum`") == ["-mat", "omega"]
