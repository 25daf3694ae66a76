"""What every report for a terminal is laid out with: a label beside its paragraph, a line from edge to edge."""

from __future__ import annotations

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

LABEL = 14                               # width of the words on the left


def labelled(label: str, body: RenderableType, style: str = "bold") -> RenderableType:
    line = Table.grid(padding=(0, 0))
    line.add_column(width=LABEL, no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(label, style=style), body)
    return line


def across(left: Text, right: Text, label: Text | None = None) -> RenderableType:
    """One line from edge to edge."""
    line = Table.grid(expand=True)
    if label is not None:
        line.add_column(width=LABEL, no_wrap=True)
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True)
    line.add_row(*([label] if label is not None else []), left, Text.assemble(" ", right))       # a blank between them, however full
    return line


def indented(body: RenderableType) -> RenderableType:
    return Padding(body, (0, 0, 0, 2))
