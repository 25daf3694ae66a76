"""From lines to columns: the forms of a dialect, whatever stands between them, whole and damaged."""

from __future__ import annotations

import numpy as np
import pytest

from conform.errors import UsageProblem
from conform.trace.logs.dialect import load_dialect
from conform.trace.logs.read import CHUNK, read_log


def columns(tmp_path, text: str | bytes, dialect: str, wanted=lambda name: True):
    """Name to what was read, over all looks of its lines."""
    log = whole(tmp_path, text, dialect, wanted)
    found = {}
    for column in log.columns:
        found.setdefault(column.name, []).extend(column.values.tolist())
    return found


def whole(tmp_path, text, dialect, wanted=lambda name: True):
    (tmp_path / "d.toml").write_text(f'title = "d"\n{dialect}')
    path = tmp_path / "it.log"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_log(path, load_dialect(tmp_path / "d.toml").dialect, wanted)


KEYS = '[[line]]\nform = "T: {key} {values}"\n[[line]]\nform = "T: {key} = {values}"\n[[line]]\nform = "T:{key}={values}"\n'


@pytest.mark.parametrize("line, read", [
    ("T: a 1.5", {"a": [[1.5]]}), ("T: a -1 2e-7 0", {"a": [[-1, 2e-7, 0]]}), ("T: a = 1.5", {"a": [[1.5]]}), ("T:a=1 2 3", {"a": [[1, 2, 3]]}),
    ("T:  a \t 1.5  ", {"a": [[1.5]]}), ("T: v = [1.0, -2, 3e1]", {"v": [[1, -2, 30]]}), ("T:R=[1 0 0; 0 1 -0; 0 0 1]", {"R": [[1, 0, 0, 0, 1, 0, 0, 0, 1]]}),
    ("T:angles=x:0.5 y:-1", {"angles.x": [[0.5]], "angles.y": [[-1]]}), ("T: a inf", {"a": [[np.inf]]}), ("T: a -INF", {"a": [[-np.inf]]}),
    ("T: a_vec 1 2", {"a_vec": [[1, 2]]}), ("T: a word", {}), ("X: a 1", {}), ("T: a 1.5abc", {}), ("", {}),
])
def test_a_line_is_read_as_its_form_says(tmp_path, line, read):
    assert columns(tmp_path, line + "\n", KEYS) == read


def test_not_a_number_is_a_number_that_the_program_computed(tmp_path):
    found = columns(tmp_path, "T: a nan\nT: a -nan\nT: a 1\n", KEYS)
    assert np.isnan(found["a"][:2]).all() and found["a"][2] == [1]


@pytest.mark.parametrize("form, line, read", [
    ("P {pairs}", "P i=0 x=1.5 y=-2", {"i": [[0]], "x": [[1.5]], "y": [[-2]]}),
    ("P {pairs}", "P at=(0,1) v=1 2 3 w=4", {"at": [[0, 1]], "v": [[1, 2, 3]], "w": [[4]]}),
    ("P: {words}", "P: px 0 1 h -7.9 k 2", {"px": [[0, 1]], "h": [[-7.9]], "k": [[2]]}),
    ("P: [{i},{j}]={x}", "P: [0,3]=1.5", {"i": [[0]], "j": [[3]], "x": [[1.5]]}),
    ("P {n}: {key} {values}", "P 4: a 1 2", {"n": [[4]], "a": [[1, 2]]}),
    ("P: {key} = {values} |{text}", "P:   a_star = [-0.1, 0.2] |a_star| = 0.3 m", {"a_star": [[-0.1, 0.2]]}),
    ("pos (m): {values}{text}", "pos (m): tensor([ 0.1000, -0.02], dtype=torch.float64)", {"Pos": [[0.1, -0.02]]}),
])
def test_forms_of_every_kind(tmp_path, form, line, read):
    key = '\nkey = "Pos"' if "{values}" in form and "{key}" not in form else ""
    if key:
        form = form.replace("{values}", "tensor({values}")
    assert columns(tmp_path, line + "\n", f"[[line]]\nform = '{form}'{key}\n") == read


def test_lines_that_begin_alike_are_read_alike_quickly_or_not(tmp_path):
    """The first of its kind by its form, the next by their first words: the same numbers."""
    text = "T: a 1\nT: a 2\nT: a 3 4\nT: a = 5\nT: a = 6\nT: a 7\nnoise\nT: a x\nT: a 8\nT: = 9\n"
    assert sorted(columns(tmp_path, text, KEYS)["a"]) == [[1], [2], [3, 4], [5], [6], [7], [8]]
    assert whole(tmp_path, text, KEYS).odd == [8, 10]


def test_pairs_in_another_order_are_the_same_names(tmp_path):
    form = '[[line]]\nform = "P {pairs}"\n'
    found = columns(tmp_path, "P i=0 x=1\nP i=1 x=2\nP x=3 i=2\nP i=3\nP i=4 x=5\n", form)
    assert sorted(x for (x,) in found["x"]) == [1, 2, 3, 5] and sorted(i for (i,) in found["i"]) == [0, 1, 2, 3, 4]


