"""Where a probe goes: places in small sources, and what is refused.

Each source is an ordinary program of one loop over `i`, which computes `x`; `|` marks where the probe of x belongs. The
mark is taken out, the probe put in by the tool, and the two texts must be the same.
"""

from __future__ import annotations

import pytest

from conform.errors import UsageProblem
from conform.probe.binding import Binding
from conform.probe.instrument import instrument

PROBE = " CONFORM_PUT(x, x);"


def binding(**x) -> Binding:
    """One level, `turn`, and one quantity, x."""
    return Binding.model_validate({
        "program": "small", "nest": {"loop": "i"}, "levels": {"turn": {"loop": "i"}},
        "quantities": {"x": {"unit": "m", "level": "turn", "value": "x", **x}},
    })


def source(body: str, before: str = "", top: str = "", declared: str = "double x = 0, y = 0; int i, j, n = 4;") -> str:
    return f"{top}int main(void)\n{{\n\t{declared}\n\t{before}\n\tfor (i = 0; i < n; i++) {{\n{body}\n\t}}\n\treturn 0;\n}}\n"


def with_probe(text: str, **x) -> str:
    """The probed text without what says where a thread is, and without lines of our own."""
    probed = instrument(text.encode(), "small.c", binding(**x))
    assert not probed.refused, probed.refused["x"]
    lines = probed.text.decode().split("\n")
    ours = [i for i, line in enumerate(lines) if line.startswith("#line")]
    kept = [line for i, line in enumerate(lines) if i not in ours and i + 1 not in ours]
    result = "\n".join(kept)
    for call in (" CONFORM_START();", " CONFORM_AT(turn, i);", " CONFORM_RUN_LEVEL();", "CONFORM_AT(turn, i); "):
        result = result.replace(call, "")
    return result


def refusal(text: str, **x) -> tuple[str, tuple[str, ...]]:
    probed = instrument(text.encode(), "small.c", binding(**x))
    assert "CONFORM_PUT" not in probed.text.decode()
    return probed.refused["x"].why, probed.refused["x"].candidates


PLACES = {
    "an assignment": "x = 1;| y = x;",
    "one over several lines": "x = 1 +\n\t\t2 /* and */\n\t\t+ 3;|\ny = x;",
    "the last of several": "x = 1;\nx = 2;|\ny = x;",
    "behind a condition without braces": "if (i) x = 2;|\ny = 1;",
    "behind a condition with braces": "if (i) {\n\tx = 2;\n}|\ny = 1;",
    "behind all branches": "if (i) x = 2; else if (y) { x = 3; } else x = 4;|\ny = 1;",
    "behind a second assignment in the branch": "if (i) {\n\tx = 1;\n\tif (y) x = 2;\n}|",
    "behind an inner loop that is no level": "for (j = 0; j < 3; j++)\n\tx += j;|\ny = x;",
    "behind a switch": "switch (i) { case 0: x = 1; break; default: x = 2; }|",
    "behind do": "do x++; while (x < i);|\ny = x;",
    "an increment": "x++;|\ny = x;",
    "a chain": "y = x = 2;|",
    "a comma": "y = 1, x = 2, y = 3;|",
    "inside a condition": "if ((x = i) > 2) y = 1;|\ny = x;",
    "before the level is left": "x = i;|\nif (x == 2) continue;\ny = x;",
    "a declaration, and those behind it": "double x = i; double z = 2;| z = x;",
    "behind the label that is jumped to": "if (i) { x = 1; goto done; }\nx = 2;|\ny = 3;\ndone:| y = x;",
    "not behind a label that is jumped to from below": "again: x += 1;| if (x < i) goto again;",
    "an address that is given away": "scanf(\"%lf\", &x);|\ny = x;",
    "behind branches of the preprocessor": "#ifdef A\nx = 1;\n#else\nx = 2;\n#endif\n|y = x;",
    "before a pragma": "x = 1;|\n#pragma omp atomic\ny += 1;",
    "macro text that is no assignment": "x = 1;|\nprintf(\"x = 3\"); /* x = 2; */ y = x == 4;",
    "another variable of the same name": "x = 1;| { double x = 5; x = 6; y = x; }",
    "a member of another": "x = 1;| s.x = 3; p->x = 4; y = x;",
}


