"""Do the guards of one quantity define it exactly once in every case? Decided before any trace exists.

The same way a requirement is found that no value can break or none can satisfy, and a guard that is never true.

A guard is a combination of elementary conditions. A comparison asks where the value of an expression lies on the line
that its literals divide (`water > 0`), or which of two expressions is larger; a choice asks for one of its words;
everything else is a condition that may be true or false. All combinations are tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from math import ceil, floor, inf, nextafter, prod

from specs_dsl.printer import show
from specs_dsl.spec import Equation, Quantity
from specs_dsl.syntax import Binary, Call, Compare, Expr, Is, Logic, Name, Negative, Number

ABSENT = "not given"
MOST_STEPS = 50_000      # cases times conditions: more are not worth trying

Case = Mapping[str, object]
Test = Callable[[Case], bool]

_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "<": float.__lt__, "<=": float.__le__, ">": float.__gt__, ">=": float.__ge__, "==": float.__eq__, "!=": float.__ne__,
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class TooMany(Exception):
    """More combinations than are worth trying."""


def _literal(node: Expr) -> float | None:
    match node:
        case Number(text):
            return float(text)
        case Negative(Number(text)):
            return -float(text)
    return None


@dataclass
class _Conditions:
    """The elementary conditions of some guards, by their text, each with what decides it."""

    quantities: Mapping[str, Quantity]
    words: dict[str, Sequence[object]] = field(default_factory=dict)     # a choice's words, or True and False
    edges: dict[str, list[float]] = field(default_factory=dict)          # of a line of values
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)         # of a line, the values that there are at all
    whole: set[str] = field(default_factory=set)                         # lines on which only whole numbers lie
    asked: int = 0

    def test(self, node: Expr | None) -> Test:
        """A guard as a function of a case; what it asks is noted on the way."""
        self.asked += 1
        match node:
            case None:
                return lambda case: True
            case Logic("not", (part,)):
                inner = self.test(part)
                return lambda case: not inner(case)
            case Logic(op, operands):
                return _joined(all if op == "and" else any, [self.test(part) for part in operands])
            case Is(Name(text), choice):
                return self._asks(text, self._words(text), choice)
            case Call("given", (Name(text),)) if self.quantities[text].kind == "choice":
                absent = self._asks(text, self._words(text), ABSENT)
                return lambda case: not absent(case)
            case Compare(ops, operands):
                return _joined(all, [self._compared(op, *pair) for op, pair in zip(ops, pairwise(operands), strict=True)])
        return self._asks(show(node), (True, False), True)

    def _words(self, name: str) -> Sequence[object]:
        """What a choice can be; one from the command line can also be absent."""
        quantity = self.quantities[name]
        return (*quantity.choices, ABSENT) if quantity.flags else quantity.choices

    def _asks(self, key: str, words: Sequence[object], word: object) -> Test:
        self.words[key] = words
        return lambda case: case[key] == word

    def _compared(self, op: str, left: Expr, right: Expr) -> Test:
        self.asked += 1
        if _literal(left) is not None and _literal(right) is None:
            op, left, right = _TURNED[op], right, left
        edge, same = _literal(right), False
        if edge is None:                                 # two expressions: on which side of zero is their difference?
            if show(left) > show(right):
                op, left, right = _TURNED[op], right, left
            left, edge, same = Binary("-", left, right, span=left.span), 0.0, show(left) == show(right)
        key, holds, limit = show(left), _HOLDS[op], edge
        if (value := _literal(left)) is not None:
            return lambda case: holds(value, limit)
        self.edges.setdefault(key, []).append(edge)
        self.ranges[key] = (0.0, 0.0) if same else _range(left)
        if isinstance(left, Name) and left.text in self.quantities and self.quantities[left.text].kind == "count":
            self.whole.add(key)
        return lambda case: holds(case[key], limit)      # type: ignore[arg-type]

    def regions(self) -> dict[str, Sequence[object]]:
        """Of each condition, one value for each answer that it can have."""
        lines = {key: _points(edges, key in self.whole, *self.ranges[key]) for key, edges in self.edges.items()}
        return {**self.words, **lines}

    def cases(self) -> Iterator[Case]:
        """All combinations of what the conditions can be. TooMany, if they are."""
        regions = self.regions()
        if prod(len(values) for values in regions.values()) * self.asked > MOST_STEPS:
            raise TooMany
        return (dict(zip(regions, chosen, strict=True)) for chosen in product(*regions.values()))


def _joined(how: Callable[..., bool], tests: list[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda case: how(test(case) for test in tests)


def _points(edges: list[float], whole: bool, least: float, most: float) -> list[float]:
    """A value on each edge, between each two, and beyond either end, as far as there are such values."""
    if whole and all(abs(edge) < 2**53 for edge in edges):
        return sorted({float(value) for edge in edges for value in (ceil(edge) - 1, floor(edge), ceil(edge), floor(edge) + 1)})
    ends = sorted({*edges, *(end for end in (least, most) if abs(end) < inf)})
    inner = [low / 2 + high / 2 for low, high in pairwise(ends)]
    points = {min(ends[0] - 1, nextafter(ends[0], -inf)), *ends, *inner, max(ends[-1] + 1, nextafter(ends[-1], inf))}
    return sorted(point for point in points if least <= point <= most)


def _range(node: Expr) -> tuple[float, float]:
    """Between which numbers every value of an expression lies, as its outermost operation says."""
    match node:
        case Call("sin" | "cos"):
            return -1.0, 1.0
        case Call("abs" | "norm" | "sqrt" | "exp" | "size" | "index"):
            return 0.0, inf
        case Binary("^", _, Number(text)) if text.isdigit() and int(text[-1]) % 2 == 0:
            return 0.0, inf
    return -inf, inf


def described(case: Case) -> str:
    """A case in words: `shape is round and not interpolate`."""
    words = []
    for key, value in case.items():
        if isinstance(value, bool):
            words.append(key if value else f"not ({key})" if " " in key else f"not {key}")
        elif isinstance(value, float):
            words.append(f"{key} is {value:g}")
        else:
            words.append(f"{key} is {value}")
    return " and ".join(words) or "always"


def answers(asked: Expr, where: Expr | None, quantities: Mapping[str, Quantity]) -> set[bool]:
    """What a condition can be where another one holds: both, one of them, or nothing where the other never holds."""
    conditions = _Conditions(quantities)
    present, test = conditions.test(where), conditions.test(asked)
    found: set[bool] = set()
    for case in conditions.cases():
        if present(case):
            found.add(bool(test(case)))
            if len(found) == 2:
                break
    return found


Overlap = tuple[Equation, Equation, str]


def flaws(
    equations: Sequence[Equation], exists: Expr | None, quantities: Mapping[str, Quantity]
) -> tuple[Overlap | None, str | None]:
    """The first pair that overlaps with its case, and the first case, where the quantity exists, that nobody covers."""
    conditions = _Conditions(quantities)
    present = conditions.test(exists)
    tests = [(equation, conditions.test(equation.guard)) for equation in equations]
    overlap, gap = None, None
    for case in conditions.cases():
        if not present(case):
            continue
        true = [equation for equation, test in tests if test(case)]
        if len(true) > 1 and overlap is None:
            overlap = (true[0], true[1], described(case))
        if not true and gap is None:
            gap = described(case)
        if overlap and gap:
            break
    return overlap, gap
