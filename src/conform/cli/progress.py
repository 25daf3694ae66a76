"""What a person sees while the sides run: one line on standard error, and nothing where that is no terminal, or in CI."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

    from conform.run.took import Forecast


def watched() -> bool:
    """Whether a person looks on. CI services set CI, some with a terminal that nobody sees."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and os.environ.get("CI", "").lower() in ("", "0", "false")


class Bars:
    """A spinner with the stage and its time, with a bar where it is known how long it took last time; a bar while tiles are judged."""

    def __init__(self) -> None:
        self._shown = watched()

    @contextmanager
    def stage(self, text: str, forecast: Forecast | None = None) -> Iterator[None]:
        if not self._shown:
            yield
            return
        from conform.cli.bars import stage

        with _on_screen(*stage(forecast)) as bars:
            bars.add_task(text, total=None)
            yield

    @contextmanager
    def tiles(self, text: str, total: int, kind: str = "tile") -> Iterator:
        """`kind`: what there are `total` of."""
        if not self._shown:
            yield lambda: None
            return
        from conform.cli.bars import counted

        with _on_screen(*counted(kind)) as bars:
            task = bars.add_task(text, total=total)
            yield lambda: bars.advance(task)


def _on_screen(*columns: object) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(*columns, console=Console(stderr=True), transient=True)
