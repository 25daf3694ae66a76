"""Running a program: its output to a log, the whole process group gone if we are interrupted; or becoming it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from conform.errors import SideProblem, UsageProblem
from conform.files import new_file

LAST_LINES = 8
TIMEOUT = "CONFORM_TIMEOUT"


class Killed(SideProblem):
    """A program was ended by a SIGKILL that is not ours: the system sends it where memory runs out."""


def run_logged(command: Sequence[str], cwd: Path, log: Path, what: str, env: Mapping[str, str] | None = None,
               timeout: float | None = None) -> None:
    """Run to the end, or to the end of `timeout` seconds; SideProblem with the last lines of its output if it fails."""
    output, aside = new_file(log)        # others may run the same now, and read the log of the last time
    try:
        with output:
            status = _wait(command, cwd, output, what, env, timeout)
    finally:
        aside.replace(log)               # however it ended: this is all that it said
    if status is None:
        raise SideProblem(f"{what} was ended after {timeout:g} s, in which it did not come to an end{_tail(log)}",
                          f"give it longer: `timeout` of the side in conform.toml, or {TIMEOUT}; its whole output is in {log}")
    if status == -signal.SIGKILL:
        raise Killed(f"{what} {_ended(status)}, probably for want of memory{_tail(log)}", f"its whole output is in {log}")
    if status != 0:
        raise SideProblem(f"{what} {_ended(status)}{_tail(log)}", f"its whole output is in {log}")


def become(command: Sequence[str], what: str, env: Mapping[str, str]) -> NoReturn:
    """Go on as that program: its files, signals and exit status are its own, and nobody stands between."""
    sys.stdout.flush()
    sys.stderr.flush()
    for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored_by_python, signal.SIG_DFL)
    try:
        os.execvpe(command[0], list(command), environment(env))
    except OSError as error:
        raise SideProblem(f"{what} could not be started: {command[0]}: {error.strerror}") from None


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment with what every side needs: two OpenMP runtimes in one process must not abort it."""
    return {**os.environ, "KMP_DUPLICATE_LIB_OK": "TRUE", **more}


def _wait(command: Sequence[str], cwd: Path, output, what: str, env: Mapping[str, str] | None, timeout: float | None) -> int | None:
    try:
        process = subprocess.Popen(command, cwd=cwd, env=environment(env or {}), stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, start_new_session=True)
    except OSError as error:
        raise SideProblem(f"{what} could not be started: {command[0]}: {error.strerror}") from None
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        _end(process)
        return None
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):               # it ended in this very moment
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def time_limit(declared: float | None) -> float | None:
    """Seconds that a program may take: CONFORM_TIMEOUT, else what its side declares, else any."""
    chosen = os.environ.get(TIMEOUT)
    if not chosen:
        return declared
    try:
        seconds = float(chosen)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < 1e9:
        raise UsageProblem(f"{TIMEOUT} is `{chosen}`, which is no number of seconds", "give a number like 60, or unset it")
    return seconds


def _ended(status: int) -> str:
    if status < 0:
        try:
            return f"was ended by signal {signal.Signals(-status).name}"
        except ValueError:
            return f"was ended by signal {-status}"
    return f"ended with status {status}"


def _printable(line: str) -> str:
    """What a program wrote must not move the cursor or change the colours of the message that quotes it."""
    return "".join(c if c.isprintable() else " " if c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in line)


def _tail(log: Path) -> str:
    text = log.read_bytes()[-8192:].decode("utf-8", "replace").strip()
    lines = [_printable(line) for line in text.splitlines() if line.strip()][-LAST_LINES:]
    return ":\n" + "\n".join(f"  {line}" for line in lines) if lines else " and said nothing"
