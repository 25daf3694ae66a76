"""A short list of reflections with gaps: `python few_hkl.py OUTPUT [COLUMNS] [FACTOR]`.

Indices -4 to 4, seven of ten listed. Beyond four columns: a phase and an error, which nobody should read; and one reflection is listed
twice. FACTOR multiplies the amplitudes. Needs Python alone; the same bytes on every machine.
"""
import sys
from itertools import product


def lines(columns: int, factor: float) -> list[str]:
    state, found = 20261124, []
    for hkl in product(range(-4, 5), repeat=3):
        state = state * 16807 % 2147483647
        if state % 10 < 7:
            found.append((hkl, factor * (3 + state % 9973 / 100)))
    if columns > 4:
        found.append((found[len(found) // 2][0], factor * 41.5))
    rest = ["", " 117.5", " 117.5 0.31"][columns - 4]
    return [f"{h} {k} {l} {F:.4f}{rest}" for (h, k, l), F in found]


if __name__ == "__main__":
    columns, factor = int((sys.argv + ["4"])[2]), float((sys.argv + ["4", "1"])[3])
    with open(sys.argv[1], "w", newline="\n") as file:
        file.write("\n".join(lines(columns, factor)) + "\n")
