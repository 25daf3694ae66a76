"""`conform report`: what can be done with reports that exist already."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conform.cli.forms import Form, of_suite
from conform.cli.options import Output
from conform.cli.output import check_writable, deliver

app = typer.Typer(no_args_is_help=True, help="What can be done with reports.\n\nFor example: conform report merge shard-*.json --output whole.json")


@app.callback()
def _group() -> None:
    pass


@app.command()
def schema(output: Output = None) -> None:
    """Write the JSON schema of `conform-report/1`, by which `--format json` can be validated.

    \b
    For example: conform report schema --output conform-report-1.json
    """
    import json

    from conform.report.model import Report

    check_writable(output)
    said = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Report.model_json_schema(mode="serialization")}
    deliver(json.dumps(said, indent=1) + "\n", output)


@app.command()
def merge(
    shards: Annotated[list[Path], typer.Argument(help="JSON reports of cases of one run, or of several of them.", show_default=False)],
    format: Annotated[Form, typer.Option(help="How to write the whole.")] = Form.json,
    rules: Annotated[Path | None, typer.Option("--rules", help="Of SARIF: their rules file, if it does not lie beside that of conform.toml.", show_default=False)] = None,
    output: Output = None,
) -> None:
    """Join the shards of a run with cases: the same bytes as if one check had judged them all. Exit status as of that check.

    \b
    For example: conform report merge shard-*.json --output whole.json
                 conform report merge shard-*.json --format markdown
    """
    from conform.report import merge as joining

    check_writable(output)
    whole = joining.merge([(path, joining.read(path)) for path in shards])
    deliver(of_suite(format, whole, rules), output)
    raise typer.Exit(whole.exit_code)
