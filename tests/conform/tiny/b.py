"""The second program: the same in other operations."""
import math

import kit


def distance(x, height):
    return math.hypot(x, height)


def light(power, height, d):
    return (power / d) * (height / (d * d))


def stored(turns):
    return math.fsum(turns)


kit.run("b", distance, light, stored)
