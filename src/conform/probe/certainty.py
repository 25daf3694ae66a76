"""What must be certain before a value is handed over: it has one on every path, and nothing unseen may change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conform.probe.index import Declared, Index, Spot
from conform.probe.levels import CannotPlace, Levels, Region
from conform.probe.paths import Place
from conform.probe.syntax import CONDITIONAL, line_of, text_of
from conform.probe.writes import Effect

_BRANCHES = ("if_statement", "else_clause", "switch_statement", "case_statement", "conditional_expression", "while_statement", *CONDITIONAL)


def check_set(levels: Levels, index: Index, place: Place, declared: Declared | None, effects: Iterable[Effect], at: int) -> None:
    """CannotPlace if no assignment is certain to have happened: a variable that is set under a condition only is garbage otherwise."""
    if declared is None or declared.is_set or place.fields:
        return
    mine = [effect for effect in effects if effect.spot.node.end_byte <= at and place.overlaps(effect.place)]
    if any(_is_certain(effect.spot, at) for effect in mine):
        return
    text = "is set under a condition only, and has no value otherwise (give `when`, or `place = \"there\"`)" if mine else "has no value yet"
    raise CannotPlace(f"`{place.base}` {text}", [levels.at(effect.spot.node) for effect in mine[-4:]])


def _is_certain(spot: Spot, at: int) -> bool:
    """No branch around it that does not hold the probe as well. A counted loop is taken to run."""
    chain = (*spot.above, spot.node)
    for node, inner in zip(chain, chain[1:]):
        holds_probe = node.start_byte < at < node.end_byte
        if node.type in _BRANCHES and not holds_probe and node.child_by_field_name("condition") != inner:
            return False
        if node.type == "binary_expression" and text_of(node.child_by_field_name("operator")) in ("&&", "||") and node.child_by_field_name("right") == inner:
            return False
    return True


def check_address(levels: Levels, index: Index, declared: Mapping[Place, Declared | None]) -> None:
    """CannotPlace if the address goes where this cannot follow; a local pointer is followed."""
    for place in declared:
        for kept in index.kept_addresses:
            if kept.place.base != place.base or not place.overlaps(kept.place) or _goes_to_local(kept.spot):
                continue
            raise CannotPlace(f"the address of `{place.base}` is kept, and what is written through it cannot be seen", [levels.at(kept.spot.above[-1])])


def _goes_to_local(spot: Spot) -> bool:
    """`p = &x` or an initialiser, also in a list or in parentheses; or no more than a comparison or an element access."""
    above = spot.above[-1]
    if above.type in ("init_declarator", "initializer_list"):
        return True
    if above.type == "assignment_expression":
        return above.child_by_field_name("left").type == "identifier"
    return above.type in ("binary_expression", "field_expression", "subscript_expression", "pointer_expression")


def check_readable(region: Region, declared: Mapping[Place, Declared | None]) -> None:
    """CannotPlace if the parser could not read a part of the level that may matter."""
    names = {place.base for place in declared}
    for spot in region.index.unreadable:
        if not spot.inside(region.node):
            continue
        text = text_of(spot.above[-1] if spot.node.is_missing and spot.above else spot.node)
        words = set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
        if spot.node.type == "gnu_asm_expression" and not names & words:
            continue
        if names & words or "{" in text or "}" in text:
            raise CannotPlace("a part of the level cannot be read", [f"{line_of(spot.node)}: {' '.join(text.split())[:60]}"])
