"""`conform fmt` on files: what it writes, what it leaves alone, and how it ends."""

from __future__ import annotations

import os
import stat

import pytest

MESSY = "# of x\ninput   x[pixel]:m # metre\nvalue yyy:1 when x>0\n"
NEAT = "# of x\ninput x[pixel] : m  # metre\nvalue yyy      : 1   when x > 0\n"


def test_fmt_writes_the_layout_and_says_so_once(tiny_project):
    tiny_project.write("a.rules", MESSY)
    ended = tiny_project.call("fmt", "a.rules")
    assert (ended.status, ended.out, ended.err) == (0, "a.rules: formatted\n", "")
    assert tiny_project.text("a.rules") == NEAT
    assert tiny_project.call("fmt", "a.rules") == type(ended)(0, "", "")


@pytest.mark.parametrize("content, status, said", [(MESSY, 1, "a.rules: would be formatted\n"), (NEAT, 0, "")])
def test_fmt_check_only_says_what_would_change(tiny_project, content, status, said):
    tiny_project.write("a.rules", content)
    ended = tiny_project.call("fmt", "a.rules", "--check")
    assert (ended.status, ended.out, ended.err) == (status, said, "")
    assert tiny_project.text("a.rules") == content


@pytest.mark.parametrize("words, status", [([], 0), (["--check"], 1)])
def test_fmt_diff_shows_the_lines_and_writes_nothing(tiny_project, words, status):
    tiny_project.write("a.rules", MESSY.rstrip("\n"))
    ended = tiny_project.call("fmt", "a.rules", "--diff", *words)
    assert (ended.status, ended.err) == (status, "")
    for line in ("--- a.rules\n", "-value yyy:1 when x>0\n", "\\ No newline at end of file\n", "+value yyy      : 1   when x > 0\n", " # of x\n"):
        assert line in ended.out
    assert tiny_project.text("a.rules") == MESSY.rstrip("\n")


def test_fmt_leaves_a_file_that_does_not_parse_and_formats_the_others(tiny_project):
    tiny_project.write("bad.rules", "let x = (1\nlet  y = ]\n")
    tiny_project.write("a.rules", MESSY)
    ended = tiny_project.call("fmt", "bad.rules", "a.rules", "gone.rules")
    assert ended.status == 2 and "Traceback" not in ended.err
    assert ended.err.count("conform: ") == 2 and ended.err.count("error[CF01") == 2 and "bad.rules:1:" in ended.err and "bad.rules:2:" in ended.err
    assert "gone.rules: the rules file cannot be read: there is no such file" in ended.err
    assert (tiny_project.text("bad.rules"), tiny_project.text("a.rules")) == ("let x = (1\nlet  y = ]\n", NEAT)
    assert tiny_project.unfinished() == []


@pytest.mark.parametrize("words", [["fmt"], ["fmt", "a.rules", "--width", "80"]])
def test_fmt_used_wrongly_ends_with_two(tiny_project, words):
    ended = tiny_project.call(*words)
    assert ended.status == 2 and "Traceback" not in ended.err


@pytest.mark.parametrize("content, said", [(b"let x = \xff\n", "not UTF-8"), (b"#" * 300_000, "larger than")])
def test_fmt_refuses_what_no_rules_file_is(tiny_project, complains, content, said):
    (tiny_project.root / "a.rules").write_bytes(content)
    complains(tiny_project.call("fmt", "a.rules"), 2, "a.rules: the rules file cannot be read", said)
    assert (tiny_project.root / "a.rules").read_bytes() == content


def test_fmt_of_a_folder_is_refused(tiny_project, complains):
    complains(tiny_project.call("fmt", "specs"), 2, "it is a folder")


def test_fmt_drops_the_marks_of_other_systems(tiny_project):
    (tiny_project.root / "a.rules").write_bytes(b"\xef\xbb\xbflet x = 1\r\n")
    assert tiny_project.call("fmt", "a.rules", "--check").status == 1
    assert tiny_project.call("fmt", "a.rules").status == 0
    assert (tiny_project.root / "a.rules").read_bytes() == b"let x = 1\n"


def test_fmt_keeps_permissions_and_links(tiny_project):
    path = tiny_project.write("a.rules", MESSY)
    path.chmod(0o640)
    os.symlink("a.rules", tiny_project.root / "link.rules")
    assert tiny_project.call("fmt", "link.rules").status == 0
    assert (tiny_project.root / "link.rules").is_symlink() and tiny_project.text("a.rules") == NEAT
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_fmt_needs_no_spec_and_no_project(tiny_project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.rules").write_text('include "gone.rules"\nlet x = nobody + knows\n')
    assert tiny_project.call("fmt", "a.rules", "--check") == type(tiny_project.call("--help"))(0, "", "")
