"""Equal findings are equal bytes in every form: whoever checks, in which folder, when, and in whatever order Python hashes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conform.cli.forms import Form
from tests.conform.cli.test_cases import with_cases

HERE = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LANG": "C", "HOME": "/nonexistent", "USER": "one"}
THERE = {"PYTHONHASHSEED": "2", "TZ": "Pacific/Midway", "LANG": "C.UTF-8", "HOME": "/tmp", "USER": "other", "HOSTNAME": "elsewhere", "COLUMNS": "50"}
CHECKS = """
import sys
from conform.cli.main import run
{planted}
for name in {runs}:
    for form in sys.argv[2:]:
        assert run(["check", f"{{sys.argv[1]}}specs/lamp.rules", "--run", name, "--quirks", "a=far", "--waivers", f"{{sys.argv[1]}}specs/waivers.toml", "--format", form, "--output", f"{{name}}.{{form}}"]) == 1
"""


def written(project: Path, below: str, env: dict[str, str], runs: tuple[str, ...] = ("wall",), planted: str = "") -> dict[str, bytes]:
    """What checks of these runs write in every form, called from a folder `below` the project."""
    folder = project / below
    words = [sys.executable, "-c", CHECKS.format(planted=planted, runs=runs), "../" if below else "", *(form.value for form in Form)]
    done = subprocess.run(words, cwd=folder, env={"PATH": os.environ["PATH"], **env}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {f"{name}.{form.value}": (folder / f"{name}.{form.value}").read_bytes() for name in runs for form in Form}


@pytest.fixture
def twice(tiny_project, tmp_path):
    """A project with an accepted break and one that is not, and a copy of it in another folder."""
    with_cases(tiny_project)
    tiny_project.replace("b.py", "math.fsum(turns)", "1.0000001 * math.fsum(turns)")
    accepted = ("--clause", "lamp.1", "--reason", "it hangs askew", "--owner", "us", "--expires", "2999-12-31")
    assert tiny_project.call("waive", "specs/lamp.rules", "--run", "wall", "--quirks", "a=far", *accepted).status == 0
    shutil.rmtree(tiny_project.cache)
    copy = tmp_path / "another folder" / "deeper" / "project"
    shutil.copytree(tiny_project.root, copy)
    return tiny_project.root, copy


def test_two_checks_write_the_same_bytes_in_all_forms(twice):
    here, there = twice
    one, other = written(here, "", HERE, ("wall", "many")), written(there, "runs", THERE, ("wall", "many"))
    assert [name for name in one if one[name] != other[name]] == [] and len(one) == 10
    assert not any(part in text for text in one.values() for part in (b"/nonexistent", str(here).encode()))
    assert all(b"lamp.1" in text and b"lamp.3" in text for text in one.values())


@pytest.mark.parametrize("planted", [
    "from conform.report import words; said = words.values; words.values = lambda found: said(found) + __import__('os').getcwd()",
    "from conform.report import words; said = words.where; words.where = lambda found: said(found) + str({'a', 'b', 'c', 'd', 'e', 'f'})",
])
def test_a_folder_or_an_order_of_hashes_in_a_report_would_be_noticed(twice, planted):
    here, there = twice
    one, other = written(here, "", HERE, planted=planted), written(there, "runs", THERE, planted=planted)
    assert {name for name in one if one[name] != other[name]} == {name for name in one if not name.endswith(".json")}