@pytest.mark.parametrize("case", PLACES)
def test_a_probe_stands_where_the_value_is_complete(case):
    marked = source(PLACES[case])
    own_line = "\n|" in marked
    plain = marked.replace("|", "")
    got = with_probe(plain)
    if own_line:                                     # a directive is in the way: a line of its own, which with_probe leaves out
        text = instrument(plain.encode(), "small.c", binding()).text.decode()
        assert text[: text.index("CONFORM_PUT")].endswith(plain[: marked.index("|")][-20:])
    else:
        assert got == marked.replace("|", PROBE)


BY_KEYS = {
    "before a statement that is named": ("x = 1;|\ny = x;\nx = 9;", {"before": "y ="}),
    "behind a statement that is named": ("x = 1;\nif (i) {\n\tx = 2;|\n}\nx = 3;", {"after": "x = 2"}),
    "where the last assignment is": ("if (i) {\n\tx = 2;|\n\ty = 1;\n}", {"place": "there"}),
    "in a branch without braces": ("if (i) { x = 2;| }\ny = 1;", {"place": "there"}),
    "at the end": ("y = 2;\ny = x;\n|", {"place": "end"}),
}


@pytest.mark.parametrize("case", BY_KEYS)
def test_a_binding_may_say_the_place(case):
    body, keys = BY_KEYS[case]
    marked = source(body)
    plain = marked.replace("|", "")
    if case == "in a branch without braces":
        plain = plain.replace("{ x = 2; }", "x = 2;")
    got = with_probe(plain, **keys)
    if case == "at the end":
        assert got == plain.replace("\n\t}\n\treturn", "\n\tCONFORM_PUT(x, x); }\n\treturn")
    else:
        assert got == marked.replace("|", PROBE)


def test_a_name_that_is_declared_in_a_block_is_complete_in_it():
    marked = source("if (i) {\n\tdouble z;\n\tz = i;|\n\ty = z;\n}")
    assert with_probe(marked.replace("|", ""), value="z") == marked.replace("|", " CONFORM_PUT(x, z);")


def test_a_loop_without_braces_gets_some():
    text = "int main(void)\n{\n\tdouble x = 0; int i;\n\tfor (i = 0; i < 4; i++) x += i;\n\treturn 0;\n}\n"
    assert "for (i = 0; i < 4; i++) { x += i; CONFORM_PUT(x, x); }" in with_probe(text)


def test_while_loops_are_levels_too():
    text = source("", "").replace("for (i = 0; i < n; i++) {", "i = 0; while (i < n) { x = i; i++;")
    probed = instrument(text.encode(), "small.c", binding())
    assert "does not say how often it turns (give `size`)" in probed.refused["x"].why
    sized = binding().model_copy(update={"levels": {"turn": binding().levels["turn"].model_copy(update={"size": "4"})}})
    assert "x = i; CONFORM_PUT(x, x); i++;" in instrument(text.encode(), "small.c", sized).text.decode()


@pytest.mark.parametrize("head, turns", [("i = 0; i < n; ++i", "n"), ("i=0; i<=n-1; i += 1", "n-1 + 1"), ("int i = 0; i != n; i++", "n"),
                                         ("i = 0; n > i; i++", "n"), ("i = 0, j = n; i < n; i++, j--", "n"), ("int j = n, i = 0; n >= i; j--, ++i", "n + 1")])
def test_a_loop_that_counts_says_its_size(head, turns):
    text = source("x = i;").replace("i = 0; i < n; i++", head)
    assert f"CONFORM_AXIS(turn, {turns});" in instrument(text.encode(), "small.c", binding()).text.decode()


@pytest.mark.parametrize("head", ["i = 1; i < n; i++", "i = 0; i < n; i += 2", "i = n; i > 0; i--", "i = 0; 9 < i; i++", "i = 0, j = 0; i < n; i++, i += j", "j = 0, i = 1; i < n; i++"])
def test_a_loop_that_counts_otherwise_is_not_guessed_at(head):
    why, candidates = refusal(source("x = i;").replace("i = 0; i < n; i++", head))
    assert "does not count from 0" in why and candidates[0].startswith("5: ")


