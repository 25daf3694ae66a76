"""Blocks of lines taken apart: every number is what `float` makes of it, and lines read together are read as one by one."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conform.trace.logs import looks
from conform.trace.logs.apart import NUMBER, take_apart
from conform.trace.logs.dialect import Dialect
from conform.trace.logs.kinds import JsonLines, Lines, Table

DIALECT = Dialect.model_validate({"title": "d", "digits": "printed", "axes": {"step": ["i"]}, "line": [
    {"form": "T: at {i},{j}"}, {"form": "T: {key} {values}"}, {"form": "T: {key} = {values}"}, {"form": "T: {key}={values}"}, {"form": "P {pairs}"},
    {"form": "T: {words}"}, {"form": "H: {heading}:"}, {"form": "H: {key} {values}", "staged": True}, {"form": "Q 5: {key} {values}"}, {"form": "Q {text}"},
]})
numbers = st.one_of(
    st.floats().map(repr), st.floats(width=32).map(lambda x: f"{x:.6g}"), st.integers(-10**20, 10**20).map(str), st.floats(allow_nan=False, allow_infinity=False).map(lambda x: f"{x:+.16E}"),
    st.sampled_from(["-0", "+.5", "5.", "1e400", "4.9e-324", "NAN", "-INF", "Infinity", "0x10", "1_0", "1-2", "1e", "--1", "...", "1.2.3", "5...", "e5", "2026-11-24", "-", "\x01", "١"]),
)
words = st.sampled_from(["a", "b", "e", "nan", "info", "h0", "T:", "P", "3", "=", ",", "é", "(m)"])
gaps = st.sampled_from([" ", "  ", "\t", ", ", "=", "   "])


@settings(deadline=None)
@given(parts=st.lists(st.tuples(numbers | words, gaps | st.just("\n")), max_size=40))
def test_every_number_is_what_float_makes_of_it(parts):
    text = "".join(part + gap for part, gap in parts).encode() + b"\n"
    apart = take_apart(text, named=True)
    for value, start, end in zip(apart.values.tolist(), apart.starts.tolist(), apart.ends.tolist(), strict=True):
        token = apart.text[start:end]
        assert re.fullmatch(NUMBER, token.decode()) and np.float64(float(token)).tobytes() == np.float64(value).tobytes() or np.isnan(value) and b"n" in token.lower()
    alone = [part for part in re.split(rb"[\s,=()]+", text) if re.fullmatch(NUMBER.encode(), part)]
    assert [part for part in alone if b":" not in part] == [apart.token(i) for i in range(len(apart.values))]
    assert len(apart.skeletons) == text.count(b"\n") == len(apart.first) - 1


lines = st.one_of(
    st.builds("T: {} {}".format, words, st.lists(numbers, min_size=1, max_size=3).map("  ".join)), st.builds("T: {} = {}".format, words, numbers), st.builds("T: {}={}".format, words, numbers),
    st.builds("P i={} x={}".format, numbers, numbers), st.builds("P x={} i={}".format, numbers, numbers), st.builds("T: at {},{}".format, numbers, numbers),
    st.builds("T: a {} b {}".format, numbers, numbers), st.builds("H: {}:".format, words), st.builds("H: {}   {}".format, words, numbers), st.builds("Q {}: a {}".format, st.integers(4, 6), numbers),
    st.builds("{}{} {}".format, words, gaps, words), st.builds("T: a {}\tU: b {}\tT: b {}".format, numbers, numbers, numbers),
)
objects = st.builds('{{"a": {}, "b": [{}, {}], "w": {}}}'.format, numbers, numbers, numbers, st.sampled_from(["1", "true", '"3"', '"w"', "null"]))
rows = st.builds("{},{},{}".format, numbers | st.just(""), numbers | words, numbers | st.just('"5"'))


def read(kind, blocks):
    reader = kind(DIALECT if kind is Lines else DIALECT.model_copy(update={"line": ()}), lambda name: name != "b")
    start = 0
    for block in blocks:
        reader.take(reader.prepared(block, start))
        start += block.count(b"\n")
    found = {}
    for key, one in reader.rows.items():
        for column in one.columns(reader.coordinates):
            arrays = (column.values, column.lines, column.last, *column.places.values())
            found[key, column.name] = [array.tobytes() for array in arrays if array is not None] + [column.seen]
    return found, dict(reader.unknown), sorted(reader.odd)


@pytest.mark.parametrize("kind, line", [(Lines, lines), (JsonLines, objects | numbers), (Table, rows)])
def test_lines_that_are_read_together_say_what_they_say_one_by_one(kind, line):
    @settings(deadline=None, max_examples=60)
    @given(found=st.lists(line, min_size=1, max_size=30), often=st.integers(1, 3))
    def holds(found, often):
        head = [b"a,b,c\n"] if kind is Table else []
        blocks = [*head, *["".join(f"{one}\n" for one in found).encode()] * often]
        together = read(kind, blocks)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(looks, "MOST_LOOKS", 0)
            assert together == read(kind, blocks)

    holds()


def test_a_nan_that_nobody_looks_for_is_found():
    found, _, odd = read(Lines, [b"T: a nan\nT: a -inf\n", b"T: a 1\nT: a nan\nT: a information 5\n"])
    ((values, lines, *_),) = [found[key] for key in found if key[1] == "a"]
    assert np.isnan(np.frombuffer(values)).tolist() == [True, False, False, True] and np.frombuffer(lines, np.uint32).tolist() == [1, 2, 3, 4]
    assert odd == []
