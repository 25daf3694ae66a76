"""Tracing of what surrounds the simulation: how everything was placed before it, and what the image as a whole came to."""
from __future__ import annotations

import torch

from torch_model.build import Setup
from torch_model.conventions import FRAMES
from torch_model.experiment import Experiment
from torch_model.parameters import Parameters
from torch_model.simulate import Image
from torch_model.statistics import Statistics
from torch_model.trace import Probes


def put_setup(p: Parameters, experiment: Experiment, setup: Setup, probes: Probes) -> None:
    """Formed in double precision, handed over in the model's."""
    def put(name: str, value: object, *axes: str) -> None:
        probes.put(name, torch.as_tensor(value, dtype=torch.float64).to(experiment.detector.pix0.dtype), *axes)

    g = setup.placed
    put("beam_direction", g.beam, "xyz")
    put("osc", p.osc)
    put("misset", p.misset or (0.0, 0.0, 0.0), "xyz")
    put("reciprocal_cell", setup.reciprocal * 1e-10, "abc", "xyz")
    put("V_cell", setup.volume * 1e30)
    put("V_star", 1.0 / (setup.volume * 1e30))
    put("twotheta", p.twotheta)
    put("twotheta_axis", p.vectors.get("twotheta") or FRAMES[p.convention].twotheta, "xyz")
    put("distance", g.distance)
    put("ratio", g.ratio)
    for names, values in (("Xbeam Ybeam", g.centre), ("Fbeam Sbeam", g.direct), ("Xclose Yclose", g.near_given), ("Fclose Sclose", g.near),
                          ("ORGX ORGY", [near / p.pixel + 0.5 for near in g.near])):
        for name, value in zip(names.split(), values):
            put(name, value)


def put_image(found: Statistics, image: Image, where: tuple[float, float], probes: Probes) -> None:
    """`where`: fast and slow position of the brightest pixel's last subpixel, m. Host numbers, always in double precision."""
    def put(name: str, value: float) -> None:
        probes.put(name, torch.tensor(value, dtype=image.solid_angle.dtype))

    probes.put("omega_sum", image.solid_angle)
    put("max_I", found.largest)
    put("max_I_fast", where[0])
    put("max_I_slow", where[1])
    put("mean", found.mean)
    put("rms", found.rms)
    put("rmsd", found.rmsd)
