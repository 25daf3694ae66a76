"""What an evidence folder says of itself: `evidence.json`."""

from __future__ import annotations

from collections.abc import Mapping

from conform.toml import Strict

FILE = "evidence.json"
RULES, BUNDLES, OTHERS, TOLERANCES, REPORT, CUT_REPORT, NOTE = "rules", "bundles", "others", "tolerances", "report.json", "replay.json", "audit.md"


class Environment(Strict):
    """The machine that judged: versions, no paths."""

    conform: str
    python: str
    platform: str
    processors: int
    packages: Mapping[str, str]
    compiler: str
    variables: Mapping[str, str]


class Evidence(Strict):
    format: str = "conform-evidence/1"
    command: tuple[str, ...]
    spec: str
    rules: str                           # below RULES
    run: str
    sides: tuple[str, ...]
    others: Mapping[str, tuple[str, ...]] = {}       # runs that clauses compare with, and the sides that are here of each
    excused: Mapping[str, str]           # clause to why the run is not meant to judge it
    kept: tuple[int, ...] | None         # elements of the outermost axis; None: all
    environment: Environment
    files: Mapping[str, str]             # SHA-256 of everything else in the folder
