"""What the program does to its own process: it must not be seen in anything that it computes."""
from __future__ import annotations

import os
import subprocess
import sys

import pytest


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_deferred_module_is_imported_when_something_is_asked_of_it():
    assert python("""
import sys
from torch_model.startup import Deferred, defer
defer("wave")
import wave
assert type(wave) is Deferred and not hasattr(wave, "__path__") and type(sys.modules["wave"]) is Deferred
print(wave.WAVE_FORMAT_PCM, type(sys.modules["wave"]).__name__)""") == "1 module"


def test_a_module_that_is_there_is_left_alone_and_an_unknown_one_fails_as_ever():
    assert python("""
import sys, wave
from torch_model.startup import defer, load
defer("wave")
assert sys.modules["wave"] is wave is load("wave")
defer("no_such_module")
try: load("no_such_module")
except ModuleNotFoundError as error: print(error.name)""") == "no_such_module"


def test_torch_works_with_what_is_deferred_and_is_whole_once_it_is_loaded():
    assert python("""
from torch_model.startup import RARELY_NEEDED, Deferred, defer, load
import sys
defer()
import torch
assert type(sys.modules[RARELY_NEEDED]) is Deferred           # the import of torch asked nothing of it
x = torch.rand(3, requires_grad=True); x.sin().sum().backward(); assert torch.equal(x.grad, x.cos())
load()
from torch._subclasses.fake_tensor import FakeTensorMode
with FakeTensorMode(): print(tuple(torch.linalg.cross(torch.rand(4, 3), torch.rand(4, 3)).shape), torch._meta_registrations.__name__)""") == "(4, 3) torch._meta_registrations"


@pytest.mark.parametrize("flags", ["", "-interpolate -oversample_omega -mosaic 0.9 -mosaic_dom 2 -noisefile n.img -seed 3"])
def test_the_program_writes_the_same_files_with_everything_imported_as_with_what_it_needs(folder, base, flags):
    whole = "import sys; sys.argv[0] = 'x'; import torch, torch._meta_registrations; from torch_model.__main__ import main; sys.exit(main(sys.argv[1:]))"
    base = [word for word in base if word != "-nonoise"] if flags else base
    made = []
    for start in (["-m", "torch_model"], ["-c", whole]):
        done = subprocess.run([sys.executable, *start, *base, *flags.split(), "-floatfile", "out.bin", "-intfile", "out.img"], capture_output=True,
                              text=True, env={**os.environ, "OMP_NUM_THREADS": "2"})
        assert done.returncode == 0, done.stderr
        made.append((done.stdout, *((folder / name).read_bytes() for name in ("out.bin", "out.img", *(["n.img"] if flags else [])))))
    assert made[0] == made[1]
