"""`conform trace`: only the bundle of one side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conform.cli.options import Bindings, Fresh, Inputs, Quirks, RunName, choices_of
from conform.cli.output import show


def trace(
    run: RunName,
    side: Annotated[str, typer.Option("--side", metavar="NAME[=KIND:WHERE]", help="The side to trace.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the bundle; it must not exist yet.", show_default=False)],
    input: Inputs = None,
    quirks: Quirks = None,
    binding: Bindings = None,
    fresh: Fresh = False,
) -> None:
    """Run one side and keep its trace as a bundle: a folder of .npy files and a manifest.

    \b
    For example: conform trace --run quick --side c --output bundle
    """
    import shutil

    from conform.cli.progress import Bars
    from conform.errors import UsageProblem
    from conform.files import new_folder, no_space_is_a_side_problem
    from conform.run.gather import gather
    from conform.run.project import find_project
    from conform.run.runfile import load_run

    if output.exists():
        raise UsageProblem(f"{output}: there is something already", "name a folder that does not exist yet")
    project = find_project()
    loaded = load_run(project, run)
    name, equals, _ = side.partition("=")
    choices = choices_of([side] if equals else None, input, quirks, fresh, binding)
    traced = gather(project, loaded, choices, Bars(), only=(name,))[name]
    with no_space_is_a_side_problem(f"writing {output}"), new_folder(output) as work:
        shutil.copytree(traced.bundle.folder, work, dirs_exist_ok=True)
    manifest = traced.bundle.manifest
    sizes = ", ".join(f"{entry.size:,} {axis}" for axis, entry in manifest.axes.items())
    show(f"{output}: {len(manifest.quantities)} quantities of side {name} ({sizes or 'no axes'})\n")
