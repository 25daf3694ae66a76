"""From an experiment to an image: tiles of pixels, and in each the samples in the order that the spec gives.

A tile is some rows of the region of interest, flattened to one `pixel` axis, which is last everywhere. Layers, subpixels
and sources are loops; spindle steps and mosaic domains are axes of one batch, whose rotated cells do not depend on the
pixel and are formed once. `probes.put` receives the very tensors that the image is made from.
"""
from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from torch_model import beam, crystal, detector, lattice, polarization, scaling, structure
from torch_model.experiment import Experiment
from torch_model.trace import SILENT, Probes

CACHE_BYTES = 5 << 20                 # of one batch tensor on a CPU: those in use at a time should fit a core's cache
Result = TypeVar("Result")
SUBPIXEL_LOOPS = ("layer", "subpixel")
SOURCE_LOOPS = (*SUBPIXEL_LOOPS, "source")
LIVE_TENSORS = 10                     # batch tensors alive at once, measured generously; sizes tiles by memory


@dataclass(frozen=True, slots=True)
class Image:
    """The whole detector, zero outside the region of interest; (slow, fast), photon."""

    intensity: Tensor                 # in the model's dtype
    pixels: Tensor                    # as stored, float32


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that does not depend on the pixel."""

    incident: Tensor                  # (source, xyz)
    cell: Tensor                      # (phi, mosaic, abc, xyz), m
    table: structure.Guarded
    subpixel_size: Tensor             # (), m
    r_e_sqr: Tensor                   # (), m^2
    zero: Tensor                      # (), in the model's dtype
    one: Tensor


def simulate(experiment: Experiment, probes: Probes = SILENT, memory: int = 1024) -> Image:
    """The image of `experiment`.

    Args: experiment: see there. probes: what records the values in use. memory: MiB that tiles may take.
    Returns: Image. Errors: none; NaN in gives NaN out.
    Gradient: with respect to every tensor of the experiment that requires one; without any, no graph is kept.
    Source: clauses sampling.1, sampling.2, scaling.1 to scaling.12.
    """
    differentiable = torch.is_grad_enabled() and any(t.requires_grad for t in experiment.tensors())
    with torch.inference_mode(not differentiable):
        prepared = prepare(experiment, probes)
        fast0, fast1, slow0, slow1 = experiment.detector.roi
        rows = max(1, rows_in_tile(experiment, memory))
        tiles = [range(row, min(row + rows, slow1)) for row in range(slow0, slow1, rows) if fast1 > fast0]

    def one(some: range) -> tuple[Tensor, Tensor]:
        with torch.inference_mode(not differentiable):      # a setting of each thread
            return tile(experiment, prepared, probes, some, range(fast0, fast1))

    workers = torch.get_num_threads() if experiment.detector.pix0.device.type == "cpu" else 1
    if differentiable:
        return _assemble(experiment, _each(one, tiles, workers))
    image = _blank(experiment)                              # not in inference mode: the image is the caller's, to change at will

    def place(some: range) -> None:
        for whole, part in zip((image.intensity, image.pixels), one(some)):
            whole[some.start:some.stop, fast0:fast1] = part

    _each(place, tiles, workers)
    return image


def _blank(experiment: Experiment) -> Image:
    """The detector before any pixel is known: zero everywhere."""
    empty = experiment.detector.pix0.new_zeros((experiment.detector.slow_pixels, experiment.detector.fast_pixels))
    return Image(empty, scaling.stored(empty) if empty.dtype != torch.float32 else empty.clone())


def _each(work: Callable[[range], Result], tiles: list[range], workers: int) -> list[Result]:
    """`work` on every tile, in order. On a CPU a thread takes a whole tile and computes it alone: threads that share each
    operation wait for one another after every one, which is slow wherever another program has a core."""
    if workers == 1:
        return [work(some) for some in tiles]
    try:
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return list(pool.map(work, tiles))
    finally:
        torch.set_num_threads(workers)


def rows_in_tile(experiment: Experiment, memory: int) -> int:
    """Rows of a tile such that its tensors stay within `memory` MiB, and on a CPU within the cache."""
    fast0, fast1, _, _ = experiment.detector.roi
    element = experiment.detector.pix0.element_size()
    row = 3 * element * experiment.sampling.phisteps * experiment.sampling.mosaic_domains * max(1, fast1 - fast0)
    budget = (memory << 20) // (2 * LIVE_TENSORS)           # the other half is the image and the program itself
    return (min(budget, CACHE_BYTES) if experiment.detector.pix0.device.type == "cpu" else budget) // row


def prepare(experiment: Experiment, probes: Probes) -> Prepared:
    """What is the same for every pixel, recorded once."""
    s, c = experiment.sampling, experiment.crystal
    zero = torch.zeros_like(experiment.detector.pixel_size)
    incident = beam.incident_direction(experiment.beam.directions)
    phi = crystal.phi_angles(s.phi0, s.phistep, s.phisteps)
    cell_phi = crystal.spindle_rotation(c.cell0, s.spindle_axis, phi)
    cell = cell_phi[:, None]
    size = experiment.detector.pixel_size / s.oversample
    probes.put("incident", incident, "source", "xyz")
    probes.put("wavelength", experiment.beam.wavelengths, "source")
    probes.put("phi_angle", phi, "phi")
    probes.put("cell_phi", cell_phi, "phi", "abc", "xyz")
    probes.put("cell", cell, "phi", "mosaic", "abc", "xyz")
    probes.put("subpixel_size", size)
    r_e_sqr = zero + scaling.R_E_SQR
    probes.put("r_e_sqr", r_e_sqr)
    return Prepared(incident, cell, structure.guarded(c.table, c.first, c.default_F), size, r_e_sqr, zero, zero + 1)


def tile(experiment: Experiment, ready: Prepared, probes: Probes, rows: range, columns: range) -> tuple[Tensor, Tensor]:
    """Intensity and stored pixels of a rectangle of the detector, (slow, fast) each."""
    d, s = experiment.detector, experiment.sampling
    slow = torch.arange(rows.start, rows.stop, device=d.pix0.device).repeat_interleave(len(columns))
    fast = torch.arange(columns.start, columns.stop, device=d.pix0.device).repeat(len(rows))
    probes.at(rows=rows, columns=columns)
    probes.put("slow", slow, "pixel")
    probes.put("fast", fast, "pixel")
    total = ready.zero.expand(len(slow))
    probes.put("I_start", ready.zero)
    for layer in range(d.layers):
        depth = d.layer_thickness * layer
        probes.at(layer=layer)
        probes.put("layer_depth", depth, "layer")
        for sub_slow in range(s.oversample):
            for sub_fast in range(s.oversample):
                probes.at(subpixel=sub_slow * s.oversample + sub_fast)
                slow_m = detector.subpixel_centre(slow, sub_slow, s.oversample, ready.subpixel_size)
                fast_m = detector.subpixel_centre(fast, sub_fast, s.oversample, ready.subpixel_size)
                probes.put("slow_position", slow_m, *SUBPIXEL_LOOPS, "pixel")
                probes.put("fast_position", fast_m, *SUBPIXEL_LOOPS, "pixel")
                total, once = subpixel(experiment, ready, probes, total, (fast_m, slow_m, depth))
    intensity = _final(experiment, ready, probes, total, once)
    pixels = scaling.stored(intensity)
    probes.put("image", pixels, "pixel")
    return intensity.view(len(rows), len(columns)), pixels.view(len(rows), len(columns))


def subpixel(experiment: Experiment, ready: Prepared, probes: Probes, total: Tensor,
             point: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """Add the samples of one subpixel in one layer; also its capture, polarization and solid angle, last source."""
    d, s = experiment.detector, experiment.sampling
    position = detector.pixel_position(*point, d.axes, d.pix0)
    distance = detector.airpath(position)
    diffracted = detector.diffracted_direction(position, distance)
    omega = detector.solid_angle(distance, d.pixel_size, d.close_distance, d.point_pixel)
    capture = ready.one
    probes.put("pixel_position", position, *SUBPIXEL_LOOPS, "xyz", "pixel")
    probes.put("airpath", distance, *SUBPIXEL_LOOPS, "pixel")
    probes.put("diffracted", diffracted, *SUBPIXEL_LOOPS, "xyz", "pixel")
    probes.put("omega", omega, *SUBPIXEL_LOOPS, "pixel")
    probes.put("capture", capture)
    polar = ready.one
    for source, (incident, wavelength) in enumerate(zip(ready.incident, experiment.beam.wavelengths)):
        probes.at(source=source)
        q = beam.scattering_vector(diffracted, incident, wavelength)
        probes.put("q", q, *SOURCE_LOOPS, "xyz", "pixel")
        if probes.active:                           # the half length only matters to a resolution cut; nothing else uses it
            probes.put("stol", beam.half_length(q), *SOURCE_LOOPS, "pixel")
        polar = _polarization(experiment, ready, probes, incident, diffracted)
        terms = _terms(experiment, ready, probes, q)
        running = ((s.oversample_thick, capture), (s.oversample_polar, polar), (s.oversample_omega, omega))
        total = scaling.accumulate(total, terms, tuple(factor for used, factor in running if used))
    return total, (capture, polar, omega)


def _polarization(experiment: Experiment, ready: Prepared, probes: Probes, incident: Tensor, diffracted: Tensor) -> Tensor:
    """The factor in use for one source: 1 when switched off, whatever else is asked for. Clause polarization.5."""
    b = experiment.beam
    if b.nopolar:
        probes.put("polarization", ready.one)
        return ready.one
    cosine = polarization.cos_two_theta(incident, diffracted)
    psi = polarization.azimuth(incident, diffracted, b.polarization_axis) if b.polarized else ready.zero
    factor = polarization.kahn_factor(cosine, psi, b.kahn)
    probes.put("cos_2theta", cosine, *SOURCE_LOOPS, "pixel")
    probes.put("psi", psi, *((*SOURCE_LOOPS, "pixel") if b.polarized else ()))
    probes.put("polarization", factor, *SOURCE_LOOPS, "pixel")
    return factor


def _terms(experiment: Experiment, ready: Prepared, probes: Probes, q: Tensor) -> Tensor:
    """(phi, mosaic, pixel), electron^2: what each spindle step and mosaic domain adds."""
    hkl = crystal.fractional_indices(ready.cell, q)
    hkl0 = structure.nearest_indices(hkl)
    f_cell = structure.amplitude(ready.table, hkl0)
    factors = lattice.axis_factors(hkl, experiment.crystal.cells)
    f_latt = lattice.lattice_factor(factors)
    terms = scaling.term(f_cell, f_latt)
    probes.put("hkl", hkl, *SOURCE_LOOPS, "phi", "mosaic", "abc", "pixel")
    probes.put("hkl0", hkl0, *SOURCE_LOOPS, "phi", "mosaic", "abc", "pixel")
    probes.put("F_cell", f_cell, *SOURCE_LOOPS, "phi", "mosaic", "pixel")
    probes.put("F_latt_axis", factors, *SOURCE_LOOPS, "phi", "mosaic", "abc", "pixel")
    probes.put("F_latt", f_latt, *SOURCE_LOOPS, "phi", "mosaic", "pixel")
    probes.put("term", terms, *SOURCE_LOOPS, "phi", "mosaic", "pixel")
    return terms


def _final(experiment: Experiment, ready: Prepared, probes: Probes, total: Tensor, last: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Photons of each pixel; factors that did not multiply the sum are applied once, those of the last sample."""
    s = experiment.sampling
    photons = scaling.scaled(total, ready.r_e_sqr, experiment.beam.fluence, experiment.steps)
    running = (s.oversample_thick, s.oversample_polar, s.oversample_omega)
    intensity = scaling.intensity(photons, tuple(factor for used, factor in zip(running, last) if not used))
    probes.put("I", total, "pixel")
    probes.put("scaled", photons, "pixel")
    for name, factor in zip(("capture_final", "polar_final", "omega_final"), last):
        probes.put(name, factor, *(("pixel",) if factor.dim() else ()))
    probes.put("intensity", intensity, "pixel")
    return intensity


def _assemble(experiment: Experiment, parts: list[tuple[Tensor, Tensor]]) -> Image:
    """Tiles one below the other, surrounded by zeros up to the whole detector."""
    d = experiment.detector
    fast0, fast1, slow0, slow1 = d.roi
    if not parts:
        return _blank(experiment)
    border = (fast0, d.fast_pixels - fast1, slow0, d.slow_pixels - slow1)
    intensity, pixels = (torch.nn.functional.pad(torch.cat(one), border) if any(border) else torch.cat(one) for one in zip(*parts))
    return Image(intensity, pixels)
