"""Small inputs that the tests make themselves, and the program run inside this process."""
from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the torch side needs torch")

from torch_model.__main__ import checked, main, parse  # noqa: E402
from torch_model.build import build  # noqa: E402

# No symmetric number anywhere, an odd and two even counts, a spindle scan over 0, a tilted detector, two subpixels a side.
MATRIX = "0.0141 0.0022 -0.0031\n-0.0017 0.0113 0.0029\n0.0009 -0.0041 0.0127\n"
FLAGS = ("-mat crystal.mat -hkl spots.hkl -default_F 3.5 -Na 5 -Nb 4 -Nc 6 -lambda 1.07 -distance 108 -detpixels_x 11 "
         "-detpixels_y 9 -pixel 2.3 -detector_rotx 3 -detector_roty -2 -detector_rotz 5 -polar 0.85 -phi 0 -osc 0.9 -phisteps 3 "
         "-flux 2.5e12 -exposure 0.35 -beamsize 0.045 -oversample 2 -nointerpolate -nonoise -nopgm").split()


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    return getattr(torch, request.param)


@pytest.fixture(params=["cpu", *(["cuda"] if torch.cuda.is_available() else [])])
def device(request):
    """Every device that this machine has: what is built or run by the fixtures below is on each of them."""
    return request.param


@pytest.fixture
def eps(dtype):
    return torch.finfo(dtype).eps


@pytest.fixture
def base() -> list[str]:
    """The flags of the small run that most tests vary."""
    return list(FLAGS)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A working folder with a matrix and some reflections; the trace variables unset."""
    rng = np.random.default_rng(7)
    indices = [(h, k, l) for h in range(-3, 4) for k in range(-4, 4) for l in range(-2, 5)]
    lines = [f"{h} {k} {l} {F:.3f}" for (h, k, l), F in zip(indices, rng.uniform(1, 90, len(indices))) if F > 9]
    (tmp_path / "crystal.mat").write_text(MATRIX)
    (tmp_path / "spots.hkl").write_text("\n".join(lines) + "\n")
    monkeypatch.chdir(tmp_path)
    for name in ("CONFORM_TRACE", "CONFORM_PIXELS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def experiment(folder, device):
    """A function: flags and dtype to an experiment on the device."""
    def make(*extra: str, dtype=torch.float64):
        return build(checked(parse([*FLAGS, *extra])), dtype, device)
    return make


@pytest.fixture
def run(folder, capsys, device):
    """A function: flags to (status, image or None, text on standard error), on the device."""
    def go(*flags: str, shape: tuple[int, int] = (9, 11)):
        status = main(["--device", device, *flags, "-floatfile", "out.bin"])
        image = np.fromfile("out.bin", np.float32).reshape(shape) if status == 0 else None
        return status, image, capsys.readouterr().err
    return go


@pytest.fixture(scope="session")
def cxx() -> None:
    """For tests that compile a kernel."""
    if shutil.which(os.environ.get("CXX", "g++")) is None:
        pytest.skip("no C++ compiler for torch.compile (apt-get install g++)")


@pytest.fixture(scope="session")
def c_command() -> list[str]:
    """The C program, built as conform builds it, in the project's cache."""
    if not any(map(shutil.which, ("cc", "gcc", "clang"))):
        pytest.skip("no C compiler")
    from conform.run.gather import program_of
    from conform.run.project import find_project

    return [*program_of(find_project(), "c", "", "float64").command]


@pytest.fixture
def c_trace(c_command, folder):
    """A function: flags and a quantity to its values in the C program, traced in double precision."""
    def go(flags: list[str], name: str) -> np.ndarray:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            done = subprocess.run([*c_command, *flags, "-floatfile", "c.bin"], capture_output=True, text=True,
                                  env={**os.environ, "OMP_NUM_THREADS": "1", "CONFORM_TRACE": place, "CONFORM_PIXELS": ""})
            assert done.returncode == 0, done.stderr
            return np.load(Path(place) / f"{name}.npy")
    return go
