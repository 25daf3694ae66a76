"""A formatted rules file means what it meant, keeps its comments, and is left alone the second time."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specs_dsl.diagnostics import SpecError
from specs_dsl.flow import WIDTH
from specs_dsl.formatter import format_rules
from specs_dsl.grammar import KEYWORDS, lexemes
from specs_dsl.parser import parse
from specs_dsl.spans import Source

RULES = sorted((Path(__file__).parents[2] / "specs").glob("*.rules"))


def formatted(text: str) -> str:
    return format_rules(Source("it.rules", text))


def nodes(text: str):
    items, found = parse(Source("it.rules", text))
    assert found == [], text
    return items


def comments(text: str) -> list[str]:
    return [word.text.rstrip() for word in lexemes(text) if word.kind == "COMMENT"]


def neighbours(text: str) -> list[tuple[str, str]]:
    """Each comment with the word before it: where it stands."""
    found, before = [], ""
    for word in lexemes(text):
        if word.kind == "COMMENT":
            found.append((before, word.text.rstrip()))
        else:
            before = word.text
    return found


# --- generated files -------------------------------------------------------------------------------------------------

names = st.from_regex(r"[A-Za-z_][A-Za-z_0-9]{0,18}", fullmatch=True).filter(lambda word: word not in KEYWORDS)
numbers = st.sampled_from("0 7 12 0.5 .5 3. 1e9 2.5e-30 1E+3".split())
some_names = st.lists(names, min_size=1, max_size=4).map(", ".join)
units = st.sampled_from(["m", "1", "photon/m^2", "1/m", "rad*s^-2/kg", "1/10^3"])
sentences = st.sampled_from(['""', '"The # is no comment."', '"A sentence of the spec that says what is required."'])


def expressions_of(part):
    several = st.lists(part, min_size=1, max_size=4).map(", ".join)
    return st.one_of(
        st.tuples(part, st.sampled_from(" + , - , * , / ,^, < , <= , == , and , or ".split(",")), part).map(lambda p: f"({p[0]}){p[1]}({p[2]})"),
        st.lists(part, min_size=2, max_size=6).map(lambda p: " + ".join(f"({x})" for x in p)),
        st.lists(part, min_size=2, max_size=6).map(lambda p: " * ".join(f"({x})" for x in p)),
        part.map("-({})".format),
        part.map("not ({})".format),
        st.tuples(part, names).map(lambda p: f"({p[0]}) is {p[1]}"),
        st.tuples(part, part, part).map(lambda p: "if {} then {} else {}".format(*p)),
        st.tuples(names | st.just("unit"), several).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(part, names).map(lambda p: f"nearest({p[0]}) ties {p[1]}"),
        st.tuples(st.sampled_from("sum product mean minimum maximum".split()), some_names, part).map(lambda p: "{} over {}: {}".format(*p)),
        st.tuples(names, part, some_names, part).map(lambda p: "fold {} from {} over {}: {}".format(*p)),
        st.tuples(part, names, names).map(lambda p: f"({p[0]})[{p[1]} = {p[2]}, {p[2]} as {p[1]}]"),
        st.tuples(names, several, part).map(lambda p: f"{p[0]}[{p[1]} otherwise {p[2]}]"),
        st.tuples(part, part).map(lambda p: f"({p[0]})[otherwise {p[1]}]"),
        st.tuples(part, names).map(lambda p: f"({p[0]})@{p[1]}"),
        st.tuples(some_names, part).map(lambda p: "count over {}: {}".format(*p)),
    )


expressions = st.recursive(names | numbers, expressions_of, max_leaves=25)
guards = st.one_of(st.just(""), st.just(" otherwise"), expressions.map(" when {}".format))
tolerances = st.sampled_from(["", ' within 4 ulp because "so"', " within 1e-6 relative"])
statements = st.one_of(
    st.tuples(names, expressions, tolerances, guards).map(lambda p: f"{p[0]} = {p[1]}{p[2]}{p[3]}"),
    st.tuples(expressions, tolerances, guards).map(lambda p: f"require {p[0]}{p[1]}{p[2]}"),
)
items = st.one_of(
    st.tuples(names, sentences).map(lambda p: "spec {} {}".format(*p)),
    sentences.map("include {}".format),
    st.tuples(names, st.just("") | units.map(" = {}".format)).map(lambda p: "unit {}{}".format(*p)),
    some_names.map("axis {}".format),
    st.tuples(names, some_names, st.sampled_from(["", " vector"])).map(lambda p: "axis {} = {}{}".format(*p)),
    some_names.map("grid {}".format),
    st.tuples(st.sampled_from(["input", "value"]), names, st.just("") | some_names.map("[{}]".format), units | st.just("round | square")).map(
        lambda p: "{} {}{} : {}".format(*p)),
    st.tuples(names, units | st.just("round | square"), st.lists(st.tuples(sentences, st.just("") | names.map(" is {}".format)).map("".join), min_size=1, max_size=3)).map(
        lambda p: f"input {p[0]} : {p[1]} from {', '.join(p[2])}"),
    st.tuples(names, st.lists(names, min_size=1, max_size=9).map(", ".join), units, guards).map(lambda p: "value {}[{}] : {}{}".format(*p)),
    st.tuples(names, st.sampled_from(["", "-"]), numbers, st.just("") | units.map(" {}".format)).map(lambda p: "const {} = {}{}{}".format(*p)),
    st.tuples(names, st.lists(sentences | st.tuples(names, expressions).map(" = ".join), min_size=1, max_size=3).map(", ".join)).map("run {0[0]} with {0[1]}".format),
    st.tuples(names, st.just("") | names.map("({} : m, x, n : 1/m)".format), expressions).map(lambda p: "let {}{} = {}".format(*p)),
    st.tuples(st.lists(sentences, min_size=1, max_size=3).map(" ".join), st.lists(statements, max_size=4).map("\n".join)).map(
        lambda p: f"clause lattice.2a {p[0]}\n{p[1]}"),
)  # fmt: skip
files = st.lists(items, max_size=6).map("\n".join).filter(lambda text: parse(Source("it", text))[1] == [])


@st.composite
def scrambled(draw):
    """A file whose words stand anywhere, with comments between them."""
    text, words = "", lexemes(draw(files))
    for i, word in enumerate(words):
        call = word.kind == "LPAR" and i and words[i - 1].kind == "UNIT"            # `unit` alone at the begin of a line is an item
        begins_item = word.kind in {"SPEC", "INCLUDE", "AXIS", "GRID", "INPUT", "VALUE", "CONST", "LET", "RUN", "CLAUSE"}
        gaps = [""] if call else ["\n", "\n\n\n", "# c\n  # d\n", "\n# col\n\n"] if begins_item else [" ", "  ", " ", " ", "\n", "\n\n", "  # a b  \n", " #\n\n  # x\n\t"]
        text += draw(st.sampled_from(gaps)) + word.text
    return text + draw(st.sampled_from(["", "\n", "  # end", "\n\n# end\n  # of all\n"]))


scrambles = scrambled().filter(lambda text: parse(Source("it", text))[1] == [])


@settings(max_examples=150, deadline=None)
@given(files)
def test_a_formatted_file_means_what_it_meant(text):
    assert nodes(formatted(text)) == nodes(text)


@settings(max_examples=150, deadline=None)
@given(scrambles)
def test_formatting_twice_is_formatting_once(text):
    once = formatted(text)
    assert formatted(once) == once


@settings(max_examples=150, deadline=None)
@given(scrambles)
def test_every_comment_stays_behind_the_word_that_it_stood_behind(text):
    assert neighbours(formatted(text)) == neighbours(text)


@settings(max_examples=100, deadline=None)
@given(scrambles)
def test_every_word_stays_and_no_line_has_spaces_at_its_end_or_two_blank_lines_before_it(text):
    after = formatted(text)
    assert [word.text for word in lexemes(after) if word.kind != "COMMENT"] == [word.text for word in lexemes(text) if word.kind != "COMMENT"]
    assert not re.search(r"[ \t]\n|\n\n\n|\A\n|\t", after) and (after == "" or re.search(r"[^\n]\n\Z", after))


@settings(max_examples=100, deadline=None)
@given(files)
def test_a_line_is_longer_than_the_width_only_where_it_cannot_be_broken(text):
    for line in formatted(text).split("\n"):
        if len(line) > WIDTH:
            assert not re.search(r"\S (?:[-+*/<]|<=|==|and|or|then|else) ", line.lstrip()), line


# --- our own files and chosen ones -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_our_own_rules_are_formatted(path):
    text = path.read_text("utf-8")
    assert formatted(text) == text


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_our_own_rules_written_without_any_layout_mean_the_same_and_keep_their_comments(path):
    text = path.read_text("utf-8")
    squeezed = "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n"))
    assert nodes(formatted(squeezed)) == nodes(text)
    assert Counter(comments(formatted(squeezed))) == Counter(comments(text))


CASES = {
    "colons of a block of declarations stand in one column": (
        "input a : m\nvalue long_name[pixel,phi]:photon/m^2 when a>0\ninput b:a|b\n\ninput c : 1",
        "input a                     : m\nvalue long_name[pixel, phi] : photon/m^2   when a > 0\ninput b                     : a | b\n\ninput c : 1\n"),
    "a comment on its own line ends a block": (
        "input a : m\n   # of b\ninput bcd : m", "input a : m\n# of b\ninput bcd : m\n"),
    "the flags of neighbours stand in one column": (
        'input a:m from "-a","-b"\ninput bcd : flag from "-bcd"\ninput e : m\ninput f[xyz] : 1 from "-f"\ninput g : x|y from "-x" is x\n\ninput h : 1 from "-h"',
        'input a      : m    from "-a", "-b"\ninput bcd    : flag from "-bcd"\ninput e      : m\n'
        'input f[xyz] : 1     from "-f"\ninput g      : x | y from "-x" is x\n\ninput h : 1 from "-h"\n'),
    "equals signs of neighbours stand in one column": (
        "const a=1\nconst bcd = -2 m/s\nlet x = a\nlet xyz = a\nlet f(n:count) = n", "const a   = 1\nconst bcd = -2 m/s\nlet x   = a\nlet xyz = a\nlet f(n : count) = n\n"),
    "a clause has its quotes and statements on lines of their own": (
        'clause a.1 "T" "Q." x=1 longer = 2 require x<1', 'clause a.1 "T"\n  "Q."\n  x      = 1\n  longer = 2\n  require x < 1\n'),
    "guards of a clause stand in one column": (
        'clause a.1 "T"\n x = 1 when\n a>0\n y = 22 otherwise',
        'clause a.1 "T"\n  x = 1' + 60 * " " + "when\n" + 71 * " " + "a > 0\n  y = 22" + 59 * " " + "otherwise\n"),
    "a sign stands at its operand, a minus between two": (
        "let x = - a - -b ^ -2*( - c)", "let x = -a - -b^-2 * (-c)\n"),
    "a line that begins with an operator stands under those of its kind": (
        "let x = (a+b) * c\n* d\n*(e\n+f\n-g)", "let x = (a + b) * c\n                * d\n                * (e\n                 + f\n                 - g)\n"),
    "the operand stands under the first one where there is no operator yet": (
        "let x = a*b\n+ c*d\n- e", "let x = a * b\n      + c * d\n      - e\n"),
    "what follows a colon or an else is a step deeper": (
        "let x = sum over p:\nif a then b else\nc\n*d", "let x = sum over p:\n          if a then b else\n            c\n          * d\n"),
    "an else stands under its if": ("let x = if a then b\nelse c", "let x = if a then b\n        else c\n"),
    "comments that end neighbouring lines stand in one column": (
        "axis a # one\naxis b, c, d\naxis e, f # two\n\ngrid h # three", "axis a     # one\naxis b, c, d\naxis e, f  # two\n\ngrid h  # three\n"),
    "comments at the end of a clause stay in it as far as they are indented": (
        'clause a.1 "T"\n x=1\n # of x\n# of y\nlet y = 1\n', 'clause a.1 "T"\n  x = 1\n  # of x\n# of y\nlet y = 1\n'),
    "a comment in an expression keeps its place": (
        "let x = a + # first\n # above\nb", "let x = a +  # first\n        # above\n        b\n"),
    "blank lines are kept and are one at most": ("\n\naxis a\n\n\n\naxis b\naxis c\n\n\n", "axis a\n\naxis b\naxis c\n"),
    "a file of comments only is kept": ("# one\n\n\n   # two", "# one\n\n# two\n"),
    "an empty file stays empty": (" \n\n", ""),
    "old line ends and tabs go": ("axis\ta\r\naxis b\r\n".replace("\r\n", "\n"), "axis a\naxis b\n"),
}  # fmt: skip


@pytest.mark.parametrize("before, after", CASES.values(), ids=CASES)
def test_the_layout(before, after):
    assert formatted(before) == after
    assert formatted(after) == after


def test_a_long_sum_is_broken_before_its_operators():
    name = "a_rather_long_name_of_a_quantity"
    text = formatted(f'clause a.1 "T" total = {" + ".join([name] * 8)} when {name} > 0')
    lines = text.split("\n")
    assert all(len(line) <= WIDTH for line in lines) and len(lines) > 4
    assert all(line.lstrip().startswith(("+ ", "when ")) for line in lines[2:-1])
    assert len({len(line) - len(line.lstrip()) for line in lines[2:-1] if "+" in line}) == 1


def test_a_long_list_of_axes_is_broken_after_a_comma():
    text = formatted(f"value wide[{', '.join(f'axis_number_{i}' for i in range(15))}] : m when wide_enough > 0")
    assert all(len(line) <= WIDTH for line in text.split("\n")) and text.split("\n")[0].endswith(",")


def test_inputs_that_do_not_fit_with_their_flags_in_one_column_have_them_in_two():
    long = ", ".join(f'"-flag_number_{i}"' for i in range(5))
    text = formatted(f'input a : m from "-a"\ninput b : 1 from {long}\ninput c : square_one | round_one from "-c" is square_one\ninput d : s from "-d"\n')
    assert text.split("\n")[:2] == ['input a : m from "-a"', f"input b : 1 from {long}"] and formatted(text) == text
    assert [line.index(" from") for line in text.split("\n")[2:4]] == [32, 32]
    wide = formatted(f'input a : square_one | round_one from "-a" is round_one\ninput b : 1 from {long}, {long}\ninput c : m from "-c"\n')
    assert 'input c : m from "-c"' in wide and all(len(line) <= WIDTH for line in wide.split("\n")) and formatted(wide) == wide


def test_the_parameters_of_a_let_are_not_broken_for_the_sake_of_its_expression():
    text = formatted(f"let f(m : m, x, n : 1/m) = g(a, h({' + '.join(['quantity_of_it'] * 9)}))")
    assert text.startswith("let f(m : m, x, n : 1/m) = g(a,\n" + 29 * " " + "h(quantity_of_it + ") and formatted(text) == text
    assert all(len(line) <= WIDTH for line in text.split("\n"))


def test_parameters_that_do_not_fit_are_broken_and_the_second_time_in_the_same_place():
    parameters = ", ".join(f"parameter_number_{i} : 1/m" for i in range(6))
    text = formatted(f"let f({parameters}) = g(a, h({' + '.join(['quantity_of_it'] * 9)}))")
    assert text.count("\n") > 3 and all(len(line) <= WIDTH for line in text.split("\n")) and formatted(text) == text


def test_a_guard_that_has_no_room_stands_on_the_next_line():
    long = " + ".join(["quantity"] * 10)
    text = formatted(f'clause a.1 "T"\n x = {long} when y > 0 and z < 1')
    assert text.split("\n")[2] == 67 * " " + "when y > 0 and z < 1"


LONG = " and ".join(["quantity > other"] * 12)
LADDER = ("if fold unknown from i over round : fold square from tan over z : fold v from fold first\n from s over round : 3. over z : kg then not not "
          "unit ( ) and not 2.5 is acc or acc + pi > v ( ) ties rad and 1e9 and pi ( ) and not down and unit ( ) ties\n last else peaks")


@pytest.mark.parametrize("guard", [LONG, LONG.replace(" and ", "\n and ", 3), f"a >\n{LONG}", f"({LONG}\n or b)", LADDER, LADDER.replace("\n", " ")])
@pytest.mark.parametrize("before", [" ", "\n"])
def test_a_guard_stands_the_second_time_where_it_stood(guard, before):
    """How wide it is depends on its line breaks, and those on where it stands."""
    text = formatted(f'clause a.1 "T"\n x = y{before}when {guard}\n longer = 2 otherwise\n require y < 1{before}when {guard}')
    assert formatted(text) == text and all(len(line) <= WIDTH for line in text.split("\n"))


@pytest.mark.parametrize("text", ["let x = \nlet y = 1", "claus a.1", 'clause a.1 "T" x = (1', "let x = " + "-" * 500 + "1", "let x = ?"])
def test_what_cannot_be_parsed_is_not_formatted(text):
    with pytest.raises(SpecError) as raised:
        formatted(text)
    assert raised.value.diagnostics


def test_a_file_of_the_greatest_size_is_formatted_in_little_time():
    flags = " and ".join(f"w{i}" for i in range(25_000))
    text = formatted(f'clause a.1 "T" require {flags}\n')
    assert text.count(" and ") == 24_999 and max(map(len, text.split("\n"))) <= WIDTH
