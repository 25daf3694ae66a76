"""Parallel regions with default(none): a probe may use the names that their lists have, and what is declared inside."""

from __future__ import annotations

import re
from collections.abc import Iterable

from conform.probe.anchors import Anchor
from conform.probe.index import Index, resolve
from conform.probe.levels import CannotPlace
from conform.probe.syntax import line_of, text_of

_LIST = re.compile(r"\b(?:shared|private|firstprivate|lastprivate|linear|copyprivate|reduction\s*\(\s*[^:()]*:)\s*\(?([^()]*)\)")
_OMP = re.compile(r"^\s*#\s*pragma\s+omp\b.*\bparallel\b", re.DOTALL)


def check_sharing(index: Index, anchor: Anchor, names: Iterable[str]) -> None:
    """CannotPlace if a name would have to be in the lists of the region, and is not."""
    for pragma in index.pragmas:
        text = text_of(pragma.node)
        region = pragma.node.next_named_sibling
        while region is not None and region.type in ("comment", "preproc_call"):
            region = region.next_named_sibling
        if not _OMP.match(text) or "none" not in text or region is None or not region.start_byte <= anchor.at <= region.end_byte:
            continue
        if anchor.kind == "before" and anchor.at == region.start_byte:
            continue
        listed = {name.strip() for names_of in _LIST.findall(text.replace("\\", " ")) for name in names_of.split(",")}
        own = _stepped(region)
        for name in sorted(names):
            declared = resolve(index, name, anchor.at)
            outside = declared is not None and not (region.start_byte <= declared.at < region.end_byte)
            if outside and name not in listed | own:
                raise CannotPlace(f"`{name}` is not in the sharing lists of the parallel region with default(none), so no probe in it may use it",
                                  [f"{line_of(pragma.node)}: {' '.join(text.split())[:60]}"])


def _stepped(region) -> set[str]:
    """The variable of a parallel loop is private without being listed."""
    head = region.child_by_field_name("initializer") if region.type == "for_statement" else None
    left = head.child_by_field_name("left") if head is not None and head.type == "assignment_expression" else None
    return {text_of(left)} if left is not None else set()
