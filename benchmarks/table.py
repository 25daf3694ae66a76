"""The torch program beside the C program: `benchmarks/run.py --table`, or `--growth`, or `--memory`.

C is built with -O3 -march=native. Of the torch program three times are told apart: the work itself once everything is loaded (and
compiled), what the first image takes longer (compilation), and the rest of the process (start-up, files). Every figure is the least of
some repetitions that take turns, so that a machine whose speed drifts does not matter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
THREADS = 2
WAYS = [(mode, dtype) for dtype in ("float64", "float32") for mode in ("eager", "compiled")]

ROWS = 2527


def part(pixels: int) -> list[str]:
    """A region of about so many pixels that has all rows of the detector: the C program gives each thread a block of rows, be they in the region or not."""
    return f"-roi 0 {pixels // ROWS - 1} 0 {ROWS - 1}".split()


# What is added to the flags of the supervisor run, and how much of its frame is computed.
CASES = {
    "supervisor, whole frame": [],
    "mosaic: 40 domains": ["-mosaic", "0.3", "-mosaic_dom", "40", "-phisteps", "1", *part(1_440_000)],
    "sources: 5 x 4 x 3": [*"-hdivrange 1 -hdivsteps 5 -vdivrange 1 -vdivsteps 4 -square_div -dispersion 0.5 -dispsteps 3 -phisteps 1".split(), *part(1_000_000)],
    "oversample: 5 x 5": ["-oversample", "5", "-phisteps", "2", *part(810_000)],
}
GROWTH = {
    "pixels": [(str(n), part(n)) for n in (90_000, 360_000, 1_440_000, 5_760_000)],
    "phi steps": [(str(n), ["-phisteps", str(n), *part(360_000)]) for n in (5, 10, 20, 40)],
    "domains": [(str(n), ["-mosaic", "0.3", "-mosaic_dom", str(n), "-phisteps", "1", *part(360_000)]) for n in (5, 10, 20, 40)],
}


@dataclass(frozen=True)
class Bench:
    """Where inputs and programs lie, and how often to repeat."""

    place: Path
    flags: Sequence[str]
    fast_c: Path
    repeats: int

    def c(self, more: Sequence[str], threads: int) -> float:
        return self._process([str(self.fast_c), *self.flags, *more], threads)[0]

    def torch_process(self, way: tuple[str, str], more: Sequence[str]) -> float:
        mode, dtype = way
        return self._process([sys.executable, "-m", "torch_model", "--dtype", dtype, *(["--compile"] if mode == "compiled" else []), *self.flags, *more])[0]

    def inside(self, way: tuple[str, str], more: Sequence[str], memory: int = 1024, repeats: int | None = None) -> dict[str, float]:
        command = [sys.executable, str(ROOT / "benchmarks" / "inside.py"), *way, str(self.repeats if repeats is None else repeats), str(memory)]
        return json.loads(self._process([*command, *self.flags, *more])[1])

    def _process(self, command: Sequence[str], threads: int = THREADS) -> tuple[float, str]:
        env = {**os.environ, "OMP_NUM_THREADS": str(threads), "PYTHONPATH": str(ROOT), "TORCHINDUCTOR_CACHE_DIR": str(self.place / "kernels")}
        start = time.perf_counter()
        done = subprocess.run(command, cwd=self.place, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        took = time.perf_counter() - start
        if done.returncode:
            sys.exit(f"{' '.join(command[:3])} …: status {done.returncode}\n{done.stderr[-800:]}")
        return took, done.stdout


def table(bench: Bench) -> None:
    print(f"{'':<26}{'':<18}{'work':>8}{'/ C':>7}{'process':>9}{'/ C':>7}{'start':>7}{'compile':>9}{'MiB':>7}")
    for case, more in CASES.items():
        first = {way: bench.inside(way, more) for way in WAYS}          # fills the cache of kernels, once
        rounds = [(bench.c(more, 1), bench.c(more, THREADS), [bench.torch_process(way, more) for way in WAYS]) for _ in range(bench.repeats)]
        again = {way: bench.inside(way, more) for way in WAYS}
        one, two = (min(times[i] for times in rounds) for i in (0, 1))
        print(f"{case:<26}{'C, 1 thread':<18}{'':>8}{'':>7}{one:>9.3f}{one / two:>7.2f}\n{'':<26}{f'C, {THREADS} threads':<18}{'':>8}{'':>7}{two:>9.3f}{1:>7.2f}")
        for i, way in enumerate(WAYS):
            work, process = min(first[way]["warm"], again[way]["warm"]), min(times[2][i] for times in rounds)
            compiled = f"{first[way]['first'] - work:>9.2f}" if way[0] == "compiled" else f"{'':>9}"
            print(f"{'':<26}{' '.join(way):<18}{work:>8.3f}{work / two:>7.2f}{process:>9.3f}{process / two:>7.2f}{process - work:>7.2f}{compiled}"
                  f"{again[way]['mebibytes']:>7.0f}", flush=True)
    print(f"targets on the supervisor run, of C with {THREADS} threads: float64 eager 0.5, compiled 0.2; float32 0.1")


def growth(bench: Bench) -> None:
    print(f"{'':<12}{'':>10}{'C':>9}{'eager':>9}{'compiled':>10}   seconds; torch float64: the work alone")
    for what, rows in GROWTH.items():
        for name, more in rows:
            c = min(bench.c(more, THREADS) for _ in range(bench.repeats))
            eager, compiled = (bench.inside(way, more)["warm"] for way in WAYS[:2])
            print(f"{what:<12}{name:>10}{c:>9.3f}{eager:>9.3f}{compiled:>10.3f}", flush=True)


def memory(bench: Bench) -> None:
    """The most of all repetitions: what a C library keeps of freed blocks is another amount in every process."""
    print(f"{'MiB':<52}{'torch loaded':>14}{'image, tensors':>16}{'one process':>13}{'all together':>14}{'allowed':>9}")
    large = "-detpixels_x 4096 -detpixels_y 4096 -phisteps 100 -mosaic 0.3 -mosaic_dom 50 -roi 2000 2127 2000 2127".split()
    for what, way, more, allowed, target in (
            ("supervisor, whole frame, --memory 1GiB", WAYS[0], [], 1024, 1024),
            ("4096 x 4096, 100 steps x 50 domains, 128 x 128 of it", WAYS[0], large, 1024, 1024),
            ("gradient of the whole supervisor frame", ("gradient", "float64"), [], 1024, 4096)):
        seen = [watched(lambda way=way, more=more, allowed=allowed: bench.inside(way, more, allowed, 0)) for _ in range(bench.repeats)]
        loaded, one, together = (max(figures) for figures in zip(*((found["loaded"], found["mebibytes"], all_of_them) for found, all_of_them in seen)))
        print(f"{what:<52}{loaded:>14.0f}{one - loaded:>16.0f}{one:>13.0f}{together:>14.0f}{target:>9}", flush=True)


Found = TypeVar("Found")


def watched(work: Callable[[], Found]) -> tuple[Found, float]:
    """What `work` gives, and the most MiB that the processes it starts held together, pages that they share counted once. Looked at every 20 ms."""
    most, ended = [0.0], threading.Event()

    def look() -> None:
        while not ended.wait(0.02):
            most[0] = max(most[0], sum(map(_held, _below(os.getpid()))))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        return work(), most[0]
    finally:
        ended.set()
        watcher.join()


def _below(process: int) -> list[int]:
    """The children of a process, and theirs."""
    own = [int(pid) for task in Path(f"/proc/{process}/task").glob("*/children") for pid in _read(task).split()]
    return own + [pid for one in own for pid in _below(one)]


def _held(process: int) -> float:
    shares = [int(line.split()[1]) for line in _read(Path(f"/proc/{process}/smaps_rollup")).splitlines() if line.startswith("Pss:")]
    return sum(shares) / 1024


def _read(path: Path) -> str:
    """Empty where the process has ended meanwhile."""
    try:
        return path.read_text("ascii")
    except OSError:
        return ""