# --- macros ----------------------------------------------------------------------------------------------------------

MACROS = "#define SET(a, b) (a) = (b)\n#define BOTH(b) do { y = b; x = b; } while (0)\n#define RESET x = 0\n#define WHEN(c) if (c)\n" \
         "#define TWICE(a) SET(a, 2 * (a))\n#define SHOW(a) printf(\"%g\", a)\n#define REAL double\n#define MAYBE if (i)\n"


@pytest.mark.parametrize("body", [
    "x = 1; SET(x, 2);| y = x;", "x = 1; BOTH(2);| y = x;", "x = 1; RESET;| y = x;", "x = 1;\nWHEN(i) x = 2;|\ny = x;", "x = 1; TWICE(x);| y = x;",
    "x = 1;| SHOW(x); y = x;", "x = 1;\nMAYBE x = 3;|\ny = x;", "x = 1;| { REAL x = 3; y = x; }",
])
def test_macros_are_looked_into(body):
    marked = source(body, top=MACROS)
    assert with_probe(marked.replace("|", "")) == marked.replace("|", PROBE)


# --- helpers and pointers --------------------------------------------------------------------------------------------

HELPERS = """static void fill(double *v, double a) { v[0] = a; v[1] = a; }
static double look(const double *v) { return v[0]; }
static void length(double *v) { v[0] = v[1]; }
static void pass(double *v) { fill(v, 1); }
static void own(double a) { a = 3; }
static void around(double *v, int n) { if (n) around(v, n - 1); else *v = 1; }
double shared;
static void touch(void) { shared = 2; }
"""


@pytest.mark.parametrize("body", [
    "x = 1; fill(&x, 2);| y = x;", "x = 1;| look(&x); y = x;", "x = 1; pass(&x);| y = x;", "x = 1;| own(x); y = x;", "x = 1; around(&x, 3);| y = x;",
    "x = 1; { double *p = &x; *p = 2; }| y = x;", "x = 1; unknown(&x);| y = x;", "x = 1;| unknown(x); y = x;",
])
def test_helpers_and_pointers_are_followed(body):
    marked = source(body, top=HELPERS)
    assert with_probe(marked.replace("|", "")) == marked.replace("|", PROBE)


def test_a_variable_of_the_file_is_written_by_whoever_writes_it():
    marked = source("shared = 1; touch();| y = shared;", top=HELPERS)
    assert with_probe(marked.replace("|", ""), value="shared") == marked.replace("|", " CONFORM_PUT(x, shared);")


def test_element_0_of_a_vector_is_not_one_of_its_components():
    text = source("v[1] = 1; v[2] = 2; v[3] = 3; length(v); y = v[1];", top=HELPERS, declared="double v[4], y; int i, n = 4;")
    vectors = Binding.model_validate(binding().model_dump(exclude_defaults=True) | {
        "components": {"xyz": ("x", "y", "z")}, "quantities": {"x": {"unit": "m", "level": "turn", "vector": "v", "first": 1, "components": ("xyz",)}}})
    assert "v[3] = 3; CONFORM_PUT3(x, v[1], v[2], v[3]); length(v);" in instrument(text.encode(), "small.c", vectors).text.decode()


@pytest.mark.parametrize("body", [
    "x = 1; box.inner = &x; later();| y = x;", "x = 1;| if (box.inner == &x) later(); y = x;",
    "x = slow * n + fast;| later(); y = x;", "x = 1;| later(slow * n + x, x); y = x;", "x = 1;| printf(\"%p\", &x); later(); y = x;",
])
def test_an_address_that_goes_where_nobody_can_follow_makes_every_unknown_call_a_writer(body):
    marked = source(body)
    assert with_probe(marked.replace("|", "")) == marked.replace("|", PROBE)


