"""What only this program knows, apart from the flags that both programs share. Loads no torch."""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from torch_model.errors import Refusal
from torch_model.quirks import chosen

USAGE = """usage: python -m torch_model -mat FILE | -cell a b c alpha beta gamma   -hkl FILE | -default_F F   [nanoBragg flags]
       [--dtype float64|float32] [--device cpu|cuda|...] [--memory MiB] [--compile] [-quirks none|all|help|none,+NAME]"""
DTYPES = ("float64", "float32")


@dataclass(slots=True)
class Options:
    """As given, or the defaults."""

    dtype: str = "float64"
    device: str = "cpu"
    memory: int = 1024                # MiB
    compile: bool = False
    quirks: frozenset[str] = frozenset()
    list_quirks: bool = False


def split(arguments: Sequence[str]) -> tuple[Options, list[str]]:
    """Take this program's own options out of the arguments; the rest are nanoBragg's. Raises Refusal."""
    options, flags, rest = Options(), [], iter(arguments)
    for argument in rest:
        match argument:
            case "--compile":
                options.compile = True
            case "--dtype":
                options.dtype = _one_of(argument, _value(argument, rest), DTYPES)
            case "--device":
                options.device = _value(argument, rest)
            case "--memory":
                options.memory = _mebibytes(_value(argument, rest))
            case "-quirks" if (value := _value(argument, rest)) == "help":
                options.list_quirks = True
            case "-quirks":
                options.quirks = chosen(value)
            case _:
                flags.append(argument)
    return options, flags


def _value(argument: str, rest) -> str:
    value = next(rest, None)
    if value is None:
        raise Refusal(f"{argument} needs a value\n{USAGE}")
    return value


def _one_of(argument: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise Refusal(f"{argument} {value}: not a value it can take; give {' or '.join(known)}")
    return value


def _mebibytes(text: str) -> int:
    found = re.fullmatch(r"(\d+)(|MiB|GiB)", text)
    if not found or not int(found[1]):
        raise Refusal(f"--memory {text}: not a value it can take; give a whole number of MiB above 0, such as 512 or 2GiB")
    return int(found[1]) * (1024 if found[2] == "GiB" else 1)
