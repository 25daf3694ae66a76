"""The C reference program against the figures of the original, case by case: `.venv/bin/python benchmarks/reference_cases.py [FIGURES]`.

FIGURES is a folder with `cases.json`, images and inputs; without it, the one beside the checkout. One row for each case: how many
pixels of the float image differ, by how many single-precision numbers at most; how many of the other files have the bytes of the
original's; the worst relative difference of a traced value, lattice factors and what holds them (in brackets) apart.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from conform.run.gather import program_of  # noqa: E402
from conform.run.process import environment  # noqa: E402
from conform.run.project import find_project  # noqa: E402

# The figure's name, the quantity, the unit of the figure in ours.
SUBPIXEL = (("pixel_pos_m", "pixel_position", 1), ("airpath_m", "airpath", 1), ("omega_sr", "omega", 1), ("diffracted", "diffracted", 1))
SOURCE = (("incident", "incident", 1), ("lambda_m", "wavelength", 1), ("q_per_m", "q", 1))
SAMPLE = (("hkl_frac", "hkl", 1), ("F_cell", "F_cell", 1))
AMPLIFIED = (("F_latt", "F_latt", 1),)
FINAL = (("capture_fraction", "capture_final"), ("polar", "polar_final"), ("omega_sr", "omega_final"))
FINAL_AMPLIFIED = (("I_accumulated", "I"), ("pixel_photons", "intensity"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", nargs="?", type=Path, default=ROOT.parent / "shared" / "golden")
    parser.add_argument("--without", nargs="*", default=["sup-full"], help="cases to leave out (sup-full, which takes the longest, by default)")
    args = parser.parse_args()
    if not (args.figures / "cases.json").exists():
        sys.exit(f"{args.figures} holds no cases.json; name the folder that does")
    os.chdir(ROOT)
    program = program_of(find_project(), "c", "", "float64")
    print(f"{'case':<24}{'pixels':>9}{'differ':>8}{'ulps':>6}{'files':>8}{'traced':>10}{'(F_latt)':>10}")
    for case in json.loads((args.figures / "cases.json").read_text())["cases"]:
        if case["id"] not in args.without:
            print(row(args.figures, case, program), flush=True)


def row(figures: Path, case: dict, program) -> str:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in case["inputs"]:
            (place / name).write_bytes((figures / "inputs" / name).read_bytes())
        known = json.loads((figures / f"{case['id']}.json").read_text())
        traces = known.get("traces") or {}
        done = start(program, case, place, traces)
        if done.returncode or "npy" not in case:
            expected = case.get("expect_rc", 0)
            return f"{case['id']:<24}  status {done.returncode}, as {'the original' if done.returncode == expected else f'the original has not: {expected}'}"
        size, differ, ulps = image(figures, case, place)
        same = sum(hashlib.sha256((place / name).read_bytes()).hexdigest() == file["sha256"] for name, file in known.get("outputs", {}).items())
        worst = traced(place / "trace", traces) if traces else None
        values = "{:>10.1e}{:>10.1e}".format(*worst) if worst else f"{'-':>10}{'-':>10}"
        return f"{case['id']:<24}{size:>9}{differ:>8}{ulps:>6}{same:>4} / {len(known.get('outputs', {}))}{values}"


def start(program, case: dict, place: Path, traces: dict) -> subprocess.CompletedProcess:
    env = {"OMP_NUM_THREADS": "1", "CONFORM_TRACE": "", **program.env}
    if traces:
        (place / "trace").mkdir()
        pixels = sorted(tuple(map(int, key.split(","))) for key in traces)
        (place / "pixels").write_text("".join(f"{slow} {fast}\n" for slow, fast in pixels))
        env |= {"CONFORM_TRACE": str(place / "trace"), "CONFORM_PIXELS": str(place / "pixels")}
    return subprocess.run([*program.command, *case["args"], "-floatfile", "out.bin"], cwd=place, env=environment(env), capture_output=True)


def image(figures: Path, case: dict, place: Path) -> tuple[int, int, int]:
    """Pixels compared, how many differ, and by how many single-precision numbers at most; unstable pixels left out."""
    expected = np.load(figures / case["npy"]).astype(np.float32)
    slow0, slow1, fast0, fast1 = case.get("npy_crop") or (0, expected.shape[0], 0, expected.shape[1])
    got = np.fromfile(place / "out.bin", np.float32).reshape(case["shape"])[slow0:slow1, fast0:fast1].copy()
    apart = np.abs(got.view(np.int32).astype(np.int64) - expected.view(np.int32))
    for slow, fast in case.get("unstable_pixels", []):
        apart[slow - slow0, fast - fast0] = 0
    return apart.size, int(np.count_nonzero(apart)), int(apart.max())


def traced(folder: Path, traces: dict) -> tuple[float, float]:
    """Worst difference from the figures, relative to the largest component: of all values, and of those that hold a lattice factor."""
    values = {name: np.load(folder / f"{name}.npy") for *_, name, _ in (*SUBPIXEL, *SOURCE, *SAMPLE, *AMPLIFIED)}
    values |= {name: np.load(folder / f"{name}.npy") for _, name in (*FINAL, *FINAL_AMPLIFIED)}
    plain, amplified = [0.0], [0.0]

    def note(into: list[float], got, expected) -> None:
        expected = np.asarray(expected, float)
        if (scale := np.abs(expected).max()) > 0:
            into.append(float(np.abs(np.asarray(got, float) - expected).max() / scale))

    for p, pixel in enumerate(sorted(traces, key=lambda key: tuple(map(int, key.split(","))))):
        for seen in traces[pixel]["evaluations"]:
            at = (p, *divmod(seen["index"], values["omega"].shape[2]))
            for names, place, into in ((SUBPIXEL, at, plain), (SOURCE, (*at, 0), plain), (SAMPLE, (*at, 0, 0, 0), plain), (AMPLIFIED, (*at, 0, 0, 0), amplified)):
                for key, name, unit in names:
                    if key in seen:
                        note(into, values[name][place] * unit, seen[key])
        for names, into in ((FINAL, plain), (FINAL_AMPLIFIED, amplified)):
            for key, name in names:
                note(into, values[name][p], traces[pixel]["final"][key])
    return max(plain), max(amplified)


if __name__ == "__main__":
    main()
