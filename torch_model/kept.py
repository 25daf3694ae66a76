"""Kernels that outlive their process: libraries that load in a millisecond, where the compiler that makes them takes four seconds to load.

A kernel is a function of the tensors that the samples read; everything else that they read is in its code. So it is kept under a name
formed of all that decides what it computes: those values, the layout of the tensors, this program, torch, the compiler and the processor.
"""
from __future__ import annotations

import getpass
import hashlib
import os
import platform
import re
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from torch_model.experiment import Experiment
from torch_model.prepare import Prepared
from torch_model.sine import in_reach

OF_NO_EFFECT = ("TORCHINDUCTOR_CACHE_DIR", "TORCHINDUCTOR_COMPILE_THREADS")         # on a kernel

Kernel = Callable[[list[Tensor]], list[Tensor]]


def read_by_samples(experiment: Experiment, ready: Prepared) -> tuple[Experiment, Prepared]:
    """Both without what the sum over samples does not read, so that another region, or spindle range, is no other kernel."""
    nothing: Any = None
    c, s = experiment.crystal, experiment.sampling
    c = replace(c, cell0=nothing, table=nothing, first=nothing, mosaic_spread=None, domains=None, volume=None)
    s = replace(s, phi0=nothing, phistep=nothing, spindle_axis=nothing, phisteps=nothing, oversample=nothing, mosaic_domains=nothing, dmin=None)
    kept = {name: getattr(ready, name) for name in ("cell", "reciprocal", "table", "samples_in_pixel", "interpolation_ends")}
    return Experiment(nothing, nothing, c, s), Prepared(**{f.name: None for f in fields(Prepared)} | kept)


def tensors(thing: object) -> list[Tensor]:
    """All tensors in a dataclass, in the order of its fields."""
    return [part for part in _leaves(thing) if isinstance(part, Tensor)]


def with_tensors(thing: Any, rest: Iterator[Tensor]) -> Any:
    """The same with the next tensors of `rest`."""
    if isinstance(thing, Tensor):
        return next(rest)
    if is_dataclass(thing):
        return replace(thing, **{f.name: with_tensors(getattr(thing, f.name), rest) for f in fields(thing)})
    if isinstance(thing, tuple):
        made = [with_tensors(part, rest) for part in thing]
        return type(thing)(*made) if hasattr(thing, "_fields") else tuple(made)
    return thing


def _leaves(thing: Any) -> Iterator[object]:
    if is_dataclass(thing):
        for f in fields(thing):
            yield from _leaves(getattr(thing, f.name))
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _leaves(part)
    else:
        yield thing


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum over the samples of one source, as a kernel for batches of `pixels`. `rest`: the tensors that are the same for all."""

    pixels: int
    run: Kernel
    rest: list[Tensor]

    def added(self, experiment: Experiment, ready: Prepared, total: Tensor, q: Tensor, cut: Tensor | None) -> Tensor:
        """The accumulator, (pixel), after the samples of one source, where their order does not matter."""
        given = [filled(value, self.pixels) for value in (total, q, cut) if value is not None]
        return self.run([*given, *self.rest])[0][:q.shape[-1]]


def filled(value: Tensor, pixels: int) -> Tensor:
    """With a last axis of `pixels`."""
    if value.shape[-1] == pixels:
        return value.contiguous()
    return torch.cat((value, value.new_zeros((*value.shape[:-1], pixels - value.shape[-1]))), -1)


def can_be(ready: Prepared) -> bool:
    """Kept: a kernel for a CPU that hands out nothing but the sum."""
    return ready.batch is not None and ready.cell.device.type == "cpu"


def find(experiment: Experiment, ready: Prepared, pixels: int) -> Sum | None:
    """The kernel for these, if it is kept."""
    return _loaded(place_of(experiment, ready, pixels), experiment, ready, pixels) if can_be(ready) else None


def _loaded(place: Path, experiment: Experiment, ready: Prepared, pixels: int) -> Sum | None:
    run = load(place)
    return Sum(pixels, run, tensors(read_by_samples(experiment, ready))) if run else None


def place_of(experiment: Experiment, ready: Prepared, pixels: int) -> Path:
    """Where the kernel for these is kept."""
    rest = [(str(x.dtype), tuple(x.shape), x.stride()) if isinstance(x, Tensor) else sorted(x) if isinstance(x, frozenset) else x
            for x in _leaves(read_by_samples(experiment, ready))]
    decided = (pixels, experiment.sampling.dmin is None, in_reach(experiment, ready), rest)
    program = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(Path(__file__).parent.glob("*.py"))]
    settings = sorted((name, value) for name, value in os.environ.items() if name == "CXX" or name.startswith("TORCHINDUCTOR_") and name not in OF_NO_EFFECT)
    machine = (platform.machine(), torch.backends.cpu.get_cpu_capability(), _processor(), torch.get_num_threads())
    name = hashlib.sha256(repr((decided, program, settings, machine, torch.__version__, torch.version.git_version)).encode()).hexdigest()
    return _folder() / f"{name[:40]}.so"


def _folder() -> Path:
    """In that of torch's compiler; what it says of itself once it is loaded, without loading it."""
    try:
        user = getpass.getuser()
    except (KeyError, ImportError, OSError):
        user = f"uid_{os.getuid()}"
    own = Path(tempfile.gettempdir()) / ("torchinductor_" + re.sub(r'[\\/:*?"<>|]', "_", user))
    return Path(os.environ.get("TORCHINDUCTOR_CACHE_DIR", own)).absolute() / "torch_model"


