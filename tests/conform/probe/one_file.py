"""The C reference program as one would find it elsewhere: a single file of more than 3,000 lines, without any probe."""

from __future__ import annotations

import re
from pathlib import Path

from ...c_probes.unprobed import without_probes

FOLDER = Path(__file__).parents[3] / "c_probes" / "nanobragg"
FIRST = ("vectors.h", "nanobragg.h")                 # the other headers come after them


def own_names(text: str, name: str) -> str:
    """File-local functions that other files have, too, under a name of their own."""
    for word in ("clip", "counts", "pixel_count", "store"):
        if re.search(rf"^static [^\n(]*\b{word}\(", text, re.MULTILINE):
            text = re.sub(rf"\b{word}\(", f"{name}_{word}(", text)
    return re.sub(r"\bLONGEST_LINE\b", f"LONGEST_{name.upper()}_LINE", text)


def one_file() -> str:
    """All sources, one after the other, the headers once at the top."""
    headers = [*FIRST, *sorted(path.name for path in FOLDER.glob("*.h") if path.name not in (*FIRST, "quantities.h"))]
    parts = [(FOLDER / name).read_text() for name in headers]
    names = sorted(path.name for path in FOLDER.glob("*.c") if path.name != "main.c")
    parts += [own_names((FOLDER / name).read_text(), name.removesuffix(".c")) for name in (*names, "main.c")]
    text = "\n".join(parts)
    for header in (*headers, "quantities.h"):
        text = re.sub(rf'#include "{header}"\n', "", text)
    text = without_probes(text)
    assert "CONFORM" not in text and "conform" not in text
    return text


HERE = Path(__file__).parent
REPLACED = ("dot_product", "magnitude", "polarization_factor")


def original() -> str:
    """A program in the manner of the original: all that is computed for a pixel stands in one `main`, on top of our set-up."""
    before, after = one_file().split("static void simulate(", 1)
    for word in REPLACED:
        before = re.sub(rf"\b{word}\b", f"our_{word}", before)
    printing = "static int options_print(const Run *run, int slow, int fast)\n{\n\treturn run->options->printout && slow == fast && slow < 3;\n}\n\n"
    return before + printing + (HERE / "original_main.c").read_text()
