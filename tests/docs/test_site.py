"""The documentation as a site: it builds strictly, every link leads somewhere, and it is made from what the program says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(root: Path, site: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--config-file", str(root / "mkdocs.yml"), "--site-dir", str(site)]
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "NO_MKDOCS_2_WARNING": "1"})


def test_the_site_builds_strictly_from_docs_spec_manual_and_help(tmp_path):
    done = build(ROOT, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Usage: conform check" in (tmp_path / "commands.html").read_text("utf-8")
    assert not [path.name for path in tmp_path.rglob("*.html") if "```" in path.read_text("utf-8")]         # a block that is none
    assert '<span class="filename">pendulum.c</span>' in (tmp_path / "tutorial.html").read_text("utf-8")
    for page in ("index.html", "tutorial.html", "add-a-clause.html", "read-a-diagnosis.html", "spec.html", "language/axes.html", "mistakes/CF0201.html"):
        assert (tmp_path / page).is_file()


@pytest.mark.parametrize("planted", ["[lost](nowhere.md)", "[lost](bounds.md#no-such-part)"])
def test_a_link_that_leads_nowhere_fails_the_build(tmp_path, planted):
    for part in ("docs", "scripts", "specs", "specs_dsl", "tests/specs_dsl/pages"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("mkdocs.yml", "README.md"):
        shutil.copy(ROOT / file, tmp_path)
    for part in ("c_probes", "torch_model", "examples", "runs", "benchmarks", "editors", "src", "conform.toml", "faults", "changes"):
        (tmp_path / part).symlink_to(ROOT / part)
    page = tmp_path / "docs" / "ci.md"
    page.write_text(page.read_text("utf-8") + f"\n{planted}\n", "utf-8")
    assert build(tmp_path, tmp_path / "site").returncode != 0
