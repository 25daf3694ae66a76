"""A name that a module or a class defines twice: the second hides the first, be it a function or a test, and nobody hears of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "specs_dsl", "torch_model", "benchmarks", "examples", "tests")


def hidden(text: str) -> Iterator[str]:
    """What is defined again, where: line and name. The parts of a property, and overloads, are one thing in several pieces."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef):
            seen: set[str] = set()
            for part in node.body:
                if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not part.decorator_list:
                    if part.name in seen:
                        yield f"{part.lineno}: {part.name}"
                    seen.add(part.name)


def test_no_module_and_no_class_defines_a_name_twice():
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert len(paths) > 300
    assert [f"{path.relative_to(ROOT)}:{place}" for path in paths for place in hidden(path.read_text("utf-8"))] == []


def test_a_name_that_is_defined_twice_is_found():
    assert list(hidden("def a(): ...\nclass B:\n    def c(self): ...\n    def c(self): ...\ndef a(): ...\n")) == ["5: a", "4: c"]
