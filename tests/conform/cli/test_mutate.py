"""`conform mutate`: mistakes on purpose, and what the clauses of the tiny project say of them."""

from __future__ import annotations

import json


def mutated(tiny_project, *options) -> tuple[int, dict]:
    ended = tiny_project.call("mutate", "specs/lamp.rules", "--run", "wall", "--format", "json", *options)
    return ended.status, json.loads(ended.out)


def test_every_mistake_that_shows_breaks_its_clause(tiny_project):
    status, report = mutated(tiny_project)
    assert report["within"] == 0 and report["killed"] > 20
    assert status == (3 if report["unseen"] else 0)
    assert report["tried"] == report["killed"] + report["unseen"] + report["equivalent"]
    assert {one["clause"] for one in report["mistakes"]} >= {"lamp.1", "lamp.2"}


def test_a_mistake_within_the_bounds_is_told_and_ends_with_one(tiny_project):
    path = tiny_project.root / "specs/tolerances/float64.toml"
    path.write_text(path.read_text() + '\n[overrides."lamp.2"]\nslack = 1e6\nreason = "far too much, for a test"\n')
    rules = (tiny_project.root / "specs/lamp.rules").read_text()
    tiny_project.write("specs/lamp.rules", rules.replace("light = power * height / distance^3", "light = power * height * (1 + 1e-14 * height / distance) / distance^3"))
    status, report = mutated(tiny_project)
    within = {one["text"] for one in report["mistakes"] if one["fate"] == "within"}
    assert status == 1 and report["within"] == len(within) > 0
    assert "the clause without its term 1e-14 * height / distance" in within


def test_the_screen_counts_for_each_clause(tiny_project):
    ended = tiny_project.call("mutate", "specs/lamp.rules", "--run", "wall")
    assert "mistakes break their clause" in ended.out and "  lamp.1" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


def test_a_side_that_the_run_does_not_have_is_refused(tiny_project):
    ended = tiny_project.call("mutate", "specs/lamp.rules", "--run", "wall", "--side", "zz")
    assert ended.status == 2 and "zz" in ended.err
