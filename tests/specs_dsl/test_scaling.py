"""Our own rules against our own document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specs_dsl.check import load
from specs_dsl.diagnostics import SpecError
from specs_dsl.quotes import sections

SPECS = Path(__file__).parents[2] / "specs"


@pytest.fixture(scope="module")
def scaling():
    return load(SPECS / "scaling.rules")


@pytest.fixture
def copy(tmp_path) -> Path:
    """Our rules and our document, where a test may change them."""
    for path in SPECS.glob("*.*"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    return tmp_path


def test_our_rules_are_without_warning(scaling):
    assert scaling.warnings == ()


def test_every_clause_quotes_sentences_of_the_document(scaling):
    text = (SPECS / "nanobragg.md").read_text("utf-8")
    written = sections(text)
    for clause in scaling.clauses:
        assert clause.quotes, clause.id
        assert not clause.suspect
        for quote in clause.quotes:
            assert re.sub(r"[*_`]", "", quote) in written[clause.id], (clause.id, quote)


def test_every_value_has_a_clause_and_every_clause_a_demand(scaling):
    assert {name for name, q in scaling.quantities.items() if q.role == "value"} == set(scaling.definitions)
    assert all(clause.equations or clause.requirements for clause in scaling.clauses)


def test_a_sentence_that_the_document_no_longer_contains_makes_its_clause_suspect(copy):
    document = copy / "nanobragg.md"
    text = document.read_text("utf-8")
    assert text.count("rounded to single precision.") >= 1
    document.write_text(text.replace("rounded to single precision.", "cut to single precision."), "utf-8")
    spec = load(copy / "scaling.rules")
    assert [(warning.code, warning.span.where.split("/")[-1][:13]) for warning in spec.warnings] == [("CF0503", "scaling.rules")]
    assert [clause.id for clause in spec.clauses if clause.suspect] == ["scaling.12"]


def test_a_changed_equation_is_found_by_its_dimension(copy):
    rules = copy / "scaling.rules"
    text = rules.read_text("utf-8")
    rules.write_text(text.replace("scaled    = r_e_sqr * fluence * I / steps", "scaled    = r_e_sqr * I / steps"), "utf-8")
    with pytest.raises(SpecError) as raised:
        load(rules)
    (mistake,) = raised.value.diagnostics
    assert (mistake.code, mistake.target) == ("CF0302", "scaled")


def test_mistakes_in_several_files_are_reported_together(copy):
    for name, before, after in [("beam.rules", "flux * exposure / beamsize^2", "flux * exposure / beamsiz^2"),
                                ("crystal.rules", "cell_phi[xyz as uvw]", "cell_phi[xyz as abc]"),
                                ("scaling.rules", "image = f32(intensity)", "image = f32(intensity")]:  # fmt: skip
        text = (copy / name).read_text("utf-8")
        assert before in text
        (copy / name).write_text(text.replace(before, after), "utf-8")
    with pytest.raises(SpecError) as raised:
        load(copy / "scaling.rules")
    told = {(item.span.source.name.split("/")[-1], item.code) for item in raised.value.diagnostics}
    assert told == {("beam.rules", "CF0201"), ("crystal.rules", "CF0216"), ("scaling.rules", "CF0101")}
