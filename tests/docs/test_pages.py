"""The pages of docs/, each executed from top to bottom: every command prints what the page says, every change can be made."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from conform.trace.manifest import RawTrace
from specs_dsl.exempt import reason
from tests.docs.reader import BLOCK

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
EXECUTED = [page for page in PAGES if BLOCK.search(page.read_text("utf-8"))]
NEED_CC = pytest.mark.skipif(shutil.which("cc") is None, reason="the pages compile programs with cc")


@NEED_CC
@pytest.mark.parametrize("page", EXECUTED, ids=lambda page: page.stem)
def test_what_a_page_says_is_so(reader, page):
    reader.follow(page.read_text("utf-8"))


def test_no_page_shows_a_command_that_nobody_types():
    """In blocks that are executed, or in a sentence; not in an indented block."""
    assert {page.stem for page in EXECUTED} == {"add-a-clause", "audit", "ci", "instrument", "logs", "read-a-diagnosis", "tutorial", "waivers"}
    assert [(page.name, line) for page in PAGES for line in re.findall(r"^    (?:\S*/)?conform .*", page.read_text("utf-8"), re.M)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\((?!https:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


# --- recipes ---------------------------------------------------------------------------------------------------------


@NEED_CC
def test_the_steps_of_the_ci_recipe_run_in_their_order_and_leave_what_is_uploaded(reader):
    """But for the first, which installs conform, and for the actions of others."""
    reader.follow((DOCS / "ci.md").read_text("utf-8").partition("What a pull request that breaks a clause meets")[0])
    recipe = yaml.safe_load((reader.folder / ".github/workflows/conformance.yml").read_text("utf-8"))
    steps = recipe["jobs"]["check"]["steps"]
    installed, *commands = [step["run"] for step in steps if "run" in step]
    assert installed == "pip install conform.whl" and len(commands) == 4
    reader.env["GITHUB_STEP_SUMMARY"] = str(reader.folder / "job.md")
    for command in commands:
        status, said = reader.typed(f"set -e\n{command}")
        assert status == 0, said
    uploaded = [step["with"] for step in steps if step.get("uses", "").partition("@")[0] in ("github/codeql-action/upload-sarif", "actions/upload-artifact")]
    assert (reader.folder / uploaded[0]["sarif_file"]).is_file() and len([*reader.folder.glob(uploaded[1]["path"])]) == 4
    assert (reader.folder / "job.md").read_text("utf-8").startswith("## conform: fall · first: conforms")


@NEED_CC
def test_the_hooks_before_a_commit_pass_what_is_right_and_stop_what_is_not(reader):
    reader.follow((DOCS / "ci.md").read_text("utf-8"))
    hooks = yaml.safe_load((reader.folder / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    rules = reader.folder / "specs/fall.rules"
    assert all(re.search(hook["files"], rules.name) and hook["language"] == "system" for hook in hooks)

    def ended() -> list[int]:
        return [reader.typed(f"{hook['entry']} specs/fall.rules")[0] for hook in hooks]
    assert ended() == [0, 0]
    rules.write_text(rules.read_text("utf-8").replace("speed = gravity", "speed  = gravty"), "utf-8")
    assert ended() == [1, 2]


# --- what no command reads -------------------------------------------------------------------------------------------


def test_the_trace_that_is_shown_is_one():
    text = (DOCS / "trace-format.md").read_text("utf-8")
    RawTrace.model_validate_json(text[text.index('    {"format"') : text.index("\n* `dtype` is")])


def test_the_reasons_that_are_shown_are_taken():
    in_document, in_rules = re.findall(r"^    (?:\*No rule:\*|# No run:) (.*)", (DOCS / "report.md").read_text("utf-8"), re.M)
    assert reason(in_document, "No rule", "").kind == "no test needed" and reason(in_rules, "No run", "").kind == "not testable"
