"""The clause graph in Mermaid's language, which GitHub and many editors draw."""

from __future__ import annotations

from collections.abc import Iterator

from conform.report.model import printable
from specs_dsl.graph import Graph

_ESCAPED = {ord(char): f"#{ord(char)};" for char in '#"<>&`;\n'}


def render(graph: Graph) -> str:
    return "".join(f"{line}\n" for line in _lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    yield "flowchart TD"
    for name, role in graph.roles.items():
        yield f"  {_id(name)}[{_label(name)}]" if role == "value" else f"  {_id(name)}([{_label(name)}]):::{role}"
    for clause in graph.clauses:
        yield f"  {_id(clause.id)}{{{{{_label(f'{clause.id} {clause.title}')}}}}}:::clause"
    for clause in graph.clauses:
        yield from (f"  {_id(name)} --> {_id(clause.id)}" for name in clause.needs)
        yield from (f"  {_id(clause.id)} --> {_id(name)}" for name in clause.defines)
    yield "  classDef input fill:#e8f4e8,stroke:#5a8a5a"
    yield "  classDef const fill:#f4f4e0,stroke:#8a8a5a"
    yield "  classDef clause fill:#e4ecf8,stroke:#4a6a9a"


def _id(name: str) -> str:
    """No word of Mermaid's own, such as `end`: clauses have a point, quantities have none."""
    return f"c_{name.replace('.', '_')}" if "." in name else f"q_{name}"


def _label(text: str) -> str:
    return f'"{printable(text).translate(_ESCAPED)}"'
