"""The C reference program's flags, files and refusals."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

# Names of files and what they hold; each is wrong in its own way.
FILES = {"text.hkl": b"h k l F\n1 2 3 4\n", "comment.hkl": b"1 2 3 4\n0 0 1 5\n# end\n", "short.hkl": b"1 2 3 4\n0 0 1\n",
         "binary.hkl": bytes(range(128, 256)) * 20, "empty.hkl": b"", "huge.hkl": b"1 1e300 1 5\n", "nan.hkl": b"0 nan 0 1\n",
         "wide.hkl": b"-9000 0 0 1\n9000 9000 9000 2\n", "shifted.hkl": b"0 1 1.0 5\n90 1 0 7\n1 0 3 2\n",
         "decimal.hkl": b"0.0 0.0 0.0 5.0\n1 2 3 4\n", "words.hkl": b"# h k l F\n\n", "long.hkl": b"1 2 3 4\n" + b"0 " * 4000,
         "giant.hkl": b"1000000000 -1000000000 0 5\n", "digits.hkl": b"7" * 1000000,
         "huge.img": b"{\nHEADER_BYTES=1000000000;\n}\f", "nan.img": b"{\nHEADER_BYTES=nan;\n}\f", "cut.img": b"{\nHEADER_BYTES=1024;\n}\f",
         "wide.img": b"{\nHEADER_BYTES=64;\nSIZE1=1000000;\nSIZE2=1000000;\n}\f".ljust(600), "wider.img": b"{\nHEADER_BYTES=64;\nSIZE1=1e9;\n}\f".ljust(600),
         "negative.img": b"{\nHEADER_BYTES=64;\nSIZE1=4;\nSIZE2=-4;\n}\f".ljust(600), "text.mat": b"a b c", "short.mat": b"1 0 0 0 1 0 0 0",
         "flat.mat": b"1 0 0 0 1 0 0 0 0"}


def run(program, *flags, **options):
    return program.start(*flags, **options)


@pytest.mark.parametrize("flags, complaint", [
    (["-hkl", "missing.hkl"], "cannot read the structure factors missing.hkl"),
    (["-mat", "missing.mat"], "cannot read the matrix file missing.mat"),
    (["-hkl", "text.hkl", "-quirks", "none"], "text.hkl: line 1: expected four numbers h k l F, found `h k l F`"),
    (["-hkl", "short.hkl", "-quirks", "none"], "short.hkl: line 2: expected four numbers h k l F, found ``"),
    (["-hkl", "binary.hkl", "-quirks", "none"], "binary.hkl: line 1: expected four numbers h k l F, found `"),
    (["-hkl", "long.hkl", "-quirks", "none"], "long.hkl: line 2 has more than 4094 characters"),
    (["-hkl", "words.hkl", "-quirks", "none"], "words.hkl: not enough HKL indices"),
    (["-hkl", "."], "cannot read the structure factors .: Is a directory"),
    (["-mat", "."], "cannot read the matrix file .: Is a directory"),
    (["-hkl", "empty.hkl"], "empty.hkl: not enough HKL indices"),
    (["-mat", "text.mat"], "the matrix file text.mat begins with 0 numbers where 9 are needed"),
    (["-mat", "short.mat"], "the matrix file short.mat begins with 8 numbers where 9 are needed"),
    (["-mat", "flat.mat"], "axis a of the unit cell has the length"),
    (["-mat", "flat.mat", "-cell", "50", "60", "70"], "axis a of the unit cell has the length"),
    (["-hkl", "wide.hkl"], "wide.hkl: the indices span"),
    (["-hkl", "giant.hkl"], "giant.hkl: the index 1e+09 is out of any range"),
    (["-hkl", "digits.hkl"], "digits.hkl: the index 7.77778e+98 is out of any range"),
    (["-hkl", "text.hkl"], "text.hkl: not enough HKL indices"),
    (["-hkl", "binary.hkl"], "binary.hkl: not enough HKL indices"),
    (["-hkl", "huge.hkl"], "huge.hkl: the index 1e+300 is out of any range"),
    (["-hkl", "nan.hkl"], "out of any range"),
    (["-hkl", "shifted.hkl"], "written as integers"),
    (["-detpixels", "0", "-detsize", "0"], "the detector has no pixels along its fast side"),
    (["-detpixels_y", "0", "-detsize_s", "0"], "the detector has no pixels along its slow side"),
    (["-detpixels", "-4"], "the detector has no pixels"),
    (["-pixel", "0"], "the detector has no pixels"),
    (["-pixel", "-1"], "the detector has no pixels"),
    (["-pixel", "nan"], "the detector has no pixels"),
    (["-detpixels", "2000000000"], "the detector would have 2e+09 pixels along its fast side"),
    (["-phisteps", "2000000000"], "2000000000 phi steps are more than this program can hold"),
    (["-osc", "1e30", "-phistep", "1e-30"], "2000000000 phi steps are more than this program can hold"),
    (["-phisteps", "2000000000", "-oversample", "100"], "steps a pixel are too many"),
    (["-hdivsteps", "100000", "-vdivsteps", "100000"], "1e+10 sources are more than this program can hold"),
    (["-N", "2147483647"], "cells along an axis"),
    (["-lambda", "0"], "the wavelength is 0 m"),
    (["-energy", "nan"], "the wavelength is nan m"),
    (["-quirks", "stale_phi"], "no quirk `stale_phi`; known are\n  incomplete_cell_completed\n"),
    (["-floatfile", "no/such/folder.bin"], "cannot write no/such/folder.bin"),
    (["-mosaic", "1", "-mosaic_dom", "2000000"], "2000000 mosaic domains are more than this program can hold"),
    (["-sourcefile", "missing.txt"], "cannot read the sources missing.txt"),
    (["-sourcefile", "."], "cannot read the sources .: Is a directory"),
    (["-sourcefile", "empty.hkl"], "empty.hkl names no source"),
    ([word for side in "hv" for part in ("steps", "range", "step") for word in (f"-{side}div{part}", "1")], "there is no source left"),
    (["-sourcefile", "text.hkl", "-quirks", "none"], "text.hkl: line 1: expected a number, found `h k l F"),
    (["-mask", "missing.img"], "cannot read the image missing.img"),
    (["-img", "."], "cannot read the image .: Is a directory"),
    (["-img", "text.hkl"], "text.hkl is no SMV image"),
    (["-img", "huge.img"], "huge.img claims a header of 1e+09 bytes"),
    (["-img", "nan.img"], "nan.img claims a header of nan bytes"),
    (["-img", "cut.img"], "cut.img ends inside its header of 1024 bytes"),
    (["-mask", "wide.img"], "wide.img is shorter than its 1000000 x 1000000 pixels"),
    (["-img", "wider.img"], "wider.img claims SIZE1=1e+09"),
    (["-mask", "negative.img"], "negative.img claims SIZE2=-4"),
    (["-dump", "no/such/folder.bin"], "cannot write the cache no/such/folder.bin"),
    (["-trace_pixel", "3", "4"], "-trace_pixel needs a program that was built with its probes"),
    (["-detector_abs"], "-detector_abs needs a value, and stands last"),
    (["-detector_thick"], "-detector_thick needs a value, and stands last"),
    (["-detector_thicksteps"], "-detector_thicksteps needs a value, and stands last"),
    (["-thicksteps"], "-thicksteps needs a value, and stands last"),
])
def test_what_cannot_be_done_is_refused_with_status_9(plain, small, flags, complaint):
    for name, text in FILES.items():
        (plain.folder / name).write_bytes(text)
    done = run(plain, *small, *flags)
    assert done.returncode == 9 and done.stderr.startswith("nanobragg: ") and complaint in done.stderr, done
    assert complaint.startswith("no quirk") or len(re.findall("^nanobragg: (?!.*warning)", done.stderr, re.M)) == 1
    assert not (plain.folder / "floatimage.bin").exists()


def test_no_refusal_comes_from_a_crash(sanitized, small):
    """Under the sanitizers; a huge block of memory that is not to be had is the program's to report, not theirs.

    Nor is what a refused run has not freed: whether its last pointer still stands somewhere on the stack is chance."""
    for name, text in FILES.items():
        (sanitized.folder / name).write_bytes(text)
    for flags in [*([["-hkl", name] for name in FILES if name.endswith("hkl")]),
                  *([["-hkl", name, "-quirks", "none"] for name in FILES if name.endswith("hkl")]),
                  *([["-mat", name] for name in FILES if name.endswith("mat")]),
                  *([["-sourcefile", name] for name in FILES]), *([["-sourcefile", name, "-quirks", "none"] for name in FILES]),
                  *([[flag, name] for name in FILES for flag in ("-img", "-mask")]),
                  ["-detpixels", "1000000"], ["-phisteps", "2000000000"], ["-N", "2147483647"], ["-pixel", "1e-300"]]:
        done = sanitized.start(*small, *flags, env={"ASAN_OPTIONS": "allocator_may_return_null=1:detect_leaks=0"})
        assert done.returncode in (0, 9) and "runtime error" not in done.stderr and "ERROR" not in done.stderr, done


@pytest.mark.parametrize("missing, complaint", [("-hkl", "no structure factors"), ("-mat", "no unit cell")])
def test_nothing_needed_is_made_up(plain, small, missing, complaint):
    flags = [flag.replace(missing, "-nonsense") for flag in small]
    if missing == "-hkl":
        flags[flags.index("-default_F") + 1] = "0"
    done = run(plain, *flags)
    assert done.returncode == 9 and complaint in done.stderr


@pytest.mark.parametrize("flags", [["-floatfile", "full"], ["-intfile", "full"], ["-pgmfile", "full"], ["-noisefile", "full"]])
def test_a_full_disk_is_noticed(plain, small, flags):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    (plain.folder / "full").symlink_to("/dev/full")
    done = run(plain, *small, *flags)
    assert done.returncode == 9 and done.stderr == "nanobragg: cannot write full: No space left on device\n"


def test_a_summary_that_cannot_be_written_is_noticed(plain, small):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with open("/dev/full", "w") as full:
        done = subprocess.run([plain.path, *small], cwd=plain.folder, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 9 and "cannot write the summary" in done.stderr


def test_unknown_flags_are_ignored_as_in_the_original(plain):
    expected = plain.image()
    assert plain.image("-nonsense", "-dispstep", "3", "-detector_twotheta", "7").tobytes() == expected.tobytes()


@pytest.mark.parametrize("long, short", [
    (["-cell", "48", "57", "66", "-wavelength", "1.2"], ["-cell", "48", "57", "66", "-lambda", "1.2"]),
    (["-cell", "48", "57", "66", "-energy", "12398.42"], ["-cell", "48", "57", "66", "-lambda", "1"]),
    (["-N", "4"], ["-Na", "4", "-Nb", "4", "-Nc", "4"]),
    (["-twotheta_axis", "2.5", "0", "-1"], ["-twotheta_axis", "2.5", "0", "-1", "-twotheta", "2.5"]),    # D08
    (["-pix0_vector", "1", "2", "3"], ["-pix0_vector_mm", "9", "9", "9"]),                               # D01, D02
    (["-polar", "0.5", "-nopolar"], ["-nopolar"]),
])
def test_flags_that_mean_the_same_give_the_same_image(plain, long, short):
    assert plain.image(*long).tobytes() == plain.image(*short).tobytes()
    assert plain.image(*long).tobytes() != plain.image().tobytes()


def test_a_matrix_is_in_units_of_the_wavelength_so_that_another_one_moves_no_spot(plain):
    first, other = plain.image("-fluence", "1e24"), plain.image("-fluence", "1e24", "-lambda", "2.2")
    assert np.allclose(first, other, rtol=1e-5) and not np.allclose(first, plain.image("-fluence", "2e24"), rtol=1e-5)


def test_a_vector_flag_selects_custom_and_drops_the_half_pixel(plain, small):
    printed = run(plain, *small, "-fdet_vector", "0", "0", "1").stdout
    assert "custom convention" in printed and "MOSFLM convention" in run(plain, *small).stdout


def test_quirks_are_listed_and_combined(plain):
    listed = run(plain, "-quirks", "help")
    assert listed.returncode == 0 and "phi_carry_over (D04)" in listed.stdout
    scan = "-phi 0 -osc 3 -phisteps 3 -quirks".split()
    everything, nothing = plain.image(*scan, "all"), plain.image(*scan, "none")
    assert everything.tobytes() != nothing.tobytes()
    for words in ("none,+phi_carry_over", "phi_carry_over", "all"):
        assert plain.image(*scan, words).tobytes() == everything.tobytes()
    assert plain.image(*scan, "all,-phi_carry_over").tobytes() == nothing.tobytes()


def test_the_integer_image_is_the_float_image_scaled(plain, small):
    image = plain.image("-intfile", "out.img", "-scale", "3", "-adc", "12", "-roi", "2", "40", "3", "30", "-pgmfile", "out.pgm")
    raw = (plain.folder / "out.img").read_bytes()
    assert raw.startswith(b"{\nHEADER_BYTES=512;\nDIM=2;\n") and b"SIZE1=48;\nSIZE2=40;\n" in raw[:512]
    expected = np.zeros((40, 48), "<u2")
    expected[3:31, 2:41] = np.floor(np.float32(np.clip(image[3:31, 2:41].astype(float) * 3 + 12, 0, 65535) + 0.5))
    assert np.array_equal(np.frombuffer(raw[512:], "<u2").reshape(40, 48), expected)
    assert (plain.folder / "out.pgm").read_bytes().startswith(b"P5\n48 40\n# pixels scaled by ")


def test_without_nopgm_a_preview_is_written_and_with_it_not(plain, small):
    run(plain, *small)
    assert not (plain.folder / "image.pgm").exists()
    run(plain, *[flag for flag in small if flag != "-nopgm"])
    assert (plain.folder / "image.pgm").stat().st_size > 48 * 40
