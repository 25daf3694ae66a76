"""Tracing of what the flags left behind, before anything was settled. Names without a value were not given, and stay unset."""
from __future__ import annotations

from collections.abc import Callable, Iterator

from torch_model.geometry import VECTORS, direction, pivot
from torch_model.parameters import Parameters
from torch_model.quantities import CONVENTIONS, PIVOTS
from torch_model.trace import Probes

OPTIONAL = {"Xbeam": "x_beam", "Ybeam": "y_beam", "Xclose": "x_close", "Yclose": "y_close", "ORGX": "org_x", "ORGY": "org_y",
            "close_distance": "close_distance"}
NAMES = dict(zip(VECTORS, ("beam", "fast", "slow", "normal", "twotheta_axis", "polarization", "spindle"), strict=True))


def put_asked(p: Parameters, put: Callable[..., None], probes: Probes) -> None:
    """`p` as settled. `put` takes numbers in double precision; whole numbers, flags and choices go to the probes as they are."""
    asked = p.asked or p
    for name, field in OPTIONAL.items():
        value = getattr(asked, field)
        probes.put(f"{name}_given", int(value is not None))
        if value is not None:
            put(f"{name}_asked", value)
    for name in VECTORS if p.convention == "custom" else ():
        put(f"{NAMES[name]}_asked", direction(p, name), "xyz")
    for name, value in _numbers(asked):
        put(name, value)
    for name, value in _whole(asked):
        probes.put(name, int(value))
    put("detector_rotation", p.rotations, "xyz")
    put("sample_asked", asked.sizes, "abc")
    probes.put("N_asked", asked.cells, "abc")
    probes.put("convention", CONVENTIONS.index(p.convention), labels=CONVENTIONS)
    probes.put("pivot", PIVOTS.index(pivot(p)), labels=PIVOTS)


def _numbers(asked: Parameters) -> Iterator[tuple[str, float]]:
    yield "distance_asked", asked.distance
    yield "fast_side_asked", asked.fast_size
    yield "slow_side_asked", asked.slow_size
    yield "osc_asked", asked.osc
    yield "phistep_asked", asked.phistep
    yield "fluence_asked", asked.fluence
    yield "dispersion_asked", asked.dispersion
    for name, extent, step in zip("hv", asked.divergence_ranges, asked.divergence_steps, strict=True):
        yield f"{name}divrange_asked", extent
        yield f"{name}divstep_asked", step


def _whole(asked: Parameters) -> Iterator[tuple[str, int]]:
    yield "fast_pixels_asked", asked.fast_pixels
    yield "slow_pixels_asked", asked.slow_pixels
    yield "phisteps_asked", asked.phisteps
    yield "hdivsteps_asked", asked.divergence_counts[0]
    yield "vdivsteps_asked", asked.divergence_counts[1]
    yield "dispsteps_asked", asked.dispsteps
    yield "beamsize_given", asked.beamsize_given
    yield "cell_given", bool(asked.cell)
    yield "matrix_given", asked.matrix is not None
    yield "misset_random", asked.misset_random
    yield "sources_listed", asked.source_file is not None
    yield "round_divergence", asked.round_divergence
