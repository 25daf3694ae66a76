"""Where the light comes from: a file of sources, or the grid of divergence and dispersion. Set-up only, double precision."""
from __future__ import annotations

import re
from dataclasses import dataclass, field

import torch
from torch import Tensor

from torch_model.cli import number
from torch_model.errors import Refusal
from torch_model.parameters import Parameters
from torch_model.vectors import cross, rotate_about, unit

DISTANCE = 10.0                       # m, of every generated source; only the direction matters
DELIMITERS = re.compile(r"[ \t,;:!]+")


@dataclass(slots=True)
class Sources:
    """The sources in order, (source) each, and where they come from: lines of a file, or points of the grid of divergence."""

    rows: list[list[float]] = field(default_factory=list)         # x y z weight wavelength
    columns: list[int] = field(default_factory=list)              # of the line of a file
    places: list[tuple[int, int, int]] = field(default_factory=list)      # in the grid, and among the wavelengths
    angles: list[tuple[float, float]] = field(default_factory=list)       # horizontal and vertical divergence, rad
    kept: list[list[bool]] = field(default_factory=list)          # (hpoint, vpoint): not trimmed

    @property
    def table(self) -> Tensor:
        """(source, column)"""
        return torch.tensor(self.rows, dtype=torch.float64).reshape(-1, 5)

    @property
    def directions(self) -> Tensor:
        """(source, xyz), unit vectors from the sample. Clause beam.3."""
        return unit(self.table[:, :3])


def sources(p: Parameters, beam: Tensor, polarization: Tensor) -> Sources:
    """Where the light comes from; the weights are read and nothing uses them. Raises Refusal."""
    found = _listed(p, beam) if p.source_file is not None else _generated(p, beam, polarization)
    if not found.rows:
        raise Refusal(f"there is no source left; check {p.source_file or 'the divergence flags'}")
    return found


def _listed(p: Parameters, beam: Tensor) -> Sources:
    """Columns x y z weight wavelength; absent ones have their defaults. Clauses beam.1, beam.2."""
    try:
        with open(p.source_file, encoding="latin-1", newline="") as file:
            text = file.read()
    except OSError as error:
        raise Refusal(f"cannot read the source file {p.source_file}: {error.strerror}; check the name and the folder") from None
    default, found = [*(-DISTANCE * beam).tolist(), 1.0, p.wavelength], Sources()
    for i, line in enumerate(text.splitlines(keepends=True), 1):
        as_program = "source_line_ends" in p.quirks
        words = [word for word in DELIMITERS.split((line if as_program else line.partition("#")[0]).strip("\n")) if word.strip()]
        if words:
            cut = as_program and (not line.endswith("\n") or "\r" in line)
            values = [number(word) if as_program else _checked(word, p.source_file, i) for word in words[:5]]
            found.rows.append(values + ([0.0] * 5 if cut else default)[len(values):])
            found.columns.append(len(values))
    return found


def _checked(word: str, path: str, line: int) -> float:
    try:
        return float(word)
    except ValueError:
        raise Refusal(f"the source file {path}, line {line}: expected a number, found {word!r}; a comment begins with #") from None


def _generated(p: Parameters, beam: Tensor, polarization: Tensor) -> Sources:
    """Horizontal outside, vertical next, wavelength inside. Clauses beam.6 to beam.10."""
    (nh, nv), (rh, rv), (sh, sv) = p.divergence_counts, p.divergence_ranges, p.divergence_steps
    vertical, found = unit(cross(beam, polarization)), Sources(kept=[[True] * nv for _ in range(nh)])
    for i in range(nh):
        for j in range(nv):
            h, v = sh * i - rh / 2.0, sv * j - rv / 2.0
            if p.round_divergence and rh > 0 and rv > 0:
                radius = (h * h - sh * sh / 4.0 * (1 - nh % 2)) / rh / rh + (v * v - sv * sv / 4.0 * (1 - nv % 2)) / rv / rv
                found.kept[i][j] = not radius * 4.0 > 1.1
            if not found.kept[i][j]:
                continue
            angles = torch.tensor([h, v], dtype=torch.float64)
            place = rotate_about(rotate_about(-DISTANCE * beam, polarization, angles[1]), vertical, angles[0]) if h or v else -DISTANCE * beam
            for d in range(p.dispsteps):
                found.rows.append([*place.tolist(), 1.0, p.wavelength * (1.0 + p.dispersion_step * d - p.dispersion / 2.0)])
                found.places.append((i, j, d))
                found.angles.append((h, v))
    for row in found.rows:
        row[3] = 1.0 / len(found.rows)
    return found
