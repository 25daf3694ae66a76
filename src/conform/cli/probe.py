"""`conform probe`: probes for programs that have none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conform.cli import probe_suggest
from conform.cli.output import show
from conform.exits import CONFORMS, OPEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conform.probe.instrument import Probed, Refused

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Probes for programs that have none.\n\nFor example: conform probe suggest specs/scaling.rules --run quick")


@app.callback()
def _group() -> None:
    """Probes for programs that have none."""


app.command(name="suggest")(probe_suggest.suggest)


@app.command()
def instrument(
    source: Annotated[Path, typer.Argument(metavar="FILE.c", help="The C source; it and its folder are only read.", show_default=False)],
    binding: Annotated[Path, typer.Option("--binding", help="What is what in it: functions, loops, identifiers, units.", show_default=False)],
    rules: Annotated[Path | None, typer.Option("--rules", help="Say which quantities of these rules have no probe.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the probed copy, the diff and the program; it must not exist yet.")] = None,
    run: Annotated[str | None, typer.Option("--run", help="Execute it, too, as side --side of this run, and put the bundle into OUT/bundle.")] = None,
    side: Annotated[str, typer.Option("--side", help="The side that it stands for in that run.")] = "c",
    full: Annotated[bool, typer.Option("--full", help="List every probe.")] = False,
) -> None:
    """Put probes into a copy of a C source, build it, and show what was done.

    \b
    For example: conform probe instrument mine.c --binding mine.toml --out probed
                 conform probe instrument mine.c --binding mine.toml --full
                 conform check mine.rules --run first --side c=source:mine.c

    Exit status: 0 every probe has a place; 3 some have none, and are named; 2 the source or the binding cannot be used;
    4 the probed copy does not compile. CC and CFLAGS choose compiler and flags. docs/instrument.md explains bindings.
    """
    from conform.errors import UsageProblem
    from conform.probe.instrument import instrument as probed_by
    from conform.run.source import open_source

    if out is not None and out.exists():
        raise UsageProblem(f"{out}: there is something already", "name a folder that does not exist yet")
    if run is not None and out is None:
        raise UsageProblem("--run without --out: there is no folder for the bundle", "add --out FOLDER")
    opened = open_source(source, binding)
    probed = probed_by(opened.data, opened.source.name, opened.binding)
    lines = [*_lines(probed, full), *(_of_rules(probed, rules, opened.binding) if rules is not None else ())]
    if out is not None:
        lines += _write(opened, probed, out, run, side, binding)
    show("".join(_wrapped(line) for line in lines))
    raise typer.Exit(OPEN if probed.missing else CONFORMS)


def _wrapped(line: str) -> str:
    """Within 80 columns, what follows a little further in."""
    from textwrap import fill

    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return fill(line, 80, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, replace_whitespace=False) + "\n"


def _write(opened, probed: Probed, out: Path, run: str | None, side: str, binding: Path) -> list[str]:
    from conform.cli.progress import Bars
    from conform.files import new_folder, no_space_is_a_side_problem
    from conform.run.source import PATCH, PROGRAM, compile_probed, write_probed

    traced = _traced(opened, run, side, binding) if run is not None else None
    with no_space_is_a_side_problem(f"writing {out}"), new_folder(out) as work:
        write_probed(work, opened, probed)
        with Bars().stage(f"compiling {opened.source.name}"):
            log = out.with_name(f"{out.name}.build.log")         # stays where the folder does not: if it does not compile
            compile_probed(work, opened, log, f"building {opened.source.name} with its probes")
            log.unlink()
        if traced is not None:
            import shutil

            shutil.copytree(traced.folder, work / "bundle")
    return [f"{out}: {opened.source.name} with its probes, {PATCH}, {PROGRAM}" + (", bundle" if traced is not None else "")]


def _traced(opened, run: str, side: str, binding: Path):
    from conform.cli.progress import Bars
    from conform.run.gather import Choices, gather
    from conform.run.project import find_project
    from conform.run.runfile import load_run

    project = find_project()
    choices = Choices({side: f"source:{opened.source}"}, bindings={side: binding})
    return gather(project, load_run(project, run), choices, Bars(), only=(side,))[side].bundle


def _lines(probed: Probed, full: bool) -> list[str]:
    """What was placed and what was not, for a person."""
    optional = len(probed.refused) - len(probed.missing)
    counts = [f"{len(probed.placed)} probe{'s' * (len(probed.placed) != 1)} placed"]
    counts += [f"{len(probed.missing)} refused"] if probed.missing else []
    counts += [f"{optional} that this version does not have"] if optional else []
    lines = [f"{probed.name}: {', '.join(counts)}"]
    for refused, names in _alike(probed.missing):
        lines.append(f"  no probe for {names[0] if len(names) == 1 else f'{len(names)} quantities'}: {refused.why}")
        lines += [f"      line {line}" for line in refused.candidates]
        lines += [f"      {', '.join(names)}"] if len(names) > 1 else []
    if full:
        for name, placed in probed.placed.items():
            others = [line for line in placed.others if line != placed.line]
            lines.append(f"  {name}: line {placed.line}, behind {placed.statement}" + (f" (written in {', '.join(map(str, others))} too)" if others else ""))
            lines += [f"      unset after {gap}" for gap in placed.gaps]
        lines += [f"  {', '.join(names)}: {refused.why}" for refused, names in _alike(probed.refused) if refused.optional]
    return lines


def _alike(refused: Mapping[str, Refused]) -> list[tuple[Refused, list[str]]]:
    """Each reason once, with the quantities that it concerns."""
    found: dict[Refused, list[str]] = {}
    for name, one in refused.items():
        found.setdefault(one, []).append(name)
    return list(found.items())


def _of_rules(probed: Probed, rules: Path, binding) -> list[str]:
    """What the rules speak of and the binding does not, and the other way round; units that cannot be the same."""
    from conform.cli.options import load_spec
    from specs_dsl.units import Units

    spec = load_spec(rules)
    units = Units(spec.units)
    wanted = {name: quantity for name, quantity in spec.quantities.items() if quantity.role != "const"}
    given = {*probed.placed, *(("slow", "fast") if binding.has_pixels else ())}
    without = [name for name in wanted if name not in given]
    unknown = [name for name in probed.placed if name not in spec.quantities]
    lines = [f"{rules}: {len(wanted) - len(without)} of {len(wanted)} quantities have a probe"]
    lines += [f"  without one: {', '.join(without)}"] if without else []
    lines += [f"  not in the rules: {', '.join(unknown)}"] if unknown else []
    for name in probed.placed:
        quantity = spec.quantities.get(name)
        unit = binding.quantities[name].unit or "1"
        if quantity is not None and quantity.kind == "number" and units.dimension(unit) != units.dimension(quantity.unit):
            lines.append(f"  {name}: the binding says {unit}, the rules {quantity.unit}: not the same dimension")
    return lines
