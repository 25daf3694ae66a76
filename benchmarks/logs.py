"""Logs: how long and how large reading and comparing them is: `.venv/bin/python benchmarks/logs.py [--lines N] [--runs N]`.

Whole processes. CPU time of a process (user and system) is told beside its wall time, since that depends less on what else
runs; the least of some runs counts. Reading goes from the file to the bundle, every number in its place. Its yardstick is a plain
loop that splits each line of the same file into words and makes nothing of them, measured in turn with it. Targets are those of
the project; nothing here is a test.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RULES = str(ROOT / "specs" / "scaling.rules")
CONFORM = str(ROOT / "conform")
READ = """
import sys
from pathlib import Path
from conform.cli.options import load_spec
from conform.trace.logs.open import open_log
from conform.run.project import find_project
project = find_project()
open_log("it", Path(sys.argv[1]), load_spec(Path(sys.argv[2]), project), project.dialects).assembled()
"""
YARDSTICK = """
import sys
with open(sys.argv[1], "rb") as file:
    for line in file:
        line.split()
"""
BLOCK = 1 << 16                          # lines that are written at a time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PYTHONPATH"] = str(ROOT / "src")
        os.chdir(folder)
        short(max(10, given.runs))
        for name, lines in LONG.items():
            path = Path(f"{name.replace(' ', '-')}.log")
            write(path, lines(), given.lines)
            size = path.stat().st_size / 2**20
            measure(f"{name}: {given.lines:,} lines, {size:.0f} MiB", [sys.executable, "-c", READ, str(path), RULES], given.runs, "at most 10 s, 500 MiB", [sys.executable, "-c", YARDSTICK, str(path)])
            path.unlink()


def short(runs: int) -> None:
    """Two logs of a hundred lines, one of which has a wrong value."""
    for name, prefix, final in (("c", "TRACE_C", "2.88139542684698e-07"), ("torch", "TRACE_PY", "3.1502e-07")):
        other = "".join(f"progress {i} of 70\n" for i in range(70))
        Path(f"{name}.log").write_text(other + "".join(f"{prefix}: {line}\n" for line in [*PIXEL, f"I_pixel_final {final}"] * 2))
    measure("compare, two logs of 100 lines", [CONFORM, "compare", "c=log:c.log", "torch=log:torch.log", "--rules", RULES], runs, "at most 0.5 s")


def measure(name: str, words: list[str], runs: int, target: str, yardstick: list[str] | None = None) -> None:
    """One run that fills the caches, then the least of some; each beside a run of the yardstick."""
    run(words)
    found, plain = [], []
    for _ in range(runs):
        found.append(run(words))
        if yardstick:
            plain.append(run(yardstick))
    wall, cpu, peak = (min(one[i] for one in found) for i in range(3))
    ratio = f", {cpu / min(one[1] for one in plain):.1f} times the plain loop" if plain else ""
    print(f"{name:<58} {wall:7.2f} s, CPU {cpu:6.2f} s{ratio}, {peak:5.0f} MiB   {target}", flush=True)


def run(words: list[str]) -> tuple[float, float, float]:
    """Seconds, seconds of the processor, and the most memory that the process held, in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        sys.exit(f"{' '.join(words)}: status {process.returncode}\n{said.decode()[-800:]}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


# --- what stands in the logs -----------------------------------------------------------------------------------------

PIXEL = """
R_distance_meters 0.253416334111961
diffracted_vec -0.151498733921271 0.384222226023891 -0.910725762592394
incident_vec 0.000513879494092498 -0 -0.999999867963924
lambda_meters 9.768e-11
scattering_vec_A_inv -1556230686.07047 3933478972.39855 913944567.685604
r_e_sqr 7.94079248018965e-30
fluence_photons_per_m2 1e+24
steps 10
capture_fraction 1
polar 0.91463969894451
omega_pixel 4.20412684465831e-07
cos_2theta 0.910647790250995
I_before_scaling 943654.80923755
""".strip().splitlines()


def pixels() -> Iterator[str]:
    """Pixel after pixel, each with what is printed of one."""
    for i in range(1 << 40):
        yield f"TRACE_CONFIG: tracing pixel (spixel={i // 4000}, fpixel={i % 4000})\n"
        yield from (f"TRACE_C: {line}\n" for line in (*PIXEL, f"I_pixel_final {1.25e-7 * (1 + i % 977):.15g}"))


def steps() -> Iterator[str]:
    """One pixel with very many steps of the spindle."""
    yield "TRACE_CONFIG: tracing pixel (spixel=685, fpixel=1039)\n"
    for i in range(1 << 40):
        yield f"TRACE_C_PHI phi_tic={i} phi_deg={i * 1e-6:.15g} k_frac={-0.607 + i * 1e-7:.15g} F_latt={2.5 + i % 89 * 0.01:.15g}\n"


def chatter() -> Iterator[str]:
    """A short trace in the middle of what a program prints besides."""
    yield from (f"TRACE_C: {line}\n" for line in PIXEL)
    for i in range(1 << 40):
        yield f"  step {i} of many: nothing to be read here, {i * 0.5} seconds\n"


def table() -> Iterator[str]:
    yield "slow,fast,airpath,omega,polar_final\n"
    for i in range(1 << 40):
        yield f"{i // 4000},{i % 4000},{0.25 + i * 1e-9:.15g},{4.2e-7 + i * 1e-16:.15g},{0.9 + i % 71 * 1e-3:.15g}\n"


def objects() -> Iterator[str]:
    for i in range(1 << 40):
        yield f'{{"phi_tic": {i}, "k_frac": {-0.607 + i * 1e-7:.15g}, "F_latt": {2.5 + i % 89 * 0.01:.15g}}}\n'


def early() -> Iterator[str]:
    """Numbers that are known to the digits that stand there, each to others."""
    yield "TRACE: Position (m) = 1.0e-01, 0.0e+00, 6.0e-03\n"
    for i in range(1 << 40):
        yield f"TRACE: hkl_frac {-0.607 + i * 1e-7:.12e} {2.5 + i % 89 * 0.01:.12e} -9.9e-02\n"


LONG: dict[str, Callable[[], Iterator[str]]] = {
    "pixel after pixel": pixels, "steps of one pixel": steps, "other output": chatter, "table": table, "JSON lines": objects, "early port": early,
}


def write(path: Path, lines: Iterator[str], count: int) -> None:
    with path.open("w", encoding="ascii") as file:
        while count > 0:
            file.write("".join(next(lines) for _ in range(min(count, BLOCK))))
            count -= BLOCK


if __name__ == "__main__":
    main()
