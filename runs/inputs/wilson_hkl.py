"""Structure factors that no measurement gave: `python wilson_hkl.py OUTPUT` writes lines `h k l F`.

Wilson statistics of a crystal without symmetry (P1, acentric): the intensity F^2 of a reflection is exponentially
distributed with mean SIGMA0 exp(-2 B s^2), s = 1/(2 d); d from the cell of `make_crystal.py`. The bytes are the same on
every machine: the only random numbers are those of `random.Random(SEED).random()`, which Python promises to keep.
"""
import math
import os
import random
import sys
from collections.abc import Iterator

from make_crystal import CELL, dot, reciprocal_vectors

SEED = 19491112
SIGMA0 = 43000.0                # mean intensity at s = 0, chosen for a mean amplitude of about 50
B = 12.0                        # Angstrom^2
D_MIN = 1.085                   # Angstrom; small enough that each face of the box below is reached
COMPLETENESS = 0.777            # the rest was "not measured": a program must live with gaps
H, K, L = (-24, 24), (-28, 28), (-31, 30)       # not symmetric in l, on purpose


def unique_half() -> Iterator[tuple[int, int, int]]:
    """One of each Friedel pair: the first index that is not zero is positive."""
    for h in range(H[1] + 1):
        for k in range(K[0] if h else 0, K[1] + 1):
            for l in range(L[0] if h or k else 1, -L[0] + 1):
                yield h, k, l


def in_box(h: int, k: int, l: int) -> bool:
    return H[0] <= h <= H[1] and K[0] <= k <= K[1] and L[0] <= l <= L[1]


def amplitudes() -> dict[tuple[int, int, int], float]:
    """F of each reflection that was "measured"; F(-h,-k,-l) = F(h,k,l)."""
    draw = random.Random(SEED).random
    a, b, c = reciprocal_vectors(CELL)
    aa, bb, cc, ab, ac, bc = dot(a, a), dot(b, b), dot(c, c), dot(a, b), dot(a, c), dot(b, c)
    found = {}
    for h, k, l in unique_half():
        s2 = (h * h * aa + k * k * bb + l * l * cc + 2 * (h * k * ab + h * l * ac + k * l * bc)) / 4
        if s2 > 0.25 / D_MIN**2 or draw() > COMPLETENESS:
            continue
        intensity = -SIGMA0 * math.exp(-2 * B * s2) * math.log(1 - draw())
        amplitude = max(math.sqrt(intensity), 0.01)     # 0.01 is the least that the format shows as more than nothing
        for member in ((h, k, l), (-h, -k, -l)):
            if in_box(*member):
                found[member] = amplitude
    return found


def write(path: str) -> None:
    text = "".join("%4d%4d%4d %8.2f\n" % (*index, amplitude) for index, amplitude in sorted(amplitudes().items()))
    aside = f"{path}.{os.getpid()}.part"                # renamed when whole: nobody reads a half-written file
    try:
        with open(aside, "w", encoding="ascii", newline="\n") as file:
            file.write(text)
        os.replace(aside, path)
    except BaseException:
        if os.path.exists(aside):
            os.unlink(aside)
        raise


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python wilson_hkl.py OUTPUT")
    write(sys.argv[1])
