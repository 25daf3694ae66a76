"""Judging evidence again, from its own files alone: no compiler, no program, no torch."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from conform.engine.check import Findings, check
from conform.engine.diagnose import diagnose
from conform.engine.operands import Side
from conform.engine.tolerances import Profile, load_profile
from conform.errors import UsageProblem
from conform.evidence.model import BUNDLES, CUT_REPORT, FILE, OTHERS, RULES, TOLERANCES, Evidence
from conform.files import sha256_of
from conform.report.build import build_report
from conform.report.json import render
from conform.report.model import Report
from conform.sides import DTYPES, completed, opened_beside, put_beside
from conform.trace.bundle import open_bundle
from conform.trace.manifest import validation_lines

MOST_BYTES = 1 << 32                     # that a zip may unpack to


@dataclass(frozen=True)
class Again:
    """The judgement of the bundles that the evidence holds."""

    report: Report
    findings: Findings
    sides: tuple[Side, ...]
    profiles: dict[str, Profile]


def judged_again(folder: Path, evidence: Evidence) -> Again:
    from specs_dsl.check import load
    from specs_dsl.diagnostics import SpecError
    from specs_dsl.reader import CannotRead

    rules = folder / RULES / evidence.rules
    try:
        spec = load(rules)
    except (CannotRead, SpecError) as error:
        raise UsageProblem(f"{folder}: the rules in it cannot be used: {error}") from None
    profiles = {dtype: load_profile(folder / TOLERANCES / f"{dtype}.toml") for dtype in DTYPES}
    bundles = {name: open_bundle(folder / BUNDLES / name) for name in evidence.sides}
    sides = completed(spec, bundles, profiles, {})
    put_beside(sides, {run: opened_beside({name: open_bundle(folder / OTHERS / run / name) for name in names}, spec) for run, names in evidence.others.items()}, profiles)
    findings = check(spec, sides, profiles)
    report = build_report(findings, diagnose(findings, profiles), rules, evidence.run, evidence.excused.get)
    return Again(report, findings, tuple(sides), profiles)


@dataclass(frozen=True)
class Replay:
    """The report, and in what it differs from the one that was recorded."""

    report: Report
    differing: tuple[str, ...]
    evidence: Evidence


def replay(place: Path) -> Replay:
    """UsageProblem if the folder or zip is none of ours, or its files are not those that were packed."""
    with _unpacked(place) as folder:
        evidence = _described(folder, place)
        _check_files(folder, evidence, place)
        again = judged_again(folder, evidence)
        recorded, found = json.loads((folder / CUT_REPORT).read_text("utf-8")), json.loads(render(again.report))
        return Replay(again.report, tuple(_differences(recorded, found)), evidence)


@contextmanager
def _unpacked(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield place
        return
    with TemporaryDirectory(prefix="conform-") as folder:
        try:
            with zipfile.ZipFile(place) as archive:
                _check_members(archive, place)
                archive.extractall(folder)
        except FileNotFoundError:
            raise UsageProblem(f"{place}: there is no such evidence", "conform evidence writes it") from None
        except (OSError, zipfile.BadZipFile) as error:
            raise UsageProblem(f"{place}: neither a folder nor a zip file of evidence: {error}") from None
        yield Path(folder)


def _check_members(archive: zipfile.ZipFile, place: Path) -> None:
    """Nothing is unpacked that would lie outside, or fill the disk."""
    for item in archive.infolist():
        parts = PurePosixPath(item.filename).parts
        if ".." in parts or item.filename.startswith(("/", "\\")) or "\\" in item.filename:
            raise UsageProblem(f"{place}: a file in it would lie outside of it: {item.filename}")
    if sum(item.file_size for item in archive.infolist()) > MOST_BYTES:
        raise UsageProblem(f"{place}: unpacks to more than {MOST_BYTES >> 30} GiB")


def _described(folder: Path, place: Path) -> Evidence:
    try:
        return Evidence.model_validate_json((folder / FILE).read_bytes())
    except OSError:
        raise UsageProblem(f"{place}: no evidence: there is no {FILE} in it", "conform evidence writes it") from None
    except ValidationError as error:
        raise UsageProblem(f"{place}: {FILE} is not valid:\n{validation_lines(error)}") from None


def _check_files(folder: Path, evidence: Evidence, place: Path) -> None:
    for name, expected in evidence.files.items():
        path = folder / name
        if ".." in PurePosixPath(name).parts or not path.is_file():
            raise UsageProblem(f"{place}: {name} is missing", "the evidence is no longer whole")
        if sha256_of(path) != expected:
            raise UsageProblem(f"{place}: {name} is not what was packed: another SHA-256 than in {FILE}", "the evidence was changed after it was packed")


def _differences(recorded: dict, found: dict) -> Iterator[str]:
    """Verdicts that came out otherwise; else the parts of the report that did."""
    before = {(v["clause"], v["side"]): v["outcome"] for v in recorded.get("verdicts", [])}
    now = {(v["clause"], v["side"]): v["outcome"] for v in found["verdicts"]}
    verdicts = [f"{clause} on {side}: {before.get((clause, side), 'not there')}, now {now.get((clause, side), 'not there')}"
                for clause, side in dict.fromkeys([*before, *now]) if before.get((clause, side)) != now.get((clause, side))]
    yield from verdicts or [f"{key} differs" for key in dict.fromkeys([*recorded, *found]) if recorded.get(key) != found.get(key)]
