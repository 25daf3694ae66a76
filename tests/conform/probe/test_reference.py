"""Our C reference program as an unknown source: in one file, without its probes, instrumented by a binding.

The bundle is that of its own probes, bit for bit.
"""

from __future__ import annotations

import json

import pytest

from .kit import FLAGS, GOLDEN, QUICK
from .one_file import one_file

CASES = {
    "plain": [],
    "everything": "-oversample 2 -detector_thick 500 -detector_thicksteps 3 -detector_abs 700 -phi 0 -osc 1 -phisteps 3 -mosaic 1 -mosaic_domains 3 "
                  "-hdivrange 0.3 -hdivsteps 2 -dispersion 1 -dispsteps 2 -water 2 -dmin 5".split(),
    "running factors": "-oversample 2 -detector_thick 500 -detector_thicksteps 2 -detector_abs 700 -oversample_thick -oversample_polar -oversample_omega".split(),
    "round": ["-round_xtal"], "gauss": ["-gauss_xtal", "-fudge", "0.5"], "tophat": ["-tophat_xtal"],
    "interpolated": ["-interpolate", "-nopolar"],
    "no quirks": "-quirks none -phi 0 -osc 1 -phisteps 2 -roi 3 8 2 7".split(),
}
GOLDEN_ONES = ("combined", "dmin", "curved")


@pytest.fixture(scope="module")
def from_binding(workshop, reference_binding):
    program, probed = workshop.probed(one_file().encode(), reference_binding, ("-std=c11", *QUICK))
    assert probed.refused == {}
    return program


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
    own, bound = (run_program(program, [*FLAGS, *CASES[case]], threads=threads) for program in (own_probes, from_binding))
    assert own.status == 0, own.err
    assert len(bound.quantities) > 100
    same(own, bound, reference_binding)


@pytest.mark.skipif(not (GOLDEN / "cases.json").exists(), reason="the reference figures are not part of this project and not beside this checkout")
@pytest.mark.parametrize("case", GOLDEN_ONES)
def test_the_bundle_of_a_golden_case_is_that_of_its_own_probes(own_probes, from_binding, run_program, reference_binding, case):
    [wanted] = [one for one in json.loads((GOLDEN / "cases.json").read_text())["cases"] if one["id"] == case]
    inputs = {name: (GOLDEN / "inputs" / name).read_bytes() for name in wanted["inputs"]}
    own, bound = (run_program(program, [*wanted["args"], "-floatfile", "golden.bin"], inputs=inputs) for program in (own_probes, from_binding))
    assert own.status == 0, own.err
    same(own, bound, reference_binding)


def test_a_refused_command_line_is_refused_alike_and_leaves_no_values(own_probes, from_binding, run_program):
    own, bound = (run_program(program, ["-lambda", "1"]) for program in (own_probes, from_binding))
    assert own.status == bound.status == 9 and own.shown == bound.shown
