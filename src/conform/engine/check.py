"""The whole judgement in reading order: precision, tiles, statements, verdicts. Takes values and returns new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from conform.engine.arithmetic import Arithmetic, Precision
from conform.engine.conclude import conclude
from conform.engine.judge import judge_equation, judge_requirement
from conform.engine.operands import Operands, Side, Watch
from conform.engine.tiling import in_one_piece, ranges, tiles
from conform.engine.tolerances import NORMAL, SMALLEST, Profile
from conform.engine.verdicts import Outcome, Partial, Reason, Verdict
from specs_dsl.spec import Clause, Equation, Requirement, Spec

__all__ = ["Findings", "arithmetic", "arithmetic_of", "check", "fingerprint", "judge_side", "judge_tile", "statements_of", "tiles"]


@dataclass(frozen=True)
class Findings:
    """All verdicts, in graph order of the clauses and then in the order of the sides."""

    spec: Spec
    sides: tuple[Side, ...]
    verdicts: tuple[Verdict, ...]

    def of(self, clause: str, side: str) -> Verdict:
        return next(v for v in self.verdicts if (v.clause, v.side) == (clause, side))

    @property
    def breaks(self) -> tuple[Verdict, ...]:
        """Every one is a cause: each clause is judged on the operands that the side itself traced."""
        return tuple(verdict for verdict in self.verdicts if verdict.breaks)


def arithmetic(profile: Profile, side: Side) -> Arithmetic:
    """Arithmetic of a profile's precision on a side's axes."""
    dtype = profile.precision
    return Arithmetic(Precision(dtype, profile.unit_roundoff, SMALLEST[dtype], NORMAL[dtype], profile.ulps, slack=profile.slack), side.order)


def arithmetic_of(side: Side, profiles: Mapping[str, Profile], statement: Equation | Requirement | None = None) -> tuple[Arithmetic, Profile]:
    """The arithmetic of the precision that the side claims to compute in, or has computed one statement's value in."""
    profile = profiles[side.bundle.manifest.producer.dtype if statement is None else side.computed_in(statement)]
    return arithmetic(profile, side), profile


class Scopes:
    """What names stand for on one tile of a side, in the precision of what is judged: most sides have only one."""

    def __init__(self, side: Side, profiles: Mapping[str, Profile], tile: slice, watch: Watch | None = None) -> None:
        self.side, self.profiles, self.tile, self.watch = side, profiles, tile, watch
        self._made: dict[str, tuple[Operands, Profile]] = {}

    def of(self, statement: Equation | Requirement) -> tuple[Operands, Profile]:
        dtype = self.side.computed_in(statement)
        if dtype not in self._made:
            math, profile = arithmetic_of(self.side, self.profiles, statement)
            self._made[dtype] = Operands(self.side, math, self.tile), profile
            self._made[dtype][0].watch = self.watch or self._made[dtype][0].watch
        return self._made[dtype]


def check(spec: Spec, sides: Sequence[Side], profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None) -> Findings:
    """Judge every clause on every side. `tick` is called after each tile."""
    found: dict[tuple[str, str], Verdict] = {}
    for side in sides:
        for verdict in judge_side(spec, side, profiles, tick):
            found[verdict.clause, side.name] = verdict
    found.update(_not_a_number(spec, sides, found))
    found.update(_same(spec, sides))
    ordered = tuple(found[clause.id, side.name] for clause in spec.clauses for side in sides)
    return Findings(spec, tuple(sides), ordered)


def judge_side(spec: Spec, side: Side, profiles: Mapping[str, Profile], tick: Callable[[], None]) -> Iterator[Verdict]:
    """The verdicts of all clauses on one side, tile by tile."""
    if side.verdicts and spec is side.spec and not side.elsewhere:
        yield from side.verdicts
        return
    merged = _merged([clause for clause in spec.clauses if not clause.suspect], side, profiles, tick)
    for clause in spec.clauses:
        parts = [(merged[clause.id, i], arithmetic_of(side, profiles, one)[0].precision) for i, one in enumerate(clause.statements) if (clause.id, i) in merged]
        yield conclude(clause, side.name, parts)


