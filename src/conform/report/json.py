"""The report as JSON: the model itself."""

from __future__ import annotations

from conform.report.model import Report


def render(report: Report) -> str:
    return report.model_dump_json(indent=1) + "\n"
