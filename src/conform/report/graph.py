"""The clause graph as text: layers from the inputs on, each clause with what it needs and defines. Good at 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from conform.report.model import printable
from specs_dsl.graph import Graph, Node

WIDTH = 80


def render(graph: Graph) -> str:
    return "".join(f"{line}\n" for line in _lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    named = {role: [name for name, its in graph.roles.items() if its == role] for role in ("input", "const", "value")}
    yield f"{graph.name}: {_counted(len(graph.clauses), 'clause')}, {_counted(len(named['value']), 'value')}, {_counted(len(named['input']), 'input')}"
    for title, names in (("inputs", named["input"]), ("constants", named["const"]), ("values defined elsewhere", graph.undefined)):
        if names:
            yield from ("", title, *_listed("  ", names))
    for layer in sorted({clause.layer for clause in graph.clauses}):
        yield from ("", f"layer {layer}")
        for clause in graph.clauses:
            if clause.layer == layer:
                yield from _clause(clause)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")


def _clause(clause: Node) -> Iterator[str]:
    yield from textwrap.wrap(printable(f"{clause.id} {clause.title}"), WIDTH, initial_indent="  ", subsequent_indent="    ")
    yield from _listed("    needs    ", clause.needs)
    yield from _listed("    defines  ", clause.defines)


def _listed(start: str, names: Sequence[str]) -> list[str]:
    return textwrap.wrap(", ".join(names), WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_long_words=False)
