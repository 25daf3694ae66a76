"""Address, undefined-behaviour and thread sanitizers over reference runs, random command lines and damaged files.

CONFORM_RANDOM_LINES sets how many random command lines are run (300 without it), and the number of damaged files with it.
"""

import json
import os
import random
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from . import command_lines
from .conftest import THREADED, Program, build

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
LINES = int(os.environ.get("CONFORM_RANDOM_LINES", "300"))
CHUNKS = 6
FILES = {"hkl": "tiny.hkl", "mat": "tri.mat", "sourcefile": "sources.txt", "mask": "mask.img", "img": "head.img", "dump": "cache.bin"}


def image_file(fast: int, slow: int, **keys) -> bytes:
    header = "{\nHEADER_BYTES=512;\n" + "".join(f"{key}={value};\n" for key, value in dict(SIZE1=fast, SIZE2=slow, **keys).items()) + "}\f"
    return header.encode().ljust(512) + b"\1\0" * (fast * slow)


@pytest.fixture
def whole_files(folder):
    (folder / "sources.txt").write_text("-10 0 0 1 1.1e-10\n-10 0.02 0 2\n-10 0.01 0.02\n")
    (folder / "mask.img").write_bytes(image_file(12, 12, PIXEL_SIZE=1.5, DISTANCE=90, BEAM_CENTER_X=8))
    (folder / "head.img").write_bytes(image_file(12, 10, PIXEL_SIZE=1.5, DISTANCE=90, WAVELENGTH=1.1, PHI=3, OSC_RANGE=1))
    (folder / "cache.bin").write_bytes(b"-1 1 -1 1 -1 1\n\f" + struct.pack("<64d", *map(float, range(64))))
    return {kind: (folder / name).read_bytes() for kind, name in FILES.items()}


def watched(program, flags, what: str, leaks: bool = False, threads: int = 2, archer: str = "") -> subprocess.CompletedProcess:
    """Ends by itself, with 0 or 9, a message where 9, no word of the sanitizers, and no block of more than 3 GB.

    What a refused run has not freed is no leak. The thread sanitizer leaves out the OpenMP runtime's own accesses: it is not built with it."""
    limits = "allocator_may_return_null=1:max_allocation_size_mb=3000"
    env = {"ASAN_OPTIONS": f"{limits}:detect_leaks={int(leaks)}", "TSAN_OPTIONS": f"{limits}:ignore_noninstrumented_modules=1",
           "OMP_TOOL_LIBRARIES": archer}
    try:
        done = program.start(*flags, env=env, threads=threads)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"{what} does not end: {flags}") from None
    clean = not any(word in done.stderr for word in ("runtime error", "ERROR: AddressSanitizer", "LeakSanitizer", "ThreadSanitizer"))
    assert done.returncode in (0, 9) and clean, (what, flags, done.returncode, done.stderr[-2000:])
    refusals = re.findall(r"^nanobragg: (?!.*warning: )", done.stderr, re.M)
    assert bool(refusals) == (done.returncode == 9), (what, flags, done.stderr[-2000:])
    return done


def run_random_lines(program, whole_files, chunk: int, chunks: int, **how) -> None:
    dice, ended = random.Random(chunk), {0: 0, 9: 0}
    for number in range(chunk, LINES, chunks):
        for kind, name in (("hkl", "broken.hkl"), ("mat", "broken.mat"), ("sourcefile", "broken.txt"), ("mask", "broken.img")):
            (program.folder / name).write_bytes(command_lines.damage(whole_files[kind], dice))
        ended[watched(program, command_lines.command_line(number), f"random command line {number}", **how).returncode] += 1
    assert min(ended.values()) > LINES / chunks / 20            # neither is everything refused, nor nothing


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_command_lines_end_by_themselves_and_cleanly(sanitized, whole_files, chunk):
    run_random_lines(sanitized, whole_files, chunk, CHUNKS)


def test_random_command_lines_share_nothing_between_threads(threaded, whole_files, archer):
    run_random_lines(threaded, whole_files, 0, 1, threads=4, archer=archer)


