"""A side that crashes, keeps silent, fills the disk or lies about its trace ends the check with one message, exit 4."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import time
from pathlib import Path

import pytest

from conform.exits import INTERRUPTED, TERMINATED
from conform.errors import SideProblem
from conform.run import project
from conform.run.process import run_logged

NO_SIDE = SideProblem.exit_code


def log_in(ended) -> Path:
    """The log that a message names."""
    return Path(ended.err.partition("its whole output is in ")[2].strip())


def test_a_side_that_fails_is_quoted_and_its_log_is_named(tiny_project, complains):
    tiny_project.program("b", "import sys\nfor i in range(30): print('line', i)\nsys.exit('cannot go on')\n")
    ended = complains(tiny_project.check(), NO_SIDE, "side b ended with status 1", "cannot go on", "line 29", "its whole output is in")
    assert "line 5\n" not in ended.err                       # the last lines, not all of them
    assert "line 5\n" in log_in(ended).read_text()


def test_a_log_that_a_message_names_is_not_overwritten_by_another_check_of_the_run(tiny_project):
    tiny_project.program("b", "raise SystemExit('the one')\n")
    one = log_in(tiny_project.check())
    tiny_project.program("b", "raise SystemExit('the other')\n")
    other = log_in(tiny_project.check())
    assert (one.read_text(), other.read_text()) == ("the one\n", "the other\n")


def test_a_program_that_runs_leaves_the_log_of_the_last_time_as_it_is(tmp_path):
    log = tmp_path / "log"
    log.write_text("all of it\n")
    run_logged(["sh", "-c", "echo half; cat log > seen; echo whole"], tmp_path, log, "the program")
    assert ((tmp_path / "seen").read_text(), log.read_text()) == ("all of it\n", "half\nwhole\n")
    assert {path.name for path in tmp_path.iterdir()} == {"log", "seen"}


def test_old_logs_give_way(tiny_project, monkeypatch):
    monkeypatch.setattr(project, "MOST_LOGS", 2)
    assert tiny_project.check().status == 0                  # runs three: the image of a, and both traces
    assert [name.partition("-")[2][:1] for name in tiny_project.kept("logs") if name.endswith(".log")] == ["a", "b"]


def test_a_side_that_fails_leaves_the_trace_of_the_other_in_the_cache(tiny_project):
    tiny_project.counted("a")
    good = tiny_project.text("b.py")
    tiny_project.program("b", "raise SystemExit(9)\n")
    assert tiny_project.check().status == NO_SIDE
    before = tiny_project.runs_of("a")
    tiny_project.program("b", good)
    assert tiny_project.check().status == 0 and tiny_project.runs_of("a") == before


def test_what_a_failed_side_wrote_is_quoted_without_its_control_codes(tiny_project, complains):
    tiny_project.program("b", "import sys\nsys.stdout.buffer.write(b'\\x1b[2Jred\\x07\\tbut \\xff readable\\n')\nsys.exit(1)\n")
    ended = complains(tiny_project.check(), NO_SIDE, "red", "but", "readable")
    assert all(c.isprintable() or c == "\n" for c in ended.err)


def test_a_side_that_is_killed_by_a_signal_is_told_by_its_name(tiny_project, complains):
    tiny_project.program("b", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    complains(tiny_project.check(), NO_SIDE, "side b was ended by signal SIGSEGV and said nothing")


@pytest.mark.parametrize("begins, told", [
    ("", "it was asked to trace 9 pixels; nothing of them was written yet"),
    ("for n in (5, 50):\n    numpy.save(f'{folder}/q{n}', numpy.zeros((24, n * 1000)))\nopen(f'{folder}/half.npy', 'wb').write(b'\\x93NUM')\n",
     "it was asked to trace 9 pixels: 0.011 GB for the 2 quantities that it had begun, the largest of them q50 (1,200,000 elements), q5 (120,000 elements)"),
])
def test_a_side_that_the_system_kills_is_told_with_what_it_was_asked_for_and_what_to_do(tiny_project, complains, begins, told):
    tiny_project.program("b", f"import numpy, os, signal\nfolder = os.environ['CONFORM_TRACE']\n{begins}os.kill(os.getpid(), signal.SIGKILL)\n")
    complains(tiny_project.check(), NO_SIDE, "side b was ended by signal SIGKILL, probably for want of memory", told, "help: trace less: fewer pixels in [capture]", "logs/wall-b-")


def test_a_side_that_writes_neither_trace_nor_image_is_told_so(tiny_project, complains):
    tiny_project.program("b", "print('all is well')\n")
    complains(tiny_project.check(), NO_SIDE, "side b wrote neither a trace nor the image out.bin", "image.file")


def test_an_image_of_another_size_is_told_with_both_sizes(tiny_project, complains):
    tiny_project.program("b", "open('out.bin', 'wb').write(bytes(4 * 23))\n")
    complains(tiny_project.check(), NO_SIDE, "side b wrote an image of 23 numbers; the run file says 4 by 6")


def test_a_side_that_cannot_be_started_is_told_with_the_reason(tiny_project, complains):
    tiny_project.replace("conform.toml", '["{python}", "{project}/b.py"]', '["{project}/no-such-program"]')
    complains(tiny_project.check(), NO_SIDE, "side b could not be started", "no-such-program", "No such file")


def test_a_trace_in_another_precision_than_the_run_claims_is_refused(tiny_project, complains):
    tiny_project.replace("b.py", 'kit.run("b", distance, light, stored)', 'kit.run("b", distance, light, stored, dtype="float32")')
    complains(tiny_project.check(), NO_SIDE, "side b computes in float32; the run says float64", "run file")


@pytest.mark.parametrize("lie, said", [
    ('entries["x"]["dtype"] = "float32"', ("x.npy", "float64 of shape (9,)", "says float32")),
    ('sizes["pixel"] += 1', ("says int64 of shape (10,)",)),
    ('entries["x"]["axes"] = ["pixels"]', ("`x` has an axis `pixels` that `axes` does not describe",)),
    ('entries["light"]["axes"] = ["turn", "turn"]', ("`light` has the axis `turn` twice",)),
    ('entries["x"]["file"] = "../x.npy"', ("quantities.x.file",)),
    ('entries["x"]["file"] = "y.npy"', ("names y.npy for `x`", "did not write it")),
    ('entries["x"]["unset"] = "u.npy"', ("names u.npy for `x`",)),
    ('entries["x"]["colour"] = "red"', ("quantities.x.colour: unknown key",)),
    ('del entries["x"]["unit"]', ("quantities.x.unit: is missing",)),
    ('dtype = "float16"', ("producer.dtype",)),
    ('open(f"{folder}/x.npy", "wb").write(b"\\x93NUMPY\\x01")', ("x.npy: not a whole .npy file",)),
    ('open(f"{folder}/x.npy", "wb")', ("x.npy: not a whole .npy file",)),
    ('import zipfile; zipfile.ZipFile(f"{folder}/x.npy", "w").writestr("x.npy", "1")', ("x.npy: not a whole .npy file",)),
    ('import pickle; pickle.dump([1], open(f"{folder}/x.npy", "wb"))', ("x.npy: not a whole .npy file",)),
])
def test_a_trace_that_is_not_what_it_describes_is_refused(tiny_project, complains, lie, said):
    tiny_project.replace("kit.py", "    producer = {", f"    if program == 'b':\n        {lie}\n    producer = {{")
    complains(tiny_project.check(), NO_SIDE, "the trace of side b", *said)
    assert [name[0] for name in tiny_project.kept("traces")] == ["a"]


@pytest.mark.parametrize("text, said", [("{", "trace.json is not valid"), ("[]", "trace.json is not valid"), ('{"format": "x"}', "format")])
def test_a_description_that_is_no_description_is_refused(tiny_project, complains, text, said):
    tiny_project.program("b", f"import os\nopen(os.environ['CONFORM_TRACE'] + '/trace.json', 'w').write({text!r})\n")
    complains(tiny_project.check(), NO_SIDE, "the trace of side b", said, "docs/trace-format.md")


def test_a_trace_in_a_unit_of_another_dimension_is_refused(tiny_project, complains):
    tiny_project.replace("kit.py", '"x": ("m", ', '"x": ("s", ')
    complains(tiny_project.check(), 2, "traced `x` in s; the spec has it in m")


def test_a_trace_along_an_axis_that_the_spec_does_not_have_is_refused(tiny_project, complains):
    tiny_project.replace("kit.py", '"height": ("m", [], dtype, [height])', '"height": ("m", ["turn"], dtype, [height] * len(power))')
    complains(tiny_project.check(), 2, "traced `height` along turn", "axes none")


def test_an_empty_axis_is_no_reason_to_fail(tiny_project):
    tiny_project.replace("kit.py", '"height": ("m", []', '"nothing": ("m", ["void"], dtype, []),\n        "height": ("m", []')
    tiny_project.replace("kit.py", '"turn": turns}', '"turn": turns, "void": 0}')
    assert tiny_project.check().status == 0


# --- the disk --------------------------------------------------------------------------------------------------------


def test_a_side_that_says_that_the_disk_is_full_is_quoted(tiny_project, complains):
    tiny_project.program("b", "raise SystemExit('x.npy: No space left on device')\n")
    complains(tiny_project.check(), NO_SIDE, "side b ended with status 1", "x.npy: No space left on device")


def test_a_file_size_limit_that_ends_a_side_is_one_message(tiny_project, complains):
    assert tiny_project.check().status == 0                  # makes the inputs
    tiny_project.replace("b.py", "import math", "import math  # another program")
    few = (200, 200)                                         # bytes: enough for a message, not for the trace
    ended = tiny_project.run("check", "specs/lamp.rules", "--run", "wall", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, few))
    complains(ended, NO_SIDE, "side b ended with status 1", "cannot write light.npy: File too large")
    assert [name[0] for name in tiny_project.kept("traces")] == ["a", "b"]


@pytest.mark.parametrize("where", ["write_text", "sha256_of"])
def test_a_disk_that_fills_up_while_a_trace_is_sealed_is_one_message(tiny_project, complains, monkeypatch, where):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"conform.trace.seal.{where}", full)
    complains(tiny_project.check(), NO_SIDE, "no space left while running side a", "CONFORM_CACHE")
    assert tiny_project.kept("traces") == []


@pytest.mark.parametrize("folder", ["traces", "images", "inputs", "logs"])
def test_a_cache_that_cannot_be_written_is_one_message_that_names_the_variable(tiny_project, complains, folder):
    tiny_project.cache.mkdir()
    (tiny_project.cache / folder).write_text("in the way")   # root may write everywhere, but not below a file
    complains(tiny_project.check(), NO_SIDE, folder, "CONFORM_CACHE")


def test_a_cache_that_is_a_file_is_one_message(tiny_project, complains, monkeypatch):
    monkeypatch.setenv("CONFORM_CACHE", "a.py")
    complains(tiny_project.check(), NO_SIDE, "a.py", "CONFORM_CACHE")


def test_a_cache_where_no_folder_can_be_made_is_one_message(tiny_project, complains, monkeypatch):
    monkeypatch.setenv("CONFORM_CACHE", "/proc/no-cache-here")
    complains(tiny_project.check(), NO_SIDE, "/proc/no-cache-here", "CONFORM_CACHE")


def test_a_relative_cache_folder_is_below_the_working_directory(tiny_project, monkeypatch):
    monkeypatch.setenv("CONFORM_CACHE", "mine")
    assert tiny_project.check().status == 0
    assert (tiny_project.root / "mine/traces").is_dir() and not tiny_project.cache.exists()


# --- the compiler ----------------------------------------------------------------------------------------------------

BUILT = """
[sides.c]
title = "a compiled program"
kind = "reference"
sources = ["*.c"]
build = [["{cc}", "-O1", "-o", "{build}/tool", "*.c"]]
command = ["{build}/tool"]
"""
HELLO = '#include <stdio.h>\nint main(int n, char **v) { printf("%d %s\\n", n, n > 1 ? v[1] : ""); return n > 2 ? 7 : 0; }\n'


@pytest.fixture
def compiled(tiny_project):
    tiny_project.write("conform.toml", tiny_project.text("conform.toml") + BUILT)
    tiny_project.write("tool.c", HELLO)
    return tiny_project


def test_without_a_compiler_the_message_says_what_to_install(compiled, complains, monkeypatch):
    monkeypatch.setenv("PATH", "")
    complains(compiled.call("exec", "c"), NO_SIDE, "no C compiler on the PATH (looked for cc, gcc, clang)", "apt-get install gcc")


def test_a_compiler_that_is_asked_for_and_not_there_is_not_replaced_by_another(compiled, complains, monkeypatch):
    monkeypatch.setenv("CC", "no-such-cc")
    complains(compiled.call("exec", "c"), NO_SIDE, "CC names the C compiler no-such-cc", "unset it")


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_a_compile_error_is_quoted_and_leaves_no_half_built_program(compiled, complains):
    compiled.write("tool.c", "int main(void) { return missing; }\n")
    complains(compiled.call("exec", "c"), NO_SIDE, "building side c ended with status 1", "missing", "tool.c:1", "logs/build-c-", lines=14)
    assert compiled.kept("builds") == []


def test_sources_that_match_nothing_are_named(compiled, complains):
    (compiled.root / "tool.c").unlink()
    complains(compiled.call("exec", "c"), NO_SIDE, "side c: no source file matches *.c")


def test_a_python_package_that_is_not_installed_is_named(tiny_project, complains):
    tiny_project.replace("conform.toml", "[sides.b]", '[sides.b]\npackages = ["no-such-package"]')
    complains(tiny_project.check(), NO_SIDE, "the Python package no-such-package is not installed", "pip install")


# --- interrupts ------------------------------------------------------------------------------------------------------

SLOW = """import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({ready!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
os.rename({ready!r}, {ready!r} + ".pids")
time.sleep(60)
"""


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _started(tiny_project):
    """A check whose side b hangs with a child of its own; the process, and the two of the side."""
    ready = tiny_project.root / "b.ready"
    tiny_project.program("b", SLOW.format(ready=str(ready)))
    process = tiny_project.start("check", "specs/lamp.rules", "--run", "wall")
    pids, end = tiny_project.root / "b.ready.pids", time.monotonic() + 20
    while not pids.exists():
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.02)
    return process, [int(word) for word in pids.read_text().split()]


@pytest.mark.parametrize("sent, status, said", [(signal.SIGINT, INTERRUPTED, "conform: interrupted\n"), (signal.SIGTERM, TERMINATED, "")])
def test_an_interrupt_ends_the_side_and_all_that_it_started(tiny_project, sent, status, said):
    process, pids = _started(tiny_project)
    os.killpg(process.pid, sent)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (status, "", said)
    end = time.monotonic() + 5
    while any(map(_alive, pids)) and time.monotonic() < end:
        time.sleep(0.02)
    assert not any(map(_alive, pids))
    assert tiny_project.unfinished() == []
    assert [name[0] for name in tiny_project.kept("traces")] == ["a"]


def test_a_fresh_run_that_fails_leaves_the_old_trace(tiny_project):
    flag = tiny_project.root / "fail"
    tiny_project.program("b", f"import os\nif os.path.exists({str(flag)!r}): raise SystemExit(5)\n" + tiny_project.text("b.py"))
    assert tiny_project.check().status == 0
    flag.touch()
    assert tiny_project.check("--fresh").status == NO_SIDE
    assert tiny_project.check().status == 0                  # from the cache