# --- what is refused -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("body, keys, said", [
    ("y = 1;", {}, "nothing there writes it"),
    ("y = 1;", {"value": "z"}, "there is no `z` in `main`"),
    ("y = 1;", {"value": "x +"}, "`x +` is not an expression of C"),
    ("x = 1;", {"value": "x++"}, "`x++` changes the program, and a probe only looks"),
    ("x = 1;", {"value": "x", "when": "n = 4"}, "`n = 4` changes the program"),
    ("double v[2] = { 1, 2 }; y = v[1];", {"value": "v"}, "`v` is no number, but an array (hand over an element, `v[0]`"),
    ("double *p = &x; y = *p;", {"value": "p"}, "`p` is no number, but a pointer"),
    ("struct s { double a; } s = { 1 }, *p = &s; y = s.a;", {"value": "*p"}, "`*p` is no number, but a struct (hand over a field of it, `(*p).…`"),
    ("x = 1; y = x;", {"before": "z ="}, "no statements in `main` there begin with `z =`"),
    ("x = 1; y = 1; y = 2;", {"before": "y ="}, "2 statements in `main` there begin with `y =`"),
    ("{ double z = i; } { double z = 2; }", {"value": "z"}, "`z` is declared in 2 blocks there"),
    ("x = 1; if (i) { goto in; } x = 2; { in: y = 3; }", {}, "a goto jumps over the probe into a branch"),
    ("x = 1; x = ) 2; y = x;", {}, "a part of the level cannot be read"),
    ("x = 1;", {"function": "elsewhere"}, "there is no function `elsewhere`"),
    ("x = 1;", {"when": "q > 0"}, "there is no `q` in `main`"),
    ("x = 1; if (i) { x = 2; goto out; } y = x; x = 3; out: y = 4;", {"before": "x = 3"}, "a goto jumps past `x = 3`"),
])
def test_what_is_not_certain_is_refused_with_the_reason(body, keys, said):
    try:
        why, _ = refusal(source(body), **keys)
    except UsageProblem as problem:
        why = problem.message
    assert said in why


def test_a_value_that_is_set_under_a_condition_only_is_refused_unless_the_program_goes_on_with_it():
    where = {"declared": "double x, y = 0; int i, n = 4;"}
    why, candidates = refusal(source("if (i) x = 2;", **where))
    assert "`x` is set under a condition only" in why and candidates == ("6: x = 2",)
    assert "if (i) x = 2; CONFORM_PUT(x, x);" in with_probe(source("if (i) x = 2;\ny = x;", **where))
    assert "if (i) x = 2; CONFORM_PUT(x, x);" in with_probe(source("if (i) x = 2;", before="x = 0;", **where))
    assert "CONFORM_WHEN((i), CONFORM_PUT(x, x));" in with_probe(source("if (i) x = 2;", **where), when="i")


def test_a_name_that_has_changed_is_told_with_those_that_are_near():
    why, candidates = refusal(source("omega_pixl = 1;", declared="double x, omega_pixl; int i, n = 4;"), value="omega_pixel")
    assert "there is no `omega_pixel` in `main`" in why and "3: omega_pixl" in candidates


@pytest.mark.parametrize("key, text", [("index", "i++"), ("size", "n += 1")])
def test_an_index_or_size_that_would_change_the_program_ends_it(key, text):
    wrong = Binding.model_validate({**binding().model_dump(exclude_unset=True), "levels": {"turn": {"loop": "i", "index": "i", "size": "n", key: text}}})
    with pytest.raises(UsageProblem, match="changes the program"):
        instrument(source("x = 1;").encode(), "small.c", wrong)


def test_a_loop_that_is_gone_ends_it_with_the_loops_that_are_there():
    with pytest.raises(UsageProblem, match="no loop over `i` in `main`\n  line 5: for"):
        instrument(source("x = 1;").replace("i = 0; i < n; i++", "j = 0; j < n; j++").encode(), "small.c", binding())


def test_of_two_loops_over_one_variable_the_one_with_the_inner_level_is_meant():
    text = source("for (j = 0; j < 3; j++) { y = j; }", before="for (i = 0; i < n; i++) y = i;")
    two = Binding.model_validate({"program": "small", "nest": {"loop": "i"}, "levels": {"turn": {"loop": "i"}, "inner": {"loop": "j"}},
                                  "quantities": {"x": {"unit": "m", "level": "inner", "value": "y"}}})
    probed = instrument(text.encode(), "small.c", two)
    assert "{ CONFORM_AT(inner, j); y = j; CONFORM_PUT(x, y); }" in probed.text.decode()
    why = pytest.raises(UsageProblem, instrument, text.replace("j = 0; j < 3; j++", "n = 0; n < 3; n++").encode(), "small.c", two).value.message
    assert "2 loops over `i`" in why and why.count("line ") == 2


