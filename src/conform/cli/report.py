"""`conform report`: what can be done with reports that exist already."""

from __future__ import annotations

import typer

from conform.cli.options import Output
from conform.cli.output import check_writable, deliver

app = typer.Typer(no_args_is_help=True, help="What can be done with reports.")


@app.callback()
def _group() -> None:
    pass


@app.command()
def schema(output: Output = None) -> None:
    """Write the JSON schema of `conform-report/1`, by which `--format json` can be validated.

    For example: conform report schema --output conform-report-1.json
    """
    import json

    from conform.report.model import Report

    check_writable(output)
    said = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Report.model_json_schema(mode="serialization")}
    deliver(json.dumps(said, indent=1) + "\n", output)
