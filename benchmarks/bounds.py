"""How tight are the bounds? Of each clause, the bound over the worst error of clean programs: at least 1, and little more.

    .venv/bin/python benchmarks/bounds.py [RUN ...] [--rules FILE]

Both programs in double precision and the torch program in single precision, on several runs. `rounding` is the bound that the arithmetic
gives; `allowed` is what a value is judged by: slack times that, and its own last rounding. A ratio below 1 would be a false alarm; one
above 5, where ten thousand elements were judged, is listed with the reason that the clause's form gives for it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from math import inf
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANY = 10_000
HEAD = """# Bounds over the worst error of clean programs

Written by `benchmarks/bounds.py` for {rules}, state {state} of checker, rules, programs and runs ({runs}): the C program without its quirks and the torch program.
What is allowed over the worst error; below 1 would be a false alarm, and above 5, where {many:,} elements or more were judged, the last column says why. `exact`:
no error at all. In double precision the rounding of the evaluator counts as well as the program's, so that figures there are up to twice as large as the
program's own; where an element matters it is judged again with exact values.
"""
SIDES = (("c", "float64"), ("torch", "float64"), ("torch", "float32"))


def margins(rules: Path, runs: list[str]):
    """(clause, side, dtype) -> (largest margin, elements judged, text of the clause's right sides)."""
    from conform.adequacy.faults import copied
    from conform.adequacy.kept import state_of
    from conform.cli.options import load_spec
    from conform.engine.check import check
    from conform.pipeline import Quiet, open_sides
    from conform.run.gather import Choices
    from conform.run.project import find_project
    from conform.run.runfile import load_run
    from conform.sides import profiles_of

    spec, project = load_spec(rules), find_project()
    found: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0.0, 0])
    for dtype in ("float64", "float32"):
        with copied(project) as copy:
            for name in runs:
                path = copy.root / "runs" / f"{name}.toml"
                text = path.read_text("utf-8")
                path.write_text(text.replace('[sides.torch]\ndtype = "float64"', f'[sides.torch]\ndtype = "{dtype}"'), "utf-8")
                run = load_run(copy, name)
                quirks = {side: "none" for side in run.file.sides if copy.file.sides[side].quirks}
                sides = [side for side in open_sides(copy, spec, run, Choices(quirks=quirks), Quiet()) if dtype == "float64" or side.name == "torch"]
                for verdict in check(spec, sides, profiles_of(copy)).verdicts:
                    if verdict.elements and verdict.margin == verdict.margin:
                        entry = found[verdict.clause, verdict.side, dtype]
                        entry[0], entry[1] = max(entry[0], verdict.margin), entry[1] + verdict.elements
    return spec, found, state_of(project, spec, {"c": "none"})[:12]


def why(clause) -> str:
    """What in the clause keeps correct programs far from their bound, by its form."""
    from specs_dsl import syntax as s

    nodes = [node for equation in clause.equations for node in s.walk(equation.right)]
    if any(isinstance(node, s.Reduce | s.Fold) or (isinstance(node, s.Call) and node.function in ("dot", "norm", "rotate", "cross", "unit")) for node in nodes):
        return "a sum in any order: its worst order is not the one that either program takes, and roundings cancel"
    if any(isinstance(node, s.Call) and node.function in ("exp", "sin", "cos", "atan2", "asin", "acos", "tan", "log") for node in nodes):
        return "functions are granted the ulps of the worst library; this one rounds correctly nearly always"
    if sum(isinstance(node, s.Binary) for node in nodes) >= 4:
        return "many roundings in a row, which cancel on most elements"
    return "one or two roundings, made by both programs as the evaluator makes them"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", default=["quick", "discriminating", "running", "smooth", "tophat"])
    parser.add_argument("--rules", type=Path, default=ROOT / "specs" / "scaling.rules")
    options = parser.parse_args()
    os.chdir(ROOT)
    spec, found, state = margins(options.rules, options.runs)
    print(HEAD.format(many=MANY, runs=", ".join(options.runs), rules=options.rules.name, state=state))
    print(f"| clause | {' | '.join(f'{side} {dtype}' for side, dtype in SIDES)} | elements | |\n|---|{'---:|' * (len(SIDES) + 1)}---|")
    bad = 0
    for clause in spec.clauses:
        entries = [found.get((clause.id, *side)) for side in SIDES]
        judged = [entry for entry in entries if entry]
        if not judged or all(entry[0] == 0 for entry in judged):
            continue
        ratios = [1 / entry[0] if entry and entry[0] else inf if entry else None for entry in entries]
        loose = [ratio for entry, ratio in zip(entries, ratios, strict=True) if entry and entry[1] >= MANY and ratio > 5]
        notes = ["exact: rounded as the evaluator rounds"] * (inf in loose) + [why(clause)] * any(ratio < inf for ratio in loose)
        bad += any(ratio is not None and ratio < 1 for ratio in ratios)
        shown = ["" if ratio is None else "exact" if ratio == inf else f"{ratio:.2f}" for ratio in ratios]
        print(f"| {clause.id} | {' | '.join(shown)} | {max(entry[1] for entry in judged):,} | {'; '.join(notes)} |")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