def test_a_value_written_before_the_inner_loops_and_in_them_needs_a_word():
    text = source("x = 1;\nfor (j = 0; j < 3; j++) { x += j; }\ny = x;")
    def two(**keys):
        return Binding.model_validate({"program": "small", "nest": {"loop": "i"}, "levels": {"turn": {"loop": "i"}, "inner": {"loop": "j"}},
                                       "quantities": {"x": {"unit": "m", "level": "turn", "value": "x", **keys}}})
    refused = instrument(text.encode(), "small.c", two()).refused["x"]
    assert "say `inner = \"before\"` or `inner = \"after\"`" in refused.why and [line[0] for line in refused.candidates] == ["6", "7"]
    assert "x = 1; CONFORM_PUT(x, x);\n" in instrument(text.encode(), "small.c", two(inner="before")).text.decode()
    assert "x += j; } CONFORM_PUT(x, x);\n" in instrument(text.encode(), "small.c", two(inner="after")).text.decode()


# --- OpenMP ----------------------------------------------------------------------------------------------------------

def test_a_name_that_a_parallel_region_does_not_share_is_refused_and_its_pragma_named():
    text = source("x = i;", before="#pragma omp parallel for default(none) \\\n\tfirstprivate(x) shared(n)\n")
    assert "x = i; CONFORM_PUT(x, x);" in with_probe(text)
    why, candidates = refusal(text, value="x + y")
    assert "`y` is not in the sharing lists" in why and candidates[0].startswith("4: #pragma omp parallel")
    assert "y + x" in with_probe(text.replace("shared(n)", "shared(n) private(y)"), value="y + x")


# --- bytes -----------------------------------------------------------------------------------------------------------

def test_line_ends_tabs_and_bytes_that_are_no_text_stay_as_they_are():
    text = source("x = 1;\n#if 1\nx = 2;\n#endif\ny = x;  \t", top="/* \xe9\x0c\x85 */\n").encode("latin-1").replace(b"\n", b"\r\n")
    probed = instrument(text, "small.c", binding())
    rest = iter(probed.text)
    assert all(byte in rest for byte in text)
    assert probed.text.count(b"\n") == probed.text.count(b"\r\n")
    assert b"#endif\r\nCONFORM_PUT(x, x);\r\n#line 11\r\ny = x;  \t\r\n" in probed.text


def test_an_unfinished_last_line_is_no_obstacle():
    text = source("x = 1;").rstrip("\n").encode()
    assert instrument(text, "small.c", binding()).text.endswith(b"return 0;\n}")


def test_the_diff_is_one_that_patch_understands(tmp_path):
    import shutil
    import subprocess

    if shutil.which("patch") is None:
        pytest.skip("there is no patch(1)")
    text = source("x = 1;\ny = 2;\n" * 9 + "#if 1\nx = 2;\n#endif\ny = x;").encode()
    probed = instrument(text, "small.c", binding())
    (tmp_path / "small.c").write_bytes(text)
    subprocess.run(["patch", "-p1", "--binary"], input=probed.diff, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "small.c").read_bytes() == probed.text


def test_the_same_source_and_binding_give_the_same_bytes():
    first, second = (instrument(source("if (i) x = 1;").encode(), "small.c", binding()) for _ in range(2))
    assert (first.text, first.diff, first.record(), first.header, first.unit) == (second.text, second.diff, second.record(), second.header, second.unit)


