"""`conform explain CLAUSE --run NAME --at …`: the words of --at, and the element that they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from conform.cli.options import pairs
from conform.errors import UsageProblem

if TYPE_CHECKING:
    from conform.engine.operands import Side
    from conform.engine.tolerances import Profile
    from conform.engine.verdicts import Partial
    from specs_dsl.spec import Clause, Equation, Spec


def budget_of(clause: Clause, spec: Spec, run: str, at: str, words: Sequence[str], quirks: Sequence[str] | None, fresh: bool, full: bool) -> str:
    """The budget of one element, as text. UsageProblem if there is no such element."""
    from conform.cli.progress import Bars
    from conform.engine.budget import budget
    from conform.engine.diagnose import where
    from conform.engine.verdicts import Sample
    from conform.pipeline import open_sides
    from conform.sides import profiles_of
    from conform.report.budget import terminal
    from conform.run.gather import Choices
    from conform.run.project import find_project
    from conform.run.runfile import load_run

    project = find_project()
    loaded = load_run(project, run)
    asked = [word for word in words if "=" not in word]
    choices = Choices(pairs("--side", [word for word in words if "=" in word]), {}, pairs("--quirks", quirks), fresh)
    for name in asked:
        if name not in loaded.file.sides:
            raise UsageProblem(f"--side {name}: the run `{run}` has no such side", f"its sides are {', '.join(loaded.file.sides)}")
    sides = [side for side in open_sides(project, spec, loaded, choices, Bars()) if not asked or side.name in asked]
    profiles = profiles_of(project)
    place = _place(at, sides[0])
    side, part = _closest(clause, sides, profiles)
    equation = _equation(clause, part)
    if side.tile_axis not in place and part is not None and part.worst is not None:
        place = {**part.worst.at, **place}
    found = budget(equation, side, profiles, place)
    shown = where(Sample(tuple(found.at.items()), 0.0, 0.0, 0.0, 0.0), side)
    labelled = {axis: side.spec.axes[axis].labels[i] if axis in side.spec.axes and side.spec.axes[axis].labels else i for axis, i in shown.items() if axis != side.tile_axis or len(shown) == len(found.at)}
    return terminal(found, clause.title, labelled, full)


def _closest(clause: Clause, sides: Sequence[Side], profiles: Mapping[str, Profile]) -> tuple[Side, Partial | None]:
    """The side and statement that come closest to the bound."""
    from conform.engine.check import statements_of

    found = [(side, part) for side in sides for part in statements_of(clause, side, profiles) if part.judged and part.worst]
    return max(found, key=lambda one: one[1].worst.ratio) if found else (sides[0], None)


def _equation(clause: Clause, part: Partial | None) -> Equation:
    if not clause.equations:
        raise UsageProblem(f"{clause.id} has no equation; what it requires is a condition, which has no bound")
    return clause.equations[part.statement] if part is not None and part.statement < len(clause.equations) else clause.equations[0]


def _place(text: str, side: Side) -> dict[str, int]:
    """slow=1,fast=2,phi=0,abc=a: indices on axes, labels, and coordinates that the side traced."""
    from conform.engine.parity import coordinates

    words = pairs("--at", [word.strip() for word in text.split(",") if word.strip()])
    known = coordinates(side.spec)
    given = {name: value for name, value in words.items() if name in known and side.has(name)}
    place = {axis: _index(axis, value, side) for axis, value in words.items() if axis not in given}
    for axis in {known[name] for name in given}:
        place[axis] = _at_coordinates({name: value for name, value in given.items() if known[name] == axis}, side)
    return place


def _index(axis: str, text: str, side: Side) -> int:
    labels = side.spec.axes[axis].labels if axis in side.spec.axes else ()
    size = side.size(axis) if axis in side.spec.axes else None
    if size is None:
        raise UsageProblem(f"--at {axis}={text}: there is no axis `{axis}`", f"axes: {', '.join(side.spec.axes)}")
    if text in labels:
        return labels.index(text)
    if not (text.isdigit() and int(text) < size):
        raise UsageProblem(f"--at {axis}={text}: no such index", f"indices of {axis}: {', '.join(labels) if labels else f'0 to {size - 1}'}")
    return int(text)


def _at_coordinates(given: Mapping[str, str], side: Side) -> int:
    import numpy as np

    here = np.True_
    for name, text in given.items():
        if not text.lstrip("-").isdigit():
            raise UsageProblem(f"--at {name}={text}: not a whole number")
        here = here & (side.bundle.values(name) == int(text))
    found = np.flatnonzero(here)
    if not len(found):
        raise UsageProblem(f"--at {','.join(f'{name}={text}' for name, text in given.items())}: the run traced no such element", "the run file's [capture] says which are traced")
    return int(found[0])
