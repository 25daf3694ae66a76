"""The forms of a report besides the terminal's: what a check writes, and what `conform report merge` writes of shards.

A page of one run holds elements that its report does not: conform.cli.shown.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from conform.errors import UsageProblem

if TYPE_CHECKING:
    from types import ModuleType

    from conform.report.cases import Suite
    from conform.report.model import Report
    from conform.report.sarif_places import Places


class Form(str, Enum):
    json = "json"
    html = "html"
    junit = "junit"
    sarif = "sarif"
    markdown = "markdown"


def of_report(form: Form, report: Report, rules: Path) -> str:
    return _renderer(form).render(report, *_more(form, rules))


def of_suite(form: Form, suite: Suite, rules: Path | None = None) -> str:
    """All cases of a run. `rules`: where they lie, if that is known; UsageProblem if a form needs it and nobody can tell."""
    match form:
        case Form.json:
            return suite.model_dump_json(indent=1) + "\n"
        case Form.html:
            from conform.report import html_cases

            return html_cases.render(suite)
        case _:
            return _renderer(form).render_all([case.report for case in suite.cases], *_more(form, rules or _beside_ours(suite.rules, form)))


def _renderer(form: Form) -> ModuleType:
    from importlib import import_module

    return import_module(f"conform.report.{form.value}")


def _more(form: Form, rules: Path) -> tuple[Places, ...]:
    return (_places(rules.parent),) if form is Form.sarif else ()


def _beside_ours(name: str, form: Form) -> Path:
    """The rules file of a report that holds its bare name: in the folder of the project's rules."""
    if form is not Form.sarif:
        return Path(name)
    from conform.run.project import find_project
    from specs_dsl.reader import shown

    project = find_project()
    path = project.root / Path(project.file.rules or "").parent / name
    if not path.is_file():
        raise UsageProblem(f"--format sarif: {shown(path)} is not there, and alerts stand at lines of it", "name the rules file of these reports with --rules")
    return path


def _places(folder: Path) -> Places:
    """Where the rules and the programs' files lie, as seen from the project. What has its name twice is left out."""
    import os

    from conform.report.sarif_places import Places
    from conform.run.project import find_project

    project = find_project()
    files = [file for side in project.file.sides.values() for pattern in side.sources for file in project.root.glob(pattern)]
    names = [file.name for file in files]
    programs = {file.name: file.relative_to(project.root).as_posix() for file in files if names.count(file.name) == 1}
    return Places(Path(os.path.relpath(folder.resolve(), project.root)).as_posix(), programs)
