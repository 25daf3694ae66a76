"""Where reports and bundles go: written aside and renamed, with one message if that fails."""

from __future__ import annotations

from pathlib import Path

from conform.errors import UsageProblem
from conform.files import write_text


def write_report(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise UsageProblem(f"{path}: the report cannot be written: {error.strerror}") from None
