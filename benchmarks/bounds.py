"""How tight are the bounds? Of each clause, the bound over the worst error of clean programs: at least 1, and little more.

    .venv/bin/python benchmarks/bounds.py [RUN ...] [--rules FILE]

Both programs in double precision and the torch program in single precision, on several runs. What is allowed is what a value is judged
by: slack times the bound of the arithmetic, and its own last rounding. The error is that against the exact value of the clause at the
operands that the program traced: in single precision the evaluator's own rounding is nothing beside it; in double it is as large, and the
exact value is worked out in ball arithmetic, of as many elements as time allows, those that look worst among them. A ratio below 1 would
be a false alarm. For one above 5, where ten thousand elements were judged, it is said how many operations add up to the bound at the worst
element and which of them has the largest share; and `WHY` says what keeps correct programs from it. Exit 1: a ratio below 1, or one above 5
that nobody has explained.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
MANY = 10_000
LOOSE = 5.0
SAMPLE = 400                             # elements of one statement and run whose exact value is worked out
HEAD = """# Bounds over the worst error of clean programs

Written by `benchmarks/bounds.py` for {rules}, state {state} of checker, rules, programs and runs ({runs}): the C program without its quirks and the torch program.
What is allowed over the worst error; below 1 would be a false alarm, and above 5, where {many:,} elements or more were judged, the last column says why. In single
precision all elements are in it; in double those whose exact value was worked out, {sample} of each statement and run at most: the evaluator rounds as the
programs do, and tells nothing of their error. `exact`: no error at all.
"""
WHY = {                                  # looked at one by one: what keeps correct programs from the bound
    "sampling.7": "three steps at most from a start that is often zero: nothing is lost in multiplying by 0, 1 or 2, and little in adding",
    "crystal.15": "the bound holds for every way to write a rotation, by a matrix or by three terms; both programs take the same terms, two of them small",
    "polarization.2": "the polarization axis of these runs is an axis of the laboratory: the products of the cross product are exact, or zero, and granted all the same",
    "geometry.31": "a sum of four terms in any order: the layer's depth and a coordinate of the axes are often zero, so that fewer are made",
    "polarization.1": "of the scalar product of two nearly equal directions one term is nearly one and carries its rounding alone",
    "polarization.3": "atan2 is granted the ulps of the worst library; the libraries here are within about one",
    "detector.7": "exp is granted the ulps of the worst library, and what precedes it is multiplied by its argument; the libraries here are within about one",
    "lattice.6": "eighteen roundings in a row of both signs, no one larger than a sixth of the bound: all of them at their worst at once is not seen in half a million",
    "structure.14": "64 terms of alternating sign, each a product of nine differences and quotients: the bound adds their sizes, their errors cancel",
}
SIDES = (("c", "float64"), ("torch", "float64"), ("torch", "float32"))


@dataclass
class Worst:
    """Of one clause on one side: error over what is allowed, at which element; and how many elements were judged and looked at."""

    margin: float = 0.0
    judged: int = 0
    looked: int = 0
    where: tuple | None = None           # the statement, the side, the profiles, the place

    def add(self, margin: float, where: tuple) -> None:
        if margin >= self.margin:
            self.margin, self.where = margin, where


@dataclass
class Seen:
    """What a tile's comparisons were, as the engine goes through them."""

    compared: dict[int, object] = field(default_factory=dict)

    def __call__(self, clause: str, statement: int, compared, ratio) -> None:
        self.compared[statement] = compared


def survey(rules: Path, runs: list[str]):
    """(clause, side, dtype) -> Worst."""
    from conform.adequacy.faults import copied, project_in
    from conform.adequacy.kept import state_of
    from conform.cli.options import load_spec
    from conform.pipeline import Quiet, open_sides
    from conform.run.gather import Choices
    from conform.run.project import find_project
    from conform.run.runfile import load_run
    from conform.sides import profiles_of

    spec, project = load_spec(rules), find_project()
    found: dict[tuple[str, str, str], Worst] = {}
    for dtype in ("float64", "float32"):
        with copied(project) as copy:
            for name in runs:
                path = copy / "runs" / f"{name}.toml"
                text = path.read_text("utf-8")
                path.write_text(text.replace('[sides.torch]\ndtype = "float64"', f'[sides.torch]\ndtype = "{dtype}"'), "utf-8")
                changed = project_in(copy, project.cache)
                run = load_run(changed, name)
                quirks = {side: "none" for side in run.file.sides if changed.file.sides[side].quirks}
                for side in open_sides(changed, spec, run, Choices(quirks=quirks), Quiet()):
                    if dtype == "float64" or side.name == "torch":
                        _survey_side(spec, side, profiles_of(changed), dtype, found)
                print(f"bounds: {name} in {dtype}", file=sys.stderr)
    return spec, found, state_of(project, spec, {"c": "none"})[:12]


