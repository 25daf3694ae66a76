"""One fault at a time, planted in a copy of the project: each is the first break, at its clause, on its side, alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from conform.adequacy.faults import load_faults, try_fault

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = load_faults(ROOT / "faults")


def plant(copy, name: str) -> None:
    for edit in LIBRARY[name].edits:
        copy.replace(edit.file, edit.old, edit.new)


# The whole library is `conform bench faults`; here, some of every kind: set-up, loops, options, precision, both programs, the trace.
SOME = (
    "airpath-in-single", "azimuth-arguments-exchanged", "cell-in-angstrom", "default-amplitude-left-out", "first-for-last", "half-pixel-left-out",
    "kahn-zero-skipped", "layers-spaced-by-one-less", "mosaic-transposed", "norm-with-epsilon", "omega-slightly-off", "omega-without-obliquity",
    "omega-traced-in-square-millimetres", "pair-q-in-single-precision-and-amplitude-not-squared", "polar-zero-when-off", "polarization-slightly-off",
    "stale-cell-at-angle-zero", "steps-off-by-one", "sum-in-single-precision", "turning-the-wrong-way",
)


@pytest.mark.parametrize("name", LIBRARY)
def test_the_text_that_a_fault_exchanges_stands_there_once(name):
    """A program that is written anew takes its faults with it."""
    for edit in LIBRARY[name].edits:
        assert (ROOT / edit.file).read_text("utf-8").count(edit.old) == 1, edit.old


@pytest.mark.parametrize("name", SOME)
def test_a_planted_fault_is_the_first_break_and_the_only_one(spec, small_project, monkeypatch, name):
    """The search for pairs of mistakes, which some of these have no need of, may end ten times as soon as a user's."""
    monkeypatch.setattr("conform.engine.instead.EVALUATIONS", 40_000)
    found = try_fault(small_project, spec, ROOT / "specs" / "scaling.rules", name, LIBRARY, {"c": "none", "torch": "none"})
    assert found.problem == ""
    assert (found.report.exit_code, found.first_clause, found.side, found.extra) == (1, True, True, ()), found.report.roots
    assert found.equation or not all(fault.says for fault in found.planted), found.report.first_break.computes_instead


def test_a_fault_that_only_whole_images_show_breaks_every_clause_that_its_file_names(spec, project):
    found = try_fault(project, spec, ROOT / "specs" / "scaling.rules", "peaks-one-pixel-off", LIBRARY, {"c": "none", "torch": "none"})
    assert (found.problem, [root.clause for root in found.roots]) == ("", ["parallel.12", "parallel.25"])
    assert not found.equation and "whole images" in found.unsaid


def test_what_is_judged_on_whole_images_alone_has_a_fault_of_its_own():
    named = {clause for fault in LIBRARY.values() if fault.rules for clause in (fault.clause, *fault.also)}
    assert named >= {"parallel.6", "parallel.12", "parallel.13", "parallel.25", "parallel.26", "str.4", "src.2", "roi.1"}


def test_the_repair_of_a_planted_fault_makes_the_sides_agree_again(copy):
    plant(copy, "omega-without-obliquity")
    _, report = copy.check()
    explained = report["explained"]
    assert explained["clause"] == "detector.1" and explained["still"] == []
    assert {"omega_final", "intensity", "image"} <= set(explained["differing"])


def test_two_independent_faults_are_both_roots_in_graph_order(copy):
    plant(copy, "amplitude-not-squared")
    plant(copy, "steps-off-by-one")
    _, report = copy.check()
    assert [root["clause"] for root in report["roots"]] == ["sampling.11", "scaling.2"]


def test_a_break_on_both_sides_is_found_although_they_agree(copy):
    plant(copy, "r-e-sqr-in-cm2")
    copy.replace("torch_model/scaling.py", "R_E_SQR = 7.94079248018965e-30", "R_E_SQR = 7.94079248018965e-26")
    status, report = copy.check()
    assert status == 1
    assert [(root["clause"], root["side"]) for root in report["roots"]] == [("units.13", "c"), ("units.13", "torch")]


def test_the_program_as_it_is_breaks_the_spindle_rotation_at_phi_zero_alone(copy):
    status, report = copy.check(quirks="")
    first = report["first_break"]
    assert status == 1 and len(report["roots"]) == 1
    assert (first["clause"], first["side"], first["at"]["phi"]) == ("crystal.15", "c", 0)
    assert first["broken_at"]["phi"] == [0]
    # The first pixel of each thread's rows starts from the reference cell itself: no rotation to be carried over yet.
    assert first["tiles_judged"] - first["tiles_broken"] in (1, 2)
    assert "phi 9" in first["computes_instead"] and "carried over from the pixel before" in first["computes_instead"]
    assert report["explained"]["still"] == []
    assert {"hkl", "F_latt", "I", "intensity"} <= set(report["explained"]["differing"])


# --- nothing breaks where nothing is broken -------------------------------------------------------------------------

FLAGS = '"-O2", "-ffp-contract=off"'


@pytest.mark.parametrize("flags", ["-O0", "-O0 -ffp-contract=fast", "-O2 -ffp-contract=fast -march=native", "-O3 -march=native -ffp-contract=off", "-O3 -march=native -ffp-contract=fast"])
def test_a_clean_pair_conforms_however_it_is_compiled(copy, flags):
    copy.replace("conform.toml", FLAGS, ", ".join(f'"{flag}"' for flag in flags.split()))
    status, report = copy.check()
    assert (status, report["roots"]) == (0, [])


