"""Sides that exist already, beside each other: bundles and logs, without a run. What `conform compare` does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from conform.engine.check import check, judge_side
from conform.engine.diagnose import diagnose
from conform.engine.operands import Side
from conform.engine.table import first_divergence, table
from conform.engine.tolerances import Profile
from conform.errors import UsageProblem
from conform.report.binding import Read
from conform.report.build import build_report
from conform.report.comparison import Comparison, build_comparison
from conform.run.logs import check_same_elements, fitted, open_logs, shown_elements
from conform.run.project import Project
from conform.sides import completed, located, profiles_of
from conform.trace.bundle import Bundle, open_bundle
from conform.trace.logs.assemble import unread
from conform.trace.logs.given import Given, with_given
from conform.trace.logs.open import LogSide, open_log
from specs_dsl.spec import Spec

KINDS = ("bundle", "log")
NOT_SHOWN = "the sides do not show it"


def compare(project: Project, spec: Spec, rules: Path, sides: Mapping[str, str], dialects: Mapping[str, str], given: Mapping[str, Given]) -> Comparison:
    """The table of two sides, and the verdicts of what they let be judged. UsageProblem if they cannot be compared."""
    check_kinds(sides)
    if unknown := [name for name in given if name not in spec.quantities]:
        raise UsageProblem(f"--given {unknown[0]}: the rules have no such quantity", "conform explain NAME shows one; conform lint counts them")
    profiles = profiles_of(project)
    logs = open_logs(project, spec, sides, dialects)
    opened, told, assumed = _opened(spec, sides, logs, given, profiles)
    findings = check(spec, opened, profiles)
    report = build_report(findings, diagnose(findings, profiles), rules, "", lambda clause: NOT_SHOWN, text=False)
    rows = table(findings, profiles)
    notes = {name: log.assembled().bundle.manifest.producer.notes for name, log in logs.items()}
    return build_comparison(findings, report, rows, first_divergence(rows), {name: log.named.name for name, log in logs.items()}, told, assumed, notes)


def check_kinds(sides: Mapping[str, str]) -> None:
    for name, chosen in sides.items():
        kind, _, where = chosen.partition(":")
        if kind not in KINDS or not where:
            raise UsageProblem(f"{name}={chosen}: not a side that exists already", "write NAME=log:FILE or NAME=bundle:DIR; what has to be run is compared by conform check")


def _opened(spec: Spec, sides: Mapping[str, str], logs: Mapping[str, LogSide], given: Mapping[str, Given],
            profiles: Mapping[str, Profile]) -> tuple[list[Side], dict[str, str], dict[str, str]]:
    """The sides, and the inputs of the logs that were given, and that were assumed."""
    bundles: dict[str, Bundle] = {}
    for name, chosen in sides.items():
        bundles[name] = logs[name].assembled().bundle if name in logs else _renamed(open_bundle(Path(chosen.partition(":")[2])), name)
    others = [bundle for bundle in bundles.values() if not bundle.is_log]
    told: dict[str, str] = {}
    assumed: dict[str, str] = {}
    for name, log in logs.items():
        bundle, names = with_given(fitted(log, others, None), given, spec, "given")
        told |= {key: str(given[key]) for key in names}
        bundle = located(log, bundle, profiles)
        usual = {key: value for key, value in log.named.dialect.assumed.items() if not any(other.has(key) for other in others)}
        bundles[name], names = with_given(bundle, usual, spec, "assumed")
        assumed |= {key: _shown(usual[key]) for key in names}
    check_same_elements(bundles, spec)
    return completed(spec, bundles, profiles, {name: log.named.dialect.derived for name, log in logs.items()}), told, assumed


def _shown(value: Given) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _renamed(bundle: Bundle, name: str) -> Bundle:
    return Bundle(bundle.folder, bundle.manifest.model_copy(update={"side": name}))


def read_alone(project: Project, spec: Spec, path: Path, dialect: str | None, given: Mapping[str, Given]) -> Read:
    """One log as it is understood, its labels tried by the clauses that it lets be judged."""
    profiles = profiles_of(project)
    log = open_log("log", path, spec, project.dialects, dialect)
    (side,), _, _ = _opened(spec, {"log": f"log:{path}"}, {"log": log}, given, profiles)
    shown = shown_elements(side.bundle, spec)
    element = " ".join(f"{name} {value}" for name, value in zip(shown[0], shown[1][0].tolist(), strict=True)) if shown and len(shown[1]) == 1 else f"{side.size(side.tile_axis)} {side.tile_axis}s"
    judged = sum(not v.open for v in judge_side(spec, side, profiles, lambda: None))
    return Read(path.name, log.named.name, log.log.lines, side, judged, tuple(log.assembled().notes), tuple((name, log.log.unknown[name], why) for name, why in unread(log.log, log.named, spec)), element)