def test_a_loop_apart_from_the_nest_says_its_size_before_it():
    apart = Binding.model_validate({
        "program": "small", "nest": {"loop": "i"},
        "levels": {"turn": {"loop": "i"}, "row": {"loop": "j", "inside": "run"}, "column": {"loop": "n", "inside": "row"}},
        "quantities": {"x": {"unit": "m", "level": "column", "value": "x"}, "y": {"unit": "m", "level": "turn", "value": "y"}},
    })
    text = source("y = x;", before="for (j = 0; j < 3; j++)\n\tfor (n = 0; n < 2; n++)\n\t\tx = j + n;")
    probed = instrument(text.encode(), "small.c", apart)
    got = probed.text.decode()
    assert not probed.refused
    assert "CONFORM_AXIS(row, 3); CONFORM_AXIS(column, 2);\n#line 4\n\tfor (j = 0" in got
    assert "{ CONFORM_AT(row, j); for (n = 0; n < 2; n++)\n\t\t{ CONFORM_AT(column, n); x = j + n; CONFORM_PUT(x, x); } }" in got
    assert "CONFORM_AXIS(turn, n);" in got and got.count("CONFORM_AXIS(row") == 1


def test_behind_a_loop_over_pixels_apart_from_the_nest_the_values_of_the_run_are_asked_for_again():
    apart = Binding.model_validate({
        "program": "small", "nest": {"loop": "i", "slow": "3", "fast": "2"},
        "levels": {"pixel": {"loop": "i", "index": ["i", "0"]}, "stored": {"loop": ["j", "n"], "axis": "pixel", "index": ["j", "n"], "inside": "run"}},
        "quantities": {"x": {"unit": "m", "level": "stored", "value": "x"}, "y": {"unit": "m", "level": "pixel", "value": "y"}},
    })
    text = source("y = i;").replace("\treturn 0;", "\tfor (j = 0; j < 3; j++)\n\tfor (n = 0; n < 2; n++)\n\t\tx = j + n;\n\treturn 0;")
    probed = instrument(text.encode(), "small.c", apart)
    assert not probed.refused
    assert "\n\t\t{ CONFORM_PIXEL(j, n); x = j + n; CONFORM_PUT(x, x); } CONFORM_RUN_LEVEL();" in probed.text.decode()


def test_loops_without_braces_end_at_one_byte_and_what_is_behind_the_outer_one_comes_last():
    nested = Binding.model_validate({
        "program": "small", "nest": {"loop": "i"}, "levels": {"turn": {"loop": "i"}, "step": {"loop": "j"}},
        "quantities": {"x": {"unit": "m", "level": "step", "value": "x"}, "y": {"unit": "m", "level": "turn", "value": "y"}},
    })
    text = source("").replace("{\n\n\t}", "\n\t\tfor (j = 0; j < 3; j++)\n\t\t\ty = x = j;")
    probed = instrument(text.encode(), "small.c", nested)
    assert not probed.refused
    assert "{ CONFORM_AT(step, j); y = x = j; CONFORM_PUT(x, x); } CONFORM_PUT(y, y); } CONFORM_RUN_LEVEL();\n" in probed.text.decode()


def test_a_value_of_the_run_after_the_nest_is_handed_over_when_the_loops_are_left():
    text = source("x += i;").replace("\treturn 0;", "\ty = x;\n\tif (y > 3)\n\t\tx = 0;\n\treturn 0;")
    probed = instrument(text.encode(), "small.c", binding(level="after", place="start")).text.decode()
    assert "} CONFORM_RUN_LEVEL(); CONFORM_PUT(x, x);\n\ty = x;" in probed
    probed = instrument(text.encode(), "small.c", binding(level="after")).text.decode()
    assert "\t\tx = 0; CONFORM_PUT(x, x);\n\treturn 0;" in probed


@pytest.mark.parametrize("tail", ["", " // A", " /* A */", " /* A\n and more */", " /* A */ /* B\n C */"])
def test_behind_a_directive_the_probe_is_behind_its_comment(tail):
    text = source(f"#if 1\nx = 2;\n#endif{tail}\ny = x;")
    probed = instrument(text.encode(), "small.c", binding()).text.decode()
    assert f"#endif{tail}\nCONFORM_PUT(x, x);\n#line " in probed
    assert probed.split("CONFORM_PUT(x, x);\n#line ")[1].split("\n")[0] == str(text[: text.index("\ny = x")].count("\n") + 2)
