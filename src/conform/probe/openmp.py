"""Parallel regions with default(none): a probe may use the names that their lists have, and what is declared inside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from conform.probe.anchors import Anchor
from conform.probe.index import Index, Spot, resolve
from conform.probe.kinds import Kinds
from conform.probe.levels import CannotPlace
from conform.probe.syntax import line_of, text_of
from conform.probe.reads import Read

if TYPE_CHECKING:
    from tree_sitter import Node

_LIST = re.compile(r"\b(?:shared|private|firstprivate|lastprivate|linear|copyprivate|reduction\s*\(\s*[^:()]*:)\s*\(?([^()]*)\)")
_OWN = re.compile(r"\b(?:private|firstprivate|lastprivate|linear|reduction\s*\(\s*[^:()]*:)\s*\(?([^()]*)\)")
_OMP = re.compile(r"^\s*#\s*pragma\s+omp\b.*\bparallel\b", re.DOTALL)


def _regions(index: Index, at: int) -> Iterator[tuple[Spot, Node]]:
    """The parallel regions around a position, each with its pragma."""
    for pragma in index.pragmas:
        region = pragma.node.next_named_sibling
        while region is not None and region.type in ("comment", "preproc_call"):
            region = region.next_named_sibling
        if _OMP.match(text_of(pragma.node)) and region is not None and region.start_byte <= at <= region.end_byte:
            yield pragma, region


def check_own(kinds: Kinds, index: Index, at: int, reads: Mapping[str, Read]) -> None:
    """CannotPlace if a single variable is written by all threads: any of them may change it before the probe reads it."""
    source = kinds.source
    for pragma, region in _regions(index, at):
        text = text_of(pragma.node)
        own = {name.strip() for names_of in _OWN.findall(text.replace("\\", " ")) for name in names_of.split(",")} | _stepped(region) | source.threadprivate
        for name, read in reads.items():
            for one in read.objects:
                within = one.declared is not None and region.start_byte <= one.declared.at < region.end_byte
                kind = one.declared.kind if one.declared is not None else kinds.of_global(one.place.base)
                unknown = one.declared is None and one.place.base not in source.globals
                if not (one.looked or within or unknown or kind.is_array or one.place.base in own):
                    raise CannotPlace(f"`{name}` is shared by the threads, and another may change it at any moment", [f"{line_of(pragma.node)}: {' '.join(text.split())[:60]}"])


def check_sharing(index: Index, anchor: Anchor, names: Iterable[str]) -> None:
    """CannotPlace if a name would have to be in the lists of the region, and is not."""
    for pragma, region in _regions(index, anchor.at):
        text = text_of(pragma.node)
        if "none" not in text or (anchor.kind == "before" and anchor.at == region.start_byte):
            continue
        listed = {name.strip() for names_of in _LIST.findall(text.replace("\\", " ")) for name in names_of.split(",")}
        own = _stepped(region)
        for name in sorted(names):
            declared = resolve(index, name, anchor.at)
            outside = declared is not None and not (region.start_byte <= declared.at < region.end_byte)
            if outside and name not in listed | own:
                raise CannotPlace(f"`{name}` is not in the sharing lists of the parallel region with default(none), so no probe in it may use it",
                                  [f"{line_of(pragma.node)}: {' '.join(text.split())[:60]}"])


def _stepped(region: Node) -> set[str]:
    """The variable of a parallel loop is private without being listed."""
    head = region.child_by_field_name("initializer") if region.type == "for_statement" else None
    left = head.child_by_field_name("left") if head is not None and head.type == "assignment_expression" else None
    return {text_of(left)} if left is not None else set()
