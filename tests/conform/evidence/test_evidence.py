"""Evidence is judged again as it was, on its own files alone; and what was changed afterwards is noticed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from conform.errors import UsageProblem

WRONG = UsageProblem.exit_code
PACK = ("evidence", "specs/lamp.rules", "--run", "wall", "--output")


@pytest.fixture
def broken(tiny_project):
    """A project whose side a doubles the light."""
    tiny_project.replace("a.py", "power * height", "2 * power * height")
    return tiny_project


def test_evidence_holds_what_the_verdict_stands_on_and_is_judged_as_it_was(broken):
    ended = broken.call(*PACK, "found")
    assert ended.status == 1 and "lamp.2" in ended.out
    folder = broken.root / "found"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"audit.md", "evidence.json", "report.json", "replay.json", "run.toml", "rules/lamp.rules", "rules/lamp.md", "tolerances/float64.toml",
            "bundles/a/manifest.json", "bundles/b/manifest.json", "sides/a/output.log", "sides/b/output.log"} <= names
    note = (folder / "audit.md").read_text()
    assert "**lamp.2 Light of a turn, side a**" in note and "| lamp.2 | light" in note and "**breaks on a**" in note and "conform evidence" not in note.split("\n")[0]
    again = broken.call("replay", "found")
    assert again.status == 1 and "lamp.2" in again.out and again.out.endswith("judged as when it was packed\n")
    assert broken.unfinished() == []


def test_a_zip_is_the_same_and_needs_no_project(broken, tmp_path, monkeypatch):
    assert broken.call(*PACK, "found.zip").status == 1
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(broken.root / "found.zip", elsewhere / "found.zip")
    shutil.rmtree(broken.root / "specs")
    monkeypatch.chdir(elsewhere)
    again = broken.call("replay", "found.zip")
    assert again.status == 1 and "judged as when it was packed" in again.out


def test_no_compiler_and_no_torch_are_needed(broken):
    broken.call(*PACK, "found")
    code = ("import sys, os\nos.environ['PATH'] = '/nowhere'\nsys.modules['torch'] = None\nsys.argv = ['conform', 'replay', 'found']\n"
            "from conform.cli.main import main\nmain()")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=broken.root, env={**os.environ, "CC": "/no/compiler"})
    assert done.returncode == 1 and "judged as when it was packed" in done.stdout, done.stderr


def test_what_conforms_is_evidence_too(tiny_project):
    assert tiny_project.call(*PACK, "found").status in (0, 3)
    assert "judged as when it was packed" in tiny_project.call("replay", "found").out


def test_two_packings_of_the_same_are_the_same_bytes(broken):
    broken.call(*PACK, "one.zip")
    broken.call(*PACK, "two.zip")
    with zipfile.ZipFile(broken.root / "one.zip") as one, zipfile.ZipFile(broken.root / "two.zip") as two:
        differing = [name for name in one.namelist() if one.read(name) != two.read(name)]
    assert differing in ([], ["audit.md", "evidence.json"])         # these two hold the command line, which names the file


@pytest.mark.parametrize("change, said", [
    (lambda folder: (folder / "bundles/a/light.npy").write_bytes(b"x"), "bundles/a/light.npy is not what was packed"),
    (lambda folder: (folder / "report.json").unlink(), "report.json is missing"),
    (lambda folder: (folder / "evidence.json").unlink(), "no evidence.json"),
    (lambda folder: (folder / "evidence.json").write_text("{}"), "evidence.json is not valid"),
])
def test_evidence_that_was_changed_is_refused(broken, complains, change, said):
    broken.call(*PACK, "found")
    change(broken.root / "found")
    complains(broken.call("replay", "found"), WRONG, said)


def test_other_verdicts_than_when_it_was_packed_are_named(broken):
    """As another version of conform might judge."""
    broken.call(*PACK, "found")
    folder = broken.root / "found"
    recorded = json.loads((folder / "replay.json").read_text())
    recorded["verdicts"][0]["outcome"] = "tie"
    (folder / "replay.json").write_text(json.dumps(recorded))
    evidence = json.loads((folder / "evidence.json").read_text())
    from conform.files import sha256_of

    evidence["files"]["replay.json"] = sha256_of(folder / "replay.json")
    (folder / "evidence.json").write_text(json.dumps(evidence))
    ended = broken.call("replay", "found")
    assert ended.status == WRONG and "lamp.1 on a: tie, now holds" in ended.err


def test_a_zip_with_files_outside_of_it_is_not_unpacked(tiny_project, complains):
    with zipfile.ZipFile(tiny_project.root / "evil.zip", "w") as archive:
        archive.writestr("../outside", "x")
    complains(tiny_project.call("replay", "evil.zip"), WRONG, "would lie outside")
    assert not (tiny_project.root.parent / "outside").exists()


@pytest.mark.parametrize("place", ["nothing", "nothing.zip", "conform.toml"])
def test_what_is_no_evidence_is_refused(tiny_project, complains, place):
    complains(tiny_project.call("replay", place), WRONG, place)


def test_nothing_is_written_over(broken, complains):
    broken.write("found/keep", "mine")
    complains(broken.call(*PACK, "found"), WRONG, "there is something already")
    assert broken.text("found/keep") == "mine"


def _with_relations(project) -> None:
    """A clause that compares the sides, and one that compares a side with itself under another lamp."""
    project.write("specs/lamp.md", project.text("specs/lamp.md") + "\n### lamp.5 Alike\nBoth programs store the same light.\n\n### lamp.6 Quiet\nA flag that nobody knows changes nothing.\n")
    project.write("specs/lamp.rules", project.text("specs/lamp.rules") + """
input quiet_flag : flag from "-quiet"
run quiet with quiet_flag = on

clause lamp.5 "Alike"
  "Both programs store the same light."
  require image == image@b

clause lamp.6 "Quiet"
  "A flag that nobody knows changes nothing."
  require image == image@quiet
""")


def test_clauses_that_compare_sides_and_runs_are_packed_with_what_they_compare(broken):
    _with_relations(broken)
    assert broken.call(*PACK, "found").status == 1
    note = (broken.root / "found/audit.md").read_text()
    assert "## Relations between runs and sides" in note and "* lamp.5 (with b): a breaks, b holds" in note and "* lamp.6 (with quiet): a holds, b holds" in note
    assert (broken.root / "found/others/quiet/a/manifest.json").exists()
    again = json.loads((broken.root / "found/replay.json").read_text())
    assert {(v["clause"], v["side"]): v["outcome"] for v in again["verdicts"] if v["clause"] in ("lamp.5", "lamp.6")} == {
        ("lamp.5", "a"): "breaks", ("lamp.5", "b"): "holds", ("lamp.6", "a"): "holds", ("lamp.6", "b"): "holds"}
    assert broken.call("replay", "found").out.endswith("judged as when it was packed\n")
    (broken.root / "found/others/quiet/b/image.npy").unlink()
    assert broken.call("replay", "found").status == WRONG


def test_without_such_clauses_the_note_says_nothing_of_them(broken):
    broken.call(*PACK, "found")
    assert "Relations" not in (broken.root / "found/audit.md").read_text()
