"""Random bodies of a loop: what a probe hands over is what the variable holds at the end of the turn, however it came there.

Nothing writes the variable behind its probe, so the program's own print at the end of the turn is the truth.
"""

from __future__ import annotations

import random

import numpy as np
import pytest

from conform.probe.binding import Binding

VARIABLES, TURNS = 40, 13
TOP = """#include <stdio.h>
#define SET(a, b) (a) = (b)
#define TWICE(a) SET(a, 2 * (a))
#define WHEN(c) if (c)
static void fill(double *v, double a) { *v = a; }
static double look(const double *v) { return *v; }
static void maybe(double *v, int n) { if (n % 3 == 1) fill(v, n); }
"""


class Writer:
    """C statements about one variable x, at random."""

    def __init__(self, dice: random.Random, number: int, hidden: bool) -> None:
        self.hidden = hidden              # conditions in a macro, which no parser sees as such
        self.dice, self.x, self.y, self.number, self.jumps = dice, f"x{number}", f"y{number}", number, 0

    def value(self) -> str:
        return self.dice.choice(["i", "i + 0.5", f"{self.y} + 1", "n - i", f"look(&{self.x}) / 3", f"{self.x} + i", "(i * 7) % 5"])

    def condition(self) -> str:
        return self.dice.choice([f"i % {self.dice.randint(2, 5)} == {self.dice.randint(0, 1)}", f"{self.y} > 3", f"i > {self.dice.randint(0, 9)}"])

    def write(self) -> str:
        x, value = self.x, self.value()
        return self.dice.choice([
            f"{x} = {value};", f"{x} += {value};", f"{x}++;", f"SET({x}, {value});", f"TWICE({x});", f"fill(&{x}, {value});", f"maybe(&{x}, i);",
            f"{self.y} = {x} = {value};", f"{{ double *p = &{x}; *p = {value}; }}", f"{x} = {self.condition()} ? {value} : {x};",
            f"if (({x} = {value}) > 2) {self.y} += 1;", f"{x} = {value} +\n\t/* over */ 1;",
        ])

    def other(self) -> str:
        x, y = self.x, self.y
        return self.dice.choice([f"{y} = {x} + 1;", f"{y} = look(&{x});", f"{{ double {x} = 3; {x} = 4 * i; {y} = {x}; }}", f"{y} += 2; /* {x} = 9; */", ";"])

    def statement(self, depth: int) -> str:
        dice = self.dice
        if depth == 0 or dice.random() < 0.35:
            return self.write() if dice.random() < 0.55 else self.other()
        inner, further = self.statement(depth - 1), self.statement(depth - 1)
        return dice.choice([
            f"if ({self.condition()}) {inner} else {further}",
            f"if ({self.condition()}) {{\n{inner}\n{further}\n}}",
            f"{'WHEN' if self.hidden else 'if'} ({self.condition()}) {{ {inner} }}",
            f"for (j{self.number} = 0; j{self.number} < 3; j{self.number}++) {{ if ({self.condition()}) continue; {inner} }}",
            f"switch (i % 3) {{ case 0: {inner} break; case 1: {further} default: {self.other()} }}",
            f"do {{ {inner} if ({self.condition()}) break; {further} }} while (0);",
            f"{{\n{inner}\n{further}\n}}",
            f"{{\n#if {dice.randint(0, 1)}\n{self.write()}\n#else\n{self.write()}\n#endif\n}}",
            self.jump(inner),
        ])

    def jump(self, inner: str) -> str:
        self.jumps += 1
        return f"{{ if ({self.condition()}) {{ {self.write()} goto out{self.number}; }} {inner} }}"

    def body(self) -> str:
        parts = [self.statement(3) for _ in range(self.dice.randint(2, 5))] + [self.write()]
        self.dice.shuffle(parts)
        label = f"out{self.number}: {self.other()}" if self.jumps else ""
        return "\n".join("\n" + part for part in [*parts, label])


def program(seed: int, hidden: bool) -> str:
    dice = random.Random(seed)
    bodies = [Writer(dice, number, hidden and number == 7).body() for number in range(VARIABLES)]
    declared = "".join(f"\tdouble x{k} = 0, y{k} = 0; int j{k};\n" for k in range(VARIABLES))
    shown = "".join(f'\t\tprintf("%a ", x{k});\n' for k in range(VARIABLES))
    return f"{TOP}int main(void)\n{{\n{declared}\tint i, n = {TURNS};\n\tfor (i = 0; i < n; i++) {{\n{''.join(bodies)}\n{shown}\t\tprintf(\"\\n\");\n\t}}\n\treturn 0;\n}}\n"


@pytest.mark.parametrize("seed, hidden", [(0, False), (1, False), (2, False), (3, True), (4, True)])
def test_the_value_at_the_end_of_the_turn_is_handed_over_or_clearly_refused(workshop, run_program, seed, hidden):
    binding = Binding.model_validate({
        "program": "random", "nest": {"loop": "i"}, "levels": {"turn": {"loop": "i"}},
        "quantities": {f"x{k}": {"unit": "m", "level": "turn", "value": f"x{k}"} for k in range(VARIABLES)},
    })
    built, probed = workshop.probed(program(seed, hidden).encode(), binding, ("-O0", "-w"))
    ran = run_program(built, [], inputs={})
    assert ran.status == 0, ran.err
    truth = np.array([[float.fromhex(word) for word in line.split()] for line in ran.out.decode().splitlines()])
    assert truth.shape == (TURNS, VARIABLES)
    assert not probed.refused or (hidden and {one.why for one in probed.refused.values()} == {"a part of the level cannot be read"})
    for k in range(VARIABLES):
        if f"x{k}" in probed.refused:
            continue
        assert not ran.unset(f"x{k}").any(), (seed, k, probed.placed[f"x{k}"])
        assert np.array_equal(ran.values(f"x{k}"), truth[:, k]), (seed, k, probed.placed[f"x{k}"])
