"""What the program says on standard output while it works: the set-up before the simulation, figures of the image after it."""
from __future__ import annotations

import numpy as np

from torch_model.build import Setup
from torch_model.experiment import Experiment
from torch_model.geometry import pivot
from torch_model.images import general
from torch_model.parameters import Parameters
from torch_model.statistics import Statistics
from torch_model.steps import DEGREES

SHAPES = {"square": "parallelpiped", "round": "ellipsoid", "gauss": "gaussian", "tophat": "tophat"}


def _numbers(values, digits: str = "g") -> str:
    return " ".join(format(float(v), digits) for v in values)


def _angles(vectors: np.ndarray) -> list[float]:
    """Lengths and angles, degrees, of three vectors."""
    lengths = np.sqrt((vectors * vectors).sum(1))
    units = vectors / lengths[:, None]
    cosines = [units[1] @ units[2], units[2] @ units[0], units[0] @ units[1]]
    return [*lengths, *np.degrees(np.arccos(np.clip(cosines, -1, 1)))]


def setup_text(p: Parameters, experiment: Experiment, setup: Setup) -> str:
    """One line for each thing that was decided."""
    g, c, s = setup.placed, experiment.crystal, experiment.sampling
    reciprocal = setup.reciprocal.numpy() * 1e-10
    direct = setup.cell.cell0.numpy() * 1e10
    edges = _angles(direct)[:3]
    lines = [f"selected {p.convention} convention",
             f"pivoting detector around {'sample' if pivot(p) == 'sample' else 'direct beam spot'}",
             f"XDS incident beam: {_numbers(g.axes @ g.beam)}",
             ("" if p.interpolate is not None else "auto-selected ") + ("tricubic interpolation" if c.interpolate else "no interpolation"),
             f"Unit Cell: {_numbers(_angles(direct))}", f"Recp Cell: {_numbers(_angles(reciprocal))}",
             f"volume = {general(setup.volume * 1e30)} A^3"]
    lines += [f"{name}: {_numbers(v, '.8f')}" for name, v in zip(("a", "b", "c"), direct)]
    lines += [f"{name}: {_numbers(v, '.8f')}" for name, v in zip(("a_star", "b_star", "c_star"), reciprocal)]
    lines += [f"crystal is {' x '.join(general(n * edge * 1e-4) for n, edge in zip(p.cells, edges))} microns",
              f"using {s.oversample}-fold oversampling" if s.oversample >= setup.recommended
              else f"WARNING: maximum dimension of sample is {general(max(n * edge for n, edge in zip(p.cells, edges)))} A, "
                   f"oversample should be {setup.recommended}"]
    if p.misset_random:
        lines.append(f"random orientation misset angles: {' '.join(format(a * DEGREES, 'f') for a in p.misset)} deg")
    lines += [f"{setup.reflections} initial hkls", f"layer depths (um): {_numbers(1e6 * float(experiment.detector.layer_thickness) * t for t in range(experiment.detector.layers))}",
              f"phi (deg): {_numbers(DEGREES * (p.phi + p.phistep * j) for j in range(p.phisteps))}",
              f"created a total of {len(experiment.beam.wavelengths)} sources:"]
    lines += [f"{_numbers(d)} {general(w)} {format(float(wave), '.15g')}" for d, w, wave in
              zip(experiment.beam.directions.tolist(), setup.sources.table[:, 3].tolist(), experiment.beam.wavelengths.tolist())]
    lines += [f"  created a total of {s.mosaic_domains} mosaic domains", *_summary(p, experiment, setup)]
    return "\n".join(lines) + "\n"


def _summary(p: Parameters, experiment: Experiment, setup: Setup) -> list[str]:
    g, b = setup.placed, experiment.beam
    origin = (1000 * float(g.pix0[2]), 1000 * float(g.pix0[1]), -1000 * float(g.pix0[0]))
    return [f"  {SHAPES[p.shape]} xtal: {p.cells[0]}x{p.cells[1]}x{p.cells[2]} cells",
            f"  wave={general(p.wavelength)} meters +/- {general(p.dispersion * 100)}%",
            f"  fluence={general(float(b.fluence))} photons/m^2",
            "  polarization off" if b.nopolar else f"  Kahn polarization factor: {p.kahn:f}",
            f"  distance={general(g.distance)} detsize={general(p.fast_size)}x{general(p.slow_size)}  pixel={general(p.pixel)} meters "
            f"({p.fast_pixels}x{p.slow_pixels} pixels)",
            f"  sensor: {general(p.thickness)} m, {experiment.detector.layers} layers, mu={general(p.attenuation)} 1/m",
            f"  Xbeam={general(g.centre[0])} Ybeam={general(g.centre[1])}",
            f"  Fbeam={general(g.direct[0])} Sbeam={general(g.direct[1])}",
            f"  Fclose={general(g.near[0])} Sclose={general(g.near[1])}",
            *(f"  {name}: {_numbers(v)}" for name, v in (("detector x axis", g.axes[0]), ("detector y axis", g.axes[1]),
              ("detector z axis", g.axes[2]), ("beam direction", g.beam), ("spindle axis", g.spindle))),
            f"  DIALS origin: {_numbers(origin)} mm",
            f"  roi: {' '.join(map(str, p.roi))}",
            f"  hdivrange={general(p.divergence_ranges[0])} vdivrange={general(p.divergence_ranges[1])} radians",
            f"  mosaic spread={general(p.mosaic_spread * DEGREES)} degrees",
            f"  {p.phisteps} phi steps from {general(p.phi * DEGREES)} to {general((p.phi + p.osc) * DEGREES)} degrees",
            f"  {p.oversample}x{p.oversample} pixel oversample steps"]


def brightest(p: Parameters, found: Statistics) -> tuple[float, float]:
    """Fast and slow position, m, of the last subpixel of the brightest pixel. Clause output.13."""
    sub = p.pixel / p.oversample
    slow, fast = (sub * (i * p.oversample + p.oversample - 1) + sub / 2.0 for i in found.at)
    return fast, slow


def image_text(p: Parameters, experiment: Experiment, found: Statistics, solid_angle: float, scales: tuple[float, float | None]) -> str:
    """Figures of the image; positions in m. Clauses detector.13, output.13 to output.18."""
    fast, slow = brightest(p, found)
    lines = [f"solid angle subtended by detector = {general(solid_angle / experiment.steps)} steradian "
             f"( {general(100.0 * solid_angle / experiment.steps / 4 / np.pi)}% sphere)",
             f"max_I = {general(found.largest)}  at {general(fast)} {general(slow)}",
             f"mean= {general(found.mean)} rms= {general(found.rms)} rmsd= {general(found.rmsd)}",
             f"intfile_scale = {general(scales[0])}"]
    return "\n".join(lines + ([] if scales[1] is None else [f"pgm_scale = {general(scales[1])}"])) + "\n"
