"""`conform accept`: a changed sentence makes a clause suspect until the rules quote it as it stands."""

from __future__ import annotations


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
