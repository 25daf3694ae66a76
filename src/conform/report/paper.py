"""Renderings of rich as text: as wide as asked for, coloured only where asked for, nothing at the ends of lines."""

from __future__ import annotations

from io import StringIO

from rich.console import Console, RenderableType


def on_paper(body: RenderableType, width: int, colour: bool) -> str:
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=colour, color_system="standard" if colour else None, highlight=False, legacy_windows=False)
    console.print(body)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
