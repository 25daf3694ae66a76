"""A hook of mkdocs: pages that are made from the code and from files beside docs/, the order of all pages, links between them.

The front page is the README, the spec that of specs/, the language manual the pages that the tests run, mistakes and commands
what `conform explain` and `--help` print.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
LANGUAGE = ROOT / "tests" / "specs_dsl" / "pages"
CODES = ROOT / "specs_dsl" / "codes"
HOW_TO = ("add-a-clause", "read-a-diagnosis", "runs", "instrument", "logs", "audit", "tolerances", "waivers", "ci", "faults")
UNDERSTAND = ("bounds", "report")
_FILE = re.compile(r"^```(\w+) ([^\n]+)$", re.MULTILINE)           # a block with the name of its file
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def on_files(files: Files, config) -> Files:
    for path, (_, text) in made().items():
        files.append(File.generated(config, path, content=text))
    config.nav = _nav()
    return files


def made() -> dict[str, tuple[str, str]]:
    """Path of a page in the site -> the file that it stands for, as seen from the root, and its text."""
    pages = {"index.md": ("README.md", (ROOT / "README.md").read_text("utf-8")), "spec.md": ("specs/nanobragg.md", (ROOT / "specs" / "nanobragg.md").read_text("utf-8"))}
    for folder, name in ((LANGUAGE, "language"), (CODES, "mistakes")):
        for path in sorted(folder.glob("*.md")):
            pages[f"{name}/{path.name}"] = (path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    return pages | {"commands.md": ("commands.md", "\n".join(_commands()))}


def _commands() -> Iterator[str]:
    """What every command says of itself."""
    import typer.main
    from click.testing import CliRunner

    from conform.cli.main import program

    yield "# Commands\n"
    group = typer.main.get_command(program())
    waiting = [([name], command) for name, command in group.commands.items()]
    while waiting:
        words, command = waiting.pop(0)
        if inner := getattr(command, "commands", None):
            waiting = [([*words, name], one) for name, one in inner.items()] + waiting
            continue
        said = CliRunner().invoke(group, [*words, "--help"], prog_name="conform", env={"COLUMNS": "100"}).output
        yield f"## conform {' '.join(words)}\n\n```\n{said.strip()}\n```\n"


def _nav() -> list:
    there = {path.stem for path in (ROOT / "docs").glob("*.md")}
    named = {*HOW_TO, *UNDERSTAND, "tutorial", "trace-format"}
    decisions = [f"decisions/{path.name}" for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    folders = {name: [path for path in made() if path.startswith(f"{name}/")] for name in ("language", "mistakes")}
    rest = [f"{name}.md" for name in sorted(there - named)]
    return [
        "index.md", {"Learn": ["tutorial.md"]}, {"How to": [f"{name}.md" for name in HOW_TO if name in there]},
        {"Understand": [*(f"{name}.md" for name in UNDERSTAND), {"Decisions": decisions}]},
        {"Look up": ["commands.md", "trace-format.md", *rest, {"The language": folders["language"]}, {"Mistakes": folders["mistakes"]}]}, {"The spec": ["spec.md"]},
    ]


def on_page_markdown(markdown: str, page, config, files: Files) -> str:
    """Links as they work in the repository become links of the site; what is no page of it stays as its words."""
    sources = {source: path for path, (source, _) in made().items()}
    here = page.file.src_uri
    source = next((of for of, path in sources.items() if path == here), f"docs/{here}")

    def follow(match: re.Match[str]) -> str:
        picture, label, target, part = match.groups()
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        found = sources.get(wanted, wanted.removeprefix("docs/") if wanted.startswith("docs/") else None)
        if found is None or files.get_file_from_path(found) is None:
            if not (ROOT / wanted).exists():
                raise ValueError(f"{source}: a link leads nowhere: {target}")
            return label
        return f"{picture}[{label}]({posixpath.relpath(found, posixpath.dirname(here) or '.')}{part or ''})"

    return _FILE.sub(r'```\1 title="\2"', _LINK.sub(follow, markdown))
