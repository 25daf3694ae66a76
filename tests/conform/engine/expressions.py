"""Random expressions that are well typed, over the operands of `programs`. Whoever asks chooses: `choose(items)` is one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Choose = Callable[[Sequence[str | int]], str | int]

LEAVES = ("a", "b", "c", "d", "m", "2", "0.5", "0.1", "3", "0", "pi", "index(k)", "size(k)", "d[k = first]", "d[k = last]", "d[k = previous otherwise b]")
VECTORS = ("norm(w)", "dot(u, w)", "cross(u, w)[xyz = x]", "unit(w)[xyz = y]", "dot(cross(u, w), w + u)")
FUNCTIONS = ("sin", "cos", "tan", "asin", "acos", "atan", "exp", "log", "sqrt", "abs", "f32", "floor", "ceil")
TEMPLATES = (
    "({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} / {1})", "({0} * {1} + {2})", "({0} - {1} + {2})", "(-{0})",
    *(f"{name}({{0}})" for name in FUNCTIONS), "atan2({0}, {1})", "min({0}, {1})", "max({0}, {1})",
    *(f"({{0}})^{power}" for power in ("2", "3", "5", "-1", "-2", "0.5", "1.5", "0.1")),
    *(f"(nearest({{0}}) ties {rule})" for rule in ("down", "up", "even", "away")),
    *(f"({reduction} over k: {{0}})" for reduction in ("sum", "sum", "product", "mean", "minimum", "maximum")),
    "(if {c} then {0} else {1})", "T[nearest({0}) ties down otherwise {1}]",
    "({0} + c)[k = previous otherwise {1}]", "(fold {acc} from (sum over k: {0}) over k: {acc} + {1})", "(fold {acc} from a over k: ({acc} + {0}) * {1})",
    "(fold {acc} from 0 over k: if {c} then {acc} else {acc} + {0})", "(fold {acc} from 0 over k: max({acc}, {0}) - (sum over k: {acc} / 8))",
    "rotate(w, unit(u), {0})[xyz = z]", "dot(u, w * {0})", "norm(w + {0})",
)
CONDITIONS = ("{0} < {1}", "{0} <= {1}", "{0} == {1}", "{0} != {1}", "{0} < {1} <= {2}", "g", "not g", "g and {0} > {1}", "({0} < c)[k = previous otherwise g]", "g or {0} >= {1}", "{0} > 0 and {1} < 1")


def expression(choose: Choose, depth: int) -> str:
    if depth == 0 or choose(range(5)) == 0:
        return choose(LEAVES + VECTORS)
    template = choose(TEMPLATES)
    if "{c}" in template:
        template = template.replace("{c}", _filled(choose, choose(CONDITIONS), depth - 1))
    return _filled(choose, template, depth - 1)


def _filled(choose: Choose, template: str, depth: int) -> str:
    """The running values of folds inside folds have names of their own."""
    return template.format(*(expression(choose, depth) if f"{{{i}}}" in template else "" for i in range(3)), acc=f"acc{depth}")
