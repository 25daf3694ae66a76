"""Where reports go: to the screen, or written aside and renamed, with one message if that fails."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import typer

from conform.errors import UsageProblem
from conform.files import write_text


def is_screen(path: Path | None) -> bool:
    return path is None or str(path) == "-"


def screen(to_screen: bool) -> tuple[int, bool]:
    """How wide a report is shown, and whether in colour: as the terminal wants it, if a person looks at one."""
    import shutil

    person = to_screen and sys.stdout.isatty()
    colour = person and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return max(60, shutil.get_terminal_size((80, 24)).columns) if person else 80, colour


def deliver(text: str, path: Path | None) -> None:
    """To the screen, or to a file."""
    if path is None or is_screen(path):
        show(text)
    else:
        write_report(path, text)


def show(text: str) -> None:
    """Print `text` as it is. A reader that has seen enough (`| head`) changes nothing about the exit status."""
    try:
        typer.echo(text, nl=False)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())      # or Python complains once more at its exit
        if not isinstance(error, BrokenPipeError):
            raise UsageProblem(f"standard output cannot be written: {error.strerror}") from None


def check_writable(path: Path | None) -> None:
    """Before the work begins: UsageProblem if a report surely cannot be written there. `-` is the screen."""
    if path is None or is_screen(path):
        return
    if path.is_dir():
        raise UsageProblem(f"{path}: the report cannot be written: it is a folder", "name a file")
    above = next((folder for folder in path.absolute().parents if folder.exists()), None)
    if above is not None and not (above.is_dir() and os.access(above, os.W_OK)):
        raise UsageProblem(f"{path}: the report cannot be written in {above}", "name a file in a folder that you may write to")


def write_report(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise UsageProblem(f"{path}: the report cannot be written: {error.strerror}") from None


def rewrite(path: Path, text: str) -> None:
    """In the place of the file itself, not of a link to it, and with its permissions."""
    target = path.resolve()
    try:
        mode = target.stat().st_mode
        write_text(target, text)
        target.chmod(mode)
    except OSError as error:
        raise UsageProblem(f"{path}: the file cannot be written: {error.strerror}") from None
