"""What a person sees while the sides run: one line on standard error, and nothing where that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Bars:
    """A spinner with the stage and its time, and a bar while tiles are judged."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    @contextmanager
    def stage(self, text: str) -> Iterator[None]:
        if not self._shown:
            yield
            return
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
            bars.add_task(text, total=None)
            yield

    @contextmanager
    def tiles(self, text: str, total: int) -> Iterator:
        if not self._shown:
            yield lambda: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task(text, total=total)
            yield lambda: bars.advance(task)
