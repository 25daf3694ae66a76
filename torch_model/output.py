"""From an image to everything that the program leaves behind: files and lines."""
from __future__ import annotations

import sys

import torch

from torch_model import images
from torch_model.build import Setup, noise_seed
from torch_model.experiment import Experiment
from torch_model.files import write
from torch_model.parameters import Parameters
from torch_model.report import brightest, image_text, setup_text
from torch_model.image_trace import put_image, put_noise, put_pixels
from torch_model.simulation import Image
from torch_model.statistics import statistics
from torch_model.trace import Probes


def announce(p: Parameters, experiment: Experiment, setup: Setup) -> None:
    sys.stdout.write(setup_text(p, experiment, setup))


def write_images(p: Parameters, experiment: Experiment, setup: Setup, image: Image, probes: Probes) -> None:
    """The float image, the integer image, the PGM and the noise image, in this order, as far as they are asked for."""
    d, threads = experiment.detector, torch.get_num_threads()
    pixels = image.pixels.cpu().numpy()
    write(p.floatfile, "image", pixels)
    mask = None if d.mask is None else d.mask.cpu().numpy()
    fast0, fast1, slow0, slow1 = d.roi
    where = (slice(slow0, max(slow0, slow1)), slice(fast0, max(fast0, fast1)))
    found = statistics(pixels, d.roi, mask, "masked_in_deviation" in p.quirks)
    if probes.active:
        put_image(experiment, found, image, brightest(p, found), probes)
    scale, grey_scale = images.integer_scale(p, found), images.pgm_scale(p, found) if p.pgm else None
    sys.stdout.write(image_text(p, experiment, found, float(image.solid_angle), (scale, grey_scale)))
    header = images.smv_header(p, setup)
    integers = images.integers(pixels, where, scale, p.adc, threads)
    write(p.intfile, "image", header, integers)
    grey = None
    if grey_scale is not None:
        grey = images.grey(pixels, where, grey_scale, threads)
        write(p.pgmfile, "image", images.pgm_header(p, grey_scale), grey)
    if probes.active:
        put_pixels(p, d, pixels, mask, (scale, grey_scale), (integers, grey), probes)
    if p.noise:
        noise = images.noisy(pixels, where, p.adc, setup.deviates, noise_seed(p))
        write(p.noisefile, "image", header, noise.counts)
        if probes.active:
            put_noise(pixels, noise, probes)
        sys.stdout.write(f"{noise.photons:.0f} photons on noise image ({noise.overloads} overloads)\n")