def test_headings_tell_equal_keys_apart(tmp_path):
    form = '[[line]]\nform = "T: {heading}:"\n[[line]]\nform = "T: {key} = {values}"\nstaged = true\n'
    assert columns(tmp_path, "T: Before:\nT:   a = 1\nT: After all:\nT:   a = 2\n", form) == {"Before/a": [[1]], "After all/a": [[2]]}


def test_two_programs_side_by_side_are_told_apart_by_their_prefixes(tmp_path):
    assert columns(tmp_path, "T: a 1\tU: a 2\nU: b 3\tT: b 4\n", KEYS) == {"a": [[1]], "b": [[4]]}


def test_a_log_that_ends_in_the_middle_of_a_line_loses_that_line_and_says_so(tmp_path):
    log = whole(tmp_path, "T: a 1.23456\nT: b 1.234", KEYS)
    assert ([column.name for column in log.columns], log.cut) == (["a"], 2)


def test_what_nobody_asked_for_is_counted_and_not_kept(tmp_path):
    log = whole(tmp_path, "T: a 1\n" + "T: b 2\n" * 5 + "T: a 3\n", KEYS, lambda name: name == "a")
    assert [column.name for column in log.columns] == ["a"] and log.unknown["b"] >= 1


def test_what_the_pieces_of_a_large_log_hold_is_one_column(tmp_path):
    count = CHUNK // 10
    text = b"".join(b"T: a %d\n" % i for i in range(count))
    assert len(text) > CHUNK // 2
    log = whole(tmp_path, text * 3, KEYS)
    (column,) = log.columns
    assert column.values[:, 0].tolist() == list(range(count)) * 3 and column.lines.tolist() == list(range(1, 3 * count + 1))


def test_bytes_that_are_no_text_harm_nobody(tmp_path):
    assert columns(tmp_path, b"\xff\xfe\x00garbage\nT: a 1\nT: \xe9 2\nT: b \x00\n", KEYS)["a"] == [[1]]


# --- JSON and tables -------------------------------------------------------------------------------------------------


def test_json_lines_are_taken_apart(tmp_path):
    text = '{"a": 1.5, "v": [1, 2, 3], "in": {"b": -2}, "w": "word", "f": true, "n": null}\n{"a": 2}\nnot json\n{"a": NaN}\n'
    found = columns(tmp_path, text, 'format = "jsonl"\n')
    assert (found["v"], found["in.b"], found["f"], found["a"][:2]) == ([[1, 2, 3]], [[-2]], [[1]], [[1.5], [2]]) and np.isnan(found["a"][2][0])
    assert whole(tmp_path, text, 'format = "jsonl"\n').odd == [3]


def test_a_last_json_line_without_an_end_counts_if_it_is_whole(tmp_path):
    assert columns(tmp_path, '{"a": 1}\n{"a": 2}', 'format = "jsonl"\n') == {"a": [[1], [2]]}
    assert whole(tmp_path, '{"a": 1}\n{"a": 2', 'format = "jsonl"\n').cut == 2


def test_a_json_document_is_its_own_numbers_and_its_lists_of_objects(tmp_path):
    text = '{"metadata": {"a": 3, "who": "x"}, "traces": [{"i": 0, "x": 1.5}, {"i": 1, "x": 2.5}]}'
    assert columns(tmp_path, text, 'format = "json"\n') == {"a": [[3]], "i": [[0], [1]], "x": [[1.5], [2.5]]}


def test_a_table_has_its_names_in_its_first_line(tmp_path):
    found = columns(tmp_path, 'i,x,"y"\n0,1.5,2\n1,,3\n2,4,"5"\nonly,words,here\n', 'format = "csv"\n')
    assert sorted(x for (x,) in found["x"]) == [1.5, 4] and sorted(y for (y,) in found["y"]) == [2, 3, 5]


# --- dialects that are wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text, said", [
    ('[[line]]\nform = "no placeholder"\n', "no placeholder"), ('[[line]]\nform = "T: {values}"\n', "needs a {key}"), ('[[line]]\nform = "{key} {values}"\n', "begins with text"),
    ('[[line]]\nform = " {key} {values}"\n', "begins with text"), ('[[line]]\nform = "T {i} {key}: {i} {values}"\n', "{i} stands in it more than once"),
    ('[[line]]\nform = "T: {pairs} {words}"\n', "only one"), ("colour = 1\n", "unknown key"), ('format = "csv"\n[[line]]\nform = "T {pairs}"\n', "no line forms"),
    ('extends = "d"\n', "leads back"), ('extends = "nowhere"\n', "no such dialect"), ("digits = 0\n", "digits"), ("[names]\na = { unit = 'm' }\n", "is missing"),
])
def test_a_dialect_that_cannot_be_used_says_why(tmp_path, text, said):
    with pytest.raises(UsageProblem, match="d.toml|nowhere.toml") as caught:
        columns(tmp_path, "T: a 1\n", text)
    assert said in str(caught.value)
