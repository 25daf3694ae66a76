"""`conform bench faults`: the fault library, planted one at a time; how often is the checker right?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from conform.cli.options import Fresh, Output, Tabled, load_spec, pairs

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
    format: Annotated[Tabled, typer.Option(help="How to show the report.")] = Tabled.terminal,
    output: Output = None,
    fresh: Fresh = False,
) -> None:
    """Plant every fault of the library in a copy of the project, check it, and compare what is said with what is true.

    What was measured before of the same checker, rules, programs and fault is not measured again (--fresh: it is), so that an
    interrupted call goes on where it ended.

    \b
    For example: conform bench faults --only amplitude-not-squared
    """
    from concurrent.futures import ThreadPoolExecutor

    from conform.adequacy.clean import Cell, cell_of, load_matrix
    from conform.adequacy.faults import check_copy, judged_by, load_faults, try_fault
    from conform.adequacy.kept import Kept, state_of
    from conform.cli.output import check_writable, deliver
    from conform.cli.progress import Bars
    from conform.errors import UsageProblem
    from conform.report.faults import FaultEntry, build, entry, markdown, terminal
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
    kept = Kept(None if fresh else project.cache / "benches", state_of(project, spec, wanted))
    runs = sorted({(fault.run, fault.rules) for fault in chosen.values()})
    with Bars().tiles("planting faults", len(chosen) + len(ways.cells if ways else runs), "fault") as tick, ThreadPoolExecutor(jobs) as pool:
        def one(name: str) -> FaultEntry:
            try:
                what = [library[other].model_dump(mode="json") for other in (name, *library[name].together) if other in library]
                if known := kept.get(name, what):
                    return FaultEntry.model_validate(known)
                found = entry(try_fault(project, spec, rules, name, library, wanted))
                kept.put(found.model_dump(mode="json"), name, what)
                return found
            finally:
                tick()

        def cell(variant, run: str) -> Cell:
            """One after another: the environment is that of the whole process."""
            what = variant.model_dump(mode="json")
            known = kept.get(what, run)
            found = Cell(**known) if known else cell_of(project, spec, rules, variant, run, wanted)
            if not found.left_out:       # what is not here may be here the next time
                kept.put(asdict(found), what, run)
            tick()
            return found

        clean = {} if ways else {run: tuple(f"{root.clause} on {root.side}" for root in check_copy(project.root, project.cache, *judged_by(own, project, spec, rules), run, wanted).roots) for run, own in runs}
        entries = list(pool.map(one, chosen))
        cells = [cell(variant, run) for variant, run in ways.cells] if ways else []
        report = build(entries, {**clean, **{f"{c.variant}, {c.run}": tuple(c.breaks) for c in cells if not c.left_out}},
                       {f"{c.variant}, {c.run}": c.left_out for c in cells if c.left_out}, kept.state)
    text = report.model_dump_json(indent=1) + "\n" if format is Tabled.json else markdown(report) if format is Tabled.markdown else terminal(report)
    deliver(text, output)
    raise typer.Exit(report.exit_code)
