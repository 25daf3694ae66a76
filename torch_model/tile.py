"""Some rows of the detector: the samples of each pixel, in the order that the spec gives, and what they add up to.

The rows are flattened to one `pixel` axis, which is last everywhere. Layers, subpixels and sources are loops; spindle steps
and mosaic domains are axes of one batch. `probes.put` receives the very tensors that the image is made from.
"""
from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from torch_model import beam, detector, polarization, scaling
from torch_model.experiment import Experiment
from torch_model.prepare import Prepared
from torch_model.samples import Place, samples
from torch_model.trace import Probes

SUBPIXEL = ("layer", "subpixel")
SOURCE = (*SUBPIXEL, "source")


@dataclass(slots=True)
class Factors:
    """Capture, polarization and solid angle in use: each (pixel) or (); None before the first."""

    capture: Tensor | None
    polar: Tensor
    omega: Tensor | None = None


def tile(experiment: Experiment, ready: Prepared, probes: Probes, rows: range, columns: range) -> tuple[Tensor, Tensor, Place]:
    """Intensity and stored pixels of a rectangle of the detector, (slow, fast) each, and what else is known of it."""
    d, s = experiment.detector, experiment.sampling
    place = Place.of(ready, rows, columns, d.fast_pixels)
    slow, fast = ready.slow[rows.start:rows.stop, None], ready.fast[None, columns.start:columns.stop]
    mask = None if d.mask is None else d.mask[rows.start:rows.stop, columns.start:columns.stop].reshape(-1)
    probes.at(rows=rows, columns=columns, mask=mask)
    if probes.active:
        probes.put("slow", place.spread(slow), "pixel")
        probes.put("fast", place.spread(fast), "pixel")
    probes.put("I_start", ready.background)
    total = ready.background.expand(place.pixels)
    factors = Factors(None, ready.one if experiment.beam.nopolar and not _polar_all_the_same(s) else ready.zero)
    for layer in range(d.layers):
        depth = d.layer_thickness * layer
        probes.at(layer=layer)
        probes.put("layer_depth", depth, "layer")
        factors.capture = None
        for sub in range(s.oversample**2):
            probes.at(subpixel=sub)
            slow_m = detector.subpixel_centre(slow, sub // s.oversample, s.oversample, ready.subpixel_size)
            fast_m = detector.subpixel_centre(fast, sub % s.oversample, s.oversample, ready.subpixel_size)
            if probes.active:
                probes.put("slow_position", place.spread(slow_m), *SUBPIXEL, "pixel")
                probes.put("fast_position", place.spread(fast_m), *SUBPIXEL, "pixel")
            position = detector.pixel_position(fast_m, slow_m, depth, d.axes, d.pix0).flatten(1)
            place.sample = (layer * s.oversample**2 + sub) * len(experiment.beam.wavelengths)
            total = _subpixel(experiment, ready, probes, place, total, factors, position, layer)
            omega = factors.omega.detach()
            place.solid_angle = place.solid_angle + (omega if mask is None else omega.where(mask, 0.0)).sum()
    intensity = _final(experiment, ready, probes, total, factors)
    if mask is not None:
        intensity = intensity.where(mask, 0.0)
    pixels = scaling.stored(intensity)
    probes.put("intensity", intensity, "pixel")
    probes.put("image", pixels, "pixel")
    return intensity.view(len(rows), len(columns)), pixels.view(len(rows), len(columns)), place


def _subpixel(experiment: Experiment, ready: Prepared, probes: Probes, place: Place, total: Tensor, factors: Factors,
              position: Tensor, layer: int) -> Tensor:
    """The accumulator after the samples of one subpixel in one layer; updates the factors in use."""
    d, s = experiment.detector, experiment.sampling
    if d.curved:
        position = detector.curved_position(position, d.axes, d.beam, d.distance, "curved_by_lab_axes" in s.quirks)
    distance = detector.airpath(position)
    diffracted = detector.diffracted_direction(position, distance)
    first_kept = "first_for_last" in s.quirks
    if factors.omega is None or s.oversample_omega or not first_kept:
        factors.omega = detector.solid_angle(distance, d.pixel_size, d.close_distance, d.point_pixel)
    probes.put("pixel_position", position, *SUBPIXEL, "xyz", "pixel")
    probes.put("airpath", distance, *SUBPIXEL, "pixel")
    probes.put("diffracted", diffracted, *SUBPIXEL, "xyz", "pixel")
    probes.put("omega", factors.omega, *SUBPIXEL, "pixel")
    _capture(experiment, ready, probes, factors, diffracted, layer)
    for source, (incident, wavelength) in enumerate(zip(ready.incident, experiment.beam.wavelengths)):
        probes.at(source=source)
        q = beam.scattering_vector(diffracted, incident, wavelength)
        probes.put("q", q, *SOURCE, "xyz", "pixel")
        cut = None
        if probes.active or s.dmin is not None:     # the half length only matters to a resolution cut; nothing else uses it
            stol = beam.half_length(q)
            probes.put("stol", stol, *SOURCE, "pixel")
        if s.dmin is not None:
            cut = beam.left_out(stol, s.dmin)
            probes.put("left_out", cut, *SOURCE, "pixel")
        _polarization(experiment, ready, probes, factors, (incident, diffracted), cut)
        running = ((s.oversample_thick, factors.capture), (s.oversample_polar, factors.polar), (s.oversample_omega, factors.omega))
        total = _accumulated(experiment, ready, probes, place, total, q, cut, tuple(factor for used, factor in running if used))
        place.sample += 1
        if s.oversample_polar:
            probes.put("running_polar", factors.polar, *((*SOURCE, "pixel") if factors.polar.dim() else ()), unset=cut if factors.polar.dim() else None)
    if s.oversample_thick:
        probes.put("running_capture", factors.capture, *((*SUBPIXEL, "pixel") if factors.capture.dim() else ()))
    if s.oversample_omega:
        probes.put("running_omega", factors.omega, *SUBPIXEL, "pixel")
    return total


def _accumulated(experiment: Experiment, ready: Prepared, probes: Probes, place: Place, total: Tensor, q: Tensor, cut: Tensor | None,
                 running: tuple[Tensor, ...]) -> Tensor:
    """The accumulator after the samples of one source: all pixels at once, or, where nothing looks on, some at a time."""
    kernels = ready.kernels if place.lone is None else None
    if ready.batch is None or place.lone is not None:
        terms, skipped = kernels.samples(experiment, ready, probes, q, cut) if kernels else samples(experiment, ready, probes, place, q, cut)
        return scaling.accumulate(total, terms, running, skipped)
    if kernels:
        return kernels.added(experiment, ready, total, q, cut)
    parts = []
    for start in range(0, place.pixels, ready.batch):
        some = slice(start, start + ready.batch)
        terms, skipped = samples(experiment, ready, probes, place, q[:, some], None if cut is None else cut[some])
        parts.append(scaling.accumulate(total[some], terms, (), skipped))
    return torch.cat(parts)


def _capture(experiment: Experiment, ready: Prepared, probes: Probes, factors: Factors, diffracted: Tensor, layer: int) -> None:
    """The share that the layer stops; the quirk first_for_last keeps that of the layer's first subpixel, unless it is 0."""
    d, s = experiment.detector, experiment.sampling
    if not d.absorbing:
        factors.capture = ready.one
        probes.put("capture", ready.one)
        return
    cosine = detector.parallax(diffracted, d.axes[2])
    fraction = detector.capture_fraction(layer, d.layer_thickness, d.attenuation, cosine)
    if factors.capture is None or s.oversample_thick or "first_for_last" not in s.quirks:
        factors.capture = fraction
    else:
        factors.capture = torch.where(factors.capture == 0, fraction, factors.capture)
    probes.put("parallax", cosine, *SUBPIXEL, "pixel")
    probes.put("capture", factors.capture, *SUBPIXEL, "pixel")


def _polar_all_the_same(sampling) -> bool:
    return sampling.oversample_polar and "polar_despite_off" in sampling.quirks


def _polarization(experiment: Experiment, ready: Prepared, probes: Probes, factors: Factors, rays: tuple[Tensor, Tensor],
                  cut: Tensor | None) -> None:
    """The factor in use for one source: 1 when switched off; that of the source before where this one is left out.

    The quirk first_for_last keeps the pixel's first, unless it is 0. Clauses polarization.4, polarization.5, scaling.10.
    """
    b, s = experiment.beam, experiment.sampling
    if b.nopolar and not _polar_all_the_same(s):
        probes.put("polarization", ready.one)
        return
    incident, diffracted = rays
    cosine = polarization.cos_two_theta(incident, diffracted)
    psi = ready.zero
    if b.polarized:
        frame = polarization.frame(incident, b.polarization_axis)
        psi = polarization.azimuth(diffracted, *frame)
        for name, vector in zip(("frame_b", "frame_e"), frame):
            probes.put(name, vector, "source", "xyz")
    factor = polarization.kahn_factor(cosine, psi, b.kahn)
    if "first_for_last" in s.quirks and not s.oversample_polar:
        factor = torch.where(factors.polar == 0, factor, factors.polar)
    factors.polar = factor if cut is None else torch.where(cut, factors.polar, factor)
    probes.put("cos_2theta", cosine, *SOURCE, "pixel", unset=cut)
    probes.put("psi", psi, *((*SOURCE, "pixel") if b.polarized else ()), unset=cut if b.polarized else None)
    probes.put("polarization", factors.polar, *SOURCE, "pixel", unset=cut)


def _final(experiment: Experiment, ready: Prepared, probes: Probes, total: Tensor, factors: Factors) -> Tensor:
    """Photons of each pixel; factors that did not multiply the sum are applied once, those of the last sample."""
    s = experiment.sampling
    photons = scaling.scaled(total, ready.r_e_sqr, experiment.beam.fluence, experiment.steps)
    last = (("capture_final", s.oversample_thick, factors.capture), ("polar_final", s.oversample_polar, factors.polar),
            ("omega_final", s.oversample_omega, factors.omega))
    intensity = scaling.intensity(photons, tuple(factor for _, running, factor in last if not running))
    probes.put("I", total, "pixel")
    probes.put("scaled", photons, "pixel")
    for name, running, factor in last:
        if not running:
            probes.put(name, factor, *(("pixel",) if factor.dim() else ()))
    return intensity
