"""Tracing of what was chosen before the loops: region, counts, layers, mode of interpolation, seeds, the list of reflections."""
from __future__ import annotations

import numpy as np

from torch_model.build import Setup, misset_seed, noise_seed
from torch_model.files import Listed
from torch_model.parameters import Parameters
from torch_model.trace import Probes

MODES = ["off", "on", "automatic"]


def put_choices(p: Parameters, setup: Setup, put, probes: Probes) -> None:
    """`put` takes numbers in double precision; whole numbers and flags go to the probes as they are."""
    asked = p.asked or p
    for name, first, last, edge in zip(("fast", "slow"), p.roi[::2], p.roi[1::2], (p.fast_pixels, p.slow_pixels)):
        probes.put(f"roi_{name}_first", max(first, 0))
        probes.put(f"roi_{name}_last", edge if last < 0 else last)      # inclusive: at the edge it excludes nothing
    probes.put("mask_given", int(p.mask is not None))
    probes.put("oversample_asked", asked.oversample)
    probes.put("mosaic_domains_asked", asked.mosaic_domains)
    put("mosaic_spread_asked", asked.mosaic_spread)
    put("thickness_asked", asked.thickness)
    probes.put("layers_asked", asked.thicksteps)
    put("attenuation_asked", asked.attenuation)
    probes.put("interpolate_asked", 2 if asked.interpolate is None else int(asked.interpolate), labels=MODES)
    probes.put("kahn_given", int(p.kahn_given))
    _put_seeds(p, setup, put, probes)
    _put_table(setup, probes)


def _put_seeds(p: Parameters, setup: Setup, put, probes: Probes) -> None:
    given = {"noise": p.seed is not None, "mosaic": p.mosaic_seed_given, "misset": p.misset_seed is not None}
    for name, yes in given.items():
        probes.put(f"{name}_seed_given", int(yes))
    probes.put("mosaic_seed", p.mosaic_seed)
    if given["noise"]:                              # not the clock's, which is another in every run
        probes.put("noise_seed", noise_seed(p))
    if given["misset"] or p.misset_random and given["noise"]:
        probes.put("misset_seed", misset_seed(p))
    if draws := setup.deviates.draws:
        put("deviate", [draw.deviates for draw in draws], "mosaic", "draw")
        put("mosaic_angle", [draw.angle for draw in draws], "mosaic")
        put("mosaic_axis", [draw.axis for draw in draws], "mosaic", "xyz")
        probes.put("deviate_integer", [draw.integers for draw in draws], "mosaic", "draw")
        probes.put("deviate_state", [draw.states for draw in draws], "mosaic", "draw")


def _put_table(setup: Setup, probes: Probes) -> None:
    """What fills the table; without reflections there is none."""
    table, first = setup.exact.crystal.table, setup.exact.crystal.first
    probes.put("reflections", setup.reflections)
    if setup.reflections:
        probes.put("table_first", list(first), "abc")
        probes.put("table_last", [start + n - 1 for start, n in zip(first, table.shape)], "abc")
    if setup.listed is not None:
        probes.put("reflection_index", setup.listed[0], "reflection", "abc")
        probes.put("reflection_F", np.asarray(setup.listed[1]), "reflection", first={"reflection": 1})
        probes.put("listed", listed_at(setup.listed, first, tuple(table.shape)), "h", "k", "l")


def listed_at(listed: Listed, first: tuple[int, int, int], shape: tuple[int, ...]) -> np.ndarray:
    """(h, k, l): the number, from 1, of the reflection that an entry of the table comes from; 0: of none. The table is
    filled by the same assignment."""
    found = np.zeros(shape, np.int64)
    found[tuple((listed[0] - first).T)] = np.arange(1, len(listed[0]) + 1)
    return found
