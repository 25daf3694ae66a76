"""The first program. Quirk `far`: a lamp one percent too high."""
import math

import kit

FAR = "far" in kit.flags().get("-quirks", "")


def distance(x, height):
    return math.sqrt(x**2 + (1.01 * height if FAR else height) ** 2)


def light(power, height, d):
    return power * height / d**3


def stored(turns):
    return sum(turns)


kit.run("a", distance, light, stored)
