"""Probed programs, built once for a session and run in an empty folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from conform.probe.binding import Binding, load_binding
from conform.probe.instrument import Probed, instrument
from conform.run.source import SourceSide, compile_probed, write_probed

from .kit import BINDINGS, EVERY_GOLDEN, HKL, MATRIX, QUICK


@dataclass
class Ran:
    """What a program printed and wrote, and what it traced."""

    status: int
    out: bytes
    err: bytes
    files: dict[str, bytes]
    trace: dict[str, bytes]
    description: dict = field(default_factory=dict)

    @property
    def shown(self) -> tuple[int, bytes, bytes, dict[str, bytes]]:
        """All that one sees of it."""
        return self.status, self.out, self.err, self.files

    def values(self, name: str) -> np.ndarray:
        import io

        return np.load(io.BytesIO(self.trace[f"{name}.npy"]))

    def unset(self, name: str) -> np.ndarray:
        import io

        data = self.trace.get(f"{name}.unset.npy")
        return np.zeros(self.values(name).shape, bool) if data is None else np.load(io.BytesIO(data)).astype(bool)

    @property
    def quantities(self) -> set[str]:
        return set(self.description["quantities"])


Runner = Callable[..., Ran]


@pytest.fixture(scope="session")
def run_program(tmp_path_factory) -> Runner:
    """Run a program with flags in a folder with inputs; with `trace`, as conform runs it."""

    def run(program: Path, flags: list[str], trace: bool = True, inputs: dict[str, bytes] | None = None, pixels: list[tuple[int, int]] = (),
            threads: int = 2) -> Ran:
        place, folder = tmp_path_factory.mktemp("place"), tmp_path_factory.mktemp("trace")
        given = inputs if inputs is not None else {"tri.mat": MATRIX.encode(), "tiny.hkl": HKL.encode()}
        for name, data in given.items():
            (place / name).write_bytes(data)
        env = {key: value for key, value in os.environ.items() if not key.startswith("CONFORM")} | {"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "passive"}
        if trace:
            env["CONFORM_TRACE"] = str(folder)
        if pixels:
            (folder.parent / f"{folder.name}.pixels").write_text("".join(f"{slow} {fast}\n" for slow, fast in pixels))
            env["CONFORM_PIXELS"] = str(folder.parent / f"{folder.name}.pixels")
        done = subprocess.run([str(program), *flags], cwd=place, env=env, capture_output=True, timeout=600 if EVERY_GOLDEN else 120)
        files = {path.name: path.read_bytes() for path in place.iterdir()}
        traced = {path.name: path.read_bytes() for path in folder.iterdir()}
        return Ran(done.returncode, done.stdout, done.stderr, files, traced, json.loads(traced.get("trace.json", b"{}")))

    return run


@pytest.fixture(scope="session")
def need_compiler() -> str:
    found = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not found:
        pytest.skip("needs a C compiler")
    return found


@dataclass
class Workshop:
    """Builds sources, plain or probed, in folders of its own."""

    folder: Callable[[], Path]
    cc: str

    def plain(self, text: bytes, flags: tuple[str, ...]) -> Path:
        place = self.folder()
        (place / "program.c").write_bytes(text)
        subprocess.run([self.cc, *flags, "-o", "program", "program.c", "-lm"], cwd=place, check=True, capture_output=True)
        return place / "program"

    def probed(self, text: bytes, binding: Binding, flags: tuple[str, ...]) -> tuple[Path, Probed]:
        place = self.folder()
        side = SourceSide(place / "program.c", place / "binding.toml", binding.model_copy(update={"build": binding.build.model_copy(update={"flags": flags})}), text)
        probed = instrument(text, "program.c", binding)
        (place / "built").mkdir()
        write_probed(place / "built", side, probed)
        compile_probed(place / "built", side, place / "log", "building")
        return place / "built" / "program", probed


@pytest.fixture(scope="session")
def workshop(tmp_path_factory, need_compiler) -> Iterator[Workshop]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CC", "CFLAGS"):
            patch.delenv(name, raising=False)
        yield Workshop(lambda: tmp_path_factory.mktemp("built"), need_compiler)


@pytest.fixture(scope="session")
def original_binding() -> Binding:
    return load_binding(BINDINGS / "nanobragg-c.toml")


@pytest.fixture(scope="session")
def reference_binding() -> Binding:
    return load_binding(BINDINGS / "reference.toml")


@pytest.fixture(scope="session")
def own_probes(tmp_path_factory, need_compiler) -> Path:
    """The reference program with the probes that it came with."""
    place, sources = tmp_path_factory.mktemp("own"), BINDINGS.parent / "nanobragg"
    subprocess.run([need_compiler, "-std=c11", *QUICK, "-DCONFORM_PROBES", f'-DCONFORM_FLAGS="{" ".join(("-std=c11", *QUICK))}"', "-o", str(place / "program"),
                    *map(str, sorted(sources.glob("*.c"))), "-lm"], check=True, capture_output=True)
    return place / "program"
