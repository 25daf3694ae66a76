"""A C source of somebody else as a side: probed in a copy, judged like any other, and never touched."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import time
from contextlib import suppress

import pytest

from conform.exits import INTERRUPTED
from conform.errors import SideProblem

NO_SIDE = SideProblem.exit_code
INSTRUMENT = ("probe", "instrument", "theirs/lamp.c", "--binding", "lamp.toml", "--out", "probed")
AS_SOURCE = ("--side", "a=source:theirs/lamp.c", "--binding", "a=lamp.toml")
pytestmark = pytest.mark.skipif(not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="needs a C compiler")


@pytest.fixture
def lamp(tiny_project, monkeypatch):
    """The tiny project with a C program in a folder of its own, which must stay as it is whatever happens."""
    for name in ("CFLAGS", "LAMP_SRC", "CONFORM_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    folder = tiny_project.root / "theirs"
    (folder / "lamp.toml").rename(tiny_project.root / "lamp.toml")
    before = _state(folder)
    yield tiny_project
    assert _state(folder) == before or (folder / "changed by the test").exists()


def _state(folder):
    """Names, bytes, modes and times of change of a folder and of all that is in it."""
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_mode, path.stat().st_ino, path.read_bytes() if path.is_file() else None)
            for path in (folder, *sorted(folder.rglob("*")))}


def _by_test(lamp, old: str, new: str) -> None:
    """The test itself changes the source."""
    lamp.replace("theirs/lamp.c", old, new)
    (lamp.root / "theirs/changed by the test").touch()


def test_it_is_judged_like_any_other_side(lamp):
    report = lamp.judge(*AS_SOURCE)
    assert report["first_break"] is None
    assert {v["outcome"] for v in report["verdicts"] if v["clause"] != "lamp.4"} == {"holds"}
    assert [one["program"] for one in report["provenance"]][0] == "lamp"


def test_a_fault_in_it_is_found(lamp):
    _by_test(lamp, "x * x + height * height", "x * x + 1.01 * height * height")
    first = lamp.judge(*AS_SOURCE)["first_break"]
    assert (first["clause"], first["side"]) == ("lamp.1", "a")


def test_the_patch_and_the_record_of_the_probes_are_kept_with_the_trace(lamp):
    ended = lamp.call("trace", "--run", "wall", *AS_SOURCE, "--output", "kept")
    assert ended.status == 0, ended.err
    diff = lamp.text("kept/probes.diff")
    assert "+++ b/lamp.c" in diff and "CONFORM_PUT(distance, distance);" in diff
    record = json.loads(lamp.text("kept/probes.json"))
    assert record["format"] == "conform-probes/1" and record["placed"]["distance"]["line"] == 45
    assert json.loads(lamp.text("kept/manifest.json"))["quantities"]["distance"]["source"] == "lamp.c:45"
    assert lamp.check("--side", "a=bundle:kept").status == 0


def test_a_variable_of_the_environment_names_it_as_well(lamp, monkeypatch, complains):
    lamp.replace("conform.toml", 'binary_env = "LAMP_BIN"\n', 'binary_env = "LAMP_BIN"\nsource_env = "LAMP_SRC"\nbinding = "lamp.toml"\n')
    monkeypatch.setenv("LAMP_SRC", str(lamp.root / "theirs/lamp.c"))
    assert lamp.judge()["provenance"][0]["program"] == "lamp"
    monkeypatch.setenv("LAMP_BIN", "anything")
    complains(lamp.check(), 2, "LAMP_BIN and LAMP_SRC are both set", "unset one")


def test_it_is_built_once_and_again_when_something_changes(lamp, monkeypatch):
    assert lamp.check(*AS_SOURCE).status == lamp.check(*AS_SOURCE).status == 0
    [first] = [name for name in lamp.kept("builds") if "source" in name]
    monkeypatch.setenv("CFLAGS", "-O1")
    lamp.check(*AS_SOURCE)
    assert len(lamp.kept("builds")) == 2
    monkeypatch.delenv("CFLAGS")
    lamp.replace("lamp.toml", 'value = "light" }', 'value = "light", when = "1" }')
    lamp.check(*AS_SOURCE)
    _by_test(lamp, "sum = 0;", "sum = 0; ")
    lamp.check(*AS_SOURCE)
    assert len(lamp.kept("builds")) == 4 and first in lamp.kept("builds")


def test_what_it_includes_from_its_folder_is_found_and_counts_for_the_cache(lamp):
    _by_test(lamp, "#include <string.h>\n", '#include <string.h>\n#include "parts/own.h"\n')
    lamp.write("theirs/parts/own.h", '#include "more.h"\n')
    lamp.write("theirs/parts/more.h", "#define OWN 1\n")
    lamp.replace("theirs/lamp.c", "sum = 0;", "sum = 0 * OWN;")
    assert lamp.check(*AS_SOURCE).status == 0
    lamp.write("theirs/parts/more.h", "#define OWN 2\n")
    assert lamp.check(*AS_SOURCE).status == 0
    assert len(lamp.kept("builds")) == 2


def test_a_quantity_without_a_probe_leaves_its_clauses_unchecked_with_the_reason(lamp):
    lamp.replace("lamp.toml", 'value = "x" }', 'value = "offset_of_pixel" }')
    ended = lamp.check("--format", "json", *AS_SOURCE)
    manifest = json.loads((lamp.cache / "traces" / next(name for name in lamp.kept("traces") if name[0] == "a") / "manifest.json").read_text())
    assert "there is no `offset_of_pixel` in `main`" in manifest["not_traced"]["x"]
    verdicts = {v["clause"]: v for v in ended.report["verdicts"] if v["side"] == "a"}
    assert ended.status == 3 and verdicts["lamp.1"]["outcome"] == "unchecked"
    assert "`x` is not in the trace: there is no `offset_of_pixel` in `main`" in verdicts["lamp.1"]["reason"]
    assert verdicts["lamp.2"]["outcome"] == "holds"


# --- what can go wrong, and leaves the source as it was ----------------------------------------------------------------

@pytest.mark.parametrize("old, new, said", [
    ("double x, height", "doubel x, height", ("building side a", "theirs/lamp.c ended with status 1", "lamp.c:25")),
    ("exit(3)", "exit(3))", ("building side a", "ended with status 1")),
    ("for (slow = 0; slow < 4; slow++)", "while (slow < 4)", ("lamp.c", "no loop over `slow`", "[nest]")),
])
def test_a_source_that_cannot_be_used_is_one_message(lamp, complains, old, new, said):
    _by_test(lamp, old, new)
    complains(lamp.check(*AS_SOURCE), 2 if "nest" in said[-1] else NO_SIDE, *said, lines=16)
    assert lamp.kept("builds") == []


@pytest.mark.parametrize("side, said", [("a=source:nowhere.c", "there is no such C source"), ("a=source:theirs", "the C source cannot be read: Is a directory")])
def test_a_source_that_is_not_there_is_said_with_its_path(lamp, complains, side, said):
    complains(lamp.check("--side", side, "--binding", "a=lamp.toml"), 2, said)


def test_a_program_that_fails_is_quoted_and_nothing_is_kept(lamp, complains):
    _by_test(lamp, "file = fopen(out", 'fflush(stdout); fprintf(stderr, "out of ideas\\n"); exit(7); file = fopen(out')
    complains(lamp.check(*AS_SOURCE), NO_SIDE, "side a ended with status 7", "out of ideas")
    assert [name for name in lamp.kept("traces") + lamp.kept("images") if name[0] == "a"] == []


def test_a_program_that_ends_early_and_content_traces_nothing(lamp, complains):
    _by_test(lamp, "for (slow = 0; slow < 4; slow++)", "if (turns) return 0;\n\tfor (slow = 0; slow < 4; slow++)")
    complains(lamp.check(*AS_SOURCE), NO_SIDE, "side a")
    assert [name for name in lamp.kept("traces") + lamp.kept("images") if name[0] == "a"] == []


HANGS = "while (turns) ; file = fopen(out"


def test_a_program_that_hangs_is_ended_in_time(lamp, complains, monkeypatch):
    _by_test(lamp, "file = fopen(out", HANGS)
    monkeypatch.setenv("CONFORM_TIMEOUT", "0.4")
    complains(lamp.check(*AS_SOURCE), NO_SIDE, "side a was ended after 0.4 s", "CONFORM_TIMEOUT")
    assert [name for name in lamp.kept("traces") + lamp.kept("images") if name[0] == "a"] == []


def _compiled(lamp) -> None:
    """So that what follows is about running, not about compiling."""
    assert lamp.check(*AS_SOURCE).status == 0
    shutil.rmtree(lamp.cache / "traces"), shutil.rmtree(lamp.cache / "images")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("when", ["compiling", "running", "instrumenting"])
def test_an_end_in_the_middle_leaves_the_source_as_it_was(lamp, sent, when):
    if when == "running":
        _by_test(lamp, "file = fopen(out", HANGS)
    slow = lamp.write("slow-cc", f'#!/bin/sh\necho $$ >"{lamp.root}/pid" && mv "{lamp.root}/pid" "{lamp.root}/started"\nexec sleep 60\n' if when != "running" else '#!/bin/sh\nexec gcc "$@"\n')
    slow.chmod(0o755)
    state = _state(lamp.root / "theirs")
    words = ("check", "specs/lamp.rules", "--run", "wall", *AS_SOURCE)
    process = lamp.start(*(INSTRUMENT if when == "instrumenting" else words), env={**os.environ, "CC": str(slow)})
    end = time.monotonic() + 30
    while not ((lamp.root / "started").exists() if when != "running" else _programs(lamp)):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    os.killpg(process.pid, sent)
    process.communicate(timeout=20)
    assert process.returncode in (INTERRUPTED, -signal.SIGKILL)
    for pid in [int(lamp.text("started"))] if when != "running" else _programs(lamp):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert _state(lamp.root / "theirs") == state and not (lamp.root / "probed").exists()


def _programs(lamp) -> list[int]:
    """Processes that run a program built in this project; after a kill -9 of conform nobody else ends them."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/exe").startswith(str(lamp.root)):
                found.append(int(pid))
        except OSError:
            continue
    return found


