"""Tracing of what surrounds the simulation: how everything was placed before it, and what the image as a whole came to."""
from __future__ import annotations

from collections.abc import Callable

import torch

from torch_model.asked_trace import put_asked
from torch_model.build import CellSetup, Setup
from torch_model.choices_trace import put_choices
from torch_model.parameters import Parameters
from torch_model.sources import Sources
from torch_model.trace import Probes


Put = Callable[..., None]


def put_setup(p: Parameters, setup: Setup, probes: Probes) -> None:
    """In double precision, as all of it was formed."""
    def put(name: str, value: object, *axes: str) -> None:
        probes.put(name, torch.as_tensor(value, dtype=torch.float64), *axes)

    g = setup.placed
    put("beam_direction", g.beam, "xyz")
    put("osc", p.osc)
    put("misset", p.misset or (0.0, 0.0, 0.0), "xyz")
    put("reciprocal_cell", setup.reciprocal * 1e-10, "abc", "xyz")
    put("V_cell", setup.volume * 1e30)
    put("V_star", 1.0 / (setup.volume * 1e30))
    put("twotheta", p.twotheta)
    put("twotheta_axis", g.before.twotheta_axis, "xyz")
    put("vertical_axis", g.before.vertical, "xyz")
    put("distance", g.distance)
    put("ratio", g.ratio)
    for names, values in (("Xbeam Ybeam", g.centre), ("Fbeam Sbeam", g.direct), ("Xclose Yclose", g.near_given), ("Fclose Sclose", g.near),
                          ("ORGX ORGY", [near / p.pixel + 0.5 for near in g.near]), ("Fbeam_set Sbeam_set", g.before.direct),
                          ("Fclose_set Sclose_set", g.before.near), ("close_distance_set distance_set", (g.before.close, g.before.distance)),
                          ("fast_side slow_side", (p.fast_size, p.slow_size))):
        for name, value in zip(names.split(), values):
            put(name, value)
    for name, axis in zip(("fast_set", "slow_set", "normal_set"), g.before.axes):
        put(name, axis, "xyz")
    put("dials_origin", [1000 * float(g.pix0[2]), 1000 * float(g.pix0[1]), -1000 * float(g.pix0[0])], "xyz")
    probes.put("fast_pixels", p.fast_pixels)
    probes.put("slow_pixels", p.slow_pixels)
    put_asked(p, put, probes)
    put_choices(p, setup, put, probes)
    _put_cell(p, setup.cell, put)
    _put_grid(p, put, probes)
    _put_sources(setup.sources, put, probes)


def _put_cell(p: Parameters, cell: CellSetup, put: Put) -> None:
    if cell.cell_volume is not None:
        put("cell_length", p.cell[:3], "abc")
        put("cell_angle", p.cell[3:], "abc")
        put("cell_volume", cell.cell_volume * 1e30)
        put("reciprocal_length", cell.reciprocal_length * 1e-10, "abc")
    if cell.matrix is not None:
        put("matrix", cell.matrix, "row", "column")
    put("reciprocal_set", cell.reciprocal_set * 1e-10, "abc", "xyz")
    put("reciprocal_oriented", cell.reciprocal_oriented * 1e-10, "abc", "xyz")
    put("sample_size", p.sizes, "abc")
    put("crystal_width", cell.cell0.square().sum(-1).sqrt() * torch.tensor(p.cells), "abc")


def _put_grid(p: Parameters, put: Put, probes: Probes) -> None:
    for name, count, extent, step in zip("hv", p.divergence_counts, p.divergence_ranges, p.divergence_steps, strict=True):
        probes.put(f"{name}divsteps", count)
        put(f"{name}divrange", extent)
        put(f"{name}divstep", step)
    probes.put("dispsteps", p.dispsteps)
    put("dispersion", p.dispersion)
    put("dispstep", p.dispersion_step)


def _put_sources(found: Sources, put: Put, probes: Probes) -> None:
    put("source_position", found.table[:, :3], "source", "xyz")
    put("source_weight", found.table[:, 3], "source")
    if found.columns:
        probes.put("source_columns", found.columns, "source")
        return
    put("source_h", [h for h, _ in found.angles], "source")
    put("source_v", [v for _, v in found.angles], "source")
    for name, values in zip("ijd", zip(*found.places, strict=True), strict=True):
        probes.put(f"source_{name}", list(values), "source")
    probes.put("point_kept", torch.tensor(found.kept, dtype=torch.int64), "hpoint", "vpoint")
