"""Mistakes on many clauses and runs: in parallel, and taken up again where it ended.

What is found of one statement on one trace is kept under the hash of all that determines it, so that a second call, on the same
or a grown set of rules and runs, tries only what is new.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from conform.adequacy import mutate as trying
from conform.adequacy import naming
from conform.adequacy.forked import answered
from conform.adequacy.mutate import Fate, Skipped, Tried, mutate_equation
from conform.engine import operators, variants
from conform.engine.check import fingerprint
from conform.engine.operands import Side
from conform.engine.tolerances import Profile
from conform.files import sha256_of, write_text
from conform.run.build import hash_of
from specs_dsl.printer import show
from specs_dsl.spec import Equation, Spec

Results = list[Tried | Skipped]
Noticed = Mapping[tuple[str, int], Collection[str]]                  # of each statement, by clause and number


def mutate_runs(spec: Spec, sides: Sequence[Side], profiles: Mapping[str, Profile], kept: Path | None, jobs: int, tick: Callable[[], None]) -> list[Results]:
    """All mistakes on all clauses, on one run after another: what one of them shows is not tried on those that follow."""
    noticed: dict[tuple[str, int], set[str]] = {}
    found = []
    for side in sides:
        found.append(mutate_all(spec, side, profiles, kept, jobs, tick, noticed))
        for one in found[-1]:
            if isinstance(one, Tried) and one.fate is Fate.KILLED:
                noticed.setdefault((one.clause, one.case), set()).add(one.text)
    return found


def mutate_all(spec: Spec, side: Side, profiles: Mapping[str, Profile], kept: Path | None, jobs: int, tick: Callable[[], None], noticed: Noticed) -> Results:
    """All mistakes on all clauses that a side can show, in graph order. `kept`: the folder of what is known already."""
    statements = [(clause, i, tuple(sorted(noticed.get((clause.id, i), ())))) for clause in spec.clauses for i in range(len(clause.equations))]
    keys = [_key(spec, clause.equations[i], side, profiles, known) for clause, i, known in statements]
    found = {n: known for n, key in enumerate(keys) if (known := _read(kept, key)) is not None}
    for _ in found:
        tick()
    todo = [n for n in range(len(statements)) if n not in found]

    def tried(n: int) -> Results:
        clause, i, known = statements[n]
        return list(mutate_equation(clause, i, side, profiles, known))

    for i, results in answered(tried, [(n,) for n in todo], jobs):
        n = todo[i]
        found[n] = results
        if kept is not None:
            write_text(kept / f"{keys[n]}.json", json.dumps([_plain(one) for one in results]))
        tick()
    return [one for n in range(len(statements)) for one in found[n]]


# --- what is known already -------------------------------------------------------------------------------------------


def _key(spec: Spec, equation: Equation, side: Side, profiles: Mapping[str, Profile], noticed: Sequence[str]) -> str:
    """Changes with the statement, the values, the tolerances, and with how mistakes are made and judged."""
    code = [sha256_of(Path(str(module.__file__))) for module in (trying, naming, variants, operators)]
    says = [equation.clause, equation.target, show(equation.right), show(equation.guard) if equation.guard is not None else ""]
    alike = [(q.name, q.role, q.kind, q.unit, q.axes) for q in spec.quantities.values()]
    profile = profiles[side.bundle.manifest.producer.dtype].model_dump(mode="json")
    definitions = [(e.target, show(e.right)) for c in spec.clauses for e in c.equations if not side.has(e.target)]
    _, values = fingerprint(side)        # another build that gives the same values shows the same mistakes
    return hash_of([code, says, noticed, alike, definitions, values, profile])[:32]


def _read(kept: Path | None, key: str) -> Results | None:
    path = None if kept is None else kept / f"{key}.json"
    if path is None or not path.is_file():
        return None
    try:
        return [_thing(item) for item in json.loads(path.read_text("utf-8"))]
    except (ValueError, TypeError, KeyError):
        return None                      # torn or of another version: tried again


def _plain(one: Tried | Skipped) -> dict:
    return asdict(one) | ({"fate": one.fate.name} if isinstance(one, Tried) else {})


def _thing(item: dict) -> Tried | Skipped:
    return Tried(**{**item, "fate": Fate[item["fate"]]}) if "fate" in item else Skipped(**item)
