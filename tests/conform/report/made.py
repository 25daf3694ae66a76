"""Reports made by hand, for the tests of every format."""

from __future__ import annotations

from conform.report.model import Break, GivenDifference, Judgement, Label, Report, Unchecked, UnlikeEntry


def judgement(clause="lamp.1", side="a", outcome="holds", **more) -> Judgement:
    usual = dict(margin=0.25, ulps=1.0, bits=52.0, elements=9, ties=0, ill=0, worst_at=None, reason=None, excused=None, speaks_for=())
    return Judgement(clause=clause, side=side, outcome=outcome, **(usual | more))


def broken(**more) -> Break:
    usual = dict(clause="lamp.1", title="Distance", quotes=("The distance is the hypotenuse.",), source="lamp.rules:20", side="a", target="distance",
                 at={"pixel": 0, "slow": 0, "fast": 1}, labels={}, traced=2.5, required=2.25, margin=7.9e12, ulps=4e13, bits=7.0, elements=9, broken=9,
                 broken_at={}, tile_axis="pixel", coordinates=("slow", "fast"), tiles_judged=9, tiles_broken=9, others={"b": "holds it everywhere, to the last bit"}, computes_instead="", instead_equation="", speaks_for=())
    return Break(**(usual | more))


def unchecked(clause="lamp.4", sides=("a", "b"), reason="its guard is never true", excused=None, title="Shutter") -> Unchecked:
    return Unchecked(clause=clause, title=title, sides=sides, reason=reason, excused=excused)


def not_alike() -> dict:
    """Of a report: a side that did something else, another file, an input that differs and a wrong label."""
    return {
        "exit_code": 1,
        "unlike": (UnlikeEntry(kind="another command", side="b", text="b was traced with another command <than> this run's"),
                   UnlikeEntry(kind="another input", side="b", text="a and b read different files as lamp.txt")),
        "given": (GivenDifference(quantity="flux", unit="1", sides=("a", "b"), at={}, values=(2.0, 3.0), differing=1, elements=1, ratio=1.5, guess=""),),
        "wrong_labels": (Label(quantity="offset", raw="offset_mm", sides=("a",), says="mm", true="m", clauses=("lamp.1",)),),
    }


def report(**more) -> Report:
    usual = dict(spec="lamp", rules="lamp.rules", run="wall", sides=("a", "b"), elements=9, tile_axis="pixel", clauses=4, judged=3, exit_code=0,
                 roots=(), verdicts=(judgement(), judgement(side="b")), unchecked=(), parity=(), incomparable="", explained=None, provenance=())
    roots = more.get("roots", ())
    return Report(**(usual | {"first_break": roots[0] if roots else None, "exit_code": 1 if roots else 0} | more))
