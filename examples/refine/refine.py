"""Refinement by gradient: from a noisy image, the orientation and the cell of a crystal and the distance of the detector.

    .venv/bin/python examples/refine/refine.py [--picture FILE]

Ten numbers are put 0.2 degrees, or 0.2 %, off the truth. LBFGS brings them back by the slope of the misfit, which torch_model gives
with respect to every tensor of an experiment. The picture needs matplotlib (`pip install -e '.[plot]'`).
"""
from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from torch_model.__main__ import checked, parse
from torch_model.build import build
from torch_model.crystal import direct_cell, reciprocal_from_cell
from torch_model.experiment import Experiment
from torch_model.simulation import simulate
from torch_model.vectors import rotate_xyz

NAMES = ("misset x", "misset y", "misset z", "a", "b", "c", "alpha", "beta", "gamma", "distance")
DEGREE = math.pi / 180
LENGTHS, ANGLES, MISSET, DISTANCE = (31e-10, 37e-10, 43e-10), (83.0, 97.0, 104.0), (12.0, -31.0, 57.0), 0.06
TRUTH = torch.tensor([*(x * DEGREE for x in MISSET), *LENGTHS, *(x * DEGREE for x in ANGLES), DISTANCE], dtype=torch.float64)
# What a step of 1 means: a radian for angles, the whole of a length. Deviations are then of one size, and 1e-4 means the same for all.
UNIT = torch.tensor([1.0] * 3 + list(LENGTHS) + [1.0] * 3 + [DISTANCE], dtype=torch.float64)


def experiment(pixels: int) -> Experiment:
    """A crystal of 3 x 3 x 3 cells, whose spots are broad, on a square detector 48 mm wide."""
    size = 48.0 / pixels
    flags = (f"-default_F 100 -cell 31 37 43 83 97 104 -N 3 -lambda 1 -distance 60 -detpixels {pixels} -pixel {size} -oversample 1 -phi 0 -osc 1 "
             "-phisteps 3 -nointerpolate -flux 1e22 -beamsize 0.01 -polar 0.9")
    return build(checked(parse(flags.split())), torch.float64, "cpu")


def model(base: Experiment) -> Callable[[Tensor], Tensor]:
    """From the ten numbers to the image."""
    beam = -base.beam.directions[0]

    def image(x: Tensor) -> Tensor:
        reciprocal, _, _ = reciprocal_from_cell(x[3:6], x[6:9])
        further = (x[9] - DISTANCE) * beam
        detector = replace(base.detector, pix0=base.detector.pix0 + further, close_distance=base.detector.close_distance + further @ base.detector.axes[2])
        crystal = replace(base.crystal, cell0=direct_cell(rotate_xyz(reciprocal, x[:3])))
        return simulate(replace(base, detector=detector, crystal=crystal)).intensity

    return image


@dataclass(frozen=True)
class Course:
    deviations: Tensor                # (step, parameter), in the units of UNIT
    misfits: list[float]              # of each step; about 1 where only noise is left
    observed: Tensor                  # (slow, fast), photon
    first: Tensor
    last: Tensor


def refine(pixels: int = 128, steps: int = 40, seed: int = 1, off: float = 0.2 * DEGREE) -> Course:
    """Simulate with noise, put every number `off` the truth, one this way, the next that way, and bring them back."""
    generator = torch.Generator().manual_seed(seed)
    image = model(experiment(pixels))
    observed = torch.poisson(image(TRUTH), generator=generator)
    signs = torch.where(torch.rand(len(TRUTH), generator=generator) < 0.5, -1.0, 1.0).to(torch.float64)
    start = off * signs
    shift = start.clone().requires_grad_()                # deviation from the truth: what the course shows; nothing else knows the truth
    optimizer = torch.optim.LBFGS([shift], lr=1, max_iter=4, history_size=20, line_search_fn="strong_wolfe", tolerance_change=0, tolerance_grad=0)
    deviations, misfits = [start], []

    def misfit() -> Tensor:
        """Twice the logarithm of the likelihood that a count is Poisson's, for each pixel; one photon more on both sides keeps it
        tame where a spot is observed and none is computed yet, and leaves its minimum at the truth."""
        expected, counted = image(TRUTH + UNIT * shift) + 1, observed + 1
        return 2 * (expected - counted + counted * (counted / expected).log()).mean()

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = misfit()
        value.backward()
        return value

    for _ in range(steps):
        misfits.append(float(optimizer.step(closure).detach()))
        deviations.append(shift.detach().clone())
        if len(misfits) > 2 and abs(misfits[-2] - misfits[-1]) < 1e-10 * misfits[-1]:
            break
    with torch.no_grad():
        return Course(torch.stack(deviations), misfits, observed, image(TRUTH + UNIT * start), image(TRUTH + UNIT * shift))


def draw(course: Course, path: str) -> None:
    """Observed, first and last image, and the course of the ten deviations and of the misfit."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, ((*pictures,), (way, chi, rest)) = plt.subplots(2, 3, figsize=(11, 7.2), layout="constrained")
    top = float(course.observed.quantile(0.995))
    for axes, (title, shown) in zip(pictures, (("observed, with noise", course.observed), ("at the start", course.first), ("at the end", course.last))):
        axes.imshow(shown.sqrt(), vmin=0, vmax=math.sqrt(top), cmap="viridis", origin="lower", interpolation="nearest")
        axes.set(title=title, xticks=[], yticks=[])
    for name, values in zip(NAMES, course.deviations.abs().T):
        way.semilogy(values, label=name)
    way.axhline(1e-4, color="black", linewidth=0.8, linestyle=":")
    way.set(title="distance from the truth", xlabel="step of LBFGS", ylabel="radian, or part of the length")
    way.legend(fontsize=7, ncols=2)
    chi.semilogy(range(1, len(course.misfits) + 1), course.misfits, color="black")
    chi.set(title="misfit for each pixel", xlabel="step of LBFGS")
    rest.imshow((course.last.sqrt() - course.observed.sqrt()) * 2, vmin=-4, vmax=4, cmap="RdBu", origin="lower")
    rest.set(title="what is left, in standard deviations", xticks=[], yticks=[])
    figure.savefig(path, dpi=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixels", type=int, default=128, help="along each edge of the detector")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--picture", metavar="FILE", help="draw the course (needs matplotlib)")
    given = parser.parse_args()
    course = refine(given.pixels, given.steps, given.seed)
    print(f"{'':<10}{'at the start':>14}{'at the end':>14}   radian, or part of the length")
    for name, first, last in zip(NAMES, course.deviations[0].tolist(), course.deviations[-1].tolist()):
        print(f"{name:<10}{first:>14.2e}{last:>14.2e}")
    print(f"misfit {course.misfits[0]:.4g}, after {len(course.misfits)} steps {course.misfits[-1]:.4g}; "
          f"the worst is {float(course.deviations[-1].abs().max()):.1e} from the truth")
    if given.picture:
        draw(course, given.picture)


if __name__ == "__main__":
    main()
