"""What a torch process does with its time: one line of JSON. `inside.py MODE DTYPE REPEATS MEMORY FLAGS...`, started by `table`.

MODE is eager, compiled, or gradient (of the sum of the image by the cell, the origin of the detector and the fluence).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import replace


def peak(who: int) -> float:
    """MiB that this process, or the largest of its children, has held at most."""
    return resource.getrusage(who).ru_maxrss / 1024


def main(mode: str, dtype: str, repeats: int, memory: int, flags: list[str]) -> None:
    from torch_model.startup import defer, keep_freed_memory

    defer()                                                 # as the program does
    import torch

    from torch_model.__main__ import checked, parse
    from torch_model.build import build
    from torch_model.simulation import simulate

    keep_freed_memory()
    loaded = peak(resource.RUSAGE_SELF)
    experiment = build(checked(parse(flags)), getattr(torch, dtype), "cpu")

    def gradient() -> None:
        c, d, b = experiment.crystal, experiment.detector, experiment.beam
        cell0, pix0, fluence = (t.clone().requires_grad_() for t in (c.cell0, d.pix0, b.fluence))
        changed = replace(experiment, crystal=replace(c, cell0=cell0), detector=replace(d, pix0=pix0), beam=replace(b, fluence=fluence))
        simulate(changed, memory=memory).intensity.sum().backward()

    def image() -> None:
        simulate(experiment, memory=memory, intensity=False, fork=True, compiled=mode == "compiled")

    seconds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        gradient() if mode == "gradient" else image()
        seconds.append(time.perf_counter() - start)
    most = max(peak(resource.RUSAGE_SELF), peak(resource.RUSAGE_CHILDREN))
    print(json.dumps({"first": seconds[0], "warm": min(seconds[1:], default=seconds[0]), "mebibytes": most, "loaded": loaded}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
