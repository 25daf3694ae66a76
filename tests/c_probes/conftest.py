"""Builds of the C programs, one for each session, and a way to run them in an empty folder.

Knows the Makefile and the environment of a traced run. Knows nothing of what the values should be.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

SOURCES = Path(__file__).parents[2] / "c_probes"
SMALL = "-mat tri.mat -hkl tiny.hkl -default_F 6 -nonoise -nopgm -noprogress -nointerpolate -oversample 1 -Na 5 -Nb 6 " \
        "-Nc 7 -lambda 1.1 -distance 90 -detpixels_x 48 -detpixels_y 40 -pixel 1.1".split()
SANITIZED = "-O1 -g -fopenmp -std=c11 -fsanitize=address,undefined -fno-sanitize-recover=undefined"
# Reciprocal vectors (columns) times 1.1 A, of a triclinic cell near 48 x 57 x 66 A, turned about all three axes.
MATRIX = "0.0166 -0.0073  0.0041\n0.0155  0.0178 -0.0043\n-0.0043 0.0061 0.0162\n"


def tiny_hkl() -> str:
    """Amplitudes for indices -4..4, one in three left out, each a plain function of its indices."""
    return "".join(f"{h} {k} {l} {40 + 7 * ((3 * h + 5 * k + 11 * l) % 13) + 0.25 * h:.2f}\n"
                   for h in range(-4, 5) for k in range(-4, 5) for l in range(-4, 5) if (h + 2 * k + l) % 3)


@dataclass
class Trace:
    description: dict
    values: dict = field(default_factory=dict)
    unset: dict = field(default_factory=dict)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]


def open_trace(folder: Path) -> Trace:
    """Reads a raw trace, checking that every file has the dtype and the shape that trace.json claims."""
    trace = Trace(json.loads((folder / "trace.json").read_text()))
    sizes = {name: axis["size"] for name, axis in trace.description["axes"].items()}
    for name, row in trace.description["quantities"].items():
        values = np.load(folder / row["file"])
        assert values.dtype == row["dtype"] and values.shape == tuple(sizes[axis] for axis in row["axes"]), name
        trace.values[name] = values
        trace.unset[name] = np.load(folder / row["unset"]) == 1 if "unset" in row else np.zeros(values.shape, bool)
    return trace


@dataclass
class Program:
    """A built program and an own folder with its inputs."""

    path: Path
    folder: Path

    def start(self, *flags: str, threads: int = 1, env: dict | None = None, **options) -> subprocess.CompletedProcess:
        full = {**os.environ, "OMP_NUM_THREADS": str(threads), "CONFORM_TRACE": "", "CONFORM_PIXELS": "", **(env or {})}
        return subprocess.run([self.path, *flags], cwd=self.folder, env=full, capture_output=True, text=True,
                              errors="replace", timeout=120, **options)

    def image(self, *flags: str, threads: int = 1) -> np.ndarray:
        done = self.start(*SMALL, *flags, "-floatfile", "out.bin", threads=threads)
        assert done.returncode == 0, done.stderr
        return np.fromfile(self.folder / "out.bin", np.float32).reshape(40, 48)

    def trace(self, *flags: str, pixels: list | None = None, threads: int = 1) -> Trace:
        return self.trace_of(*SMALL, *flags, "-floatfile", "traced.bin", pixels=pixels, threads=threads)

    def trace_of(self, *flags: str, pixels: list | None = None, threads: int = 1) -> Trace:
        folder = Path(tempfile.mkdtemp(prefix="trace-", dir=self.folder))
        env = {"CONFORM_TRACE": str(folder)}
        if pixels is not None:
            (folder.parent / "pixels.txt").write_text("".join(f"{slow} {fast}\n" for slow, fast in pixels))
            env["CONFORM_PIXELS"] = str(folder.parent / "pixels.txt")
        done = self.start(*flags, threads=threads, env=env)
        assert done.returncode == 0, done.stderr
        return open_trace(folder)


def build(folder: Path, *settings: str, sources: Path = SOURCES / "nanobragg") -> Path:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(_build_command(folder, settings, sources), capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr       # a warning fails the build
    return folder / "nanobragg"


def _build_command(folder: Path, settings: tuple[str, ...], sources: Path) -> list[str]:
    """make, or the one compiler call that it comes to where there is no make: a fresh machine has a compiler alone."""
    if shutil.which("make"):
        return ["make", "-s", "-j2", "-C", str(sources), f"BUILD={folder}", *settings]
    makefile = (sources / "Makefile").read_text("utf-8")
    known = {**dict(re.findall(r"^([A-Z]+) = (.*)$", makefile, re.MULTILINE)), **dict(setting.split("=", 1) for setting in settings)}
    probes = ["-DCONFORM_PROBES", f'-DCONFORM_FLAGS="{known["CFLAGS"]}"'] if known["PROBES"] == "1" else []
    words = f"{known['CFLAGS']} {known['WARNINGS']}".split()
    return [known["CC"], *words, *probes, "-o", str(folder / "nanobragg"), *map(str, sorted(sources.glob("*.c"))), "-lm"]


@pytest.fixture(scope="session")
def make(tmp_path_factory):
    """make("-O3") builds the program with those flags; the same flags are built once."""
    built = {}

    def get(*settings: str) -> Path:
        if settings not in built:
            built[settings] = build(tmp_path_factory.mktemp("build"), *settings)
        return built[settings]

    return get


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tri.mat").write_text(MATRIX)
    (tmp_path / "tiny.hkl").write_text(tiny_hkl())
    return tmp_path


@pytest.fixture
def plain(make, folder) -> Program:
    return Program(make(), folder)


@pytest.fixture
def probed(make, folder) -> Program:
    return Program(make("PROBES=1"), folder)


@pytest.fixture
def sanitized(make, folder) -> Program:
    """With probes, and with every access, shift and overflow watched."""
    (folder / "empty.c").write_text("int main(void) { return 0; }\n")
    if subprocess.run(["gcc", "-fsanitize=address,undefined", "empty.c", "-o", "empty"], cwd=folder, capture_output=True).returncode:
        pytest.skip("this compiler has no sanitizers")
    return Program(make("PROBES=1", f"CFLAGS={SANITIZED}"), folder)


@pytest.fixture(scope="session")
def archer() -> str:
    """The library that tells the thread sanitizer how OpenMP's threads wait for each other. Without it, as with gcc's runtime, every
    barrier looks like a race."""
    found = sorted(Path("/usr/lib").glob("llvm-*/lib/libarcher.so")) + sorted(Path("/usr/lib").rglob("lib*/libarcher.so"))
    if not shutil.which("clang") or not found:
        pytest.skip("the thread sanitizer needs clang with its OpenMP and libarcher")
    return str(found[-1])


THREADED = "-O1 -g -fopenmp -std=c11 -ffp-contract=off -fsanitize=thread"


@pytest.fixture
def threaded(make, folder, archer) -> Program:
    """With probes, and with every access that two threads share watched."""
    return Program(make("PROBES=1", "CC=clang", f"CFLAGS={THREADED}"), folder)


@pytest.fixture
def small() -> list[str]:
    return list(SMALL)


@pytest.fixture
def sources() -> Path:
    return SOURCES


@pytest.fixture
def read_trace():
    return open_trace
