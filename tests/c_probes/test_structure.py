"""How the C reference program is built up: short functions, no state between them, a clause above what computes it."""

import re
import shutil
import subprocess
from pathlib import Path
from statistics import median

import pytest

PROGRAM = Path(__file__).parents[2] / "c_probes" / "nanobragg"
FILES = sorted(PROGRAM.glob("*.c"))
AREAS = ("geometry", "crystal", "sources", "sampling", "structure", "lattice", "polarization", "detector", "scaling", "output", "random", "cli", "headers")


def functions(text: str) -> dict[str, int]:
    """Lines between the head of each function and its closing brace, both counted."""
    found, lines = {}, text.splitlines()
    for start, line in enumerate(lines):
        name = re.match(r"(?!typedef|#)\w[\w *]*?\b(\w+)\(.*\)( \{.*\})?$", line)
        if name and (name[2] or lines[start + 1:start + 2] == ["{"]):
            found[name[1]] = 1 if name[2] else next(i for i in range(start, len(lines)) if lines[i] == "}") - start + 1
    return found


SIZES = {f"{path.name}:{name}": size for path in FILES for name, size in functions(path.read_text("utf-8")).items()}


def test_functions_are_short():
    assert len(SIZES) > 150 and median(SIZES.values()) < 15
    assert max(SIZES.values()) <= 100, max(SIZES, key=SIZES.get)


def test_a_long_function_is_seen():
    long = "static int f(int x)\n{\n" + "\tx++;\n" * 120 + "}\n\nint g(void) { return 1; }\n"
    assert functions(long) == {"f": 123, "g": 1}


@pytest.mark.parametrize("area", AREAS)
def test_each_area_has_its_file_and_names_its_clauses(area):
    text = (PROGRAM / f"{area}.c").read_text("utf-8")
    area = {"sources": "beam", "headers": "cli"}.get(area, area)
    assert re.search(rf"\b{area}\.\d+", text)


def mutable(folder: Path, *sources: Path) -> list[str]:
    """Names of what is stored in one place for the whole program and can be written to."""
    subprocess.run(["gcc", "-std=c11", "-O1", "-fno-pie", "-ffp-contract=off", "-fopenmp", f"-I{PROGRAM}", "-c", *sources], cwd=folder, check=True)
    listed = subprocess.run(["nm", *sorted(folder.glob("*.o"))], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^\w+ [bBdDcCgGsS] (\S+)$", listed, re.M)


@pytest.mark.skipif(not shutil.which("nm"), reason="no nm to list the symbols of object files")
def test_no_state_is_shared_by_the_whole_program(tmp_path):
    assert mutable(tmp_path, *FILES) == []


@pytest.mark.skipif(not shutil.which("nm"), reason="no nm to list the symbols of object files")
def test_a_counter_that_is_kept_is_seen(tmp_path):
    (tmp_path / "kept.c").write_text("int next(void);\nint next(void) { static int n; return n++; }\nconst char *const word = \"w\";\nint some = 3;\n")
    assert sorted(name.split(".")[0] for name in mutable(tmp_path, tmp_path / "kept.c")) == ["n", "some"]
