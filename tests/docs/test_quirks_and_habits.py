"""docs/decisions/quirks-and-habits.md names what both programs know, and leaves out no entry of the two lists it decides."""

from __future__ import annotations

import re
from pathlib import Path

from torch_model.quirks import QUIRKS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/decisions/quirks-and-habits.md").read_text("utf-8")
TABLE = (ROOT / "c_probes/nanobragg/quirks.c").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")][2:]


def test_page_and_both_programs_have_the_same_quirks_in_the_same_order():
    listed = [row[0].strip("`") for row in rows("The quirks")]
    assert listed == list(QUIRKS) == re.findall(r'\] = \{ "(\w+)"', TABLE)


def test_the_programs_name_the_clauses_and_entries_that_the_page_names():
    def known(pattern: str, text: str) -> set[str]:
        return set(re.findall(pattern, text))

    for name, clauses, entries in rows("The quirks"):
        name = name.strip("`")
        in_c = re.search(rf'"{name}", "([^"]*)",\n(.*?) \}}', TABLE, re.S)
        for text in (in_c[2], QUIRKS[name]):
            assert known(r"[a-z]+\.\d+", text) & known(r"[a-z]+\.\d+", clauses), (name, text)
        assert known(r"D\d\d", in_c[1]) <= known(r"D\d\d", entries), name
        assert known(r"D\d\d", QUIRKS[name]) <= known(r"D\d\d", entries), name


def test_every_departure_and_every_contradiction_is_decided_once():
    assert [row[0] for row in rows("Every entry")] == [f"D{n:02}" for n in range(1, 58)]
    decisions = {word.strip() for row in rows("Every entry") for word in row[1].split(",")}
    assert decisions == {"quirk", "habit", "same", "no number", "refused"}
    said = " ".join(row[0] for row in rows("Every contradiction"))
    for first, last in re.findall(r"X(\d\d) to X(\d\d)", said):
        said += "".join(f" X{n:02}" for n in range(int(first) + 1, int(last)))
    assert sorted(re.findall(r"X\d\d", said)) == [f"X{n:02}" for n in range(1, 50)]


def test_an_entry_that_is_a_quirk_names_it_and_the_quirk_names_the_entry():
    entries = {row[0].strip("`"): set(re.findall(r"D\d\d", row[2])) for row in rows("The quirks")}
    for entry, decision, why in rows("Every entry"):
        named = {name for name in re.findall(r"`(\w+)`", why) if name in QUIRKS}
        assert bool(named) == ("quirk" in decision), entry
        assert named == {name for name, known in entries.items() if entry in known}, entry
