"""Macros put in the place of their names, and what comes out parsed: they may assign, call, or stand for something else.

Knows text. A name is replaced by each of its definitions, whichever is in force.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conform.probe.paths import expression
from conform.probe.syntax import Macro, Source, parse

if TYPE_CHECKING:
    from tree_sitter import Node

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[A-Za-z_]\w*|##|#|\s+|.', re.DOTALL)
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)(?:\s*(?:\[[^\]]*\]|->\s*\w+|\.\s*\w+))*\s*(?:=(?!=)|[-+*/%&|^]=|<<=|>>=|\+\+|--)|(?:\+\+|--)\s*([A-Za-z_]\w*)")


class Expansions:
    """Of the macros of one source, each expansion made once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._made: dict[tuple[str, tuple[str, ...] | None], tuple[Node, ...]] = {}

    def of(self, name: str, given: tuple[str, ...] | None) -> tuple[Node, ...]:
        """Trees of what the name, with arguments or without, may come to; of what cannot be read, its assignments."""
        key = (name, given)
        if key not in self._made:
            bodies = dict.fromkeys(_replaced(macro, given) for macro in self.source.macros.get(name, ()) if (macro.parameters is None) == (given is None))
            self._made[key] = tuple(node for body in bodies for node in _read(body))
        return self._made[key]

    def value(self, name: str, given: tuple[str, ...] | None) -> tuple[Node, ...]:
        """Those that are expressions."""
        return tuple(node.named_children[0] for root in self.of(name, given) for node in root.named_children
                     if node.type == "expression_statement" and node.named_children)


def _read(body: str) -> list[Node]:
    """The block of a function with this text in it."""
    root = parse(f"void f(void) {{ {body}\n; }}".encode())
    blocks = [node.child_by_field_name("body") for node in root.named_children if node.type == "function_definition"]
    found = [block for block in blocks if block is not None]
    if root.has_error or len(found) != 1:
        names = {name for pair in _ASSIGNED.findall(body) for name in pair if name}
        found += [tree for name in sorted(names) if (tree := expression(f"{name} = 0")) is not None]
    return found


def _replaced(macro: Macro, given: tuple[str, ...] | None) -> str:
    """The body with the arguments in the place of the parameters; `##` glues, `#` makes text."""
    parameters = macro.parameters or ()
    values = dict(zip(parameters, given or ()))
    if parameters and parameters[-1].endswith("..."):
        values[parameters[-1].rstrip(".").strip() or "__VA_ARGS__"] = ", ".join((given or ())[len(parameters) - 1 :])
    tokens = _TOKEN.findall(macro.body)
    solid = [i for i, token in enumerate(tokens) if not token.isspace()]
    for here, following in zip(solid, solid[1:]):
        if tokens[here] == "#" and parameters and tokens[following] in values:
            tokens[here], tokens[following] = '""', ""
    text = "".join(values.get(token, token) for token in tokens)
    return re.sub(r"\s*##\s*", "", text)