def _survey_side(spec, side, profiles, dtype: str, found: dict) -> None:
    from conform.engine.check import Scopes, judge_tile
    from conform.engine.tiling import in_one_piece, ranges

    whole, size = in_one_piece(side), side.size(side.tile_axis) or 0
    pieces = [(tile, False) for tile in ranges(side)] + [(slice(0, size), True)]
    for tile, at_once in pieces:
        seen = Seen()
        scopes = Scopes(side, profiles, tile, seen)
        for clause in spec.clauses:
            seen.compared.clear()
            judge_tile(clause, scopes, lambda i, clause=clause, at_once=at_once: ((clause.id, i) in whole) == at_once)
            for number, compared in seen.compared.items():
                statement = clause.statements[number]
                judged = int(compared.judged.sum())
                if number >= len(clause.equations) or statement.tolerance is not None or not judged or not _is_number(statement, spec):
                    continue
                worst = found.setdefault((clause.id, side.name, dtype), Worst())
                worst.judged += judged
                if side.computed_in(statement) == "float64":
                    share = 1.0 if at_once else len(range(size)[tile]) / max(size, 1)
                    _exactly(statement, compared, scopes, (side, profiles), worst, max(2, round(SAMPLE * share)))
                else:
                    ratio = np.where(compared.judged & ~compared.tie, compared.ratio, 0.0)
                    at = int(np.argmax(ratio))
                    worst.looked += judged
                    worst.add(float(ratio.flat[at]), (statement, side, profiles, _place(compared, at, scopes)))


def _is_number(statement, spec) -> bool:
    return spec.quantities[statement.target].kind in ("number", "count")


def _exactly(equation, compared, scopes, where: tuple, worst: Worst, most: int) -> None:
    """The elements that look worst, and as many that are drawn, against their exact values."""
    from conform.engine.compare import Allowance
    from conform.engine.confirm import exact_element, strictly

    operands, profile = scopes.of(equation)
    with np.errstate(all="ignore"):
        guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
        strict = strictly(equation, guard, operands, Allowance(profile.slack_of(equation.clause), operands.math.precision.unit, equation.tolerance))
    places = np.flatnonzero(strict.judged & ~compared.tie)
    if len(places) > most:
        nearest = places[np.argsort(-compared.ratio.ravel()[places], kind="stable")[: most // 2]]
        places = np.union1d(nearest, np.random.default_rng(0).choice(places, most - len(nearest), replace=False))
    for at in places.tolist():
        exact = exact_element(equation, operands, strict.axes, np.unravel_index(at, strict.judged.shape))
        if exact is not None:
            allowed = float(strict.allowed.flat[at])
            worst.looked += 1
            worst.add(exact[0] / allowed if allowed else inf if exact[0] else 0.0, (equation, *where, _place(strict, at, scopes)))


def _place(compared, at: int, scopes) -> dict[str, int]:
    side = scopes.side
    start = scopes.tile.start or 0
    index = np.unravel_index(at, compared.judged.shape) if compared.judged.ndim else ()
    return {axis: int(i) + (start if axis == side.tile_axis else 0) for axis, i in zip(compared.axes, index, strict=True)}


def why(worst: Worst) -> str:
    """What adds up to the bound at the worst element, and what keeps programs from it."""
    from conform.engine.budget import budget

    equation, side, profiles, place = worst.where
    found = budget(equation, side, profiles, place)
    total = sum(share.amount for share in found.shares)
    largest = f", the largest {found.shares[0].operation}, {100 * found.shares[0].amount / total:.0f} %" if total else ""
    return f"`{equation.target}`, {len(found.shares)} operations{largest}: {WHY.get(equation.clause, 'NOT EXPLAINED')}"


def rows(spec, found: dict) -> Iterator[tuple[str, list[float | None], int, str]]:
    for clause in spec.clauses:
        entries = [found.get((clause.id, *side)) for side in SIDES]
        judged = [entry for entry in entries if entry]
        if not judged or all(entry.margin == 0 for entry in judged):
            continue
        ratios = [1 / entry.margin if entry and entry.margin else inf if entry else None for entry in entries]
        loose = [entry for entry, ratio in zip(entries, ratios, strict=True) if entry and entry.judged >= MANY and LOOSE < ratio < inf]
        yield clause.id, ratios, max(entry.judged for entry in judged), why(min(loose, key=lambda entry: entry.margin)) if loose else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", default=["quick", "discriminating", "running", "smooth", "tophat"])
    parser.add_argument("--rules", type=Path, default=ROOT / "specs" / "scaling.rules")
    options = parser.parse_args()
    os.chdir(ROOT)
    spec, found, state = survey(options.rules, options.runs)
    print(HEAD.format(many=MANY, runs=", ".join(options.runs), rules=options.rules.name, state=state, sample=SAMPLE))
    print(f"| clause | {' | '.join(f'{side} {dtype}' for side, dtype in SIDES)} | elements | |\n|---|{'---:|' * (len(SIDES) + 1)}---|")
    bad = 0
    for clause, ratios, elements, note in rows(spec, found):
        bad += "NOT EXPLAINED" in note or any(ratio is not None and ratio < 1 for ratio in ratios)
        shown = ["" if ratio is None else "exact" if ratio == inf else f"{ratio:.2f}" for ratio in ratios]
        print(f"| {clause} | {' | '.join(shown)} | {elements:,} | {note} |")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
