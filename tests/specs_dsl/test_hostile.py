"""Whatever a rules file holds: mistakes with places, in bounded time and memory, and no other exception."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specs_dsl.check import load
from specs_dsl.diagnostics import MOST_FOUND, SpecError, render
from specs_dsl.reader import MOST_RULES, CannotRead

SPECS = Path(__file__).parents[2] / "specs"
SECONDS = 20             # several times what the worst of these takes on a busy machine
MEMORY = 512 << 20


@contextmanager
def bounds():
    """An exception in this process when a check takes too long, or memory beyond what is taken already."""

    def late(*_):
        raise TimeoutError(f"not done after {SECONDS} s")

    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, hard))
    try:
        yield
    finally:
        signal.alarm(0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def refused(path: Path) -> list[str]:
    """The codes of all that is reported; every report is rendered."""
    with bounds():
        try:
            reported = load(path).warnings
        except SpecError as error:
            reported = error.diagnostics
            assert any(item.severity == "error" for item in reported)
        assert all(render(item) for item in reported)
        assert len(reported) <= MOST_FOUND + 1
    return [item.code for item in reported]


# --- our own files, damaged ------------------------------------------------------------------------------------------

PIECES = ['"', "(", ")", "[", "]", "^", "-", "/", ":", "=", "#", "\n", "\0", "\t", "é", "\u2028", "9", "e999", ".", "^99", " let ", " value ",
          " input ", " clause a.1 ", " otherwise ", " when ", " sum over ", " fold a from ", " as ", " is ", " not ", " unit ", " x ", "pixel"]  # fmt: skip
damage = st.lists(
    st.tuples(st.sampled_from(["delete", "repeat", "insert"]), st.floats(0, 1, exclude_max=True), st.integers(1, 60), st.sampled_from(PIECES)),
    min_size=1,
    max_size=4,
)


def damaged(text: str, changes) -> str:
    for what, where, length, piece in changes:
        start = int(where * len(text))
        match what:
            case "delete":
                text = text[:start] + text[start + length :]
            case "repeat":
                text = text[: start + length] + text[start:]
            case "insert":
                text = text[:start] + piece + text[start:]
    return text


@pytest.fixture(scope="module")
def ours(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("damaged")
    for path in SPECS.glob("*.*"):
        shutil.copy(path, folder)
    return folder


@settings(max_examples=45, deadline=None)
@given(st.sampled_from(sorted(path.name for path in SPECS.glob("*.rules"))), damage)
def test_damage_to_our_own_rules_is_reported_as_mistakes(ours, name, changes):
    whole = (SPECS / name).read_text("utf-8")
    (ours / name).write_text(damaged(whole, changes), "utf-8")
    try:
        refused(ours / "scaling.rules")
    except CannotRead:
        assert name == "scaling.rules"
    finally:
        (ours / name).write_text(whole, "utf-8")


# --- files that mean harm --------------------------------------------------------------------------------------------

CLAUSE = 'clause scaling.1 "Signal" "A pixel that is switched off reads zero."\n'
PRELUDE = 'include "demo.rules"\n'


def equation(right: str, before: str = "") -> str:
    return f"{PRELUDE}{before}value v : 1\n{CLAUSE} v = {right}\n"


def flags(number: int) -> str:
    return "".join(f"input w{i} : flag\n" for i in range(number))


def several(pattern: str, number: int) -> str:
    return "".join(pattern.format(i=i, next=i + 1) for i in range(number))


EIGHT = "x * x * x * x * x * x * x * x"
HARM = {
    "a sum of 20000 terms": (equation("+".join(["1"] * 20_000)), "CF0104"),
    "as many brackets as are allowed": (equation("(" * 100 + "1" + ")" * 100), ""),
    "as many brackets as are allowed, open": (equation("(" * 100), "CF0101"),
    "100000 brackets": (equation("(" * 100_000 + "1" + ")" * 100_000), "CF0104"),
    "100000 brackets that stay open": (equation("(" * 100_000), "CF0104"),
    "100000 brackets that were never opened": (equation("1" + ")" * 100_000), "CF0101"),
    "100000 brackets of an index": (equation("p" + "[" * 100_000 + "1" + "]" * 100_000), "CF0104"),
    "calls in calls": (equation("sqrt(" * 20_000 + "1" + ")" * 20_000), "CF0104"),
    "as many calls as are allowed": (equation("sqrt(" * 95 + "1" + ")" * 95), ""),
    "as many vector calls as are allowed": (equation("norm(" + "unit(" * 90 + "p" + ")" * 91, "input p[xyz] : 1\n"), ""),
    "signs in front of signs": (equation("-" * 50_000 + "1"), "CF0104"),
    "not in front of not": (equation("1") + " require " + "not " * 20_000 + "v < 1\n", "CF0104"),
    "branches in branches": (equation("if 1 < 2 then 1 else " * 10_000 + "1"), "CF0104"),
    "powers of powers": (equation("2^" * 20_000 + "2"), "CF0104"),
    "sums of sums": (equation("sum over phi: " * 10_000 + "1"), "CF0104"),
    "selections of selections": (equation("v" + "[phi = last]" * 5_000), "CF0104"),
    "a comparison of 30000 sides": (equation("1") + " require " + " < ".join(["v"] * 30_000), "CF0106"),
    "a power of metres": (f"{PRELUDE}input a : m^999999999\n", "CF0301"),
    "a power of kilometres": (f"{PRELUDE}input a : km^999999999\n", "CF0301"),
    "a power of ten": (f"{PRELUDE}input a : 10^999999999\n", "CF0301"),
    "a unit made of a power of ten": (f"{PRELUDE}unit far = 10^999999999\n", "CF0301"),
    "a power in pieces": (f"{PRELUDE}input a : {'*'.join(['km^99'] * 10_000)}\n", "CF0301"),
    "a unit that is too large for a float": (f"{PRELUDE}input a : yottam^99\n", "CF0301"),
    "a unit that is too small for a float": (f"{PRELUDE}input a : yoctom^99\n", "CF0301"),
    "units in a circle": (f"{PRELUDE}unit here = there\nunit there = here\n", "CF0301 CF0301"),
    "a bomb of lets": (equation("l0", several("let l{i} = l{next} + l{next}\n", 40) + "let l40 = 1\n"), "CF0106"),
    "a bomb of calls": (equation("f(f(f(f(f(f(f(2)))))))", f"let f(x) = {EIGHT}\n"), "CF0106"),
    "many small bombs": (equation("+".join(["f(f(f(f(2))))"] * 50), f"let f(x) = {EIGHT}\n"), "CF0106"),
    "many bombs below the limit": (
        f"{PRELUDE}let f(x) = {EIGHT}\n" + several("value v{i} : 1\n", 400) + CLAUSE + several(" v{i} = f(f(f(f(2))))\n", 400), "CF0106 ..."),
    "a chain of lets": (equation("l0", several("let l{i} = l{next}\n", 3000) + "let l3000 = 1\n"), "CF0104"),
    "lets in a circle": (equation("a", "let a = b\nlet b = a\n"), "CF0214"),
    "an expression for an axis": (equation("f(b + 1)", "input b[phi] : 1\nlet f(x) = sum over x: b\n"), "CF0207"),
    "a let for an axis of a fold": (equation("fold a from 1 over f: a", "input b[phi] : 1\nlet f = b + 1\n"), "CF0203"),
    "thousands of unknown names": (several("const c{i} = 1\n", 4000) + equation("1") + " require " + several("d{i} < ", 8000) + "1", "CF0201 ..."),
    "names of 60000 letters": (equation("b" * 60_000, f"const {'a' * 60_000} = 1\n"), "CF0201"),
    "a number beyond all floats": (equation("1e999") + " require v < 1e999 and v > -1e999\n", "CF0309 CF0309 CF0309"),
    "a number of 100000 digits": (equation("9" * 100_000), "CF0309"),
    "an infinite power of metres": (equation("a^1e999 * a^-1e999", "input a : m\n"), "CF0309 CF0309"),
    "an element of 5000 digits": (equation("p[phi = " + "9" * 5000 + "]", "input p[phi] : 1\n"), "CF0208"),
    "a label of 5000 digits": (equation("p[xyz = " + "9" * 5000 + "]", "input p[xyz] : 1\n"), "CF0208"),
    "otherwise of otherwise": (f"{PRELUDE}{flags(1)}value v : 1\n{CLAUSE} v = 1 when w0\n" + " v = 2 otherwise\n" * 60, "CF0403 ..."),
    "200 conditions in a guard": (f"{PRELUDE}{flags(200)}value v : 1\n{CLAUSE} v = 1 when " + " and ".join(f"w{i}" for i in range(200))
                                  + "\n v = 2 otherwise\n", "CF0407"),
    "a choice among 5000 words": (f"{PRELUDE}input s : {' | '.join(f'w{i}' for i in range(5000))}\nvalue v : 1\n{CLAUSE}"
                                  + several(" v = 1 when s is w{i}\n", 1000), "CF0407"),
    "values in a circle of 2000": (f"{PRELUDE}" + several("value v{i} : 1\n", 2001) + CLAUSE + several(" v{i} = v{next}\n", 2000) + " v2000 = v0\n", "CF0402"),
    "values in a chain of 2000": (f"{PRELUDE}" + several("value v{i} : 1\n", 2001) + CLAUSE + several(" v{i} = v{next}\n", 2000) + " v2000 = 0\n", ""),
    "nothing": ("", "CF0105"),
    "a NUL byte": ("\0", "CF0102 CF0105"),
    "NUL bytes among words": (equation("1\0").replace("value", "va\0lue"), "CF0101 CF0102"),
    "a file of one character": (PRELUDE + "%" * 100_000, "CF0102"),
    "quotation marks": (PRELUDE + '"' * 100_001, "CF0101"),
    "a syntax mistake on each line": (PRELUDE + "let let\n" * 10_000, "CF0101 ..."),
    "blank lines": (PRELUDE + " \n" * 100_000, ""),
    "quotes without end": (PRELUDE + 'clause scaling.1 "T" ' + '"zzz" ' * 20_000, "CF0408 CF0503 ..."),
    "20000 axes": (PRELUDE + "axis " + ", ".join(f"a{i}" for i in range(20_000)), ""),
    "20000 labels": (PRELUDE + "axis a = " + ", ".join(f"l{i}" for i in range(20_000)), ""),
    "a file that includes itself": ('include "example.rules"\n' * 1000 + equation("1"), "CF0107"),
    "an endless device": (PRELUDE + 'include "/dev/zero"\n', "CF0103"),
    "an endless document": ('spec demo "/dev/zero"\n', "CF0501"),
    "no possible path": (PRELUDE + 'include "a\0b"\n', "CF0103"),
    "no possible document": ('spec demo "a\0b"\nspec demo "c\0d"\n', "CF0202 CF0501"),
    "a path of 5000 letters": (PRELUDE + f'include "{"a" * 5000}"\n', "CF0103"),
    "a folder": (PRELUDE + 'include "."\n', "CF0103"),
}  # fmt: skip


@pytest.mark.parametrize("name", HARM)
def test_a_file_that_means_harm_is_answered(name, demo):
    text, codes = HARM[name]
    path = demo / "example.rules"
    path.write_text(text, "utf-8")
    told = refused(path)
    if codes.endswith("..."):
        *first, last = codes.split()[:-1]
        assert told[: len(first)] == first
        assert len(told) > 10 and set(told[len(first) :]) == {last}
    else:
        assert " ".join(told) == codes


def test_a_chain_of_includes_ends(demo):
    (demo / "600.rules").write_text('include "demo.rules"\n')
    for i in range(600):
        (demo / f"{i}.rules").write_text(f'include "{i + 1}.rules"\n')
    assert refused(demo / "0.rules") == ["CF0103"]


def test_a_circle_of_includes_ends_and_is_told_once(demo):
    (demo / "example.rules").write_text('include "demo.rules"\ninclude "0.rules"\n')
    for i in range(50):
        (demo / f"{i}.rules").write_text(f'include "{(i + 1) % 50}.rules"\n' * (1000 if i == 49 else 1))
    with bounds(), pytest.raises(SpecError) as raised:
        load(demo / "example.rules")
    (told,) = raised.value.diagnostics
    assert told.code == "CF0107" and told.span.source.name.endswith("49.rules")
    assert told.message() == "files include each other in a circle: 0.rules → 1.rules → 2.rules → 3.rules → … → 48.rules → 49.rules → 0.rules"


def test_each_of_several_circles_is_told(demo):
    (demo / "example.rules").write_text('include "demo.rules"\ninclude "a.rules"\ninclude "b.rules"\n')
    for name in "ab":
        (demo / f"{name}.rules").write_text(f'include "{name}{name}.rules"\n')
        (demo / f"{name}{name}.rules").write_text(f'include "{name}.rules"\ninclude "example.rules"\n')
    assert refused(demo / "example.rules") == ["CF0107"] * 4


def test_files_that_are_only_included_twice_are_no_circle(demo):
    (demo / "a.rules").write_text('include "demo.rules"\n')
    (demo / "example.rules").write_text('include "demo.rules"\ninclude "a.rules"\ninclude "a.rules"\n')
    load(demo / "example.rules")


def test_links_in_a_circle_cannot_be_included(demo):
    (demo / "here.rules").symlink_to(demo / "there.rules")
    (demo / "there.rules").symlink_to(demo / "here.rules")
    (demo / "example.rules").write_text('include "demo.rules"\ninclude "here.rules"\n')
    assert refused(demo / "example.rules") == ["CF0103"]


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"#" * (10 << 20), "larger than"), (b"const " + b"a" * (1 << 20) + b" = 1", "larger than"), (bytes(range(256)), "not UTF-8"), ("spec demo".encode("utf-16"), "not UTF-8"), (b"#" * (MOST_RULES + 1), "larger than")],
)
def test_a_file_that_is_no_text_cannot_be_read(content, why, demo):
    (demo / "example.rules").write_bytes(content)
    with bounds(), pytest.raises(CannotRead, match=why):
        load(demo / "example.rules")


@pytest.mark.parametrize(("name", "why"), [("absent.rules", "no such file"), (".", "a folder"), ("/dev/zero", "a device"), ("a\0b", "no path")])
def test_what_is_no_file_cannot_be_read(name, why, demo):
    with pytest.raises(CannotRead, match=why):
        load(demo / name)


def test_a_pipe_is_not_waited_for(demo):
    os.mkfifo(demo / "pipe.rules")
    (demo / "example.rules").write_text('include "demo.rules"\ninclude "pipe.rules"\n')
    assert refused(demo / "example.rules") == ["CF0103"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_all_line_endings_and_a_byte_order_mark_are_read(ending, demo):
    text = "\ufeff" + equation("no_such_name").replace("\n", ending)
    (demo / "example.rules").write_bytes(text.encode())
    with pytest.raises(SpecError) as raised:
        load(demo / "example.rules")
    assert raised.value.diagnostics[0].span.line == 4
