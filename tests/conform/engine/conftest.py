"""Small worlds for the engine: operands without a bundle, and bundles with a page of rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from conform.engine.arithmetic import Arithmetic
from conform.engine.check import Findings, check, judge_side
from conform.engine.diagnose import Diagnosis, diagnose
from conform.engine.evaluate import Grid
from conform.engine.operands import Side, open_side
from conform.engine.tolerances import Profile
from conform.engine.values import Truth, Value
from conform.engine.verdicts import Verdict
from conform.trace.bundle import open_bundle, write_bundle
from specs_dsl.check import load
from specs_dsl.spec import Spec

from .worlds import World, arithmetics, evaluated, our_profiles, truth, value

# --- operands without a bundle ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def profiles() -> dict[str, Profile]:
    return our_profiles()


@pytest.fixture(scope="session")
def math(profiles) -> Callable[[str], Arithmetic]:
    """The arithmetic of a precision: float32, float64, or `ours`, of which only the evaluator's own rounding is left."""
    return arithmetics(profiles).__getitem__


@pytest.fixture(scope="session")
def evaluate(math) -> Callable:
    """evaluate("a + b", a=value(...), precision="float32"): the value of an expression, or its truth."""

    def run(text: str, precision: str = "float32", world: World | None = None, condition: bool = False, **names) -> Value | Truth:
        return evaluated(text, world or World(names, sizes=_sizes(names)), math(precision), condition)

    return run


def _sizes(names: Mapping[str, Value | Truth]) -> dict[str, int]:
    return {axis: size for part in names.values() for axis, size in zip(part.axes, part.data.shape, strict=True)}


@pytest.fixture(scope="session")
def make():
    """The makers of values, truths and worlds, for modules that cannot import this one."""

    class Make:
        value, truth, World, Grid = staticmethod(value), staticmethod(truth), World, Grid

    return Make


# --- bundles and rules -----------------------------------------------------------------------------------------------

LABELS_OF_SIDES = {"turned_words": ("late", "early", "never")}       # a side may number its words as it likes
RULES = 'spec tiny "tiny.md"\naxis pixel, turn\naxis xyz = x, y, z vector\n'


@dataclass
class Case:
    """A page of rules, and one side that traced something."""

    spec: Spec
    side: Side
    profiles: Mapping[str, Profile]

    def check(self) -> Findings:
        return check(self.spec, [self.side], self.profiles)

    def verdict(self, clause: str = "one.1") -> Verdict:
        (found,) = [v for v in judge_side(self.spec, self.side, self.profiles, lambda: None) if v.clause == clause]
        return found


@pytest.fixture
def case(tmp_path, profiles) -> Callable[..., Case]:
    """case(rules, x=("pixel", [...])): arrays by name; a third item is where the program never came."""
    made: list[int] = []

    def build(rules: str, document: str = "", dtype: str = "float64", own: Mapping[str, Profile] | None = None, units: Mapping[str, str] = {},
              command: str | None = "a", wide: Collection[str] = (), **arrays) -> Case:
        """`wide`: computed in double precision, whatever the side claims."""
        folder = tmp_path / f"case{len(made)}"
        made.append(1)
        folder.mkdir()
        spec = _spec(folder, rules, document)
        return Case(spec, _side(folder, spec, dtype, units, arrays, command, wide), own or profiles)

    return build


def _spec(folder: Path, rules: str, document: str) -> Spec:
    ids = [line.split()[1] for line in rules.splitlines() if line.startswith("clause ")]
    sections = "\n\n".join(f"### {clause}\nIt is so. {document}" for clause in ids)
    (folder / "tiny.md").write_text(f"# Tiny\n\n{sections}\n", "utf-8")
    path = folder / "tiny.rules"
    path.write_text(RULES + rules, "utf-8")
    return load(path)


def _side(folder: Path, spec: Spec, dtype: str, units: Mapping[str, str], arrays: Mapping[str, tuple], command: str | None,
          wide: Collection[str]) -> Side:
    files, quantities, axes = {}, {}, {"xyz": {"size": 3, "labels": ["x", "y", "z"]}}
    for name, (names, data, *unset) in arrays.items():
        names, data = tuple(names.split()), np.asarray(data)
        array = data.astype("int64" if data.dtype.kind in "bi" else "float64" if name in wide else dtype)
        files[name] = array
        axes |= {axis: {"size": size} for axis, size in zip(names, array.shape, strict=True) if axis != "xyz"}
        quantities[name] = {"unit": units.get(name, "1"), "axes": names, "dtype": str(array.dtype), "file": f"{name}.npy"}
        if name in wide:
            quantities[name]["precision"] = "float64"
        if spec.quantities[name].kind == "choice":
            quantities[name]["labels"] = LABELS_OF_SIDES.get(name, spec.quantities[name].choices)
        if unset:
            files[f"{name}.unset"] = np.asarray(unset[0], "uint8")
            quantities[name]["unset"] = f"{name}.unset.npy"
    manifest = {"side": "a", "command": None if command is None else command.split(), "inputs": {}, "producer": {"program": "a", "dtype": dtype}, "axes": axes, "quantities": quantities}
    write_bundle(folder / "a", manifest, files)
    return open_side("a", open_bundle(folder / "a"), spec)


@pytest.fixture
def beside(case) -> Callable[..., Diagnosis]:
    """beside(rules, one, two): two sides `a` and `b` from arrays by name, judged by the same rules; their last quantity is `image`."""

    def run(rules: str, one: Mapping[str, tuple], two: Mapping[str, tuple]) -> Diagnosis:
        worlds = [case(rules, **arrays) for arrays in (one, two)]
        sides = [Side(name, world.side.bundle, worlds[0].spec, world.side.order) for name, world in zip("ab", worlds, strict=True)]
        return diagnose(check(worlds[0].spec, sides, worlds[0].profiles), worlds[0].profiles, final="image")

    return run
