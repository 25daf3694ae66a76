"""What jumps past a probe: ways out of a level, which leave a gap with its reason, and labels that are jumped to."""

from __future__ import annotations

from dataclasses import dataclass

from conform.probe.anchors import Anchor
from conform.probe.index import Spot
from conform.probe.levels import CannotPlace, Region
from conform.probe.syntax import LOOPS, first_line, line_of, text_of

_WORDS = {"continue_statement": "continue", "break_statement": "break", "return_statement": "return", "goto_statement": "goto"}


@dataclass(frozen=True)
class Gap:
    """The level is left here before the probe: its element stays unset."""

    line: int
    how: str
    condition: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.how}" + (f" where {self.condition}" if self.condition else "")


def gaps_before(region: Region, anchor: Anchor) -> tuple[Gap, ...]:
    """The jumps out of the level that stand before the probe."""
    return tuple(_gap(region, jump) for jump in region.index.jumps if region.holds(jump) and jump.node.end_byte <= anchor.at and _leaves(region, jump))


def _leaves(region: Region, jump: Spot) -> bool:
    if jump.node.type == "return_statement":
        return True
    if jump.node.type == "goto_statement":
        return _label(region, jump) is None
    breakable = (*LOOPS, "switch_statement") if jump.node.type == "break_statement" else LOOPS
    around = next((node for node in reversed(jump.above) if node.type in breakable), None)
    return region.loop is not None and around == region.loop.node


def _gap(region: Region, jump: Spot) -> Gap:
    condition = next((node.child_by_field_name("condition") for node in reversed(jump.above) if node.type == "if_statement" and region.holds(Spot(node, ()))), None)
    return Gap(line_of(jump.node), _WORDS[jump.node.type], first_line(condition) if condition is not None else "")


def _label(region: Region, jump: Spot) -> Spot | None:
    """The label that a goto names, if it is in the region."""
    target = jump.node.child_by_field_name("label")
    name = text_of(target) if target is not None else ""
    return next((label for label in region.index.labels if label.inside(region.node) and text_of(label.node.child_by_field_name("label")) == name), None)


def labels_jumped_to(region: Region, anchor: Anchor) -> tuple[Anchor, ...]:
    """Labels behind the probe that a goto before it leads to: the value is handed over there, too."""
    found: dict[int, Anchor] = {}
    for jump in region.index.jumps:
        if jump.node.type != "goto_statement" or not region.holds(jump) or jump.node.end_byte > anchor.at:
            continue
        label = _label(region, jump)
        if label is None or label.node.start_byte < anchor.at:
            continue
        if label.above[-1] != region.node:
            raise CannotPlace("a goto jumps over the probe into a branch", [f"{line_of(jump.node)}: {first_line(jump.node)}", f"{line_of(label.node)}: {first_line(label.node)}"])
        found[label.node.start_byte] = Anchor("label", label.node)
    return tuple(found[key] for key in sorted(found))


def check_jumps_back(region: Region, anchor: Anchor) -> None:
    """CannotPlace if a goto leads back before the probe and the level may then be left: an older value would stay."""
    gaps = gaps_before(region, anchor)
    for jump in region.index.jumps if gaps else ():
        if jump.node.type == "goto_statement" and region.holds(jump) and jump.node.start_byte >= anchor.at:
            label = _label(region, jump)
            if label is not None and label.node.start_byte < anchor.at:
                raise CannotPlace("a goto leads back before the probe, and the level may then be left", [f"{line_of(jump.node)}: {first_line(jump.node)}", *map(str, gaps)])
