"""Tracing of what the image as a whole came to, and of what became of each pixel, left out by the loops or not."""
from __future__ import annotations

import numpy as np
import torch

from torch_model.experiment import Detector, Experiment
from torch_model.images import REGIMES, Noise
from torch_model.parameters import Parameters
from torch_model.simulation import Image
from torch_model.statistics import Statistics
from torch_model.trace import Probes


def put_image(experiment: Experiment, found: Statistics, image: Image, where: tuple[float, float], probes: Probes) -> None:
    """`where`: fast and slow position of the brightest pixel's last subpixel, m. Host numbers, always in double precision."""
    def put(name: str, value: float) -> None:
        probes.put(name, torch.tensor(value, dtype=image.solid_angle.dtype))

    probes.put("omega_sum", image.solid_angle)
    put("printed_solid_angle", float(image.solid_angle) / experiment.steps)
    probes.put("population", found.population)
    put("max_I", found.largest)
    put("max_I_fast", where[0])
    put("max_I_slow", where[1])
    put("mean_I", found.mean)
    put("rms", found.rms)
    put("rmsd", found.rmsd)


def put_pixels(p: Parameters, d: Detector, image: np.ndarray, mask: np.ndarray | None, scales: tuple[float, float | None],
               made: tuple[np.ndarray, np.ndarray | None], probes: Probes) -> None:
    """Args: image: (slow, fast), float32. mask: (slow, fast), False where skipped. scales, made: of the integer image and the PGM."""
    fast0, fast1, slow0, slow1 = d.roi
    slow, fast = np.indices(image.shape)
    outside = (fast < fast0) | (fast >= fast1) | (slow < slow0) | (slow >= slow1)
    probes.put("outside_roi", outside, "pixel", frame=True)
    probes.put("masked", np.zeros_like(outside) if mask is None else ~mask, "pixel", frame=True)
    if mask is not None:
        probes.put("mask", mask.astype(np.float64), "pixel", frame=True)
    probes.put("image", image, "pixel", frame=True)
    probes.put("noise_asked", int(p.noise))
    probes.put("preview_asked", int(p.pgm))
    probes.put("scale_asked", np.float64(p.scale))
    probes.put("integer_scale", np.float64(scales[0]))
    probes.put("adc_offset", np.float64(p.adc))
    probes.put("int_image", made[0], "pixel", frame=True)
    if made[1] is not None:
        probes.put("pgm_scale_asked", np.float64(p.pgm_scale))
        probes.put("pgm_scale", np.float64(scales[1]))
        probes.put("pgm_image", made[1], "pixel", frame=True)


def put_noise(image: np.ndarray, noise: Noise, probes: Probes) -> None:
    """Only where a count was drawn is there anything but the stored count."""
    none = noise.regime < 0
    probes.put("noise_mean", image, "pixel", frame=True, unset=none)
    probes.put("noise_regime", noise.regime, "pixel", frame=True, unset=none, labels=REGIMES)
    if (normal := noise.regime == REGIMES.index("normal")).any():
        probes.put("noise_gaussian", noise.gaussian, "pixel", frame=True, unset=~normal)
    probes.put("drawn", noise.drawn, "pixel", frame=True, unset=none)
    probes.put("noise_image", noise.counts, "pixel", frame=True)
    probes.put("overloads", noise.overloads)
    probes.put("photons_drawn", np.float64(noise.photons))
