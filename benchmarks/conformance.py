"""Does the torch program conform in every way it can be run? `.venv/bin/python benchmarks/conformance.py [RUN ...]`.

Every run and case, judged by all rules on five sides at once: the C program without quirks, and the torch program in double and single precision,
eager and compiled; what compares programs compares the first two. Then every rules file by itself on the smallest run, the torch program alone. Prints the
state of the files, and a line for each; exit status 1 if anything breaks.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.chdir(ROOT)
sys.path.insert(0, str(ROOT / "src"))

from conform.cli.options import load_spec  # noqa: E402
from conform.pipeline import Quiet, judge_run  # noqa: E402
from conform.run.gather import Choices  # noqa: E402
from conform.run.project import Project, find_project  # noqa: E402
from conform.run.runfile import Run, RunSide, load_run, load_runs, names_of_runs  # noqa: E402

SIDES = {"torch": ("float64", ()), "torch32": ("float32", ()), "compiled64": ("float64", ("--compile",)), "compiled32": ("float32", ("--compile",))}


# How far the images of two programs may be apart is said for double precision: those in single have no side `torch` beside them.
APART = [[name for name, (dtype, _) in SIDES.items() if dtype == own] for own in ("float64", "float32")]


def with_variants(project: Project) -> Project:
    """The project with a side for each way to run the torch program."""
    torch = project.file.sides["torch"]
    sides = {name: torch.model_copy(update={"command": (*torch.command, *flags)}) for name, (_, flags) in SIDES.items()}
    return replace(project, file=project.file.model_copy(update={"sides": {**project.file.sides, **sides}}))


def variant(run: Run, names: list[str]) -> Run:
    """The run with these sides; what C was to choose the first one chooses."""
    sides = {name: RunSide(dtype=SIDES[name][0] if name in SIDES else "float64") for name in names}
    capture = run.file.capture
    if capture.brightest is not None:
        capture = capture.model_copy(update={"brightest": capture.brightest.model_copy(update={"of": names[0]})})
    return replace(run, file=run.file.model_copy(update={"sides": sides, "capture": capture, "waivers": None}))


def judge(project: Project, rules: Path, run: Run, quirks: dict[str, str]) -> bool:
    report = judge_run(project, load_spec(rules), rules, run, Choices(quirks=quirks), Quiet()).report
    broken = [f"{verdict.clause} on {verdict.side}" for verdict in report.verdicts if verdict.outcome == "breaks"]
    print(f"{rules.name:<20} {run.name:<27} {', '.join(run.file.sides):<50} exit {report.exit_code}  {'; '.join(broken) or 'no break'}", flush=True)
    return not broken


def state() -> str:
    """The commit, and whether files differ from it."""
    said = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=12"], capture_output=True, text=True).stdout.strip()
    return f"on the state {said}" if said else "not in a git repository"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", metavar="RUN", help="default: all")
    given = parser.parse_args()
    print(state(), flush=True)
    project = with_variants(find_project())
    whole, good = Path("specs/nanobragg.rules"), True
    for name in given.runs or names_of_runs(project):
        own = Path(f"specs/{name}.rules")
        for run in load_runs(project, name):                # one, or the cases of a file that holds many
            for sides in APART if own.exists() else [[*SIDES]]:
                good &= judge(project, own if own.exists() else whole, variant(run, ["c", *sides]), {"c": "none"})
    of_runs = {f"{name}.rules" for name in names_of_runs(project)}      # judged above, on the run that they are made for
    for rules in sorted(path for path in Path("specs").glob("*.rules") if path.name not in of_runs):
        good &= judge(project, rules, variant(load_run(project, "quick"), ["torch"]), {})
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
