"""What a user can do wrong, or a machine can fail at: one class for each exit status. Each says what, where, what to do.

Our own bugs stay ordinary exceptions and keep their traceback.
"""

from __future__ import annotations

from conform.exits import NOT_RUN, WRONG


class Problem(Exception):
    """Ends the command with `message` and, if there is one, a line `help:`."""

    exit_code = WRONG

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return self.message + (f"\nhelp: {self.help}" if self.help else "")


class UsageProblem(Problem):
    """The spec, the run file, the rules or the command line are wrong (exit 2)."""

    exit_code = WRONG


class SideProblem(Problem):
    """A side could not be built or run, or its trace could not be kept (exit 4)."""

    exit_code = NOT_RUN
