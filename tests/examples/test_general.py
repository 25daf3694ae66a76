"""The checker and the language know no domain: no name and no text of theirs speaks of X-rays or of nanoBragg.

Comments and docstrings may quote an example, and so may what a person reads as one: help texts that show a line of rules.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted(path for folder in ("src/conform", "specs_dsl") for path in (ROOT / folder).rglob("*.py"))
DOMAIN = re.compile(
    r"(?i)crystal|lattice|omega|polari[sz]|(?<![a-z])hkl|miller|nano_?bragg|bragg|photon|fluence|mosaic|spindle|(?<![a-z])phi(?![a-z])"
    r"|subpixel|detector|wavelength|x.?ray|diffract|two_?theta|(?<![a-z])nb_|r_e_sqr|f_cell|f_latt|oscillation|goniomet"
)
IMAGE = re.compile(r"(?i)pixel|(?<![a-z])slow(?![a-z])|(?<![a-z])fast(?![a-z])|brightest")
WITHOUT_IMAGES = ("src/conform/engine", "src/conform/report", "src/conform/adequacy", "specs_dsl")
# Texts that show a person an example: a line of rules to type, a clause to ask for.
EXAMPLES = {
    "specs_dsl/mistakes": {"nanobragg", "photon", "lattice", "phi", "crystal", "omega", "hkl", "pixel", "slow", "fast"},
    "specs_dsl/parser.py": {"lattice"},
    "src/conform/cli/explain.py": {"crystal", "omega"},
}


def words(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Names and texts of a file, docstrings left out: line, word, whether it is a text."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        id(node.body[0].value) for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for field in ("id", "attr", "arg", "name", "module", "asname"):
            if isinstance(found := getattr(node, field, None), str):
                yield line, found, False
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield line, node.value, True


def speaks(path: Path, pattern: re.Pattern) -> list[str]:
    """Where a file speaks of what it must not know."""
    file = path.relative_to(ROOT).as_posix()
    return [
        f"{file}:{line}: {found.group()}" for line, word, is_text in words(path) for found in pattern.finditer(word)
        if not (is_text and found.group().lower() in EXAMPLES.get(file, EXAMPLES.get(file.rsplit("/", 1)[0], ())))
    ]


def test_the_checker_and_the_language_know_no_domain():
    assert len(CODE) > 60
    assert [place for path in CODE for place in speaks(path, DOMAIN)] == []


def test_the_grammar_knows_no_domain():
    for path in (ROOT / "specs_dsl").glob("*.lark"):
        rules = re.sub(r"//[^\n]*", "", path.read_text("utf-8"))
        assert DOMAIN.findall(rules) == [] and IMAGE.findall(rules) == []


def test_only_runs_know_that_some_programs_have_an_image():
    inner = [path for path in CODE if path.relative_to(ROOT).as_posix().startswith(WITHOUT_IMAGES)]
    assert len(inner) > 40
    assert [place for path in inner for place in speaks(path, IMAGE)] == []


def test_the_checker_imports_no_program_under_test():
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] in ("torch_model", "c_probes", "torch")], path


@pytest.mark.parametrize("planted, seen", [
    ("def crystal_angle(): pass", ["crystal"]), ("x.hkl0 = 1", ["hkl"]), ("print('no photon there')", ["photon"]), ("def f(phi): pass", ["phi"]),
    ("from torch_model import detector", ["detector"]), ('"""About crystals."""\nx = 1  # of a crystal', []), ("philosophy = delphi = 1", []),
])
def test_a_planted_word_is_seen(tmp_path, monkeypatch, planted, seen):
    monkeypatch.setitem(speaks.__globals__, "ROOT", tmp_path)
    path = tmp_path / "planted.py"
    path.write_text(planted, "utf-8")
    assert [place.rpartition(": ")[2] for place in speaks(path, DOMAIN)] == seen
