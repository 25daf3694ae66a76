"""Random numbers, bit for bit those of the original program: uniform, Gaussian, Poisson, and rotations drawn from them.

Single precision where the original has it. Plain Python and numpy, outside autograd. Clauses random.1 to random.7.
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

MULTIPLIER, MODULUS, Q, R = 16807, 2147483647, 127773, 2836
PER_ENTRY = 1 + (MODULUS - 1) // 32
MOST = np.float32(1.0 - 1.2e-7)
f32 = np.float32


@dataclass(frozen=True, slots=True)
class Draw:
    """A random rotation and what it was made from: three deviates, the integer of each and the state after it."""

    deviates: tuple[float, ...]
    integers: tuple[int, ...]
    states: tuple[int, ...]
    angle: float                      # rad
    axis: tuple[float, float, float]

    @property
    def matrix(self) -> np.ndarray:
        return axis_rotation(self.axis, self.angle)


def _powers(count: int) -> np.ndarray:
    """(count), int64: the multiplier to the powers 1, 2, ... in the arithmetic of the generator; a state times these is what follows it."""
    made = np.array([MULTIPLIER], np.int64)
    while len(made) < count:
        made = np.concatenate((made, made * made[-1] % MODULUS))
    return made[:count]


POWERS = _powers(1 << 14)


class Deviates:
    """One generator with one shuffle table, which all its users share; each has a state of its own."""

    def __init__(self) -> None:
        self.table = [0] * 32
        self.last = 0                 # the number that chooses the next entry; 0 while the table is empty
        self.spare: np.float32 | None = None
        self.regime, self.normal = "", f32(0)             # of the last Poisson deviate, and the Gaussian one that it was made from
        self.regimes: list[str] = []  # those of the last call of `photons`
        self.normals = np.zeros(0, f32)
        self.mean = f32(-1)           # for which the next three were formed
        self.root = self.log = self.base = f32(0)
        self.ahead: list[float] = []  # numbers drawn and not yet used, the next one last
        self.owner: list[int] | None = None               # the state that they were drawn for
        self.draws: list[Draw] = []   # those of the mosaic domains

    def uniform(self, state: list[int]) -> np.float32:
        """A number in (0, 1). `state` holds one integer: up to 0 it is a seed, above it the place in the sequence."""
        if self.owner is state:
            return f32(self._next())
        self._seed(state)
        state[0] = _advance(state[0])
        place = self.last // PER_ENTRY
        self.last, self.table[place] = self.table[place], state[0]
        return min(f32(self.last * (1.0 / MODULUS)), MOST)

    def _seed(self, state: list[int]) -> None:
        if state[0] <= 0 or not self.last:
            state[0] = max(1, -state[0])
            for place in range(39, -1, -1):
                state[0] = _advance(state[0])
                if place < 32:
                    self.table[place] = state[0]
            self.last = self.table[0]

    def _next(self) -> float:
        """The next number of those drawn ahead, which are drawn a block at a time: only the shuffle goes one by one."""
        if not self.ahead:
            sequence = POWERS * self.owner[0] % MODULUS
            drawn, table, last = [], self.table, self.last
            for x in sequence.tolist():
                place = last // PER_ENTRY
                last, table[place] = table[place], x
                drawn.append(last)
            self.last, self.owner[0] = last, int(sequence[-1])
            self.ahead = np.minimum((np.array(drawn[::-1]) * (1.0 / MODULUS)).astype(f32), MOST).tolist()
        return self.ahead.pop()

    def photons(self, means: np.ndarray, state: list[int]) -> np.ndarray:
        """`poisson` of each mean in turn: (n), float32, like `means`. From here on `state` draws ahead, so that no other state may
        be used with this generator any more."""
        if self.owner is not state:
            self._seed(state)
            self.owner, self.ahead = state, []
        made, draw = np.zeros(len(means), f32), self._next
        self.regimes, self.normals = ["exact"] * len(means), np.zeros(len(means), f32)
        limits = np.array([math.exp(-mean) if mean < 12 else 0.0 for mean in means.tolist()]).astype(f32).tolist()
        for i, limit in enumerate(limits):
            if not limit:
                made[i] = self.poisson(means[i], state)
                self.regimes[i], self.normals[i] = self.regime, self.normal
            elif (first := draw()) > limit:
                count, product = 1, f32(first) * f32(draw())
                while product > limit:
                    count, product = count + 1, product * f32(draw())
                made[i] = count
        return made

    def gaussian(self, state: list[int]) -> np.float32:
        """Mean 0, deviation 1; made in pairs, of which the second is kept for the next call."""
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        square = f32(0)
        while not 0 < square < 1:
            first = f32(2.0 * float(self.uniform(state)) - 1.0)
            second = f32(2.0 * float(self.uniform(state)) - 1.0)
            square = f32(f32(first * first) + f32(second * second))
        factor = f32(math.sqrt(-2.0 * math.log(float(square)) / float(square)))
        self.spare = f32(first * factor)
        return f32(second * factor)

    def poisson(self, mean: np.float32, state: list[int]) -> np.float32:
        """Three regimes: products of uniforms, rejection, a Gaussian that is not rounded. Clause random.2."""
        if mean > 1e6:
            self.regime, self.normal = "normal", self.gaussian(state)
            return f32(float(mean) + math.sqrt(float(mean)) * float(self.normal))
        self.regime = "exact" if mean < 12 else "rejection"
        if mean < 12:
            limit, count, product = f32(math.exp(-float(mean))), -1, f32(1)
            while True:
                count += 1
                product = f32(product * self.uniform(state))
                if product <= limit:
                    return f32(count)
        if mean != self.mean:
            self.mean, self.root = mean, f32(math.sqrt(2.0 * float(mean)))
            self.log = f32(math.log(float(mean)))
            self.base = f32(f32(mean * self.log) - _log_gamma(f32(mean + f32(1))))
        while True:
            number = f32(-1)
            while number < 0:
                slope = f32(math.tan(math.pi * float(self.uniform(state))))
                number = f32(f32(self.root * slope) + mean)
            number = f32(math.floor(number))
            power = f32(f32(f32(number * self.log) - _log_gamma(f32(number + f32(1)))) - self.base)
            bound = f32(0.9 * (1.0 + float(f32(slope * slope))) * math.exp(float(power)))
            if self.uniform(state) <= bound:
                return number

    def rotation(self, spread: float, state: list[int]) -> np.ndarray:
        """(xyz, uvw): a turn by an angle from 0 to `spread`, rad, about a random axis. Clause random.3."""
        return self.draw(spread, state).matrix

    def draw(self, spread: float, state: list[int]) -> Draw:
        drawn = [(float(self.uniform(state)), self.last, state[0]) for _ in range(3)]
        r1, r2, r3 = (2.0 * deviate - 1.0 for deviate, *_ in drawn)
        root = f32(float(f32(1.0 - r3 * r3)) ** float(f32(1.0 / 3.0)))          # numpy's own single power is not rounded correctly
        angle = float(f32(f32(spread) * root))
        across = math.sqrt(1.0 - r2 * r2)
        return Draw(*zip(*drawn), angle, (across * math.sin(math.pi * r1), across * math.cos(math.pi * r1), r2))

    def domains(self, count: int, spread: float, seed: int) -> np.ndarray:
        """(mosaic, xyz, uvw): one rotation for each domain; the first draws its numbers and is then not turned."""
        state = [seed]
        self.draws = [self.draw(spread, state) for _ in range(count)]
        made = np.stack([draw.matrix for draw in self.draws])
        made[0] = np.eye(3)
        return made


def _advance(x: int) -> int:
    k = x // Q
    x = MULTIPLIER * (x - k * Q) - R * k
    return x + MODULUS if x < 0 else x


def _log_gamma(x: np.float32) -> np.float32:
    """Logarithm of the gamma function, Lanczos' series."""
    y, x = float(x), float(x)
    t = x + 5.5 - (x + 0.5) * math.log(x + 5.5)
    series = 1.000000000190015
    for c in (76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5):
        y += 1.0
        series += c / y
    return f32(-t + math.log(2.5066282746310005 * series / x))


def axis_rotation(n: tuple[float, float, float], angle: float) -> np.ndarray:
    """Rotation matrix by `angle`, rad, about the unit vector `n`."""
    x, y, z = n
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return math.cos(angle) * np.eye(3) + (1.0 - math.cos(angle)) * np.outer(n, n) + math.sin(angle) * cross


def misset_angles(m: np.ndarray) -> tuple[float, float, float]:
    """Turns about x, y, z, rad, that together make the rotation `m`."""
    m = m / np.sqrt((m * m).sum(1, keepdims=True))
    if m[2, 0]**2 >= 1:
        return math.pi, math.pi / 2, math.atan2(m[0, 1], -m[1, 1])
    return math.atan2(m[2, 1], m[2, 2]), math.atan2(-m[2, 0], math.hypot(m[2, 1], m[2, 2])), math.atan2(m[1, 0], m[0, 0])
