"""Any number of threads gives the same files and the same text, except where a quirk says otherwise, and exactly there."""

import numpy as np
import pytest

FRAME = "-cell 70 80 90 75 85 95 -lambda 1.3 -distance 100 -detpixels_x 21 -detpixels_y 19 -pixel 1.5 -N 5 -default_F 10 -seed 3".split()
FILES = ("out.bin", "out.img", "out.pgm", "out.noise")
OUT = ["-floatfile", "out.bin", "-intfile", "out.img", "-pgmfile", "out.pgm", "-noisefile", "out.noise"]
SCAN = "-phi 0 -osc 3 -phisteps 3"
RUNS = {
    "plain": "-oversample 1", "subpixels": "-oversample 2 -oversample_omega -polar 0.7",
    "layers": "-oversample 1 -detector_thick 300 -detector_abs 400 -thicksteps 3 -oversample_thick",
    "sources": "-oversample 1 -hdivrange 4 -hdivsteps 3 -vdivrange 3 -vdivsteps 2 -dispersion 1 -dispsteps 3 -dmin 4",
    "mosaic": "-oversample 1 -mosaic 0.7 -mosaic_dom 4 -phi 1 -osc 1 -phisteps 2", "round": "-oversample 1 -round_xtal -water 9",
    "interpolated": "-oversample 1 -hkl tiny.hkl -interpolate", "region": "-oversample 1 -roi 3 17 2 11", "scan": f"-oversample 1 {SCAN}",
}


@pytest.fixture
def outcome(plain):
    """A function: flags and threads to (printed text, the bytes of every file)."""
    def get(flags: str, threads: int) -> tuple:
        done = plain.start(*FRAME, *flags.split(), *OUT, threads=threads)
        assert done.returncode == 0, done.stderr
        return done.stdout, *((plain.folder / name).read_bytes() for name in FILES)
    return get


@pytest.mark.parametrize("name", RUNS)
def test_any_number_of_threads_gives_the_same_text_and_files(outcome, name):
    quirks = "none" if name == "interpolated" else "all,-phi_carry_over,-racing_switch_off"
    one = outcome(f"{RUNS[name]} -quirks {quirks}", 1)
    assert np.frombuffer(one[1], np.float32).any()
    for threads in (2, 3, 8):
        assert outcome(f"{RUNS[name]} -quirks {quirks}", threads) == one


@pytest.mark.parametrize("threads", [2, 3, 8])
@pytest.mark.parametrize("region", ["", "-roi 4 20 0 18"])
def test_a_cell_that_is_carried_over_begins_anew_with_each_thread_and_nowhere_else(outcome, threads, region):
    """D04. Threads have blocks of rows, the first ones one row longer; the first pixel of each starts from the cell at rest."""
    image = [np.frombuffer(outcome(f"-oversample 1 {SCAN} {region} -quirks all,-racing_switch_off", n)[1], np.float32).reshape(19, 21) for n in (1, threads)]
    short, longer = divmod(19, threads)
    starts = np.cumsum([short + (i < longer) for i in range(threads)])[:-1]
    first = 4 if region else 0
    assert np.argwhere(image[0] != image[1]).tolist() == [[start, first] for start in starts]
