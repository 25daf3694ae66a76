"""A row of pendulums in torch, all at once, as pendulum.md says: pendulum.py float64|float32 FILE STEPS DT

Prints the highest swing of each, in degrees. Writes a trace (docs/trace-format.md) where CONFORM_TRACE names a folder.
"""
import json
import math
import os
import sys

import numpy as np
import torch

UNITS = {"dt": "s", "line": "count", "length": "m", "push": "1/s", "strength": "1/s^2", "frequency": "1/s", "start_angle": "rad",
         "start_velocity": "rad/s", "angle": "rad", "velocity": "rad/s", "middle": "rad", "time": "s", "gravity": "rad/s^2",
         "drive": "rad/s^2", "friction": "rad/s^2", "acceleration": "rad/s^2", "last_velocity": "rad/s", "last_angle": "rad"}
RADIAN = math.pi / 180


def swing(row, steps, dt, trace):
    """From the release to the last step; returns the highest swing. `trace` takes the values: each step adds to a list."""
    length, release, push, strength, frequency, phase = row.unbind(1)
    angle, velocity, highest = release * RADIAN, push * RADIAN, torch.zeros_like(release)
    trace.update(dt=dt, line=torch.arange(1, len(row) + 1), length=length, release=release, push=push, strength=strength,
                 frequency=frequency, phase=phase, start_angle=angle, start_velocity=velocity)
    for step in range(steps):
        first = {"angle": angle, "velocity": velocity}
        middle, time = angle + velocity * (dt / 2), (step + 0.5) * dt
        gravity = -9.81 / length * torch.sin(middle)
        drive = strength * torch.cos(frequency * time + phase * RADIAN)
        friction = -0.25 * velocity
        acceleration = gravity + drive + friction
        velocity = velocity + acceleration * dt
        angle = middle + velocity * (dt / 2)
        highest = torch.maximum(highest, angle.abs())
        for name, value in {**first, "middle": middle, "time": time, "gravity": gravity, "drive": drive, "friction": friction,
                            "acceleration": acceleration, "last_velocity": velocity, "last_angle": angle}.items():
            trace.setdefault(name, []).append(value)
    return highest / RADIAN


def write(folder, trace, dtype):
    """One .npy file for each quantity; trace.json comes last."""
    quantities, sizes = {}, {}
    for name, value in trace.items():
        value = torch.stack(value, -1) if isinstance(value, list) else value     # steps are the last axis
        axes = {0: [], 1: ["step"] if name == "time" else ["pendulum"], 2: ["pendulum", "step"]}[value.ndim]
        sizes.update(zip(axes, value.shape))
        np.save(f"{folder}/{name}.npy", value.numpy(), allow_pickle=False)
        kind = str(value.dtype).removeprefix("torch.")
        quantities[name] = {"unit": UNITS.get(name, ""), "axes": axes, "dtype": kind, "file": f"{name}.npy", "source": "pendulum.py"}
    producer = {"program": "pendulum.py", "version": "1", "language": "Python", "compiler": f"torch {torch.__version__}", "dtype": dtype}
    described = {"format": "conform-raw/1", "producer": producer, "axes": {axis: {"size": n} for axis, n in sizes.items()}, "quantities": quantities}
    with open(f"{folder}/trace.json", "w") as file:
        json.dump(described, file)


def main(dtype, name, steps, dt):
    torch.set_default_dtype(getattr(torch, dtype))
    with open(name) as file:
        row = torch.tensor([[float(word) for word in line.split()] for line in file])
    trace = {}
    highest = swing(row, int(steps), torch.tensor(float(dt)), trace)
    print("\n".join(f"{degrees:.4f}" for degrees in highest))
    if os.environ.get("CONFORM_TRACE"):
        write(os.environ["CONFORM_TRACE"], trace, dtype)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