@pytest.mark.parametrize("kind", FILES)
def test_a_damaged_file_is_read_or_refused_cleanly(sanitized, whole_files, folder, kind):
    base = "-cell 50 60 70 80 90 95 -detpixels 8 -pixel 1.5 -oversample 1 -nonoise -nopgm -roi 2 3 3 4".split()
    base += ["-default_F", "5"] if kind != "hkl" else []
    for number in range(max(12, LINES // 25)):
        dice = random.Random(f"{kind} {number}")
        (folder / "damaged").write_bytes(command_lines.damage(whole_files[kind], dice))
        watched(sanitized, [*base, f"-{kind}", "damaged", "-quirks", dice.choice(["all", "none"])], f"damaged {kind} {number}")


def test_more_reflections_than_the_first_pass_counted_are_kept(sanitized, folder):
    """Each fraction is the end of a whole number and the begin of the next value: of four lines five reflections are made."""
    (folder / "fractions.hkl").write_text("1 1 1.5 1\n1 1.5 1 1\n1.5 1 1 1\n1 1 1 1.5\n" * 20)
    trace = sanitized.trace_of(*"-cell 50 60 70 80 90 95 -detpixels 8 -pixel 1.5 -oversample 1 -nonoise -nopgm -hkl fractions.hkl".split())
    assert len(trace.values["reflection_F"]) == 100


def reference_cases() -> list:
    if not (GOLDEN / "cases.json").exists():
        return []
    return [case for case in json.loads((GOLDEN / "cases.json").read_text())["cases"] if case["id"] != "sup-full"]


def run_references(program, quirks: str, leaks: bool, **how) -> None:
    for case in (case for case in reference_cases() if quirks == "all" or "supervisor" not in case["features"]):
        for name in case["inputs"]:
            shutil.copy(GOLDEN / "inputs" / name, program.folder)
        expected = case.get("expect_rc", 0)
        flags = [*case["args"], "-quirks", quirks, "-floatfile", "golden.bin"]
        done = watched(program, flags, case["id"], leaks=leaks and expected == 0, **how)
        assert done.returncode == expected, (case["id"], done.stderr)
        for name in ("Fdump.bin", *case["inputs"]):
            (program.folder / name).unlink(missing_ok=True)


@pytest.mark.skipif(not reference_cases(), reason="the reference figures are not beside this checkout")
@pytest.mark.parametrize("quirks", ["all", "none,+incomplete_cell_completed"])
def test_reference_runs_are_clean(sanitized, quirks):
    run_references(sanitized, quirks, leaks=True)


@pytest.mark.skipif(not reference_cases(), reason="the reference figures are not beside this checkout")
@pytest.mark.parametrize("quirks", ["all", "none,+incomplete_cell_completed"])
def test_reference_runs_share_nothing_between_threads(threaded, archer, quirks):
    run_references(threaded, quirks, leaks=False, threads=4, archer=archer)


def test_a_variable_that_threads_share_is_found(archer, folder, sources):
    """A planted fault: the count of pixels, kept in one place for all threads."""
    copy = shutil.copytree(sources, folder / "copy") / "nanobragg"
    text = (copy / "walk.c").read_text("utf-8")
    assert text.count("	walk->slow = slow;") == text.count("\nfloat walk_pixel(") == 1
    text = text.replace("\nfloat walk_pixel(", "\nstatic volatile int pixels;\nfloat walk_pixel(").replace("	walk->slow = slow;", "	pixels++;\n	walk->slow = slow;")
    (copy / "walk.c").write_text(text)
    shared = Program(build(folder / "built", "PROBES=1", "CC=clang", f"CFLAGS={THREADED}", sources=copy), folder)
    with pytest.raises(AssertionError, match="in bare_walk_pixel(.|\n)*ThreadSanitizer: reported 1 warning"):
        watched(shared, "-cell 50 60 70 -default_F 1 -detpixels 20 -oversample 1 -nonoise -nopgm".split(), "planted", threads=4, archer=archer)
