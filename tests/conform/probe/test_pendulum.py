"""Another domain, no image, a loop in a helper: the tool knows programs, not X-rays."""

from __future__ import annotations

import re
import resource
import signal
import subprocess
from pathlib import Path

import pytest

from conform.probe.binding import load_binding

from .one_file import without_probes

EXAMPLE = Path(__file__).parents[3] / "examples" / "pendulum"


def bare() -> str:
    """The example without its probes and without the table of what they hand over."""
    text = without_probes((EXAMPLE / "pendulum.c").read_text())
    text = re.sub(r"/\* What is handed to conform.*?#include \"conform_probe.h\"\n", "", text, flags=re.DOTALL)
    assert "conform" not in text.replace("conform, ", "").lower()
    return text


@pytest.mark.parametrize("quirks", ["all", "none"])
def test_it_traces_what_its_own_probes_trace(workshop, run_program, quirks):
    flags = ("-std=gnu11", "-O0", "-ffp-contract=off")
    program, probed = workshop.probed(bare().encode(), load_binding(Path(__file__).parent / "pendulum.toml"), flags)
    assert probed.refused == {}
    header = EXAMPLE.parents[1] / "c_probes"
    defined = (f"-I{header}", "-DCONFORM_PROBES", f'-DCONFORM_FLAGS="{" ".join(flags)}"')
    own = run_program(workshop.plain((EXAMPLE / "pendulum.c").read_bytes(), (*flags, *defined)), ["row.txt", "40", "0.01", "-quirks", quirks],
                      inputs={"row.txt": (EXAMPLE / "runs" / "pendulums.txt").read_bytes()})
    bound = run_program(program, ["row.txt", "40", "0.01", "-quirks", quirks], inputs={"row.txt": (EXAMPLE / "runs" / "pendulums.txt").read_bytes()})
    assert own.status == 0 and own.shown == bound.shown and len(own.quantities) == 20
    for ran in (own, bound):
        for entry in ran.description["quantities"].values():
            entry.pop("source")
        ran.trace.pop("trace.json")
    assert (own.description, own.trace) == (bound.description, bound.trace)


def test_a_trace_that_finds_no_room_at_the_end_is_said_and_is_no_trace(workshop, tmp_path):
    program, _ = workshop.probed(bare().encode(), load_binding(Path(__file__).parent / "pendulum.toml"), ("-std=gnu11", "-O0"))

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    (tmp_path / "trace").mkdir()
    done = subprocess.run([str(program), str(EXAMPLE / "runs/pendulums.txt"), "40", "0.01"], env={"CONFORM_TRACE": str(tmp_path / "trace")},
                          preexec_fn=little_room, capture_output=True, text=True, timeout=20)
    assert done.returncode == 9 and "cannot write" in done.stderr and "File too large" in done.stderr
    assert not (tmp_path / "trace" / "trace.json").exists()
