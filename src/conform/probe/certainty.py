"""What must be certain before a value is handed over: it has one on every path, and nothing unseen may change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from conform.probe.anchors import STATEMENTS
from conform.probe.dialect import COMPLEX
from conform.probe.index import Declared, Spot, resolve
from conform.probe.levels import CannotPlace, Levels, Region
from conform.probe.library import PARTS
from conform.probe.objects import Objects
from conform.probe.own import Effect
from conform.probe.paths import Place, callee, expression
from conform.probe.syntax import CONDITIONAL, descend, first_line, line_of, text_of
from conform.probe.targets import Object

if TYPE_CHECKING:
    from tree_sitter import Node

_ARTICLES = {"array": "an"}
_BRANCHES = ("if_statement", "else_clause", "switch_statement", "case_statement", "conditional_expression", "while_statement", *CONDITIONAL)


def check_set(levels: Levels, region: Region, place: Place, declared: Declared | None, effects: Iterable[Effect], at: int) -> None:
    """CannotPlace if no assignment is certain to have happened: a variable that is set under a condition only is garbage otherwise.

    Where the program itself goes on with the value, whatever the condition was, it is what the program computes with.
    """
    if declared is None or declared.is_set or place.fields or _is_used_after(region, place, declared, at):
        return
    mine = [effect for effect in effects if effect.spot.node.end_byte <= at and effect.is_plain]
    if any(_is_certain(effect.spot, at) for effect in mine):
        return
    text = "is set under a condition only, and has no value otherwise (give `when`, or `place = \"there\"`)" if mine else "has no value yet"
    raise CannotPlace(f"`{place.base}` {text}", [levels.at(effect.spot.node) for effect in mine[-4:]])


def _is_used_after(region: Region, place: Place, declared: Declared, at: int) -> bool:
    """Does the level read it behind the probe in any case?"""
    return any(spot.at >= at and region.holds(spot) and _is_certain(spot, at) and resolve(region.index, place.base, spot.at) is declared
               and not _is_target(spot) for spot in region.index.uses.get(place.base, ()))


def _is_target(spot: Spot) -> bool:
    """On the left of a plain assignment, or given to somebody by address: not read."""
    chain = (*spot.above, spot.node)
    for node, inner in zip(reversed(chain[:-1]), reversed(chain)):
        if node.type == "assignment_expression":
            return node.child_by_field_name("left") == inner and text_of(node.child_by_field_name("operator")) == "="
        if node.type not in ("subscript_expression", "pointer_expression", "parenthesized_expression", "field_expression", "argument_list"):
            return False
        if node.type == "argument_list":
            return True
    return False


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


def check_readable(region: Region, declared: Mapping[Place, Declared | None]) -> None:
    """CannotPlace if the parser could not read a part of the level that may matter."""
    names = {place.base for place in declared}
    for spot in region.index.unreadable:
        if not spot.inside(region.node):
            continue
        text = text_of(spot.node) + " " + text_of(_statement(region, spot))
        words = set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
        if spot.node.type == "gnu_asm_expression" and not names & words:
            continue
        if names & words or "{" in text_of(spot.node) or "}" in text_of(spot.node):
            raise CannotPlace("a part of the level cannot be read", [f"{line_of(spot.node)}: {first_line(_statement(region, spot))}"])


def check_real(objects: Objects, texts: Iterable[str], at: int) -> None:
    """CannotPlace if a complex number would be handed over as if it had one part."""
    for text in texts:
        tree = expression(text)
        for node, above in descend(tree) if tree is not None else ():
            if node.type not in ("identifier", "field_expression", "subscript_expression") or any(one.type == "call_expression" and callee(one) in PARTS for one in above):
                continue
            name, found = text_of(node), objects.lvalue(node, at)
            if any(COMPLEX.fullmatch(kind.type) for one in found for kind in objects.parts.kind(one)):
                declared = {line_of(one.declared.node): one.declared.name for one in found if isinstance(one, Object) and one.declared is not None}
                raise CannotPlace(f"`{name}` is a complex number, and a value has one part (hand over `creal({name})` and `cimag({name})`)",
                                  [f"{line}: {one}" for line, one in sorted(declared.items())])


def check_number(objects: Objects, texts: Iterable[str], at: int) -> None:
    """CannotPlace if a value is no number, as far as its declaration says."""
    for text in texts:
        tree = expression(text)
        kinds = objects.declared_kinds(tree, at) if tree is not None else set()
        said = {"struct" if not kind.wrapped and objects.parts.kinds.is_struct(kind.type) else kind.wrapped[0] if kind.wrapped else "" for kind in kinds}
        if said and "" not in said:
            name = f"({text})" if set("*&+ (") & set(text) else text
            help = {"struct": f"hand over a field of it, `{name}.…`"}.get(min(said), f"hand over an element, `{name}[0]`, or all with `vector` or `pointer`")
            raise CannotPlace(f"`{text}` is no number, but {' or '.join(_ARTICLES.get(one, 'a') + ' ' + one for one in sorted(said))} ({help})")


def _statement(region: Region, spot: Spot) -> Node:
    """What cannot be read may be a comma; what matters is the statement of the region that it is in."""
    chain = (*spot.above, spot.node)
    within = chain[chain.index(region.node) + 1 :] if region.node in chain else chain
    return next((node for node in reversed(within) if node.type in STATEMENTS and node.type != "compound_statement"), spot.node)
