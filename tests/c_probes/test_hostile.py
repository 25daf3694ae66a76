"""Input that nobody means well: each ends with an answer or a message, soon, and without a block of memory to match its claims."""

import re
import resource
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

FLAGS = Path(__file__).parents[2] / "c_probes" / "nanobragg" / "flags.c"
BASE = "-nonoise -nopgm -default_F 10 -lambda 1.3 -distance 100 -detpixels 6 -pixel 1.5 -oversample 1 -cell 70 80 90 75 85 95 -N 3".split()
MIB = 1 << 20


def run(program, *flags: str, megabytes: int = 2048, cpu: int = 20) -> subprocess.CompletedProcess:
    """With no more memory and time than that."""
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * MIB, megabytes * MIB))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))

    return subprocess.run([program.path, *flags], cwd=program.folder, env={"OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
                          errors="replace", preexec_fn=limit, timeout=120)


def answers(done: subprocess.CompletedProcess) -> bool:
    """An image, or a refusal with its message; not for want of memory."""
    if done.returncode == 0:
        return not re.search("^nanobragg: (?!.*warning)", done.stderr, re.M)
    return done.returncode == 9 and done.stderr.splitlines()[-1] != "" and "nanobragg: " in done.stderr and "no memory" not in done.stderr


NUMERIC = sorted({*re.findall(r'(?:REAL|INT)\("(-\w+)"', FLAGS.read_text("utf-8")), "-energy", "-beamsize", "-detector_abs", "-misset_seed",
                  "-mosaic_seed", "-seed"})


def test_numbers_that_are_none_are_answered_for_every_flag_that_takes_one(plain):
    assert len(NUMERIC) > 80
    for flag in NUMERIC:
        for value in ("nan", "inf", "-inf"):
            done = run(plain, *BASE, flag, value)
            assert answers(done), (flag, value, done.returncode, done.stderr)


def test_directions_angles_and_cells_of_no_numbers_are_answered(plain):
    for flag, count in (("-cell", 6), ("-misset", 3), ("-roi", 4), ("-fdet_vector", 3), ("-beam_vector", 3), ("-spindle_axis", 3),
                        ("-polar_vector", 3), ("-odet_vector", 3), ("-twotheta_axis", 3), ("-printout_pixel", 2)):
        for value in ("nan", "inf", "1e308"):
            done = run(plain, *BASE, flag, *[value] * count)
            assert answers(done), (flag, value, done.returncode, done.stderr)


@pytest.mark.parametrize("quirks", ["all", "none"])
@pytest.mark.parametrize("text", ["1000000000 -1000000000 0 5\n", "-1000000000 0 0 1\n1000000000 0 0 1\n", "99999999 0 0 1\n-99999999 0 0 1\n"])
def test_a_list_of_far_reflections_takes_no_memory(plain, folder, text, quirks):
    (folder / "far.hkl").write_text(text)
    done = run(plain, *BASE, "-hkl", "far.hkl", "-quirks", quirks, megabytes=256)
    assert done.returncode == 9 and re.search("out of any range|more than this program holds", done.stderr), done.stderr


@pytest.fixture
def giant(folder):
    """A function: the first bytes of a file of two gigabytes, the rest of which is a hole. Skips where files may not be that large."""
    def make(name: str, start: bytes) -> str:
        with open(folder / name, "wb") as file:
            file.write(start)
            try:
                file.truncate(2 << 30)
            except OSError as error:
                pytest.skip(f"no file of 2 GiB here: {error.strerror}")
        if (folder / name).stat().st_blocks * 512 > 64 * MIB:
            pytest.skip("this file system has no sparse files")
        return name
    yield make
    shutil.rmtree(folder)


@pytest.mark.parametrize("quirks", ["all", "none"])
@pytest.mark.parametrize("flag, start, complaint", [
    ("-hkl", b"1 2 3 4 ", {"all": None, "none": "line 1 holds a zero byte"}),
    ("-hkl", b"1 2 3 4\n0 0 1 ", {"all": None, "none": "line 2 holds a zero byte"}),
    ("-sourcefile", b"-10 0 0 ", {"all": "line 1 holds a zero byte", "none": "line 1 holds a zero byte"}),
    ("-mat", b"1 0 0 ", {"all": "begins with 3 numbers", "none": "begins with 3 numbers"}),
    ("-dump", b"0 1 0 1 0 1 ", {"all": None, "none": "has no new line and form feed after its ranges"}),
    ("-img", b"{\nHEADER_BYTES=2000000000;\nSIZE1=1e5;\n", {"all": "claims a header of 2e+09 bytes", "none": "claims a header of 2e+09 bytes"}),
    ("-mask", b"{\nHEADER_BYTES=512;\nSIZE1=1e6;\nSIZE2=1e6;\n", {"all": "is shorter than its 1000000 x 1000000 pixels", "none": "is shorter than"}),
])
def test_a_file_of_two_gigabytes_in_one_line_is_answered_at_once(plain, giant, flag, start, complaint, quirks):
    done = run(plain, *BASE, flag, giant("giant", start), "-quirks", quirks, megabytes=256)
    assert answers(done), done.stderr
    assert complaint[quirks] is None or complaint[quirks] in done.stderr, done.stderr


def test_the_header_of_an_image_has_an_end(plain, folder):
    """A billion bytes, and they are there."""
    with open(folder / "long.img", "wb") as file:
        file.write(b"{\nHEADER_BYTES=1000000000;\n")
        file.truncate(10**9 + 800)
    done = run(plain, *BASE, "-img", "long.img", megabytes=256)
    (folder / "long.img").unlink()
    assert done.returncode == 9 and "claims a header of 1e+09 bytes" in done.stderr


def test_an_image_and_its_table_are_all_that_a_run_holds(plain, folder):
    """A frame of 4 MiB and a table of 31 MiB, within those and 32 MiB more; with 24 MiB less it is refused, so that the limit does limit."""
    (folder / "wide.hkl").write_text("-79 -79 -79 1\n79 79 79 2\n")
    flags = [*BASE, "-hkl", "wide.hkl", "-detpixels", "1024", "-pixel", "0.1", "-roi", "0", "20", "0", "20"]
    need = 4 * 1024 * 1024 + 8 * 160**3
    libraries = address_space(plain)
    fits = run(plain, *flags, megabytes=(need + libraries) // MIB + 32)
    assert fits.returncode == 0, fits.stderr
    assert np.fromfile(folder / "floatimage.bin", np.float32).size == 1024 * 1024
    short = run(plain, *flags, megabytes=(need + libraries) // MIB - 24)
    assert short.returncode == 9 and "no memory for" in short.stderr


def address_space(program) -> int:
    """What the program and its libraries take before it has read anything, bytes: the least with which it can refuse."""
    low, high = 1, 512
    while low < high:
        middle = (low + high) // 2
        done = run(program, "-quirks", "help", megabytes=middle)
        low, high = (low, middle) if done.returncode == 0 else (middle + 1, high)
    return low * MIB
