"""The clauses of the rules as a reader meets them: title, quotes, text, where they stand, what they need and define."""

from __future__ import annotations

import os
import re
from pathlib import Path

from conform.report.model import Stated
from specs_dsl.graph import graph
from specs_dsl.spans import Span
from specs_dsl.spec import Clause, Equation, Spec


def stated(spec: Spec, folder: Path) -> tuple[Stated, ...]:
    """Every clause in graph order; files as seen from `folder`, that of the rules."""
    from specs_dsl.parser import item_around        # the grammar takes a tenth of a second to load, and not every report states its clauses

    headings, document = _headings(spec), _seen_from(spec.document, folder)
    nodes = {node.id: node for node in graph(spec).clauses}
    return tuple(
        Stated(
            clause=clause.id, title=clause.title, quotes=clause.quotes, source=source(clause.span, folder),
            document=f"{document}:{headings[clause.id]}" if clause.id in headings else "", text=item_around(clause.span).strip(),
            needs=nodes[clause.id].needs, defines=nodes[clause.id].defines, layer=nodes[clause.id].layer,
        )
        for clause in spec.clauses
    )


def source(span: Span, folder: Path) -> str:
    """Rules file and line, as seen from the folder of the rules: the same wherever that lies."""
    return f"{_seen_from(span.source.name, folder)}:{span.line}"


def _seen_from(file: str, folder: Path) -> str:
    return Path(os.path.relpath(Path(file).resolve(), folder.resolve())).as_posix()


def _headings(spec: Spec) -> dict[str, int]:
    """Clause to the line of its heading; nothing where the document cannot be read, for then every clause is suspect."""
    from specs_dsl.quotes import lines
    from specs_dsl.reader import MOST_BYTES, CannotRead, read_text

    try:
        return dict(lines(read_text(Path(spec.document), MOST_BYTES)))
    except CannotRead:
        return {}


def quotes_of(clause: Clause, number: int) -> tuple[str, ...]:
    """The sentences of a clause, the one that a statement stands for first: that which names its quantity; of several, or none, the
    one in its place, if each statement has one."""
    statements = clause.statements
    words = statements[number].target.lower().split("_") if isinstance(statements[number], Equation) else []
    named = [sum(re.search(rf"\b{word}", quote.lower()) is not None for word in words) for quote in clause.quotes]
    likely = [i for i, count in enumerate(named) if count == max(named)]
    in_place = len(statements) == len(clause.quotes) and len({type(one) for one in statements}) == 1
    first = number if in_place and number in likely else likely[0] if likely else 0
    return (*clause.quotes[first : first + 1], *(quote for i, quote in enumerate(clause.quotes) if i != first))
