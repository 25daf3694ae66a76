"""Where the light comes from: a file of sources, or the grid of divergence and dispersion. Set-up only, double precision."""
from __future__ import annotations

import re

import torch
from torch import Tensor

from torch_model.cli import number
from torch_model.errors import Refusal
from torch_model.parameters import Parameters
from torch_model.steps import grid
from torch_model.vectors import cross, rotate_about, unit

DISTANCE = 10.0                       # m, of every generated source; only the direction matters
DELIMITERS = re.compile(r"[ \t,;:!]+")


def sources(p: Parameters, beam: Tensor, polarization: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Directions (source, xyz), unit vectors from the sample; wavelengths (source), m; weights (source), which nothing uses."""
    rows = _listed(p, beam) if p.source_file is not None else _generated(p, beam, polarization)
    if not len(rows):
        raise Refusal(f"there is no source left; check {p.source_file or 'the divergence flags'}")
    return unit(rows[:, :3]), rows[:, 4], rows[:, 3]


def _listed(p: Parameters, beam: Tensor) -> Tensor:
    """Columns x y z weight wavelength; absent ones have their defaults. Clauses beam.1, beam.2."""
    try:
        with open(p.source_file, encoding="latin-1", newline="") as file:
            text = file.read()
    except OSError as error:
        raise Refusal(f"cannot read the source file {p.source_file}: {error.strerror}; check the name and the folder") from None
    default, rows = [*(-DISTANCE * beam).tolist(), 1.0, p.wavelength], []
    for i, line in enumerate(text.splitlines(keepends=True), 1):
        as_program = "source_line_ends" in p.quirks
        words = [word for word in DELIMITERS.split((line if as_program else line.partition("#")[0]).strip("\n")) if word.strip()]
        if words:
            cut = as_program and (not line.endswith("\n") or "\r" in line)
            values = [number(word) if as_program else _checked(word, p.source_file, i) for word in words[:5]]
            rows.append(values + ([0.0] * 5 if cut else default)[len(values):])
    return torch.tensor(rows, dtype=torch.float64).reshape(-1, 5)


def _checked(word: str, path: str, line: int) -> float:
    try:
        return float(word)
    except ValueError:
        raise Refusal(f"the source file {path}, line {line}: expected a number, found {word!r}; a comment begins with #") from None


def _generated(p: Parameters, beam: Tensor, polarization: Tensor) -> Tensor:
    """Horizontal outside, vertical next, wavelength inside. Clauses beam.6 to beam.10."""
    (nh, nv), (rh, rv), (sh, sv) = p.divergence_counts, p.divergence_ranges, p.divergence_steps
    count, extent, step = grid(p.dispsteps, p.dispersion, -1.0)
    vertical = unit(cross(beam, polarization))
    rows = []
    for i in range(nh):
        for j in range(nv):
            h, v = sh * i - rh / 2.0, sv * j - rv / 2.0
            if p.round_divergence and rh > 0 and rv > 0:
                radius = (h * h - sh * sh / 4.0 * (1 - nh % 2)) / rh / rh + (v * v - sv * sv / 4.0 * (1 - nv % 2)) / rv / rv
                if radius * 4.0 > 1.1:
                    continue
            angles = torch.tensor([h, v], dtype=torch.float64)
            place = rotate_about(rotate_about(-DISTANCE * beam, polarization, angles[1]), vertical, angles[0]) if h or v else -DISTANCE * beam
            rows += [[*place.tolist(), 1.0, p.wavelength * (1.0 + step * d - extent / 2.0)] for d in range(count)]
    return torch.tensor(rows, dtype=torch.float64).reshape(-1, 5)
