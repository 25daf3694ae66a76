"""`python -m torch_model FLAGS`: the program. Parse, build, simulate, write; every expected failure is one line."""
from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Callable, Sequence

from torch_model.cli import scan
from torch_model.errors import REFUSED, Refusal
from torch_model.headers import ingest
from torch_model.options import USAGE, Options, split
from torch_model.parameters import Parameters, settle
from torch_model.quirks import QUIRKS
from torch_model.startup import defer, keep_freed_memory


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
    from torch_model.simulation import simulate
    from torch_model.trace import producer, recorder

    gc.freeze()                                     # what is loaded now stays to the end: neither now nor at exit look through it
    gc.enable()
    keep_freed_memory()
    if options.compile:
        os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")     # one kernel: a pool of compilers would start, and outlive us
    dtype = getattr(torch, options.dtype)
    device = usable_device(options.device, dtype)
    experiment, setup = build_all(parameters, dtype, device)
    probes = recorder(sizes(experiment), experiment.detector, producer(experiment, " --compile" if options.compile else ""))
    if probes.active:
        with probes.computed_in("float64"):
            put_run_level(setup.exact, probes)
            put_setup(parameters, setup, probes)
    announce(parameters, experiment, setup)
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_: print(f"torch_model: {message}", file=sys.stderr)
        image = simulate(experiment, probes, options.memory, intensity=False, fork=True, compiled=options.compile,
                         progress=progress(parameters.progress))
    write_images(parameters, experiment, setup, image, probes)
    if probes.active:
        probes.finish()
    return 0


def usable_device(name: str, dtype):
    """The device, after a computation on it: some can be named and not used. Raises Refusal."""
    import torch

    try:
        device = torch.device(name)
        if device.type == "meta":
            raise TypeError("it holds shapes and no data")
        float(torch.ones((), dtype=dtype, device=device) + 1)
    except (RuntimeError, AssertionError, NotImplementedError, TypeError) as error:
        raise Refusal(f"--device {name} cannot be used with --dtype {str(dtype).removeprefix('torch.')}: "
                      f"{str(error).splitlines()[0]}; use --device cpu") from None
    return device


def progress(wanted: bool) -> Callable[[float], None] | None:
    """What draws a bar on a terminal's standard error; None where there is no terminal, or -noprogress."""
    if not wanted or not sys.stderr.isatty():
        return None

    def show(done: float) -> None:
        line = "" if done >= 1 else f"simulating [{'#' * int(40 * done):<40}] {100 * done:3.0f} %"
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)

    return show


if __name__ == "__main__":
    defer()
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)                                # every file is closed; taking torch apart piece by piece would take a tenth of a second
