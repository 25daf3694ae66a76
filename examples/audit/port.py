"""Somebody's torch port of it, with conform's recorder put in: port.py FILE STEPS DT"""
import math
import sys

import torch
from conform.probe import record, start

torch.set_default_dtype(torch.float64)
start(program="port.py")                                            # records where CONFORM_TRACE says, and else does nothing
row = torch.tensor([[float(word) for word in line.split()] for line in open(sys.argv[1])])
length, release, push, strength, frequency, phase = row.unbind(1)
steps, dt = int(sys.argv[2]), record("dt", float(sys.argv[3]), unit="s")
record("line", torch.arange(1, len(row) + 1), ("pendulum",), "count")
for name, value, unit in (("length", length, "m"), ("release", release, ""), ("push", push, "1/s"), ("strength", strength, "1/s^2"),
                          ("frequency", frequency, "1/s"), ("phase", phase, "")):
    record(name, value, ("pendulum",), unit)
angle, velocity, highest = release * math.pi / 180, push * math.pi / 180, torch.zeros(len(row))
for step in range(steps):
    at = {"step": step}
    record("angle", angle, ("pendulum",), "rad", at)
    record("velocity", velocity, ("pendulum",), "rad/s", at)
    middle, time = angle + velocity * (dt / 2), step * dt
    record("time", torch.full((len(row),), time), ("pendulum",), "s", at)
    gravity = record("gravity", -9.81 / length * torch.sin(middle), ("pendulum",), "rad/s^2", at)
    drive = record("drive", strength * torch.cos(frequency * time + phase * (math.pi / 180)), ("pendulum",), "rad/s^2", at)
    friction = record("friction", -0.25 * velocity, ("pendulum",), "rad/s^2", at)
    velocity = record("last_velocity", velocity + (gravity + drive + friction) * dt, ("pendulum",), "rad/s", at)
    angle = record("last_angle", middle + velocity * (dt / 2), ("pendulum",), "rad", at)
    highest = torch.maximum(highest, angle.abs())
print("\n".join(f"{degrees:.4f}" for degrees in highest * 180 / math.pi))
