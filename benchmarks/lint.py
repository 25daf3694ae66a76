"""How long `conform lint` takes, whole process: our spec, and a thousand clauses, plain and with everything that the language has.

    .venv/bin/python benchmarks/lint.py [--times N]

The least of N processes, in seconds of the processor and of the wall; of the first, one that is not counted, the caches are filled.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CLAUSES = 1000
HEAD = """spec big "big.md"
unit photon
axis pixel, phi
axis xyz = x, y, z vector
grid h, k
input a[pixel, xyz] : mm
input b[phi] : s
input t : um
input s : round | square | gauss
input o : flag
input T[h, k] : photon
input n[pixel] : 1
let half(x) = x / 2
let far(x : m) = if x > 0 then x else -x
"""
PLAIN = [("[pixel, phi] : m/s", "v{n} = {n} * t / b")]
RICH = [
    ("[pixel, phi] : m/s", "v{n} = {n} * norm(a) / b + half(t / b)"),
    ("[pixel] : m", "v{n} = norm(rotate(a, unit(a), {n} * pi / 180))   when s is round\n  v{n} = far(t) * {n}   when s is square and o\n  v{n} = 0   otherwise"),
    ("[pixel] : m", "v{n} = fold acc from t over phi: (acc + {n} * t) * (if o then 0.5 else 1)"),
    ("[pixel] : photon", "v{n} = T[nearest(n) ties down, floor(2 * n) otherwise 0]   when not o\n  v{n} = 0   when o\n  require v{n} >= 0"),
    (" : m", 'v{n} = sum over pixel, xyz: a * sin({n} * n)   within 4 ulp because "it is so"\n  require 0 <= v{n} <= {n} * t   when o or s is gauss'),
]


def thousand(kinds: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """A document of so many clauses, and rules that take these kinds of statements in turn."""
    document, rules = "", HEAD
    for n in range(1, CLAUSES + 1):
        document += f"### part.{n} Part {n}\n\nWhat part {n} says is so.\n\n"
        kind, equations = kinds[n % len(kinds)]
        rules += f'\nvalue v{n}{kind}\nclause part.{n} "Part {n}"\n  "What part {n} says is so."\n  {equations.format(n=n)}\n'
    return document, rules


def seconds(path: Path, times: int) -> tuple[float, float]:
    """Of the processor and of the wall, each the least of so many whole processes."""
    processor, wall = [], []
    for _ in range(times + 1):
        before, start = os.times(), time.perf_counter()
        subprocess.run([ROOT / "conform", "lint", path], stdout=subprocess.DEVNULL, check=True)
        after = os.times()
        wall.append(time.perf_counter() - start)
        processor.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return min(processor[1:]), min(wall[1:])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=9)
    times = parser.parse_args(arguments).times
    with tempfile.TemporaryDirectory() as folder:
        files = [("specs/nanobragg.rules", ROOT / "specs/nanobragg.rules")]
        for name, kinds in (("1000 clauses, plain", PLAIN), ("1000 clauses, rich", RICH)):
            home = Path(folder) / name.rsplit(maxsplit=1)[1]
            home.mkdir()
            document, rules = thousand(kinds)
            (home / "big.md").write_text(document)
            (home / "big.rules").write_text(rules)
            files.append((name, home / "big.rules"))
        print("whole process".ljust(24), "processor", " wall")
        for name, path in files:
            processor, wall = seconds(path, times)
            print(f"{name:24} {processor:7.2f} s {wall:5.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
