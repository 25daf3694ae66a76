"""Packing evidence: the rules, the bundles cut to what matters, patch, logs, environment, report, and an audit note."""

from __future__ import annotations

import os
import platform
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from conform import __version__
from conform.engine.operands import Side
from conform.engine.tiling import in_one_piece
from conform.errors import SideProblem, UsageProblem
from conform.evidence.model import BUNDLES, CUT_REPORT, FILE, NOTE, OTHERS, REPORT, RULES, TOLERANCES, Environment, Evidence
from conform.evidence.note import note
from conform.evidence.replay import judged_again
from conform.files import new_folder, sha256_of, write_text
from conform.pipeline import Checked
from conform.report.json import render
from conform.run.build import compiler, compiler_version
from conform.run.project import Project, log_of
from conform.run.runfile import Run
from conform.sides import DTYPES
from specs_dsl.spec import Spec

MOST_ELEMENTS = 24                       # of the outermost axis
MOST_BYTES = 1 << 26                     # of a log
PACKAGES = ("numpy", "pydantic", "lark", "pint", "python-flint", "torch")
VARIABLES = ("CC", "CFLAGS", "OMP_NUM_THREADS", "CONFORM_TIMEOUT")
EPOCH = (1980, 1, 1, 0, 0, 0)            # in a zip: the same bytes for the same findings


def write_evidence(target: Path, project: Project, spec: Spec, rules: Path, run: Run, checked: Checked, command: Sequence[str]) -> None:
    """A new folder, or a zip file if that is what `target` ends in. UsageProblem if there is something already."""
    if target.exists():
        raise UsageProblem(f"{target}: there is something already", "name a folder or a .zip file that does not exist yet")
    if target.suffix != ".zip":
        with new_folder(target) as work:
            _fill(work, project, spec, rules, run, checked, command)
        return
    with new_folder(target.with_name(f".{target.name}.folder")) as work:
        _fill(work, project, spec, rules, run, checked, command)
        aside = work / ".zip"
        _zip(work, aside)
        aside.replace(target)
    shutil.rmtree(target.with_name(f".{target.name}.folder"))


def _fill(work: Path, project: Project, spec: Spec, rules: Path, run: Run, checked: Checked, command: Sequence[str]) -> None:
    from conform.trace.cut import write_cut

    kept = chosen(checked)
    for side in checked.sides:
        write_cut(side.bundle, work / BUNDLES / side.name, side.tile_axis, kept, set(spec.quantities))
        _beside(side, work / "sides" / side.name)
    others = _others(checked.sides)
    for other, there in others.items():
        for side in there:
            write_cut(side.bundle, work / OTHERS / other / side.name, side.tile_axis, None, set(spec.quantities))
    name = _rules(work / RULES, spec, rules)
    for dtype in DTYPES:
        _copy(project.tolerances(dtype), work / TOLERANCES / f"{dtype}.toml")
    _copy(run.path, work / "run.toml")
    for side in checked.sides:
        _copy(log_of(project, f"{run.name}-{side.bundle.folder.name}"), work / "sides" / side.name / "output.log")
    write_text(work / REPORT, render(checked.report))
    why = {clause.id: reason for clause in spec.clauses if (reason := run.file.excused(clause.id)) is not None}
    evidence = Evidence(
        command=tuple(command), spec=spec.name, rules=name, run=run.name, sides=tuple(side.name for side in checked.sides), excused=why,
        others={other: tuple(side.name for side in there) for other, there in others.items()},
        kept=None if kept is None else tuple(kept), environment=_environment(), files={},
    )
    again = judged_again(work, evidence)
    write_text(work / CUT_REPORT, render(again.report))
    write_text(work / NOTE, note(checked.report, again, evidence))
    files = {path.relative_to(work).as_posix(): sha256_of(path) for path in sorted(work.rglob("*")) if path.is_file()}
    write_text(work / FILE, evidence.model_copy(update={"files": files}).model_dump_json(indent=1) + "\n")


def _others(sides: Sequence[Side]) -> dict[str, list[Side]]:
    """What clauses compare the sides with: the runs with another command line, and the sides that were run so."""
    found: dict[str, list[Side]] = {}
    for side in sides:
        for place, there in side.elsewhere.items():
            if place not in {one.name for one in sides}:
                found.setdefault(place, []).append(there.side)
    return found


def chosen(checked: Checked) -> list[int] | None:
    """Elements of the outermost axis that matter: where clauses break first and worst, and where others come closest; None for all."""
    first = checked.sides[0]
    size = first.size(first.tile_axis) or 0
    if size <= MOST_ELEMENTS or any(in_one_piece(side) for side in checked.sides):
        return None
    wanted = [root.at.get(first.tile_axis) for root in checked.report.roots]
    breaking = [v.worst_at for v in checked.report.verdicts if v.outcome == "breaks" and v.worst_at]
    closest = sorted((v for v in checked.report.verdicts if v.worst_at and v.margin is not None), key=lambda v: -(v.margin or 0.0))
    wanted += [at.get(first.tile_axis) for at in breaking] + [v.worst_at.get(first.tile_axis) for v in closest if v.worst_at]
    found = list(dict.fromkeys(i for i in wanted if i is not None))[:MOST_ELEMENTS]
    return sorted(found or [0])


def _beside(side: Side, place: Path) -> None:
    """What lies beside the trace: the patch of an instrumented source, its record, what the program printed; or the log itself."""
    origin = side.bundle.folder
    if origin.is_file():
        _copy(origin, place / origin.name)
        return
    for path in sorted(origin.iterdir()) if origin.is_dir() else ():
        if path.is_file() and path.suffix != ".npy" and path.name != "manifest.json":
            _copy(path, place / path.name)


def _copy(source: Path, target: Path) -> None:
    if source.is_file() and source.stat().st_size <= MOST_BYTES:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _rules(folder: Path, spec: Spec, rules: Path) -> str:
    """All files of the rules and their document, lying to each other as they did; the name of the first among them."""
    files = [Path(file).resolve() for file in dict.fromkeys([str(rules), *spec.files, *([spec.document] if spec.document else [])])]
    root = Path(os.path.commonpath([file.parent for file in files]))
    for file in files:
        _copy(file, folder / file.relative_to(root))
    return rules.resolve().relative_to(root).as_posix()


def _environment() -> Environment:
    return Environment(
        conform=__version__, python=platform.python_version(), platform=platform.platform(), processors=os.cpu_count() or 1, packages=dict(_packages()),
        compiler=_compiler(), variables={name: os.environ[name] for name in VARIABLES if name in os.environ},
    )


def _packages() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _compiler() -> str:
    try:
        found = compiler()
        return compiler_version(found).replace(found, Path(found).name, 1)
    except SideProblem:
        return "none"


def _zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path != target:
                item = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
                item.compress_type, item.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(item, path.read_bytes())
