"""`conform fmt`: rules files in the one layout; what they mean and every comment stay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conform.cli.output import rewrite, show
from conform.exits import BREAKS, CONFORMS, WRONG


def fmt(
    rules: Annotated[list[Path], typer.Argument(help="Rules files.", show_default=False)],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
) -> None:
    """Lay RULES out in the one way. Exit 2 if one cannot be parsed; it stays as it is.

    \b
    For example: conform fmt --check specs/scaling.rules
    """
    from conform.errors import UsageProblem

    failed = changes = False
    for path in rules:
        try:
            before, after = _formatted(path)
            if before != after:
                changes = True
                _tell(path, before, after, check, diff)
        except UsageProblem as problem:
            failed = True
            typer.echo(f"conform: {problem}", err=True)
    raise typer.Exit(WRONG if failed else BREAKS if check and changes else CONFORMS)


def _formatted(path: Path) -> tuple[str, str]:
    """The text of a file as it is and as it should be; UsageProblem with every mistake if it cannot be parsed."""
    from conform.errors import UsageProblem
    from specs_dsl.diagnostics import SpecError
    from specs_dsl.formatter import format_rules
    from specs_dsl.reader import CannotRead, read_text, shown
    from specs_dsl.spans import Source

    try:
        text = read_text(path)
        raw = path.read_bytes().decode("utf-8")          # with its mark and its line ends, which a formatted file has not
        return raw, format_rules(Source(shown(path), text))
    except CannotRead as error:
        raise UsageProblem(f"{path}: the rules file cannot be read: {error}", "give the path of a .rules file") from None
    except SpecError as error:
        raise UsageProblem(f"{path}: the rules cannot be formatted\n\n{error}") from None


def _tell(path: Path, before: str, after: str, check: bool, diff: bool) -> None:
    if diff:
        show(_difference(path, before, after))
    elif check:
        show(f"{path}: would be formatted\n")
    else:
        rewrite(path, after)
        show(f"{path}: formatted\n")


def _difference(path: Path, before: str, after: str) -> str:
    from difflib import unified_diff

    old, new = (text.splitlines(keepends=True) if text else [] for text in (before, after))
    lines = unified_diff(old, new, f"{path}", f"{path} (formatted)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
