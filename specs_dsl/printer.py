"""Expressions back to text, with the fewest brackets that keep their meaning: parse(show(e)) equals e."""

from __future__ import annotations

from specs_dsl import syntax as s

_LOOSE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(10)
_BINARY = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "^": _POWER}


def show(node: s.Expr) -> str:
    return _show(node, _LOOSE)


def _show(node: s.Expr, least: int) -> str:
    """`node`, in brackets if it binds less tightly than `least`."""
    level, text = _form(node)
    return f"({text})" if level < least else text


def _form(node: s.Expr) -> tuple[int, str]:
    match node:
        case s.Name(text) | s.Number(text):
            return _ATOM, text
        case s.Negative(operand):
            return _UNARY, "-" + _show(operand, _UNARY)
        case s.Binary("^", left, right):
            return _POWER, f"{_show(left, _ATOM)}^{_show(right, _UNARY)}"
        case s.Binary(op, left, right):
            level = _BINARY[op]
            return level, f"{_show(left, level)} {op} {_show(right, level + 1)}"
        case s.Compare(ops, operands):
            words = [_show(operands[0], _SUM)]
            for op, operand in zip(ops, operands[1:], strict=True):
                words += [op, _show(operand, _SUM)]
            return _COMPARE, " ".join(words)
        case s.Is(subject, choice):
            return _COMPARE, f"{_show(subject, _SUM)} is {choice}"
        case s.Logic("not", (operand,)):
            return _NOT, f"not {_show(operand, _NOT)}"
        case s.Logic(op, operands):
            level = _OR if op == "or" else _AND
            return level, f" {op} ".join(_show(part, level + 1) for part in operands)
        case s.If(condition, then, other):
            return _LOOSE, f"if {show(condition)} then {show(then)} else {show(other)}"
        case s.Reduce(op, axes, body):
            return _LOOSE, f"{op} over {_names(axes)}: {show(body)}"
        case s.Fold(accumulator, start, axes, body):
            return _LOOSE, f"fold {accumulator} from {show(start)} over {_names(axes)}: {show(body)}"
        case s.Select(body, picks, first):
            chosen = ", ".join(f"{p.axis.text} {'as' if p.rename else '='} {p.at}" for p in picks)
            return _ATOM, f"{_show(body, _ATOM)}[{chosen}{f' otherwise {show(first)}' if first else ''}]"
        case s.Lookup(table, index, default):
            at = ", ".join(show(part) for part in index)
            return _ATOM, f"{_show(table, _ATOM)}[{at}{f' otherwise {show(default)}' if default else ''}]"
        case s.At(body, place):
            return _ATOM, f"{_show(body, _ATOM)}@{place}"
        case s.Call(function, arguments, ties):
            ending = f" ties {ties}" if ties else ""
            return _ATOM, f"{function}({', '.join(show(part) for part in arguments)}){ending}"


def _names(axes: tuple[s.Name, ...]) -> str:
    return ", ".join(axis.text for axis in axes)
