"""`conform accept`: a changed sentence makes a clause suspect until the rules quote it as it stands."""

from __future__ import annotations

import pytest

from conform.cli.accept import _write
from conform.errors import UsageProblem
from specs_dsl.accept import as_in
from specs_dsl.spans import Source


def suspects(tiny_project) -> str:
    return tiny_project.call("lint", "specs/lamp.rules").out


def test_a_changed_sentence_is_shown_and_taken_over_when_accepted(tiny_project):
    quote = next(line.strip().strip('"') for line in tiny_project.text("specs/lamp.rules").splitlines() if line.startswith('  "'))
    changed = quote.replace(" is ", " is always ", 1)
    assert changed != quote and tiny_project.text("specs/lamp.md").count(quote) == 1, quote
    tiny_project.replace("specs/lamp.md", quote, changed)
    assert "CF0503" in suspects(tiny_project)
    rules = tiny_project.text("specs/lamp.rules")
    looked = tiny_project.call("accept", "specs/lamp.rules")
    assert looked.status == 1 and f"was  “{quote}”" in looked.out and f"now  “{changed}”" in looked.out
    assert tiny_project.text("specs/lamp.rules") == rules
    assert tiny_project.call("accept", "specs/lamp.rules", "--yes").status == 0
    assert tiny_project.text("specs/lamp.rules") == rules.replace(quote, changed)
    assert "CF0503" not in suspects(tiny_project)
    assert tiny_project.call("accept", "specs/lamp.rules").out == "every quote stands in the spec\n"


def test_a_sentence_that_is_gone_altogether_stays_suspect(tiny_project):
    quote = next(line.strip().strip('"') for line in tiny_project.text("specs/lamp.rules").splitlines() if line.startswith('  "'))
    tiny_project.replace("specs/lamp.md", quote, "1 2 3.")
    rules = tiny_project.text("specs/lamp.rules")
    ended = tiny_project.call("accept", "specs/lamp.rules", "--yes")
    assert ended.status == 1 and "no sentence like it" in ended.out and tiny_project.text("specs/lamp.rules") == rules


def test_only_a_clause_that_there_is_can_be_accepted(tiny_project, complains):
    complains(tiny_project.call("accept", "specs/lamp.rules", "lamp.77"), 2, "has no clause lamp.77")


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_line_ends_mark_and_permissions_stay_as_they_are(tiny_project, ends):
    path = tiny_project.root / "specs" / "lamp.rules"
    before = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", ends)
    path.write_bytes(before)
    path.chmod(0o640)
    quote = next(line.strip().strip('"') for line in tiny_project.text("specs/lamp.rules").splitlines() if line.startswith('  "'))
    changed = quote.replace(" is ", " is always ", 1)
    tiny_project.replace("specs/lamp.md", quote, changed)
    assert tiny_project.call("accept", "specs/lamp.rules", "--yes").status == 0
    assert path.read_bytes() == before.replace(quote.encode(), changed.encode()) != before and path.stat().st_mode & 0o777 == 0o640


def test_lines_of_several_kinds_keep_each_its_end():
    assert as_in("\ufeffa\r\nb\rc\n", "A\nB\nC\n") == "\ufeffA\r\nB\rC\n" and as_in("a\nb", "A\nB") == "A\nB"
    with pytest.raises(ValueError):
        as_in("a\n", "A\nB\n")


@pytest.mark.parametrize("now", ["axis a\n# another hand\n", None])
def test_what_was_written_to_the_rules_meanwhile_is_not_lost(tmp_path, now):
    path = tmp_path / "a.rules"
    if now is not None:
        path.write_text(now)
    with pytest.raises(UsageProblem, match="changed meanwhile"):
        _write(Source(str(path), "axis a\n"), "axis b\n")
    assert (path.read_text() if path.exists() else None) == now