def torch_in_single(copy) -> None:
    """The run `quick`, with the torch program in single precision."""
    path = copy.root / "runs" / "quick.toml"
    head, tail = path.read_text().split("[sides.torch]")
    path.write_text(head + "[sides.torch]" + tail.replace("float64", "float32", 1))


def test_a_clean_pair_conforms_in_single_precision_too(copy):
    torch_in_single(copy)
    status, report = copy.check(rules="nanobragg")
    assert (status, report["roots"]) == (0, [])


@pytest.mark.parametrize("prepared", [lambda copy: None, torch_in_single], ids=["double", "single"])
def test_a_direction_that_is_not_that_of_the_ray_breaks_the_obliquity_in_either_precision(copy, prepared):
    """By a ten thousandth, while the length of the ray is right."""
    prepared(copy)
    copy.replace("torch_model/detector.py", "    return position / distance\n", "    return position / distance * (1 + 1e-4)\n")
    status, report = copy.check(rules="identities")
    assert status == 1 and ("detector.3", "torch") in {(root["clause"], root["side"]) for root in report["roots"]}


def test_the_set_up_of_a_side_in_single_precision_is_judged_in_double(copy):
    """It is computed in double: a millionth of a millionth is a break."""
    torch_in_single(copy)
    copy.replace("torch_model/geometry.py", "    distance = close / ratio\n", "    distance = close / ratio * (1 + 1e-12)\n")
    status, report = copy.check()
    assert status == 1 and [(root["clause"], root["side"]) for root in report["roots"]] == [("geometry.27", "torch")]
    assert 38 < report["roots"][0]["bits"] < 41


def test_a_bias_of_five_in_ten_million_is_found_in_single_precision(copy):
    torch_in_single(copy)
    copy.replace("torch_model/detector.py", "/ distance / distance * close_distance / distance", "/ distance / distance * close_distance / distance * (1 + 5e-7)")
    status, report = copy.check()
    assert status == 1 and [(root["clause"], root["side"]) for root in report["roots"]] == [("detector.1", "torch")]
    assert "times what is required" in report["roots"][0]["computes_instead"] or report["roots"][0]["margin"] > 1


# --- nothing passes silently ----------------------------------------------------------------------------------------


def test_the_same_bundle_on_both_sides_is_no_pass(copy):
    bundle = copy.trace("torch", "bundle")
    status, report = copy.check("--side", f"c=bundle:{bundle}", "--side", f"torch=bundle:{bundle}", quirks="")
    assert status == 3
    assert {v["reason"] for v in report["verdicts"] if v["side"] == "torch"} == {"both sides are the same trace: c and torch"}


def test_a_bundle_without_a_quantity_leaves_its_clause_unchecked(copy):
    import json

    bundle = copy.trace("torch", "bundle")
    manifest = json.loads((bundle / "manifest.json").read_text())
    del manifest["quantities"]["omega"]
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    status, report = copy.check("--side", f"torch=bundle:{bundle}")
    assert status == 3
    (open_one,) = [item for item in report["unchecked"] if item["excused"] is None]
    assert (open_one["clause"], open_one["sides"], open_one["reason"]) == ("detector.1", ["torch"], "`omega` is not in the trace")
    speaker = next(v for v in report["verdicts"] if (v["clause"], v["side"]) == ("scaling.11", "torch"))
    assert speaker["outcome"] == "holds" and "detector.1" in speaker["speaks_for"]


def test_not_a_number_on_both_sides_breaks_on_both_sides(copy):
    copy.replace("c_probes/nanobragg/detector.c", "walk->omega_sum += walk->omega;", "walk->omega = 0.0 / (walk->omega - walk->omega);")
    copy.replace("torch_model/detector.py", "return pixel_size * pixel_size / distance / distance * close_distance / distance", "return distance * float('nan')")
    status, report = copy.check()
    assert status == 1
    assert [(root["clause"], root["side"], root["traced"]) for root in report["roots"]] == [("detector.1", "c", "NaN"), ("detector.1", "torch", "NaN")]
    reasons = {v["clause"]: v["reason"] for v in report["verdicts"] if v["side"] == "torch"}
    assert reasons["scaling.8"].startswith("not a number on both sides: an operand is not a number")


def test_a_guard_that_is_never_true_is_reported_and_is_no_pass(copy):
    copy.replace("specs/scattering.rules", "hkl = dot(cell, q)", "hkl = dot(cell, q)    when pixel_size > 0\n  hkl = dot(cell, q)    when pixel_size <= 0")
    copy.replace("specs/geometry.rules", "value dials_origin[xyz]        : m\n", "value dials_origin[xyz]        : m    when pixel_size < 0\n")
    copy.replace("specs/geometry.rules", "else -pix0[xyz = x]\n", "else -pix0[xyz = x]    when pixel_size < 0\n")
    status, report = copy.check()
    assert status == 3
    (open_one,) = [item for item in report["unchecked"] if item["excused"] is None]
    assert (open_one["clause"], open_one["reason"]) == ("geometry.30", "its guard is never true")


def test_a_clause_whose_sentence_left_the_spec_is_suspect_and_no_pass(copy):
    copy.replace("specs/nanobragg.md", "The wavelength of a sample is the wavelength of its source.", "The wavelength of a sample is that of its source.")
    status, report = copy.check()
    assert status == 3
    (open_one,) = [item for item in report["unchecked"] if item["excused"] is None]
    assert (open_one["clause"], open_one["reason"]) == ("beam.5", "the spec does not say what the clause quotes")