def _merged(clauses: Sequence[Clause], side: Side, profiles: Mapping[str, Profile], tick: Callable[[], None]) -> dict[tuple[str, int], Partial]:
    """Each statement of some clauses, by clause and number, over all tiles."""
    merged: dict[tuple[str, int], Partial] = {}
    tiles = list(ranges(side))
    whole = in_one_piece(side) if len(tiles) > 1 else frozenset()        # of one tile all is judged in it
    for tile in tiles:
        scopes = Scopes(side, profiles, tile)
        for clause in clauses:
            for part in judge_tile(clause, scopes, lambda i, clause=clause: (clause.id, i) not in whole):
                before = merged.get((clause.id, part.statement))
                merged[clause.id, part.statement] = part if before is None else _joined(before, part, tile, side)
        tick()
    if whole:
        scopes = Scopes(side, profiles, slice(0, side.size(side.tile_axis) or 0))
        for clause in clauses:
            for part in judge_tile(clause, scopes, lambda i, clause=clause: (clause.id, i) in whole):
                merged[clause.id, part.statement] = part
    return merged


def statements_of(clause: Clause, side: Side, profiles: Mapping[str, Profile]) -> list[Partial]:
    """What each statement of one clause says of one side."""
    return [part for _, part in sorted(_merged([clause], side, profiles, lambda: None).items())]


def judge_tile(clause: Clause, scopes: Scopes, chosen: Callable[[int], bool] = lambda i: True) -> list[Partial]:
    """Each chosen statement of a clause on one tile."""
    with np.errstate(all="ignore"):
        return [_judged(statement, i, *scopes.of(statement)) for i, statement in enumerate(clause.statements) if chosen(i)]


def _judged(statement: Equation | Requirement, number: int, operands: Operands, profile: Profile) -> Partial:
    slack = profile.slack_of(statement.clause)
    return judge_equation(statement, number, operands, slack) if isinstance(statement, Equation) else judge_requirement(statement, number, operands, slack)


def _joined(before: Partial, part: Partial, tile: slice, side: Side) -> Partial:
    """A statement that does not vary along the tiles says the same in each: it counts once."""
    tiled = part.tiles_judged or part.unset or part.not_judged or part.guarded_out or part.problem or before.tiles_judged
    return before.merge(part) if tiled and _varies(part, side) else before


def _varies(part: Partial, side: Side) -> bool:
    sample = part.worst or part.first
    return sample is None or any(axis == side.tile_axis for axis, _ in sample.place)


def _not_a_number(spec: Spec, sides: Sequence[Side], found: Mapping[tuple[str, str], Verdict]) -> dict[tuple[str, str], Verdict]:
    """Sides that agree in not being numbers agree in nothing."""
    both = {}
    for clause in spec.clauses:
        verdicts = [found[clause.id, side.name] for side in sides]
        if len(verdicts) > 1 and all(verdict.reason is Reason.NAN for verdict in verdicts):
            for verdict in verdicts:
                both[clause.id, verdict.side] = replace(verdict, reason=Reason.NAN_BOTH, detail=f"{Reason.NAN_BOTH.value}: {verdict.detail}")
    return both


def _same(spec: Spec, sides: Sequence[Side]) -> dict[tuple[str, str], Verdict]:
    """A side that is the same trace, or the same program, as one before it tells nothing that the other did not: no pass."""
    found = {}
    for i, side in enumerate(sides):
        for other in sides[:i]:
            reason = Reason.SAME if fingerprint(other) == fingerprint(side) else Reason.SAME_BUILD if _same_build(other, side) else None
            if reason is not None:
                detail = f"{reason.value}: {other.name} and {side.name}"
                found.update({(c.id, side.name): Verdict(c.id, side.name, Outcome.UNCHECKED, reason=reason, detail=detail) for c in spec.clauses})
                break
    return found


def _same_build(a: Side, b: Side) -> bool:
    """The hash of the build, everything else that a program says of itself (its precision, quirks, threads), and its command."""
    one, other = a.bundle.manifest, b.bundle.manifest
    return bool(one.producer.build) and (one.producer, one.command) == (other.producer, other.command)


def fingerprint(side: Side) -> tuple:
    """What makes two traces the same: who made them and every byte of every value."""
    manifest = side.bundle.manifest
    return manifest.producer, tuple(sorted((name, entry.sha256) for name, entry in manifest.quantities.items()))
