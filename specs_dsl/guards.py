"""Do the guards of one quantity define it exactly once in every case? Decided before any trace exists.

A guard is a combination of elementary conditions. Comparisons of one expression with literals (`water > 0`) split the
line of its values into regions; choices split into their words; everything else is a condition that may be true or
false. All combinations are tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from specs_dsl.printer import show
from specs_dsl.spec import Equation, Quantity
from specs_dsl.syntax import Compare, Expr, Is, Logic, Name, Negative, Number

MOST_CASES = 50_000

Case = Mapping[str, object]


class TooMany(Exception):
    """More combinations than are worth trying."""


def _literal(node: Expr) -> float | None:
    match node:
        case Number(text):
            return float(text)
        case Negative(Number(text)):
            return -float(text)
    return None


def _atoms(node: Expr | None, quantities: Mapping[str, Quantity], found: dict[str, list]) -> None:
    """Of each elementary condition, its key and what decides it: words, literals, or nothing."""
    match node:
        case None:
            return
        case Logic(_, operands):
            for part in operands:
                _atoms(part, quantities, found)
        case Is(Name(text), _):
            found.setdefault(text, list(quantities[text].choices))
        case Compare((_,), (subject, limit)) if (value := _literal(limit)) is not None:
            found.setdefault("<>" + show(subject), []).append(value)
        case _:
            found.setdefault(show(node), [])


def _regions(key: str, values: list) -> list[object]:
    if not key.startswith("<>"):
        return values or [True, False]
    edges = sorted(set(values))
    inner = [(low + high) / 2 for low, high in zip(edges, edges[1:], strict=False)]
    return sorted([edges[0] - 1, *edges, *inner, edges[-1] + 1])


_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "<": float.__lt__, "<=": float.__le__, ">": float.__gt__, ">=": float.__ge__, "==": float.__eq__, "!=": float.__ne__,
}


def _true(node: Expr | None, case: Case) -> bool:
    match node:
        case None:
            return True
        case Logic("and", operands):
            return all(_true(part, case) for part in operands)
        case Logic("or", operands):
            return any(_true(part, case) for part in operands)
        case Logic(_, (part,)):
            return not _true(part, case)
        case Is(Name(text), choice):
            return case[text] == choice
        case Compare((op,), (subject, limit)) if (value := _literal(limit)) is not None:
            return _HOLDS[op](float(case["<>" + show(subject)]), value)
    return bool(case[show(node)])


def cases(guards: Sequence[Expr | None], quantities: Mapping[str, Quantity]) -> Iterator[Case]:
    """Every combination of elementary conditions that these guards ask for."""
    found: dict[str, list] = {}
    for guard in guards:
        _atoms(guard, quantities, found)
    regions = {key: _regions(key, values) for key, values in found.items()}
    count = 1
    for values in regions.values():
        count *= len(values)
        if count > MOST_CASES:
            raise TooMany
    for chosen in product(*regions.values()):
        yield dict(zip(regions, chosen, strict=True))


def described(case: Case) -> str:
    """A case in words: `shape is round and not interpolate`."""
    words = []
    for key, value in case.items():
        if key.startswith("<>"):
            words.append(f"{key[2:]} is {value:g}")
        elif isinstance(value, bool):
            words.append(key if value else f"not ({key})" if " " in key else f"not {key}")
        else:
            words.append(f"{key} is {value}")
    return " and ".join(words) or "always"


Overlap = tuple[Equation, Equation, str]


def flaws(
    equations: Sequence[Equation], exists: Expr | None, quantities: Mapping[str, Quantity]
) -> tuple[Overlap | None, str | None]:
    """The first pair that overlaps with its case, and the first case, where the quantity exists, that nobody covers."""
    overlap, gap = None, None
    for case in cases([exists, *(equation.guard for equation in equations)], quantities):
        if not _true(exists, case):
            continue
        true = [equation for equation in equations if _true(equation.guard, case)]
        if len(true) > 1 and overlap is None:
            overlap = (true[0], true[1], described(case))
        if not true and gap is None:
            gap = described(case)
    return overlap, gap
