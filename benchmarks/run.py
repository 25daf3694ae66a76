"""Speed, as ratios of whole processes measured side by side: `.venv/bin/python benchmarks/run.py [--pairs N]`.

`--table`, `--growth` and `--memory` measure the torch program more closely instead, see `table`.

A pair is two processes, one after the other; the ratio is formed for each pair, so that a machine whose speed drifts does
not matter. Printed are the median and the range. Targets are those of the project; nothing here is a test.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

import table  # noqa: E402

from conform.run.build import compiler  # noqa: E402
from conform.run.gather import program_of  # noqa: E402
from conform.run.inputs import prepare_inputs  # noqa: E402
from conform.run.process import environment  # noqa: E402
from conform.run.project import find_project  # noqa: E402
from conform.run.runfile import load_run  # noqa: E402

THREADS = {"OMP_NUM_THREADS": "2"}


@dataclass(frozen=True)
class Process:
    """A command in a folder; `env` is added to ours."""

    command: Sequence[str]
    cwd: Path
    env: dict[str, str]

    def seconds(self) -> float:
        start = time.perf_counter()
        done = subprocess.run(self.command, cwd=self.cwd, env=environment({**THREADS, **self.env}), stdin=subprocess.DEVNULL, capture_output=True)
        took = time.perf_counter() - start
        if done.returncode not in (0, 1):
            sys.exit(f"{' '.join(self.command[:3])} …: status {done.returncode}\n{done.stderr.decode()[-800:]}")
        return took


def show(name: str, figures: list[float], unit: str, target: str) -> None:
    print(f"{name:<44} {median(figures):8.3f} {unit:<2} ({min(figures):.3f} to {max(figures):.3f})   {target}", flush=True)


def ratio(name: str, a: Process, b: Process, pairs: int, target: str) -> None:
    """The whole time of a over that of b, pair by pair, after one warm-up of each."""
    a.seconds(), b.seconds()
    both = [(a.seconds(), b.seconds()) for _ in range(pairs)]
    show(name, [x / y for x, y in both], "", target)
    print(f"{'':<44} {median(x for x, _ in both):8.3f} s over {median(y for _, y in both):.3f} s")


def alone(name: str, a: Process, runs: int, target: str) -> None:
    a.seconds()
    show(name, [a.seconds() for _ in range(runs)], "s", target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    for name in ("table", "growth", "memory"):
        parser.add_argument(f"--{name}", action="store_true")
    given = parser.parse_args()
    pairs = given.pairs
    os.chdir(ROOT)
    project = find_project()
    run = load_run(project, "supervisor")
    inputs = prepare_inputs(project, run, {})
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for item in inputs.values():
            (place / item.name).symlink_to(item.path)
        closer = [name for name in ("table", "growth", "memory") if getattr(given, name)]
        if not closer:
            measure(project, run, place, pairs)
            return
        bench = table.Bench(place, run.file.arguments, plain_c(place, "-O3", "-march=native"), pairs)
        for name in closer:
            getattr(table, name)(bench)


def measure(project, run, place: Path, pairs: int) -> None:
    def side(name: str, *more: str, **env: str) -> Process:
        program = program_of(project, name, "", "float64")
        return Process([*program.command, *run.file.arguments, *more], place, {**program.env, **env})

    plain = Process([str(plain_c(place)), *run.file.arguments], place, {})
    conform = [str(ROOT / "conform")]
    check = [*conform, "check", "specs/scaling.rules", "--run", "supervisor"]
    ratio("torch / C, whole frame, float64", side("torch"), side("c"), pairs, "at most 0.6")
    ratio("torch float32 / torch float64", side("torch", "--dtype", "float32"), side("torch"), pairs, "")
    ratio("C with probes that are off / without", side("c"), plain, pairs, "at most 1.02")
    ratio("C, 4096 pixels traced / not traced", traced(side, project, place), side("c"), pairs, "at most 1.1")
    ratio("C, values of every pixel traced / not traced", whole_frame(side, place), side("c"), pairs, "at most 1.3")
    ratio("C / 373 million calls of sin", plain, Process([str(bare_sines(place))], place, {}), pairs, "at most 2.4")
    memory("C without probes, beyond image and table", plain, place, run.file.image, "at most 32 MiB")
    alone("check, traces in the cache", Process(check, ROOT, {}), pairs, "at most 2 s")
    ratio("check, traces in the cache / both sides anew", Process(check, ROOT, {}), Process([*check, "--fresh"], ROOT, {}), max(1, pairs // 2), "")
    alone("conform --help", Process([*conform, "--help"], ROOT, {}), pairs, "at most 0.3 s")


def plain_c(place: Path, *flags: str) -> Path:
    """The C reference without probes, with these flags, or those that conform.toml gives it."""
    target = place / "plain"
    sources = sorted(str(path) for path in (ROOT / "c_probes" / "nanobragg").glob("*.c"))
    subprocess.run([compiler(), "-std=c11", *(flags or ("-O2", "-ffp-contract=off")), "-fopenmp", "-o", str(target), *sources, "-lm"], check=True)
    return target


SINES = """
#include <math.h>
#include <stdio.h>
int main(void)
{
	double sum = 0.0;
#pragma omp parallel for schedule(static) reduction(+ : sum)
	for (long i = 0; i < 373000000L; i++)
		sum += sin(1e-3 * (double)i);
	return printf("%g\\n", sum) < 0;
}
"""


def bare_sines(place: Path) -> Path:
    """A yardstick: as many sines as the run needs, and nothing else."""
    target = place / "sines"
    (place / "sines.c").write_text(SINES)
    subprocess.run([compiler(), "-std=c11", "-O2", "-ffp-contract=off", "-fopenmp", "-o", str(target), str(place / "sines.c"), "-lm"], check=True)
    return target


def memory(name: str, a: Process, place: Path, image, target: str) -> None:
    """The most that a process held at a time, less the float image and the table of structure factors, as its cache has it."""
    before = (place / "Fdump.bin").stat().st_size if (place / "Fdump.bin").exists() else 0
    script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); " \
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", script, *a.command], cwd=a.cwd, env=environment({**THREADS, **a.env}), capture_output=True, text=True)
    table = (place / "Fdump.bin").stat().st_size if (place / "Fdump.bin").exists() else before
    beyond = int(done.stdout) / 1024 - (4 * image.slow * image.fast + table) / 2**20
    print(f"{name:<44} {beyond:8.1f} MiB of {int(done.stdout) / 1024:.1f} MiB   {target}", flush=True)


def whole_frame(side: Callable[..., Process], place: Path) -> Process:
    """The C side with the values of every pixel traced, without those inside a pixel's loops."""
    inner = side("c")
    trace = place / "frame"
    script = 'rm -rf "$0" && mkdir "$0" && exec "$@"'
    env = {**inner.env, "CONFORM_TRACE": str(trace), "CONFORM_LEVEL": "pixel"}
    return Process(["sh", "-c", script, str(trace), *inner.command], place, env)


def traced(side: Callable[..., Process], project, place: Path) -> Process:
    """The C side with 4096 pixels traced, into a folder that is emptied before every run."""
    import random

    draw, frame = random.Random(1), load_run(project, "supervisor").file.image
    chosen = sorted({(draw.randrange(frame.slow), draw.randrange(frame.fast)) for _ in range(4200)})[:4096]
    (place / "pixels").write_text("".join(f"{slow} {fast}\n" for slow, fast in chosen))
    inner = side("c")
    trace = place / "trace"
    script = 'rm -rf "$0" && mkdir "$0" && exec "$@"'
    return Process(["sh", "-c", script, str(trace), *inner.command], place, {**inner.env, "CONFORM_TRACE": str(trace), "CONFORM_PIXELS": str(place / "pixels")})


if __name__ == "__main__":
    main()
