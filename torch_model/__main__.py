"""`python -m torch_model FLAGS`: the program. Parse, build, simulate, write; every expected failure is one line."""
from __future__ import annotations

import gc
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from torch_model import __version__
from torch_model.cli import integer, scan
from torch_model.errors import REFUSED, Refusal
from torch_model.headers import ingest
from torch_model.parameters import Parameters, settle
from torch_model.quirks import QUIRKS, chosen

USAGE = """usage: python -m torch_model -mat FILE | -cell a b c alpha beta gamma   -hkl FILE | -default_F F   [nanoBragg flags]
       [--dtype float64|float32] [--device cpu] [--memory MiB] [-quirks none|all|help|none,+NAME]"""


@dataclass(slots=True)
class Options:
    """What only this program knows, apart from the flags that both programs share."""

    dtype: str = "float64"
    device: str = "cpu"
    memory: int = 1024                # MiB
    quirks: frozenset[str] = frozenset()
    list_quirks: bool = False


def main(arguments: Sequence[str]) -> int:
    try:
        options, flags = split(arguments)
        if options.list_quirks:
            print("-quirks none|all|help, or a list such as none,+NAME or all,-NAME:", *(f"  {name}\n    {text}" for name, text in QUIRKS.items()), sep="\n")
            return 0
        return run(checked(parse(flags, options.quirks)), options)
    except Refusal as refusal:
        print(f"torch_model: {refusal}", file=sys.stderr)
        return REFUSED


def parse(flags: Sequence[str], quirks: frozenset[str] = frozenset()) -> Parameters:
    """Headers first, then the flags, which win; then what they leave open. Raises Refusal."""
    parameters = Parameters(quirks=quirks)
    ingest(parameters, list(flags))
    return settle(scan(flags, parameters))


def split(arguments: Sequence[str]) -> tuple[Options, list[str]]:
    """Take this program's own options out of the arguments; the rest are nanoBragg's. Raises Refusal."""
    options, flags, rest = Options(), [], iter(arguments)
    for argument in rest:
        if argument not in ("--dtype", "--device", "--memory", "-quirks"):
            flags.append(argument)
            continue
        value = next(rest, None)
        if value is None:
            raise Refusal(f"{argument} needs a value\n{USAGE}")
        match argument:
            case "--dtype" if value in ("float64", "float32"):
                options.dtype = value
            case "--device":
                options.device = value
            case "--memory" if integer(value) > 0:
                options.memory = integer(value)
            case "-quirks" if value == "help":
                options.list_quirks = True
            case "-quirks":
                options.quirks = chosen(value)
            case _:
                raise Refusal(f"{argument} {value}: not a value it can take\n{USAGE}")
    return options, flags


def checked(p: Parameters) -> Parameters:
    """Refuse what cannot be simulated, before torch is loaded. Clauses cli.1, cli.2."""
    if p.hkl is None and not os.path.exists(p.dump) and p.default_F == 0:
        raise Refusal(f"no structure factors: give -hkl FILE or -default_F\n{USAGE}")
    if p.matrix is None and not p.cell:
        raise Refusal(f"no unit cell: give -mat FILE or -cell\n{USAGE}")
    if p.matrix is None and not p.cell_complete and "incomplete_cell_completed" not in p.quirks:
        raise Refusal(f"the unit cell is not complete: -cell takes three lengths and three angles\n{USAGE}")
    if p.fast_pixels < 1 or p.slow_pixels < 1:
        raise Refusal("the detector has no pixels; check -detpixels, -detsize and -pixel")
    return p


def run(parameters: Parameters, options: Options) -> int:
    gc.disable()                                    # while modules load nothing becomes garbage, and looking for it takes a tenth
    import torch                                    # late: a refused command line must not wait for it

    from torch_model.build import build_all
    from torch_model.output import announce, write_images
    from torch_model.quantities import put_run_level, sizes
    from torch_model.setup_trace import put_setup
    from torch_model.simulate import simulate
    from torch_model.trace import recorder

    gc.freeze()                                     # what is loaded now stays to the end: neither now nor at exit look through it
    gc.enable()
    keep_freed_memory()
    try:
        device = torch.zeros((), device=options.device).device
    except (RuntimeError, AssertionError) as error:
        raise Refusal(f"--device {options.device} cannot be used: {str(error).splitlines()[0]}; use --device cpu") from None
    experiment, setup = build_all(parameters, getattr(torch, options.dtype), device)
    probes = recorder(sizes(experiment), experiment.detector, {
        "program": "torch_model", "version": __version__, "language": "Python", "dtype": options.dtype, "device": device.type,
        "compiler": f"Python {platform.python_version()}, torch {torch.__version__}", "flags": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(), "quirks": sorted(options.quirks)})
    if probes.active:
        put_run_level(experiment, probes)
        put_setup(parameters, experiment, setup, probes)
    announce(parameters, experiment, setup)
    image = simulate(experiment, probes, options.memory, intensity=False, fork=True)
    write_images(parameters, experiment, setup, image, probes)
    if probes.active:
        probes.finish()
    return 0


def keep_freed_memory() -> None:
    """Ask glibc to keep freed blocks: by default large ones go back to the system, and the tensors of every tile would be
    paged in anew, which costs a third of the run. Elsewhere there is no such function, and nothing is lost but that time."""
    import ctypes

    m_trim_threshold, m_mmap_threshold, m_arena_max = -1, -3, -8
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    mallopt(m_mmap_threshold, 32 << 20)             # the most that it accepts
    mallopt(m_trim_threshold, 1 << 30)
    mallopt(m_arena_max, 1)                         # a thread's own arena gives its blocks back whatever the threshold says


def import_less_of_torch() -> None:
    """Leave out the part of torch that works out shapes without data, a fifth of what its import takes: only compilers and
    exporters use it. For this process as a program; a library's user may want it."""
    import types

    name = "torch._meta_registrations"              # nothing asks it for a name; torch imports it for its effects
    sys.modules.setdefault(name, types.ModuleType(name))


if __name__ == "__main__":
    import_less_of_torch()
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)                                # every file is closed; taking torch apart piece by piece would take a tenth of a second
