"""Rules files that nobody wrote, by the million: none may end in a traceback, take a second, or need 512 MiB.

    .venv/bin/python benchmarks/fuzz.py [--count N] [--seed S] [--first I]

Four kinds take turns: bytes, and words in any order; walks through the grammar of the language, and well-typed expressions; whole examples of
the pages of help, sometimes with items of our own rules, their words exchanged; the same with letters lost, doubled and put in. Each file is loaded and
all that is reported is rendered; of every fourth file what can be parsed is formatted, twice.

Input I of a seed is the same whatever was before it: `--seed S --first I --count 1` is one input again, and a long search goes on where it ended. All is
done in one process that may not have more than 512 MiB; a figure of memory is the most that it ever held. What pint says of units is kept
in a folder of its own, as ever.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "tests" / "conform")]

from engine.expressions import expression  # noqa: E402
from lark import Lark  # noqa: E402
from lark.grammar import Symbol  # noqa: E402

from specs_dsl.check import load  # noqa: E402
from specs_dsl.diagnostics import SpecError, render  # noqa: E402
from specs_dsl.formatter import format_rules  # noqa: E402
from specs_dsl.functions import FUNCTIONS  # noqa: E402
from specs_dsl.grammar import GRAMMAR, lexemes  # noqa: E402
from specs_dsl.reader import CannotRead, read_text  # noqa: E402
from specs_dsl.spans import Source  # noqa: E402

MEMORY = 512 << 20
SECONDS = 1.0            # of the process: another program on the machine is no hang
GIVE_UP = 1800           # of the wall (much: the search runs beside others at the lowest priority), after which the process says where it stands and ends
CODES = ROOT / "specs_dsl" / "codes"

PRELUDE = """include "demo.rules"
grid i
input t : s from "-t"
input p[xyz] : m
input off : flag
input s : round | square
input T[i] : kg
value v[pixel] : 1
let f(x) = x + 1
"""
TYPED = """include "demo.rules"
axis q, k
grid i
input a : 1
input b[q] : 1
input c[k] : 1
input d[q, k] : 1
input m[q] : count
input u[xyz] : 1
input w[q, xyz] : 1
input g[q] : flag
input T[i] : 1
value v[q, k] : 1
"""
CLAUSE = '\nclause scaling.1 "Signal"\n  "A pixel that is switched off reads zero."\n'
KNOWN = "t p off s T v f i pixel phi xyz round square x y z first last previous down m kg rad pi acc unknown".split()
STRINGS = ('"demo.md"', '"demo.rules"', '"A pixel that is switched off reads zero."', '"-t"', '"It is so."', '""', '"no such file"', '"example.rules"')
PIECES = ['"', "(", ")", "[", "]", "^", "-", "/", ":", "=", "#", "\n", "\0", "\t", "é", "\u2028", "\U0001f600", "9", "e999", ".", "^99", "1e-400", "\\", "@",
          " otherwise ", " when ", " sum over ", " fold a from ", " as ", " is ", " not ", " within 1 ulp ", "clause", "value", "if", "{", "\r", "\x1b[2J"]  # fmt: skip


# --- walks through the grammar ---------------------------------------------------------------------------------------


class Walks:
    """Texts that the grammar allows, or nearly: each rule is expanded at random, and shortly once the walk is deep."""

    def __init__(self) -> None:
        parser = Lark(GRAMMAR.read_text("utf-8"), parser="lalr", lexer="basic")
        self._literal = {item.name: item.pattern.value for item in parser.terminals if item.pattern.type == "str"}
        self._rules: dict[str, list[list[Symbol]]] = {}
        for rule in parser.rules:
            self._rules.setdefault(rule.origin.name, []).append(list(rule.expansion))
        depths = self._depths()
        self._short = {rule: [choice for choice in choices if deepest(choice, depths) + 1 == depths[rule]] for rule, choices in self._rules.items()}

    def text(self, dice: Random, rule: str, depth: int) -> str:
        return "".join(self._words(dice, rule, depth))

    def _words(self, dice: Random, rule: str, depth: int) -> Iterator[str]:
        for symbol in dice.choice((self._rules if depth > 0 else self._short)[rule]):
            if symbol.is_term:
                yield self._word(dice, symbol.name)
                yield dice.choice((" ", " ", " ", " ", "\n  "))
            else:
                yield from self._words(dice, symbol.name, depth - 1)

    def _word(self, dice: Random, name: str) -> str:
        if name in self._literal and dice.random() < 0.999:
            return self._literal[name]
        match name:
            case "NAME":
                return dice.choice(KNOWN) if dice.random() < 0.8 else dice.choice(list(FUNCTIONS)) if dice.random() < 0.9 else f"n{dice.randrange(40)}"
            case "STRING":
                return dice.choice(STRINGS)
            case "INT":
                return str(dice.choice((0, 1, 2, 3, 7, 99, 10**dice.randrange(30))))
            case "NUMBER":
                return dice.choice(("0.5", "1e9", "3.", ".5e-3", "1e999", "1e-400", "2.5"))
            case "CLAUSE_ID":
                return dice.choice(("scaling.1", "scaling.2", "geometry.1", "lattice.1", "nowhere.9", "lattice.1a"))
            case "REDUCTION":
                return dice.choice(("sum", "product", "mean", "minimum", "maximum"))
            case "TOLERANCE_KIND":
                return dice.choice(("ulp", "relative"))
            case "VECTOR":
                return "vector"
            case "COMPARE":
                return dice.choice(("<", "<=", ">", ">=", "==", "!="))
        return dice.choice(PIECES)

    def _depths(self) -> dict[str, float]:
        """Of each rule, how deep its shortest text stands."""
        found = dict.fromkeys(self._rules, inf)
        for _ in self._rules:
            found = {rule: 1 + min(deepest(choice, found) for choice in choices) for rule, choices in self._rules.items()}
        return found


def deepest(expansion: Sequence[Symbol], depths: Mapping[str, float]) -> float:
    return max((0 if symbol.is_term else depths[symbol.name] for symbol in expansion), default=0)


# --- files that exist ------------------------------------------------------------------------------------------------


def items_of(text: str) -> list[str]:
    return [piece for piece in re.split(r"(?m)^(?=(?:spec|include|unit|axis|grid|input|value|const|let|run|clause)\b)", text) if piece.strip()]


def ours() -> list[str]:
    """The items of our rules."""
    return [item for path in sorted((ROOT / "specs").glob("*.rules")) for item in items_of(path.read_text("utf-8")) if len(item) < 1500]


def examples() -> list[str]:
    """The rules files in the pages of help and of the manual; most are without a mistake or have one."""
    pages = [path.read_text("utf-8") for folder in (CODES, ROOT / "tests/specs_dsl/pages") for path in sorted(folder.glob("*.md"))]
    return [example for page in pages for example in re.findall(r"(?s)```rules[^\n]*\n(.*?)```", page)]


def exchanged(dice: Random, text: str) -> str:
    """Some words of a text become other words of the same kind; a few become anything."""
    try:
        words = [word for word in lexemes(text) if word.kind != "COMMENT"]
    except Exception as error:                       # Lark's own; what is checked here is what `load` makes of it
        assert type(error).__module__.startswith("lark"), error
        return damaged(dice, text)
    for word in sorted(dice.sample(words, min(len(words), dice.randint(1, 4))), key=lambda word: -word.start):
        other = dice.choice([item for item in words if item.kind == word.kind] if dice.random() < 0.6 else words).text
        other = dice.choice(KNOWN) if word.kind == "NAME" and dice.random() < 0.5 else other
        text = text[: word.start] + f"{other} " + text[word.start + len(word.text) :]
    return text


def damaged(dice: Random, text: str) -> str:
    for _ in range(dice.randint(1, 4)):
        start, length = dice.randint(0, len(text)), dice.randint(1, 60)
        match dice.randrange(3):
            case 0:
                text = text[:start] + text[start + length :]
            case 1:
                text = text[: start + length] + text[start:]
            case 2:
                text = text[:start] + dice.choice(PIECES) + text[start:]
    return text


# --- inputs ----------------------------------------------------------------------------------------------------------


@dataclass
class Inputs:
    """Input i of a seed, as the bytes of a file."""

    seed: int
    walks: Walks = field(default_factory=Walks)
    items: list[str] = field(default_factory=ours)
    examples: list[str] = field(default_factory=examples)

    def make(self, i: int) -> bytes:
        dice = Random(f"{self.seed}:{i}")
        made = (self.anything, self.walk, self.exchange, self.damage)[i % 4](dice)
        return made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")

    def anything(self, dice: Random) -> str | bytes:
        if dice.random() < 0.5:
            return dice.choice((b"", b'include "demo.rules"\n')) + dice.randbytes(dice.randrange(200))
        words = [*PIECES, *KNOWN, *FUNCTIONS, "let", "input", "a = 1", "require", " "]
        return PRELUDE + CLAUSE + "".join(dice.choice(words) for _ in range(dice.randrange(60)))

    def walk(self, dice: Random) -> str:
        match dice.randrange(4):
            case 0:
                return PRELUDE + "\n".join(self.walks.text(dice, "item", dice.randint(1, 9)) for _ in range(dice.randint(1, 3)))
            case 1:
                return f"{PRELUDE}{CLAUSE}  v = norm(p) / 1\n{self.walks.text(dice, 'statement', dice.randint(4, 11))}"
        left, right = (expression(dice.choice, dice.randint(1, 3)) for _ in range(2))
        text = f"{TYPED}{CLAUSE}  v = {left}\n  require {right} < 1 when g\n"
        return text if dice.random() < 0.5 else exchanged(dice, text)

    def exchange(self, dice: Random) -> str:
        return exchanged(dice, self.file(dice))

    def damage(self, dice: Random) -> str:
        return damaged(dice, self.file(dice))

    def file(self, dice: Random) -> str:
        return dice.choice(self.examples) + (f"\n{dice.choice(self.items)}" if dice.random() < 0.3 else "")


# --- the search ------------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """What the search has seen so far."""

    inputs: int = 0
    accepted: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, 0)
    failed: list[tuple[int, str]] = field(default_factory=list)

    def fail(self, i: int, why: str, out) -> None:
        self.failed.append((i, why))
        print(f"--- input {i}\n{why}", file=out, flush=True)

    def __str__(self) -> str:
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return (f"{self.inputs:,} inputs, {self.accepted:,} of them without an error, {len(self.codes)} codes; slowest {self.slowest[0]:.3f} s (input {self.slowest[1]}); "
                f"most memory {held:.0f} MiB; {len(self.failed)} failed")  # fmt: skip


def tried(path: Path, content: bytes, layout: bool) -> tuple[bool, list[str]]:
    """One input through all that reads it; whether it was accepted, and the codes of what was reported."""
    path.write_bytes(content)
    try:
        accepted, reported = True, load(path).warnings
    except SpecError as error:
        accepted, reported = False, error.diagnostics
    except CannotRead:
        return False, []
    assert all(map(render, reported))
    if layout:
        formatted(read_text(path), accepted)
    return accepted, [item.code for item in reported]


def formatted(text: str, accepted: bool) -> None:
    try:
        once = format_rules(Source("it", text))
    except SpecError:
        assert not accepted, "what cannot be parsed was accepted"
    else:
        assert format_rules(Source("it", once)) == once, "formatted twice is not formatted once"


def search(seed: int, numbers: range, every: int = 10_000, out=sys.stdout) -> Figures:
    figures, inputs = Figures(), Inputs(seed)
    faulthandler.register(signal.SIGALRM, chain=True)        # also where no Python code is reached any more
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        for name in ("demo.md", "demo.rules"):
            shutil.copy(CODES / name, folder)
        os.environ["XDG_CACHE_HOME"] = folder
        path = Path(folder) / "example.rules"
        for i in numbers:
            content = inputs.make(i)
            signal.alarm(GIVE_UP)
            start = time.process_time()
            try:
                accepted, codes = tried(path, content, i // 4 % 4 == 0)
            except Exception:
                figures.fail(i, traceback.format_exc(), out)
            else:
                figures.accepted += accepted
                figures.codes.update(codes)
            took = time.process_time() - start
            signal.alarm(0)
            figures.slowest = max(figures.slowest, (took, i))
            if took > SECONDS:
                figures.fail(i, f"took {took:.2f} s", out)
            figures.inputs += 1
            if figures.inputs % every == 0:
                print(f"seed {seed}, up to {i}: {figures}", file=out, flush=True)
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, metavar="I")
    parser.add_argument("--show", action="store_true", help="print the inputs, too")
    given = parser.parse_args(arguments)
    numbers = range(given.first, given.first + given.count)
    if given.show:
        inputs = Inputs(given.seed)
        for i in numbers:
            print(f"--- input {i}\n{inputs.make(i).decode('utf-8', 'replace')}")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    figures = search(given.seed, numbers)
    print(figures)
    print("codes:", ", ".join(f"{code} {count:,}" for code, count in sorted(figures.codes.items())))
    return 1 if figures.failed else 0


if __name__ == "__main__":
    sys.exit(main())
