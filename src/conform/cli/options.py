"""Options that several commands share, and how their words are taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conform.errors import UsageProblem

if TYPE_CHECKING:
    from conform.run.gather import Choices
    from conform.run.project import Project
    from specs_dsl.spec import Spec


class Format(str, Enum):
    terminal = "terminal"
    json = "json"


class Tabled(str, Enum):
    """Of commands whose report is kept as a table beside what it is about."""

    terminal = "terminal"
    json = "json"
    markdown = "markdown"


RunName = Annotated[str, typer.Option("--run", help="Name of a run file in the project's runs folder, or a path.", show_default=False)]
Sides = Annotated[list[str] | None, typer.Option("--side", metavar="NAME=KIND:WHERE", help="Another side in the run's place: c=source:FILE.c, c=binary:PATH, c=bundle:DIR, c=log:FILE.")]
Bindings = Annotated[list[str] | None, typer.Option("--binding", metavar="NAME=FILE", help="What is what in the C source of a side, if not what conform.toml says.")]
Dialects = Annotated[list[str] | None, typer.Option("--dialect", metavar="NAME=DIALECT", help="What the log of a side is written in, if it shall not be guessed: c=trace-c, or a .toml file.")]
Inputs = Annotated[list[str] | None, typer.Option("--input", metavar="NAME=PATH", help="A file of yours in the place of an input of the run.")]
Quirks = Annotated[list[str] | None, typer.Option("--quirks", metavar="SIDE=LIST", help="Which named departures a side shows: c=all, c=none, c=none,+NAME.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Run the sides again, whatever the cache holds.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write the report to a file; - is standard output.")]


def pairs(option: str, words: Sequence[str] | None) -> dict[str, str]:
    """`NAME=VALUE` words; UsageProblem if one is not of that form, or a name comes twice."""
    found: dict[str, str] = {}
    for word in words or ():
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise UsageProblem(f"{option} {word}: not of the form NAME=VALUE")
        if name in found:
            raise UsageProblem(f"{option}: {name} is given twice")
        found[name] = value
    return found


def choices_of(sides: Sequence[str] | None, inputs: Sequence[str] | None, quirks: Sequence[str] | None, fresh: bool,
               bindings: Sequence[str] | None = None, dialects: Sequence[str] | None = None) -> Choices:
    """What a command line changes about a run."""
    from conform.run.gather import Choices

    paths = {option: {key: Path(value) for key, value in pairs(option, words).items()} for option, words in (("--input", inputs), ("--binding", bindings))}
    return Choices(pairs("--side", sides), paths["--input"], pairs("--quirks", quirks), fresh, paths["--binding"], pairs("--dialect", dialects))


def load_spec(rules: Path, project: Project | None = None) -> Spec:
    """The checked spec of a rules file; UsageProblem with every mistake in it. A project keeps it for the next time."""
    if project is None:
        return _checked(rules)
    from conform.speccache import keep, kept

    if (spec := kept(rules, project.cache)) is None:
        spec = _checked(rules)
        keep(rules, project.cache, spec)
    return spec


def _checked(rules: Path) -> Spec:
    from specs_dsl.check import load
    from specs_dsl.diagnostics import SpecError
    from specs_dsl.reader import CannotRead

    try:
        return load(rules)
    except CannotRead as error:
        raise UsageProblem(f"{rules}: the rules file cannot be read: {error}", _rules_nearby(rules)) from None
    except SpecError as error:
        raise UsageProblem(f"{rules}: the rules cannot be used\n\n{error}") from None


def _rules_nearby(rules: Path) -> str:
    folder = rules if rules.is_dir() else rules.parent
    names = sorted(path.name for path in folder.glob("*.rules")) if folder.is_dir() else []
    return f"rules files in {folder}: {', '.join(names)}" if names else "give the path of a .rules file"


def check_clause(spec: Spec, rules: Path, clause: str) -> None:
    """UsageProblem if the rules have no clause of that name."""
    from specs_dsl.diagnostics import did_you_mean

    if clause not in spec.by_id:
        raise UsageProblem(f"--clause {clause}: {rules} has no such clause", did_you_mean(clause, spec.by_id) or "`conform graph` lists them")
