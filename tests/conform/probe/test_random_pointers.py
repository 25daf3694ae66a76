"""Random programs that reach their variables by every detour: what is handed over is what each holds at the end of the turn.

Pointers are aimed anew all the time, kept by helpers, put into structs and arrays, and called through; a variable that
nobody touched by its name may be written in any statement. Nothing may be refused, and nothing may be wrong.
"""

from __future__ import annotations

import random

import numpy as np
import pytest

from conform.probe.binding import Binding

VARIABLES, TURNS, STATEMENTS = 16, 9, 26
TOP = """#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct box { double *at; double own[2]; struct box *next; };
static double g0, g1, *kept = &g0, *list[2] = { &g0, &g1 };
static struct box held = { &g1, { 0, 0 }, 0 };
static double *same(double *p) { return p; }
static double *second(double *p, double *q) { return p == q ? p : q; }
static void keep(double *p) { kept = p; }
static void hold(struct box *b) { held = *b; }
static void aim(double **p, double *at) { *p = at; }
static void write_kept(double a) { *kept = a; }
static void write_held(double a) { *held.at = a; held.own[1] = a; }
static void write_box(struct box b, double a) { *b.at = a; b.own[0] = a; }
static void write_to(double *p, double a) { p[0] = a; }
static void write_second(double *p, double a) { p[1] = a; }
static void write_list(double a) { *list[1] = a; }
static void both(double *p, double *q, double a) { *p = a; *q += 1; }
static void enlist(int i, double *p) { list[i] = p; }
static double look(const double *p) { return *p; }
static void bump_global(double a) { g0 += a; }
static void (*doer)(double) = write_kept;
static void choose(int i) { doer = i % 3 == 0 ? write_held : i % 3 == 1 ? write_list : bump_global; }
static int compare(const void *a, const void *b) { *kept += 1; return *(const double *)a < *(const double *)b ? -1 : 1; }
#define TO(p) (*(p))
#define SWAP(a, b) do { double swapped = (a); (a) = (b); (b) = swapped; } while (0)
"""


class Writer:
    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def variable(self) -> str:
        return self.dice.choice([f"x{self.dice.randrange(8)}", f"x{self.dice.randrange(8)}", f"v[{self.dice.randrange(3)}]", f"b.own[{self.dice.randrange(2)}]", "g0", "g1"])

    def address(self) -> str:
        return self.dice.choice([f"&{self.variable()}", f"&{self.variable()}", "p", "q", "same(p)", f"second(q, &{self.variable()})", f"v + {self.dice.randrange(2)}", "b.at", "some[1]",
                                 "i % 2 ? p : q", "(double *)(void *)q"])

    def value(self) -> str:
        return self.dice.choice(["i", "i + 0.5", "count++", f"look(&{self.variable()}) + 1", f"{self.variable()} / 2", "*p + 1"])

    def write(self) -> str:
        x, at, value = self.variable(), self.address(), self.value()
        return self.dice.choice([
            f"{x} = {value};", f"{x} += {value};", f"*({at}) = {value};", f"TO({at}) = {value};", f"write_to({at}, {value});", f"write_kept({value});", f"write_held({value});",
            f"write_box(b, {value});", f"write_list({value});", f"both({at}, {self.address()}, {value});", f"doer({value});", f"(i % 2 ? write_kept : write_list)({value});",
            f"*b.at = {value};", f"*some[i % 2] = {value};", f"SWAP({x}, {self.variable()});", "memcpy(p, q, 0 * sizeof *p);", f"b.next->own[1] = {value};", f"write_second(v, {value});",
            "qsort(v, 3, sizeof *v, compare);", f"**pp = {value};", f"*same({at}) = {value};", f"{{ double x1 = 3; x1 = {value}; x2 = x1; }}",
        ])

    def redirect(self) -> str:
        at = self.address()
        return self.dice.choice([f"p = {at};", f"q = {at};", f"b.at = {at};", f"some[{self.dice.randrange(2)}] = {at};", f"keep({at});", "hold(&b);", f"aim(&p, {at});", f"enlist(i % 2, {at});",
                                 "choose(i);", "pp = i % 2 ? &p : &q;", "c = b; b.next = &c;", "memcpy(&c, &b, sizeof c);", f"aim(pp, {at});"])

    def statement(self, depth: int) -> str:
        if depth == 0 or self.dice.random() < 0.6:
            return self.write() if self.dice.random() < 0.6 else self.redirect()
        inner = self.statement(depth - 1)
        return self.dice.choice([f"if (i % {self.dice.randint(2, 4)}) {{ {inner} }}", f"for (k = 0; k < 2; k++) {{ {inner} {self.statement(depth - 1)} }}", f"{{ {inner} {self.statement(depth - 1)} }}"])

    def body(self) -> str:
        return "\n".join("\t\t" + self.statement(2) for _ in range(STATEMENTS))


NAMES = [*(f"x{k}" for k in range(8)), "v[0]", "v[1]", "v[2]", "b.own[0]", "b.own[1]", "g0", "g1", "*p"]


def program(seed: int) -> str:
    shown = "".join(f'\t\tprintf("%a ", {name});\n' for name in NAMES)
    declared = ("\tdouble x0 = 0, x1 = 0, x2 = 0, x3 = 0, x4 = 0, x5 = 0, x6 = 0, x7 = 0, v[3] = { 0 };\n"
                "\tdouble *p = &x0, *q = &x1, *some[2] = { &x2, &x3 }, **pp = &p;\n\tstruct box c = { &x4, { 0 }, 0 }, b = { &x5, { 0 }, &c };\n\tint i, k, count = 1, n = 9;\n")
    return f"{TOP}int main(void)\n{{\n{declared}\tfor (i = 0; i < n; i++) {{\n{Writer(seed).body()}\n{shown}\t\tprintf(\"\\n\");\n\t}}\n\treturn 0;\n}}\n"


@pytest.mark.parametrize("seed", range(6))
def test_the_value_at_the_end_of_the_turn_is_handed_over_by_whichever_way_it_came(workshop, run_program, seed):
    assert len(NAMES) == VARIABLES
    binding = Binding.model_validate({
        "program": "random", "nest": {"loop": "i"}, "levels": {"turn": {"loop": "i"}},
        "quantities": {f"q{k}": {"unit": "m", "level": "turn", "value": name} for k, name in enumerate(NAMES)},
    })
    built, probed = workshop.probed(program(seed).encode(), binding, ("-O0", "-w"))
    ran = run_program(built, [], inputs={})
    assert ran.status == 0, ran.err
    truth = np.array([[float.fromhex(word) for word in line.split()] for line in ran.out.decode().splitlines()])
    assert truth.shape == (TURNS, VARIABLES)
    refused = {name: one for name, one in probed.refused.items() if "nothing there writes it" not in one.why}
    assert not refused
    for k, name in enumerate(NAMES):
        if f"q{k}" in probed.refused:
            assert len(set(truth[:, k])) == 1, (seed, name)      # nothing writes it
        else:
            assert np.array_equal(ran.values(f"q{k}"), truth[:, k], equal_nan=True), (seed, name, probed.placed[f"q{k}"].line, probed.placed[f"q{k}"].statement)