def _processor() -> str:
    """What it can do: a library made for another one may hold instructions that it lacks."""
    try:
        return next((line for line in Path("/proc/cpuinfo").read_text("ascii", "replace").splitlines() if line.startswith(("flags", "Features"))), "")
    except OSError:
        return platform.processor()


def load(place: Path) -> Kernel | None:
    """The kernel that is kept there; None if there is none, if it cannot be loaded, or if others may have written it."""
    try:
        mine = all(found.st_uid == os.getuid() and not found.st_mode & 0o022 for found in (place.stat(), place.parent.stat()))
        return torch._C._aoti.AOTIModelContainerRunnerCpu(str(place), 1).run if mine else None
    except (OSError, RuntimeError, AttributeError):
        return None


def make(function: Callable[[Experiment, Prepared, Tensor, Tensor, Tensor | None], Tensor], experiment: Experiment, ready: Prepared, pixels: int,
         options: dict[str, Any]) -> Sum:
    """Compile the sum that `function` forms and keep it; written aside and renamed. Raises whatever a compiler raises; RuntimeError if it cannot be loaded."""
    import torch._inductor
    import torch.export

    bare = read_by_samples(experiment, ready)

    class Module(torch.nn.Module):
        def forward(self, total: Tensor, q: Tensor, cut: Tensor | None, rest: list[Tensor]) -> Tensor:
            one, other = with_tensors(bare, iter(rest))
            return function(one, replace(other, sine=ready.sine), total, q, cut)

    place = place_of(experiment, ready, pixels)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".making-") as folder, torch.inference_mode(False), torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")                 # of torch about itself
        rest = [torch.empty_strided(t.shape, t.stride(), dtype=t.dtype) for t in tensors(bare)]      # looked at, not read
        q = torch.zeros((3, pixels), dtype=ready.cell.dtype)
        given = (q[0].clone(), q, None if experiment.sampling.dmin is None else torch.zeros(pixels, dtype=torch.bool), rest)
        exported = torch.export.export(Module(), given, strict=False).module()
        made = torch._inductor.aot_compile(exported, given, options={**options, "aot_inductor.output_path": f"{folder}/kernel.so"})
        os.chmod(made, 0o755)
        os.replace(made, place)
    if (found := _loaded(place, experiment, ready, pixels)) is None:
        raise RuntimeError(f"the kernel that was made cannot be loaded: {place}")
    return found
