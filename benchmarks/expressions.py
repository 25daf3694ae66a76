"""Bounds against correct programs, on random expressions and operands by the million: is every error inside, and how much room is left?

    .venv/bin/python benchmarks/expressions.py [--count N] [--seed S] [--first I]

A case is one element of one well-typed expression: its value and bound by the evaluator, beside what a correct program of single or double
precision has there (expressions take turns), which takes every freedom that the bound allows at random. Every tenth expression is also
compared with ball arithmetic at 400 bits: that is the evaluator itself against the exact value. The generator, the programs and the exact
evaluation are those of the tests.

Expression I of a seed is the same whatever was before it, and a long search goes on with `--first`. Of each expression that is not
exact the bound is set beside the worst error that its cases showed; their median is the figure of tightness.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from random import Random
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "tests" / "conform")]

import numpy as np  # noqa: E402
from engine.comparison import Element, beside_exact, beside_program  # noqa: E402
from engine.expressions import expression  # noqa: E402
from engine.programs import Program  # noqa: E402
from engine.worlds import arithmetics, our_profiles  # noqa: E402
from flint import ctx  # noqa: E402

SIZES = {"p": 12, "k": 4, "xyz": 3}
CASES = 100              # of an expression, about
WORLDS = 6               # sets of operands of an expression, at most
MANY = 20                # cases from which a worst error says something
EDGES = (0.0, 1.0, -1.0, 0.5, 2.0, 1.5, -2.5)
DTYPES = ("float32", "float64")


def operands(dice: Random) -> dict[str, np.ndarray]:
    """Numbers of single precision: edges, small ones and larger ones."""

    def number() -> float:
        size = dice.choice((0, 4, 1000))
        drawn = float(np.float32(dice.uniform(-size, size))) if size else dice.choice(EDGES)
        return drawn if abs(drawn) > 1e-3 else 0.0

    p, k = SIZES["p"], SIZES["k"]
    shapes = {"a": (), "b": (p,), "c": (k,), "d": (p, k), "u": (3,), "w": (p, 3), "T": (6,)}
    found = {name: np.array([number() for _ in range(int(np.prod(shape)))]).reshape(shape) for name, shape in shapes.items()}
    return {**found, "m": np.array([dice.randint(-9, 9) for _ in range(p)]), "g": np.array([dice.random() < 0.5 for _ in range(p)])}


@dataclass
class Figures:
    """What the search has seen: of the programs by precision, and of the exact values."""

    cases: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*DTYPES, "exact"), 0))
    outside: list[str] = field(default_factory=list)
    room: dict[str, list[float]] = field(default_factory=lambda: {dtype: [] for dtype in DTYPES})
    expressions: int = 0

    def add(self, kind: str, i: int, text: str, elements: Sequence[Element]) -> None:
        self.cases[kind] += len(elements)
        self.outside += [f"expression {i}, {kind}: {text} at {item.place}: {item.off / item.reach if item.reach else inf:.6g} bounds off" for item in elements if not item.within]
        bounded = [item for item in elements if item.reach > 0]
        if kind in self.room and len(bounded) >= MANY:
            worst = max(item.off / item.reach for item in bounded)
            self.room[kind].append(1 / worst if worst else inf)

    def __str__(self) -> str:
        programs = sum(self.cases[dtype] for dtype in DTYPES)
        inside = f"{1 - len(self.outside) / max(1, sum(self.cases.values())):.6%}"
        return (f"{self.expressions:,} expressions; {programs:,} cases beside programs, {self.cases['exact']:,} beside exact values, {len(self.outside)} outside ({inside} inside); "
                + "; ".join(f"{dtype}: bound over worst error {spread(room)}" for dtype, room in self.room.items()))  # fmt: skip


def spread(room: Sequence[float]) -> str:
    if not room:
        return "unknown"
    ordered = sorted(room)
    return f"{median(ordered):.2f} in the median of {len(room):,} (least {ordered[0]:.2f}, nine in ten below {ordered[len(ordered) * 9 // 10]:.3g})"


def cases_of(i: int, seed: int) -> Iterator[tuple[str, str, list[Element]]]:
    """Of expression i: beside a program and, now and then, beside the exact value."""
    dice, dtype = Random(f"{seed}:{i}"), DTYPES[i % 2]
    text = expression(dice.choice, dice.randint(1, 3))
    found, exact = [], []
    for _ in range(WORLDS):
        world = operands(dice)
        found += beside_program(text, world, ARITHMETIC[dtype], Program(dtype, PROFILES[dtype].ulps, dice), SIZES)
        if i % 10 == 0:
            exact += beside_exact(text, world, ARITHMETIC["ours"], SIZES)
        if len(found) >= CASES:
            break
    yield dtype, text, found
    yield "exact", text, exact


PROFILES = our_profiles()
ARITHMETIC = arithmetics(PROFILES)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000, help="cases beside programs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, metavar="I", help="expression to begin with")
    given = parser.parse_args(arguments)
    ctx.prec = 400
    figures, i = Figures(), given.first
    while sum(figures.cases[dtype] for dtype in DTYPES) < given.count:
        for kind, text, elements in cases_of(i, given.seed):
            figures.add(kind, i, text, elements)
        i += 1
        figures.expressions += 1
        if figures.expressions % 500 == 0:
            print(f"seed {given.seed}, up to {i - 1}: {figures}", flush=True)
    print(*figures.outside[:50], sep="\n")
    print(figures)
    return 1 if figures.outside else 0


if __name__ == "__main__":
    sys.exit(main())
