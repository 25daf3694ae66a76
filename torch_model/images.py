"""The image as files that other programs open: SMV with integers, PGM, SMV with photon noise. Clauses output.3 to output.12."""
from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from torch_model.build import Setup
from torch_model.deviates import Deviates
from torch_model.parameters import Parameters
from torch_model.statistics import Statistics, bands
from torch_model.steps import DEGREES

HEADER = 512
MOST = 65535
Region = tuple[slice, slice]          # slow, fast


def general(x: float) -> str:
    """A number as C prints it by default: six digits."""
    return f"{x:g}"


def smv_header(p: Parameters, setup: Setup) -> bytes:
    """512 bytes, or more if the text needs them. Clauses output.3, output.4, units.14."""
    g = setup.placed
    (near_fast, near_slow), (fast, slow), (x, y), half = g.near, g.direct, g.centre, p.pixel / 2.0
    origin = ",".join(general(1000.0 * v) for v in (float(g.pix0[2]), float(g.pix0[1]), -float(g.pix0[0])))
    pairs = [("HEADER_BYTES", HEADER), ("DIM", 2), ("BYTE_ORDER", f"{sys.byteorder}_endian"), ("TYPE", "unsigned_short"),
             ("SIZE1", p.fast_pixels), ("SIZE2", p.slow_pixels), ("PIXEL_SIZE", p.pixel * 1000.0), ("DISTANCE", g.distance * 1000.0),
             ("WAVELENGTH", p.wavelength * 1e10), ("BEAM_CENTER_X", x * 1000.0), ("BEAM_CENTER_Y", y * 1000.0),
             ("ADXV_CENTER_X", fast * 1000.0), ("ADXV_CENTER_Y", (p.slow_size - slow) * 1000.0),
             ("MOSFLM_CENTER_X", (slow - half) * 1000.0), ("MOSFLM_CENTER_Y", (fast - half) * 1000.0),
             ("DENZO_X_BEAM", slow * 1000.0), ("DENZO_Y_BEAM", fast * 1000.0), ("DIALS_ORIGIN", origin),
             ("XDS_ORGX", near_fast / p.pixel + 0.5), ("XDS_ORGY", near_slow / p.pixel + 0.5), ("CLOSE_DISTANCE", g.close * 1000.0),
             ("PHI", p.phi * DEGREES), ("OSC_START", p.phi * DEGREES), ("OSC_RANGE", p.osc * DEGREES), ("TWOTHETA", p.twotheta * DEGREES),
             ("DETECTOR_SN", "000"), ("BEAMLINE", "fake")]
    lines = [f"{key}={general(value) if isinstance(value, float) else value}{'' if key == 'DIALS_ORIGIN' else ';'}\n" for key, value in pairs]
    return ("{\n" + "".join(lines) + "}\f").encode().ljust(HEADER)


def integer_scale(p: Parameters, found: Statistics) -> float:
    """Clause output.5."""
    return p.scale if p.scale > 0 else 55000.0 / found.largest if found.largest > 0 else 1.0


def pgm_scale(p: Parameters, found: Statistics) -> float:
    """Clause output.10."""
    return p.pgm_scale if p.pgm_scale > 0 else 250.0 / (5.0 * found.rmsd) if found.rmsd > 0 else integer_scale(p, found)


def _banded(image: np.ndarray, made: np.ndarray, where: Region, work: Callable[[np.ndarray], np.ndarray], threads: int) -> np.ndarray:
    """`work` on some rows at a time, each small enough for the cache; outside of `where` the result stays 0."""
    with ThreadPoolExecutor(threads) as pool:
        for target, values in zip(bands(made[where]), pool.map(work, bands(image[where]))):
            target[...] = values
    return made


def integers(image: np.ndarray, where: Region, scale: float, offset: float, threads: int) -> np.ndarray:
    """(slow, fast), uint16: scaled, moved by the offset, rounded to nearest; outside of `where` 0. Clauses output.6, output.7."""
    def work(band: np.ndarray) -> np.ndarray:
        v = band * np.float64(scale)
        v += offset
        np.clip(v, 0.0, MOST, out=v)
        v += 0.5
        return v.astype(np.float32).astype(np.uint16)       # positive, so that to truncate is to floor

    return _banded(image, np.zeros(image.shape, np.uint16), where, work, threads)


def grey(image: np.ndarray, where: Region, scale: float, threads: int) -> np.ndarray:
    """(slow, fast), uint8, truncated. Clause output.9."""
    return _banded(image, np.zeros(image.shape, np.uint8), where,
                   lambda band: np.clip(band * np.float64(scale), 0.0, 255.0).astype(np.uint8), threads)


def pgm_header(p: Parameters, scale: float) -> bytes:
    return f"P5\n{p.fast_pixels} {p.slow_pixels}\n# pixels scaled by {general(scale)}\n255\n".encode()


REGIMES = ["exact", "rejection", "normal"]


@dataclass(frozen=True, slots=True)
class Noise:
    """All (slow, fast); outside of the region of interest nothing is drawn."""

    counts: np.ndarray                # uint16, as stored
    drawn: np.ndarray                 # float32, photons before offset and clipping
    regime: np.ndarray                # int64, place among REGIMES; -1: not drawn
    gaussian: np.ndarray              # float32, used in the last regime
    photons: float
    overloads: int


def noisy(image: np.ndarray, where: Region, offset: float, deviates: Deviates, seed: int) -> Noise:
    """Photons drawn for each pixel, moved by the offset, truncated; their number; how many overflow.

    Masked pixels draw too, so that a mask does not change the others. Clauses output.11, output.12, random.8.
    """
    made, drawn, gaussian = (np.zeros(image.shape, dtype) for dtype in (np.uint16, np.float32, np.float32))
    regime, state, photons, overloads = np.full(image.shape, -1), [seed], 0.0, 0
    window, draws, regimes, normals = (array[where] for array in (made, drawn, regime, gaussian))
    for row, means in enumerate(image[where]):
        counts = deviates.photons(means, state).astype(np.float64)
        draws[row], regimes[row], normals[row] = counts, [REGIMES.index(one) for one in deviates.regimes], deviates.normals
        photons = float(np.cumsum(np.append(photons, counts))[-1])          # one after the other, as the original adds
        overloads += int((counts + offset > MOST).sum())
        window[row] = np.clip(counts + offset, 0, MOST).astype(np.uint16)
    return Noise(made, drawn, regime, gaussian, photons, overloads)
