"""From an empty folder to a verdict: a new project of one's own, or one that comes with conform."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from junitparser import JUnitXml

from conform.cli.main import run
from tests.conform.report.test_formats import JUNIT, SARIF

ROOT = Path(__file__).parents[3]


@pytest.fixture
def empty(tmp_path, monkeypatch):
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("CONFORM_CACHE", raising=False)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_new_project_conforms_and_a_planted_fault_breaks_it(empty, capsys):
    assert run(["init", "--name", "stones", "--run", "five"]) == 0
    assert "next: conform check specs/stones.rules --run five" in capsys.readouterr().out
    assert run(["lint", "specs/stones.rules"]) == run(["fmt", "--check", "specs/stones.rules"]) == 0
    assert run(["check", "specs/stones.rules", "--run", "five"]) == 0
    program = empty / "programs" / "stones.c"
    program.write_text(program.read_text().replace("9.81 * time", "9.8 * time"))
    assert run(["check", "specs/stones.rules", "--run", "five"]) == 1
    assert "FIRST BREAK   fall.2 Speed at the ground, side c" in capsys.readouterr().out


def test_the_two_questions_are_asked_where_nothing_answers_them(empty, monkeypatch):
    from typer.testing import CliRunner

    from conform.cli.main import program

    done = CliRunner().invoke(program(), ["init"], input="stones\nfive\n")
    assert done.exit_code == 0 and "What is the spec called?" in done.output and "What is the first run called?" in done.output
    assert (empty / "specs" / "stones.rules").is_file() and (empty / "runs" / "five.toml").is_file()


@pytest.mark.parametrize("words, said", [
    (["--name", "Stones of mine", "--run", "five"], "cannot be the name of a spec"), (["--name", "stones", "--run", "../five"], "cannot be the name of a run"),
    (["atoms"], "no project called `atoms`"), (["pendulum", "--name", "stones"], "only for a new project"),
])
def test_what_cannot_be_laid_down_is_one_message_and_nothing_is_written(empty, capsys, words, said):
    assert run(["init", *words]) == 2
    assert said in capsys.readouterr().err and files(empty) == {}


def test_nothing_that_is_there_is_overwritten(empty, capsys):
    (empty / "conform.toml").write_text("mine\n")
    assert run(["init", "--name", "stones", "--run", "five"]) == 2
    assert "conform.toml is there already" in capsys.readouterr().err and files(empty) == {"conform.toml": b"mine\n"}


def test_the_projects_that_come_with_conform_are_those_of_the_checkout(empty):
    assert run(["init", "nanobragg"]) == 0
    laid = files(empty)
    for file in ("conform.toml", "specs/nanobragg.md", "runs/supervisor.toml", "c_probes/nanobragg/main.c", "torch_model/simulation.py"):
        assert laid[file] == (ROOT / file).read_bytes()
    assert not [file for file in laid if "__pycache__" in file or file.endswith(".pyc")]


def test_the_wheel_carries_what_is_laid_down(empty, tmp_path):
    """Built as for a release, unpacked, and used from there."""
    built = subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--disable-pip-version-check", "-w", str(tmp_path), str(ROOT)], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(next(tmp_path.glob("*.whl"))).extractall(unpacked)
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*")}
    for file in ("specs_dsl/grammar.lark", "specs_dsl/codes/CF0201.md", "conform/report/page/page.html.j2", "conform/starters/whole/specs/tolerances/float64.toml", "torch_model/simulation.py"):
        assert file in names
    call = "import sys; sys.path.insert(0, sys.argv.pop(1)); sys.argv[0] = 'conform'; from conform.cli.main import main; main()"
    for words in (["init", "pendulum"], ["lint", "examples/pendulum/pendulum.rules"], ["init", "--folder", "mine", "--name", "stones", "--run", "five"]):
        done = subprocess.run([sys.executable, "-c", call, str(unpacked), *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    checked = subprocess.run([sys.executable, "-c", call, str(unpacked), "check", "specs/stones.rules", "--run", "five"], capture_output=True, text=True, cwd=empty / "mine")
    assert checked.returncode == 0 and "conforms" in checked.stdout, checked.stderr
    assert "2 clauses hold on both sides, to the last bit" in checked.stdout
    for kind in ("json", "html", "junit", "sarif", "markdown"):
        words = ["check", "specs/stones.rules", "--run", "five", "--format", kind, "--output", f"report.{kind}"]
        assert subprocess.run([sys.executable, "-c", call, str(unpacked), *words], cwd=empty / "mine").returncode == 0
    reports = {path.suffix[1:]: path.read_text("utf-8") for path in (empty / "mine").glob("report.*")}
    assert not list(SARIF.iter_errors(json.loads(reports["sarif"]))) and JUnitXml.fromfile(str(empty / "mine" / "report.junit")).tests == 4
    JUNIT.validate(reports["junit"])
    assert json.loads(reports["json"])["exit_code"] == 0 and reports["html"].startswith("<!doctype html>") and reports["markdown"].startswith("## conform: ")
    complete = subprocess.run([sys.executable, "-c", call, str(unpacked)], capture_output=True, text=True,
                              env={"_CONFORM_COMPLETE": "complete_bash", "COMP_WORDS": "conform che", "COMP_CWORD": "1", "PATH": "/usr/bin:/bin"})
    assert complete.stdout.split() == ["check"]
    assert (empty / "mine" / "programs" / "conform_probe.h").read_bytes() == (ROOT / "c_probes" / "conform_probe.h").read_bytes()
