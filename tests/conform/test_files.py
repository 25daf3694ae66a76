"""Files and folders that are never half-written."""

from __future__ import annotations

import hashlib
import os
import stat

import pytest

from conform.errors import Problem, SideProblem, UsageProblem
from conform.files import new_folder, no_space_is_a_side_problem, sha256_of, write_text


def _mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask():
    before = os.umask(0o027)
    yield 0o027
    os.umask(before)


def test_a_hash_is_that_of_all_bytes_of_a_file_larger_than_one_read(tmp_path):
    content = bytes(range(256)) * 9000                       # 2.3 MB
    (tmp_path / "file").write_bytes(content)
    assert sha256_of(tmp_path / "file") == hashlib.sha256(content).hexdigest()


def test_text_is_written_with_the_folders_above_it_and_the_usual_permissions(tmp_path, umask):
    write_text(tmp_path / "a/b/report.txt", "é\n")
    assert (tmp_path / "a/b/report.txt").read_bytes() == "é\n".encode()
    assert _mode(tmp_path / "a/b/report.txt") == 0o666 & ~umask


def test_a_failed_write_keeps_the_old_text_and_leaves_nothing_else(tmp_path):
    write_text(tmp_path / "report.txt", "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "report.txt", "new \udcff")
    assert (tmp_path / "report.txt").read_text() == "old" and os.listdir(tmp_path) == ["report.txt"]


def test_text_does_not_replace_a_folder(tmp_path):
    (tmp_path / "report.txt").mkdir()
    with pytest.raises(IsADirectoryError):
        write_text(tmp_path / "report.txt", "text")
    assert os.listdir(tmp_path) == ["report.txt"]


def test_a_new_folder_appears_whole_and_with_the_usual_permissions(tmp_path, umask):
    with new_folder(tmp_path / "deep/target") as work:
        (work / "file").write_text("x")
        assert not (tmp_path / "deep/target").exists()
    assert os.listdir(tmp_path / "deep") == ["target"] and os.listdir(tmp_path / "deep/target") == ["file"]
    assert _mode(tmp_path / "deep/target") == 0o777 & ~umask


@pytest.mark.parametrize("end", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("replace", [False, True])
def test_a_folder_that_was_not_finished_is_gone_and_the_old_one_stays(tmp_path, end, replace):
    with new_folder(tmp_path / "target") as work:
        (work / "old").touch()
    with pytest.raises(end), new_folder(tmp_path / "target", replace) as work:
        (work / "new").touch()
        raise end
    assert os.listdir(tmp_path) == ["target"] and os.listdir(tmp_path / "target") == ["old"]


@pytest.mark.parametrize("replace, left", [(False, ["theirs"]), (True, ["mine"])])
def test_the_folder_of_a_quicker_process_stays_unless_it_is_to_be_replaced(tmp_path, replace, left):
    with new_folder(tmp_path / "target", replace) as work:
        (work / "mine").touch()
        (tmp_path / "target").mkdir()
        (tmp_path / "target/theirs").touch()
    assert os.listdir(tmp_path) == ["target"] and os.listdir(tmp_path / "target") == left


def test_a_file_in_the_place_of_a_new_folder_is_not_overwritten(tmp_path):
    (tmp_path / "target").write_text("mine")
    with pytest.raises(OSError), new_folder(tmp_path / "target"):
        pass
    assert (tmp_path / "target").read_text() == "mine" and os.listdir(tmp_path) == ["target"]


@pytest.mark.parametrize("number, said", [(28, "no space left while tracing"), (122, "no space left while tracing"), (27, "no space left while tracing"),
                                          (13, "tracing: Permission denied: name"), (30, "tracing: Read-only file system: name"), (5, "tracing: Input/output error: name")])
def test_what_the_system_refuses_is_a_problem_of_the_side_with_a_way_out(number, said):
    with pytest.raises(SideProblem) as caught, no_space_is_a_side_problem("tracing"):
        raise OSError(number, os.strerror(number), "name")
    assert caught.value.message == said and "CONFORM_CACHE" in caught.value.help


def test_other_failures_pass_through():
    with pytest.raises(UsageProblem, match="mine"), no_space_is_a_side_problem("tracing"):
        raise UsageProblem("mine")


def test_each_problem_knows_its_exit_status():
    assert (Problem.exit_code, UsageProblem.exit_code, SideProblem.exit_code) == (2, 2, 4)


def test_a_problem_shows_its_help_on_a_line_of_its_own():
    assert str(UsageProblem("what", "do")) == "what\nhelp: do" and str(UsageProblem("what")) == "what"
