"""`conform bench faults`: the fault library, planted one at a time; how often is the checker right?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conform.cli.options import Format, Output, load_spec, pairs

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Measure the checker itself.\n\nFor example: conform bench faults --jobs 2")


@app.callback()
def _group() -> None:
    """Measure the checker itself."""


@app.command()
def faults(
    rules: Annotated[Path | None, typer.Option(help="Rules file; default: the project's.")] = None,
    folder: Annotated[Path | None, typer.Option("--faults", help="Folder of faults; default: faults/ of the project.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Names of faults; default: all.")] = None,
    quirks: Annotated[list[str] | None, typer.Option("--quirks", metavar="SIDE=LIST", help="Named departures that the sides show; default: none of c's.")] = None,
    matrix: Annotated[bool, typer.Option("--matrix/--no-matrix", help="Check the programs as they are, too, built and run in every way of faults/clean/matrix.toml; with --only, not.")] = True,
    jobs: Annotated[int, typer.Option(min=1, help="Faults tried at a time.")] = 2,
    format: Annotated[Format, typer.Option(help="How to show the report.")] = Format.terminal,
    output: Output = None,
) -> None:
    """Plant every fault of the library in a copy of the project, check it, and compare what is said with what is true.

    \b
    For example: conform bench faults --only amplitude-not-squared
    """
    from concurrent.futures import ThreadPoolExecutor

    from conform.adequacy.clean import check_matrix, load_matrix
    from conform.adequacy.faults import check_copy, load_faults, try_fault
    from conform.cli.output import check_writable, deliver
    from conform.cli.progress import Bars
    from conform.errors import UsageProblem
    from conform.report.faults import build, terminal
    from conform.run.project import find_project

    check_writable(output)
    project = find_project()
    rules = rules or project.root / (project.file.rules or "")
    folder = folder or project.root / "faults"
    spec, library = load_spec(rules), load_faults(folder)
    ways = load_matrix(folder) if matrix and not only else None
    if unknown := [name for name in only or () if name not in library]:
        raise UsageProblem(f"there is no fault `{unknown[0]}`", f"faults here: {', '.join(library)}")
    chosen = {name: fault for name, fault in library.items() if not only or name in only}
    wanted = pairs("--quirks", quirks) or {name: "none" for name, side in project.file.sides.items() if side.quirks}
    runs = sorted({fault.run for fault in chosen.values()})
    with Bars().tiles("planting faults", len(chosen) + len(ways.cells if ways else runs), "fault") as tick, ThreadPoolExecutor(jobs) as pool:
        def one(name: str):
            try:
                return try_fault(project, spec, rules, name, library, wanted)
            finally:
                tick()

        clean = {} if ways else {run: tuple(f"{root.clause} on {root.side}" for root in check_copy(project, spec, rules, run, wanted).roots) for run in runs}
        outcomes = list(pool.map(one, chosen))
        cells = list(check_matrix(project, spec, rules, ways, wanted, tick)) if ways else []
        report = build(outcomes, {**clean, **{f"{cell.variant}, {cell.run}": cell.breaks for cell in cells if not cell.left_out}},
                       {f"{cell.variant}, {cell.run}": cell.left_out for cell in cells if cell.left_out})
    text = report.model_dump_json(indent=1) + "\n" if format is Format.json else terminal(report)
    deliver(text, output)
    raise typer.Exit(report.exit_code)
