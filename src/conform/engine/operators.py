"""Mutation operators: an expression with one mistake in it, of the kinds that ports really make.

Pure: from a syntax tree to others. The same operators say what a broken side computes and drive `conform mutate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from specs_dsl import syntax as s
from specs_dsl.printer import show

Alike = Callable[[str], Sequence[str]]   # of a quantity, those that could be taken for it


@dataclass(frozen=True, slots=True)
class Context:
    """What the operators know of names: which could be taken for one, and whether it is a number of things; and the loops."""

    alike: Alike = lambda name: ()
    counts: Callable[[str], bool] = lambda name: False
    loops: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Mutant:
    """`text` completes "the clause …"; `operator` is the kind of mistake."""

    operator: str
    text: str
    right: s.Expr


def mutants(node: s.Expr, context: Context = Context()) -> Iterator[Mutant]:
    """Every mutant of an expression once, outermost places first."""
    seen = {show(node)}
    for mutant in chain(_everywhere(node, context), _repeated(node, context)):
        if (shown := show(mutant.right)) not in seen:
            seen.add(shown)
            yield mutant


def _everywhere(node: s.Expr, context: Context, in_product: bool = False) -> Iterator[Mutant]:
    product = isinstance(node, s.Binary) and node.op in "*/"
    if not (product and in_product):                 # a chain of products is taken apart once, at its top
        yield from _here(node, context)
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, s.Expr):
            for inner in _everywhere(value, context, product):
                yield replace(inner, right=replace(node, **{name: inner.right}))
        elif isinstance(value, tuple) and name != "axes":
            for i, item in enumerate(value):
                if isinstance(item, s.Expr) and not _is_axis(node, i):
                    for inner in _everywhere(item, context):
                        yield replace(inner, right=replace(node, **{name: (*value[:i], inner.right, *value[i + 1 :])}))


def _repeated(node: s.Expr, context: Context) -> Iterator[Mutant]:
    """The same mistake wherever the same part stands: a part with a name, or a `let`, is written once and used often."""
    parts = [part for part in s.walk(node) if not isinstance(part, s.Number)]
    for part in dict.fromkeys(part for part in parts if parts.count(part) > 1):
        for mutant in _here(part, context):
            yield replace(mutant, right=exchanged(node, part, mutant.right))


def exchanged(node: s.Expr, old: s.Expr, new: s.Expr) -> s.Expr:
    if node == old:
        return new
    changed = {}
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, s.Expr):
            changed[name] = exchanged(value, old, new)
        elif isinstance(value, tuple) and name != "axes":
            changed[name] = tuple(exchanged(item, old, new) if isinstance(item, s.Expr) and not _is_axis(node, i) else item for i, item in enumerate(value))
    return replace(node, **changed) if changed else node


def _is_axis(node: s.Expr, i: int) -> bool:
    return isinstance(node, s.Call) and node.function in ("index", "size", "inside") and i == 0


def _here(node: s.Expr, context: Context) -> Iterator[Mutant]:
    match node:
        case s.Name(text):
            if context.counts(text):
                for op, words in (("-", "one too low"), ("+", "one too high")):
                    yield Mutant("off by one", f"with {text} {words}", s.Binary(op, node, _number("1", node), span=node.span))
            for other in context.alike(text):
                yield Mutant("another quantity", f"with {other} in place of {text}", s.Name(other, span=node.span))
        case s.Binary("*" | "/"):
            yield from _product(node)
        case s.Binary("+" | "-"):
            yield from _sum(node)
        case s.Number(text) if "." in text:
            yield Mutant("number squared", f"with {text} squared", s.Binary("^", node, _number("2", node), span=node.span))
        case s.Binary("^"):
            yield from _power(node)
        case s.Negative(operand):
            yield Mutant("sign", f"with the other sign of {show(operand)}", operand)
        case s.Call():
            yield from _call(node, context.loops)
        case s.Reduce() | s.Fold() | s.Select() | s.Lookup():
            yield from _axes(node)
        case s.If(condition, then, other):
            yield Mutant("condition turned round", f"with the branches of {show(condition)} exchanged", replace(node, then=other, other=then))
            yield Mutant("condition ignored", f"as though {show(condition)} held everywhere", then)
            yield Mutant("condition ignored", f"as though {show(condition)} held nowhere", other)
        case s.Compare((op,), operands) if op in ("<", "<=", ">", ">="):
            other = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}[op]
            yield Mutant("edge of a comparison", f"with {other} in place of {op}", s.Compare((other,), operands, span=node.span))
            back = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op]
            yield Mutant("comparison turned round", f"with {back} in place of {op} in {show(node)}", s.Compare((back,), operands, span=node.span))
        case s.Logic("not", (operand,)):
            yield Mutant("condition denied", f"with {show(operand)} in place of its denial", operand)
        case s.Logic("and" | "or", operands) if len(operands) > 1:
            other = "or" if node.op == "and" else "and"
            yield Mutant("another connective", f"with {other} in place of {node.op}", replace(node, op=other))
            for i, part in enumerate(operands):
                rest = (*operands[:i], *operands[i + 1 :])
                yield Mutant("condition left out", f"without its condition {show(part)}", rest[0] if len(rest) == 1 else replace(node, operands=rest))


def _number(text: str, node: s.Expr) -> s.Number:
    return s.Number(text, span=node.span)


# --- products --------------------------------------------------------------------------------------------------------

Factor = tuple[bool, s.Expr]             # whether it stands above the line


def factors(node: s.Expr, above: bool = True) -> Iterator[Factor]:
    """A chain of products and quotients, taken apart."""
    match node:
        case s.Binary("*", left, right):
            yield from factors(left, above)
            yield from factors(right, above)
        case s.Binary("/", left, right):
            yield from factors(left, above)
            yield from factors(right, not above)
        case _:
            yield above, node


def _joined(parts: Sequence[Factor], node: s.Expr) -> s.Expr:
    rest = list(parts)
    if not rest or not rest[0][0]:
        rest.insert(0, (True, _number("1", node)))
    result = rest[0][1]
    for above, part in rest[1:]:
        result = s.Binary("*" if above else "/", result, part, span=node.span)
    return result


def _product(node: s.Binary) -> Iterator[Mutant]:
    parts = list(factors(node))
    for i, (above, part) in enumerate(parts):
        without, shown = [*parts[:i], *parts[i + 1 :]], show(part)
        yield Mutant("factor left out", f"without its factor {shown}" if above else f"without dividing by {shown}", _joined(without, node))
        yield Mutant("factor turned over", f"divided by {shown} instead of multiplied" if above else f"multiplied by {shown} instead of divided", _joined([*parts[:i], (not above, part), *parts[i + 1 :]], node))
        if not isinstance(part, s.Number):
            yield Mutant("factor doubled", f"with {shown} twice", _joined([*parts, (above, part)], node))
    for i, (above, part) in enumerate(parts):
        if above and isinstance(part, s.Binary) and part.op in "+-":         # the parentheses forgotten
            last = _joined([(True, part.right), *parts[:i], *parts[i + 1 :]], node)
            yield Mutant("factor for one term", f"with {show(part.right)} alone multiplied, not the whole sum", replace(part, right=last))
    for i, (_, top) in ((i, part) for i, part in enumerate(parts) if part[0]):
        for j, (_, bottom) in ((j, part) for j, part in enumerate(parts) if not part[0]):
            rest = [part for k, part in enumerate(parts) if k not in (i, j)]
            yield Mutant("factor left out", f"without its factor {show(top)} / {show(bottom)}", _joined(rest, node))


def _power(node: s.Binary) -> Iterator[Mutant]:
    base, exponent = node.left, node.right
    yield Mutant("power left out", f"with {show(base)} not raised to the power {show(exponent)}", base)
    yield Mutant("power doubled", f"with {show(base)} raised to twice the power", s.Binary("^", node, _number("2", node), span=node.span))
    if isinstance(exponent, s.Number) and exponent.text.isdigit() and int(exponent.text) > 2:
        lower = str(int(exponent.text) - 1)
        yield Mutant("power one too low", f"with {show(base)} to the power {lower} only", replace(node, right=_number(lower, node)))
    parts = list(factors(base))
    for i, (above, part) in enumerate(parts if len(parts) > 1 else ()):
        rest = replace(node, left=_joined([*parts[:i], *parts[i + 1 :]], node))
        yield Mutant("power left out", f"with {show(part)} not raised to the power {show(exponent)}", _joined([(True, rest), (above, part)], node))


# --- sums ------------------------------------------------------------------------------------------------------------


def _sum(node: s.Binary) -> Iterator[Mutant]:
    left, right = show(node.left), show(node.right)
    if node.op == "+":
        yield Mutant("sign", f"with - in place of + before {right}", replace(node, op="-"))
        yield Mutant("term left out", f"without its term {left}", node.right)
    else:
        yield Mutant("sign", f"with + in place of - before {right}", replace(node, op="+"))
        yield Mutant("operands exchanged", f"with {left} and {right} exchanged", replace(node, left=node.right, right=node.left))
        yield Mutant("term left out", f"without its term {left}", s.Negative(node.right, span=node.span))
    yield Mutant("term left out", f"without its term {right}", node.left)


# --- functions -------------------------------------------------------------------------------------------------------

_OTHER = {"sin": "cos", "cos": "sin", "floor": "ceil", "ceil": "floor", "min": "max", "max": "min", "asin": "acos", "acos": "asin"}


def _call(node: s.Call, loops: Sequence[str]) -> Iterator[Mutant]:
    name, arguments = node.function, node.arguments
    if name in _OTHER:
        yield Mutant("another function", f"with {_OTHER[name]} in place of {name}", replace(node, function=_OTHER[name]))
    match name:
        case "rotate":
            v, u, angle = arguments
            yield Mutant("sense of rotation", "turning the wrong way: its angle has the other sign", replace(node, arguments=(v, u, s.Negative(angle, span=node.span))))
            yield Mutant("rotation left out", f"without turning {show(v)}", v)
        case "cross" | "atan2":
            a, b = arguments
            yield Mutant("operands exchanged", f"with the arguments of {name} exchanged", replace(node, arguments=(b, a)))
        case "index":
            one = _number("1", node)
            yield Mutant("off by one", f"with {show(arguments[0])} counted from one", s.Binary("+", node, one, span=node.span))
            yield Mutant("off by one", f"with {show(arguments[0])} one too low", s.Binary("-", node, one, span=node.span))
            yield Mutant("index held", f"as though every {show(arguments[0])} were the first", _number("0", node))
            yield from _other_loop(node, loops)
        case "size":
            yield from _other_loop(node, loops)
        case "unit" | "f32" | "abs" | "sqrt":
            yield Mutant("function left out", f"without {name} of {show(arguments[0])}", arguments[0])
        case "exp":
            yield Mutant("sign", f"with the other sign in exp of {show(arguments[0])}", replace(node, arguments=(s.Negative(arguments[0], span=node.span),)))
        case "nearest":
            yield from _rounding(node)
        case "floor" | "ceil":
            yield Mutant("rounding", f"with nearest in place of {name}", s.Call("nearest", arguments, "even", span=node.span))


def _other_loop(node: s.Call, loops: Sequence[str]) -> Iterator[Mutant]:
    own = show(node.arguments[0])
    for other in loops if own in loops else ():
        if other != own:
            yield Mutant("another loop", f"with {node.function}({other}) in place of {node.function}({own})", replace(node, arguments=(s.Name(other, span=node.span),)))


def _rounding(node: s.Call) -> Iterator[Mutant]:
    for ties in ("down", "up", "even", "away"):
        if ties != node.ties:
            yield Mutant("ties", f"with halves going {ties}", replace(node, ties=ties))
    for other in ("floor", "ceil"):
        yield Mutant("rounding", f"with {other} in place of nearest", s.Call(other, node.arguments, None, span=node.span))


# --- axes ------------------------------------------------------------------------------------------------------------


def _axes(node: s.Reduce | s.Fold | s.Select | s.Lookup) -> Iterator[Mutant]:
    match node:
        case s.Reduce(op):
            other = {"sum": "mean", "mean": "sum", "minimum": "maximum", "maximum": "minimum"}.get(op)
            if other:
                yield Mutant("another reduction", f"with the {other} in place of the {op}", replace(node, op=other))
            yield from _left_loops(node)
        case s.Fold(accumulator, start, _, body):
            yield from _left_loops(node)
            if show(start) != "0":
                yield Mutant("start left out", f"starting from 0 instead of {show(start)}", replace(node, start=_number("0", node)))
        case s.Select(_, picks):
            for i, pick in enumerate(picks):
                other = {"last": "first", "first": "last"}.get(pick.at)
                if other and not pick.rename:
                    changed = replace(node, picks=(*picks[:i], replace(pick, at=other), *picks[i + 1 :]))
                    yield Mutant("first for last", f"with the {other} {pick.axis.text} in place of the {pick.at}", changed)
        case s.Lookup(_, index, _) if len(index) > 1:
            for i in range(len(index) - 1):
                swapped = (*index[:i], index[i + 1], index[i], *index[i + 2 :])
                yield Mutant("operands exchanged", f"with the indices {show(index[i])} and {show(index[i + 1])} exchanged", replace(node, index=swapped))


def _left_loops(node: s.Reduce | s.Fold) -> Iterator[Mutant]:
    """A loop that is not there: its first turn alone."""
    for axis in node.axes:
        rest = tuple(other for other in node.axes if other != axis)
        body = s.Select(node.body, (s.Pick(axis, "first", False, span=node.span),), span=node.span)
        if rest or isinstance(node, s.Reduce):
            yield Mutant("loop left out", f"without the loop over {axis.text}: its first turn alone", replace(node, axes=rest, body=body) if rest else body)
    for i in range(len(node.axes) - 1) if isinstance(node, s.Fold) else ():
        swapped = (*node.axes[:i], node.axes[i + 1], node.axes[i], *node.axes[i + 2 :])
        yield Mutant("loops exchanged", f"with the loops over {node.axes[i].text} and {node.axes[i + 1].text} exchanged", replace(node, axes=swapped))
