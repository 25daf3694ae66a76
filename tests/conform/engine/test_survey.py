"""Single elements, for pictures and tables: they say the same as the verdicts, wherever the tiles fall."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conform.cli.options import load_spec
from conform.engine import survey as module
from conform.engine.survey import audit, survey
from conform.pipeline import Quiet, judge_run
from conform.run.gather import Choices
from conform.run.project import find_project
from conform.run.runfile import load_run


@pytest.fixture
def judged(tiny_project):
    def of(**quirks):
        spec, project = load_spec(Path("specs/lamp.rules")), find_project()
        return spec, judge_run(project, spec, Path("specs/lamp.rules"), load_run(project, "wall"), Choices(quirks=quirks), Quiet())

    return of


def test_every_judged_element_is_in_a_histogram_and_the_worst_is_that_of_the_verdict(judged):
    spec, checked = judged(a="far")
    found = survey(spec, checked.sides, checked.profiles)
    for verdict in checked.report.verdicts:
        if verdict.elements:
            margins = found.margins[verdict.clause, verdict.side]
            assert margins.counts.sum() == verdict.elements
            if margins.worst is not None:
                assert np.nanmax(margins.worst) == pytest.approx(verdict.margin)
            assert margins.counts[17:].any() == (verdict.outcome == "breaks")         # the bins beyond the bound


def test_tiles_leave_no_mark(judged, monkeypatch):
    spec, checked = judged(a="far")
    whole = survey(spec, checked.sides, checked.profiles)
    monkeypatch.setattr(module, "tiles", lambda side: (slice(i, min(i + 2, side.size(side.tile_axis))) for i in range(0, side.size(side.tile_axis), 2)))
    cut = survey(spec, checked.sides, checked.profiles)
    for key, margins in whole.margins.items():
        if margins.worst is not None:
            assert np.array_equal(margins.worst, cut.margins[key].worst, equal_nan=True) and (margins.counts == cut.margins[key].counts).all()


def test_a_pixel_shows_what_every_side_has_where_one_comes_closest_to_its_bound(judged):
    spec, checked = judged(a="far")
    rows = audit(spec, checked.sides, checked.profiles, 4)
    broken = next(row for row in rows if row.clause == "lamp.1")
    assert broken.target == "distance" and set(broken.sides) == {"a", "b"}
    assert broken.sides["a"].ratio > 1 >= broken.sides["b"].ratio and broken.sides["a"].required == pytest.approx(broken.sides["b"].traced)
    assert [row.clause for row in rows] == sorted((row.clause for row in rows), key=[clause.id for clause in spec.clauses].index)