def test_a_full_disk_is_one_message_and_leaves_the_source_as_it_was(lamp, complains):
    assert lamp.check().status == 0                   # makes the inputs
    few = (20000, 20000)                              # bytes of any one file: less than the program, more than the source
    state = _state(lamp.root / "theirs")
    ended = lamp.run("check", "specs/lamp.rules", "--run", "wall", *AS_SOURCE, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, few))
    complains(ended, NO_SIDE, "building side a", lines=16)
    assert _state(lamp.root / "theirs") == state and not [name for name in lamp.kept("builds") if "source" in name]
    complains(lamp.run(*INSTRUMENT, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, few)), NO_SIDE, "no space left while writing probed")
    assert _state(lamp.root / "theirs") == state
    assert lamp.run(*INSTRUMENT).status == 0 and _state(lamp.root / "theirs") == state


def test_a_folder_that_may_not_be_written_is_no_obstacle(lamp):
    (lamp.root / "theirs").chmod(0o555)
    try:
        assert lamp.check(*AS_SOURCE).status == 0
    finally:
        (lamp.root / "theirs").chmod(0o755)


# --- somebody's binary -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("script, said", [
    (None, ("alien: there is no such program",)),
    ("a folder", ("alien: that is a folder",)),
    ("not executable", ("alien is not executable", "chmod +x")),
    ("exec sleep 60", ("side a was ended after 0.4 s, in which it did not come to an end", "CONFORM_TIMEOUT")),
    ("kill -SEGV $$", ("side a was ended by signal SIGSEGV",)),
    ("echo I give up >&2; exit 3", ("side a ended with status 3", "I give up")),
    ("exit 0", ("side a wrote no image out.bin", "image.file")),
    ("printf x > out.bin", ("side a wrote an image of 0.25 numbers",)),
])
@pytest.mark.parametrize("way", ["option", "environment"])
def test_a_binary_that_cannot_start_hangs_crashes_or_keeps_silent_is_one_message_and_nothing_is_kept(lamp, complains, monkeypatch, script, said, way):
    lamp.check()                                            # what the cache holds of the sides as they are declared
    before = lamp.cached()
    path = lamp.root / "alien"
    if script == "a folder":
        path.mkdir()
    elif script is not None:
        lamp.write("alien", f"#!/bin/sh\n{script}\n").chmod(0o644 if script == "not executable" else 0o755)
    monkeypatch.setenv("CONFORM_TIMEOUT", "0.4" if "sleep" in (script or "") else "60")
    if way == "environment":
        monkeypatch.setenv("LAMP_BIN", str(path))
        said = (*said, "LAMP_BIN") if script in (None, "a folder", "not executable") else said
    complains(lamp.check(*(["--side", "a=binary:alien"] if way == "option" else [])), NO_SIDE, *said)
    assert lamp.cached() == before and any(name.startswith("traces/a-") for name in before)


def test_a_declared_time_limit_holds_and_the_environment_overrides_it(lamp, complains, monkeypatch):
    lamp.write("alien", "#!/bin/sh\nexec sleep 60\n").chmod(0o755)
    lamp.replace("conform.toml", 'binary_env = "LAMP_BIN"\n', 'binary_env = "LAMP_BIN"\ntimeout = 0.3\n')
    complains(lamp.check("--side", "a=binary:alien"), NO_SIDE, "side a was ended after 0.3 s")
    monkeypatch.setenv("CONFORM_TIMEOUT", "0.2")
    complains(lamp.check("--side", "a=binary:alien"), NO_SIDE, "side a was ended after 0.2 s")
    monkeypatch.setenv("CONFORM_TIMEOUT", "soon")
    complains(lamp.check("--side", "a=binary:alien"), 2, "CONFORM_TIMEOUT is `soon`")
