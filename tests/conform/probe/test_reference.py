"""Our C reference program as an unknown source: in one file, without its probes, instrumented by a binding.

The bundle is that of its own probes, bit for bit. Of the golden command lines three are run, and all with
`GOLDEN_CASES=all ./test tests/conform/probe/test_reference.py` (some minutes, built with -O2).
"""

from __future__ import annotations

import json
import re

import pytest

from .kit import EVERY_GOLDEN, FLAGS, GOLDEN, HKL, MATRIX, QUICK
from .one_file import FOLDER, one_file

CASES = {
    "plain": [],
    "everything": "-oversample 2 -detector_thick 500 -detector_thicksteps 3 -detector_abs 700 -phi 0 -osc 1 -phisteps 3 -mosaic 1 -mosaic_domains 3 "
                  "-hdivrange 0.3 -hdivsteps 2 -dispersion 1 -dispsteps 2 -water 2 -dmin 5".split(),
    "running factors": "-oversample 2 -detector_thick 500 -detector_thicksteps 2 -detector_abs 700 -oversample_thick -oversample_polar -oversample_omega".split(),
    "round": ["-round_xtal"], "gauss": ["-gauss_xtal", "-fudge", "0.5"], "tophat": ["-tophat_spots", "-fudge", "0.1"],
    "interpolated": ["-interpolate", "-nopolar"],
    "other forms": "-noisefile noise.img -pgmfile grey.pgm -seed 3 -mosaic 1 -mosaic_domains 2 -mosaic_seed 5 -fluence 1e34 "
                   "-mask mask.img -roi 2 9 1 8".split(),
    "no quirks": "-quirks none -phi 0 -osc 1 -phisteps 2 -roi 3 8 2 7".split(),
}
MASK = (b"{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1=12;\nSIZE2=10;\n}\f".ljust(512)
        + b"".join((i % 7 != 3).to_bytes(2, "little") for i in range(120)))
INPUTS = {"tri.mat": MATRIX.encode(), "tiny.hkl": HKL.encode(), "mask.img": MASK}
OF_ITS_OWN = {"reflection_index", "reflection_F", "listed"}        # kept for the probes alone: without them there is nothing to hand over
GOLDEN_ONES = ("combined", "dmin", "curved")
LARGEST = 10_000                         # pixels of a frame that is traced whole


def golden_cases() -> list:
    cases = json.loads((GOLDEN / "cases.json").read_text())["cases"] if (GOLDEN / "cases.json").exists() else []
    return [pytest.param(case, id=case["id"]) for case in cases if EVERY_GOLDEN or case["id"] in GOLDEN_ONES]


@pytest.fixture(scope="module")
def from_binding(workshop, reference_binding):
    program, probed = workshop.probed(one_file().encode(), reference_binding, ("-std=c11", *QUICK))
    assert probed.refused == {}
    return program


def test_all_that_the_program_traces_is_in_the_binding_but_what_only_its_probes_keep(reference_binding):
    traced = set(re.findall(r"\bQ\((\w+), \"", (FOLDER / "quantities.h").read_text()))
    assert len(traced) > 200 and traced - set(reference_binding.quantities) == OF_ITS_OWN
    assert set(reference_binding.quantities) <= traced


def same(own, bound, binding) -> None:
    """The same arrays to the last bit, the same axes, units and provenance; only the lines of the source are others."""
    assert own.shown == bound.shown
    traced = own.quantities & set(binding.quantities) | {"slow", "fast"} & own.quantities
    assert bound.quantities == traced
    files = {name for name in own.trace if name.split(".")[0] in traced}
    assert {name: own.trace[name] for name in files} == {name: data for name, data in bound.trace.items() if name != "trace.json"}
    for ran in (own, bound):
        for entry in ran.description["quantities"].values():
            entry.pop("source")
    shown = [name for name in own.description["producer"]["quirks"] if name in binding.quirks]
    assert {**own.description["producer"], "quirks": shown} == bound.description["producer"]
    assert {name: own.description["quantities"][name] for name in traced} == bound.description["quantities"]
    assert bound.description["axes"].items() <= own.description["axes"].items()


@pytest.mark.parametrize("case", CASES)
def test_the_bundle_is_that_of_its_own_probes(own_probes, from_binding, run_program, reference_binding, case):
    threads = 1 if "-interpolate" in CASES[case] else 2              # who leaves the table first is a race, in both
    own, bound = (run_program(program, [*FLAGS, *CASES[case]], inputs=INPUTS, threads=threads) for program in (own_probes, from_binding))
    assert own.status == 0, own.err
    assert len(bound.quantities) > 100
    if case == "other forms":
        assert set(own.values("noise_regime").tolist()) == {0, 1, 2} and own.values("overloads") > 0 and 0 < own.values("masked").sum() < 120
        assert {"mask", "noise_gaussian", "pgm_image", "deviate_state", "mosaic_axis"} <= bound.quantities
    if case == "tophat":                 # a level that is left: what is complete before is handed over, what is not is unset
        assert own.unset("F_cell").any() and not own.unset("F_cell").all() and not own.unset("cell").any()
    same(own, bound, reference_binding)


def test_of_chosen_pixels_and_of_the_run_behind_their_loops_the_bundle_is_the_same(own_probes, from_binding, run_program, reference_binding):
    pixels = [(0, 0), (3, 4), (8, 7)]                # one that the loops leave out; the last one of the frame is not traced
    own, bound = (run_program(program, [*FLAGS, *CASES["other forms"]], inputs=INPUTS, pixels=pixels) for program in (own_probes, from_binding))
    assert own.values("noise_image").size == 3 and {"overloads", "photons_drawn", "pgm_image"} <= bound.quantities
    same(own, bound, reference_binding)


@pytest.mark.skipif(not (GOLDEN / "cases.json").exists(), reason="the reference figures are not part of this project and not beside this checkout")
@pytest.mark.parametrize("case", golden_cases())
def test_the_bundle_of_a_golden_case_is_that_of_its_own_probes(own_probes, from_binding, run_program, reference_binding, case):
    inputs = {name: (GOLDEN / "inputs" / name).read_bytes() for name in case["inputs"]}
    slow, fast = case.get("shape", (0, 0))
    pixels = sorted(map(tuple, case["trace_pixels"])) if slow * fast > LARGEST else []
    own, bound = (run_program(program, [*case["args"], "-floatfile", "golden.bin"], inputs=inputs, pixels=pixels, threads=1) for program in (own_probes, from_binding))
    assert own.status == case.get("expect_rc", 0), own.err
    if own.status == 0:
        same(own, bound, reference_binding)
    else:
        refused_alike(own, bound)


def refused_alike(own, bound) -> None:
    """The trace of the one that is written `atexit` has no value in it."""
    assert own.shown == bound.shown
    assert own.trace == {} and bound.trace.keys() <= {"trace.json"} and bound.description.get("quantities", {}) == {}


def test_a_refused_command_line_is_refused_alike_and_leaves_no_values(own_probes, from_binding, run_program):
    own, bound = (run_program(program, ["-lambda", "1"]) for program in (own_probes, from_binding))
    assert own.status == 9
    refused_alike(own, bound)
