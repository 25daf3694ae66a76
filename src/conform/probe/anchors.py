"""Positions between the statements of a source, as statements see them: after one, before one, at the start of a body.

Knows blocks, branches without braces, labels, directives. insert.py turns an anchor into bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from conform.probe.index import Index, Spot
from conform.probe.levels import CannotPlace, Region
from conform.probe.syntax import CONDITIONAL, LOOPS, descend, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

BLOCKS = ("compound_statement", "case_statement", "labeled_statement", *CONDITIONAL)
STATEMENTS = ("expression_statement", "declaration", "if_statement", "switch_statement", "return_statement", "goto_statement",
              "break_statement", "continue_statement", "labeled_statement", "compound_statement", *LOOPS)


@dataclass(frozen=True)
class Anchor:
    """`node` is a statement (after, before, label) or the body that is entered; `in_block`: it needs no braces of its own."""

    kind: Literal["enter", "after", "before", "label", "end"]
    node: Node
    in_block: bool = True

    @property
    def at(self) -> int:
        """What stands before this byte has happened when a probe here speaks."""
        return {"enter": self.node.start_byte, "before": self.node.start_byte, "label": self.node.start_byte}.get(self.kind, self.node.end_byte)


def after(spot: Spot) -> Anchor:
    """Behind a statement, in whatever block or branch it stands."""
    return Anchor("after", spot.node, bool(spot.above) and spot.above[-1].type in BLOCKS and _block_holds(spot))


def _block_holds(spot: Spot) -> bool:
    """A label or a directive is in a block if what it stands in is one."""
    return next((node.type == "compound_statement" or node.type == "case_statement" for node in reversed(spot.above)
                 if node.type not in ("labeled_statement", *CONDITIONAL)), True)


def join_of(region: Region, spot: Spot) -> Spot:
    """The statement of the region, and not of a branch within it, that a spot is in: behind it all paths have joined."""
    chain = (*spot.above, spot.node)
    if not region.is_block:
        return Spot(region.node, chain[: chain.index(region.node)])
    depth = chain.index(region.node) + 1
    return Spot(chain[depth], chain[:depth])


def statement_of(spot: Spot) -> Spot:
    """The innermost statement around a spot."""
    chain = (*spot.above, spot.node)
    depth = max(i for i, node in enumerate(chain) if node.type in STATEMENTS and node.type != "compound_statement")
    return Spot(chain[depth], chain[:depth])


def behind_declarations(joined: Spot, pure: bool = True) -> Spot:
    """From one declaration to the last of those that follow, for C90 wants them first; not past one that calls something."""
    if joined.node.type != "declaration":
        return joined
    last, node = joined, joined.node.next_named_sibling
    while node is not None and node.type in ("declaration", "comment"):
        if node.type == "declaration":
            if pure and any(part.type in ("call_expression", "update_expression", "assignment_expression") for part, _ in descend(node)):
                break
            last = Spot(node, joined.above)
        node = node.next_named_sibling
    return last


def matching(index: Index, region: Region, text: str) -> Spot:
    """The one statement of a region that begins with `text`, blanks aside."""
    wanted = "".join(text.split())
    found = [Spot(node, above) for node, above in _statements(index) if region.holds(Spot(node, above)) and "".join(text_of(node).split()).startswith(wanted)]
    outermost = [spot for spot in found if not any(other.node.start_byte == spot.node.start_byte and len(other.above) < len(spot.above) for other in found)]
    if len(outermost) == 1:
        return outermost[0]
    lines = [f"{spot.node.start_point[0] + 1}: {' '.join(text_of(spot.node).split())[:60]}" for spot in outermost[:6]]
    raise CannotPlace(f"{len(outermost) or 'no'} statement{'s' * (len(outermost) != 1)} in `{index.function.name}` there begin{'s' * (len(outermost) == 1)} with `{text}`", lines)


def _statements(index: Index) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    return ((node, above) for node, above in descend(index.function.body) if node.type in STATEMENTS)


def before(spot: Spot) -> Anchor:
    """Before a statement and the pragmas that belong to it."""
    return Anchor("before", _pragmas_before(spot.node))


def around_nest(region: Region) -> tuple[Anchor, Anchor]:
    """Before and behind the outermost loop, the parallel region around it and its pragmas."""
    chain = (*region.loop.above, region.loop.node)
    depth = len(chain) - 1
    while True:
        first = _pragmas_before(chain[depth])
        parent = chain[depth - 1]
        if parent.type == "compound_statement" and depth > 1 and _pragmas_before(parent) != parent:
            depth -= 1
            continue
        break
    spot = Spot(chain[depth], chain[:depth])
    behind = after(spot)
    if not behind.in_block:
        raise CannotPlace("the outermost loop is the only statement of a branch without braces", [f"{first.start_point[0] + 1}"])
    return Anchor("before", first), behind


def _pragmas_before(node: Node) -> Node:
    first, before = node, node.prev_named_sibling
    while before is not None and (before.type == "comment" or _is_pragma(before)):
        if before.type != "comment":
            first = before
        before = before.prev_named_sibling
    return first


def _is_pragma(node: Node) -> bool:
    if node.type == "preproc_call":
        return text_of(node).lstrip("# \t").startswith("pragma")
    parts = [child for child in node.named_children if child.type not in ("comment", "identifier", "preproc_defined", "binary_expression")]
    return node.type in CONDITIONAL and bool(parts) and all(_is_pragma(part) for part in parts)
