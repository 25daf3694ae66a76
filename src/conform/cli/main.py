"""`conform`: the commands, and what becomes of problems: one message, the documented exit status, no traceback."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterable
from importlib import import_module

os.environ.setdefault("KMP_DUPLICATE_LIB_OK", "TRUE")     # before anything loads an OpenMP runtime

import typer

from conform import __version__
from conform.errors import Problem, SideProblem
from conform.exits import INTERRUPTED, TERMINATED

# Each command: its module, and its function there where that has another name, or `app` where it is a group of commands.
COMMANDS = {
    "init": "init", "check": "check", "compare": "compare", "exec": "execute.execute", "trace": "trace", "lint": "lint", "accept": "accept", "coverage": "coverage",
    "fmt": "fmt", "graph": "graph", "explain": "explain", "mutate": "mutate", "waive": "waive", "report": "report.app", "evidence": "evidence",
    "replay": "evidence.replay", "bench": "bench.app", "binding": "binding.app", "probe": "probe.app",
}
HELP = (
    "Check programs against the spec that they are meant to compute.\n\n"
    "For example: conform check specs/scaling.rules --run supervisor\n\n"
    "Exit status: 0 conforms, 1 something breaks, 2 spec, run, rules or usage are wrong, 3 something could not be judged, "
    "4 a side could not be run, 130 interrupted."
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"conform {__version__}")
        raise typer.Exit()


def _options(version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version.")) -> None:
    pass


def program(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with these commands. To load and describe all takes as long as some of them run."""
    app = typer.Typer(name="conform", no_args_is_help=True, add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False, help=HELP)
    app.callback()(_options)
    for name in names:
        module, _, function = COMMANDS[name].partition(".")
        found = getattr(import_module(f"conform.cli.{module}"), function or module)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name=name, context_settings={"ignore_unknown_options": True} if name == "exec" else None)(found)
    return app


def main() -> None:
    """Run a command; every expected failure ends here."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))      # so that no side goes on without us
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")                  # names of files need not be text
    gc.set_threshold(300_000, 20, 100)       # a command makes many objects, and few circles of them: one search is a twentieth of a short comparison
    status = run(sys.argv[1:])
    gc.freeze()                              # and no last search for what goes with the process: a tenth of the time of `lint`
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """The exit status of a command line. typer itself ends with 2 for wrong usage and 130 for an interrupt."""
    try:
        program([word for word in arguments[:1] if word in COMMANDS] or COMMANDS)(arguments, prog_name="conform")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if status == INTERRUPTED:
            typer.echo("conform: interrupted", err=True)
        return status
    except Problem as problem:
        _say(problem)
        return problem.exit_code
    except OSError as error:
        if error.errno is None:
            raise
        typer.echo(f"conform: {error.strerror}{f': {error.filename}' if error.filename else ''}", err=True)
        return SideProblem.exit_code
    return 0


def _say(problem: Problem) -> None:
    typer.echo(f"conform: {problem.message}", err=True)
    if problem.help:
        typer.echo(f"help: {problem.help}", err=True)
