"""Images of runs on inputs of our own, as figures; and the same images from any number of threads.

The figures are of this program at the state that reproduced every reference image bit for bit (gcc 12, -O2 -ffp-contract=off,
one thread): the sum in double precision, how many pixels are not zero, and three pixels.
"""

import numpy as np
import pytest

RUNS = {
    "mosaic": "-mosaic 0.9 -mosaic_dom 5 -mosaic_seed 4242 -quirks all",
    "mosaic, ten domains by default": "-mosaicity 0.3",
    "random orientation": "-misset_seed 909 -misset random",
    "sources from a file": "-sourcefile sources.txt",
    "divergence and dispersion": "-hdivrange 3 -hdivsteps 3 -vdivrange 2 -vdivsteps 2 -dispersion 2 -dispsteps 2",
    "interpolation": "-interpolate -N 2 -lambda 1.3 -roi 23 26 19 23",
    "interpolation ends": "-interpolate -N 2 -lambda 1.3 -roi 20 30 19 30",
    "interpolation by the spec": "-interpolate -N 2 -lambda 1.3 -quirks none",
    "curved detector, point pixels": "-curved_det -point_pixel",
    "curved detector by the spec": "-curved_det -quirks none",
    "resolution cut": "-dmin 3.1 -dispersion 20 -dispsteps 3",
    "water, running factors": "-water 0.01 -oversample 2 -oversample_thick -oversample_polar -oversample_omega -detector_thick 300 -polar 0.6",
    "two layers, scan": "-detector_abs 380 -detector_thick 240 -thicksteps 2 -phi 0 -osc 2 -phisteps 2 -oversample 2",
    "layers by the spec": "-detector_abs 380 -detector_thick 240 -thicksteps 2 -phi 0 -osc 2 -phisteps 2 -oversample 2 -quirks none",
    "round": "-round_xtal -fudge 1.3", "gauss": "-gauss_xtal -fudge 0.2", "tophat": "-tophat_spots -fudge 0.1",
    "mask": "-mask mask.img", "triclinic by the spec": "-cell 48 57 66 81 97 108 -misset 12 -23 34 -quirks none",
    "two-theta around the sample": "-xds -twotheta 9 -detector_rotx 5 -ORGX 20 -ORGY 30",
}
FIGURES = {
    "mosaic": (37801.42871411685, 1920, {(24, 27): 12005.4560546875, (13, 16): 0.057413920760154724, (39, 47): 0.013432420790195465}),
    "mosaic, ten domains by default": (30126.653051075395, 1920, {(24, 27): 12518.09765625, (13, 16): 0.014720816165208817, (39, 47): 0.005023784004151821}),
    "random orientation": (14808.052075288673, 1920, {(19, 29): 6528.81640625, (13, 16): 0.018258992582559586, (39, 47): 0.00022056383022572845}),
    "sources from a file": (39601.96600541313, 1920, {(11, 22): 5738.51953125, (13, 16): 0.3336385488510132, (39, 47): 0.0010054191807284951}),
    "divergence and dispersion": (44609.2370077316, 1920, {(14, 29): 8593.7607421875, (13, 16): 0.21444709599018097, (39, 47): 0.011694815009832382}),
    "interpolation": (66.83214267561402, 20, {(21, 26): 38.504024505615234, (20, 25): 0.9202718734741211, (23, 26): 4.550291538238525}),
    "interpolation ends": (600.1995861181406, 132, {(21, 26): 68.40180206298828, (23, 20): 6.929033279418945, (30, 30): 2.7848238945007324}),
    "interpolation by the spec": (617.1289125117877, 1920, {(17, 22): 74.8325424194336, (13, 16): 0.009231144562363625, (39, 47): 0.0007044197991490364}),
    "curved detector, point pixels": (21819571258.27999, 1920, {(18, 21): 10474244096.0, (13, 16): 199507.203125, (39, 47): 3110.6767578125}),
    "curved detector by the spec": (26670.093841624737, 1920, {(24, 27): 12673.8349609375, (13, 16): 0.09777475893497467, (39, 47): 2.5190685846609995e-05}),
    "resolution cut": (31341.87639128966, 1920, {(17, 32): 5592.833984375, (13, 16): 0.1002795398235321, (39, 47): 0.0002051755873253569}),
    "water, running factors": (4946.4398301514175, 1920, {(21, 21): 3154.071533203125, (13, 16): 0.00023371601128019392, (39, 47): 3.208836460544262e-06}),
    "two layers, scan": (17965.302579850337, 1920, {(21, 21): 6186.6513671875, (13, 16): 0.48315292596817017, (39, 47): 0.00016097172920126468}),
    "layers by the spec": (14276.456784579794, 1920, {(21, 21): 4856.66650390625, (13, 16): 0.3293963670730591, (39, 47): 6.380966806318611e-05}),
    "round": (21126.093814722353, 1920, {(24, 27): 6788.44677734375, (13, 16): 0.018690241500735283, (39, 47): 1.687310759734828e-05}),
    "gauss": (1458881.2782319859, 1920, {(17, 22): 86370.4375, (13, 16): 33.64258575439453, (39, 47): 4.409968852996826}),
    "tophat": (4275613.015289307, 1127, {(17, 22): 101142.8203125, (13, 30): 231.15257263183594, (39, 46): 189.30665588378906}),
    "mask": (7692.3823982236745, 1280, {(12, 20): 2132.758056640625, (13, 15): 0.05348973721265793, (39, 47): 6.028495135979028e-06}),
    "triclinic by the spec": (16900.769387645516, 1920, {(25, 19): 3777.331298828125, (13, 16): 0.0006146944360807538, (39, 47): 1.0050694982055575e-05}),
    "two-theta around the sample": (2015.7462580515248, 1920, {(33, 20): 177.75389099121094, (13, 16): 0.7222414016723633, (39, 47): 0.20340470969676971}),
}


@pytest.fixture
def figures_of(plain, folder):
    (folder / "sources.txt").write_text("-10 0.02 0 1 1.10e-10\n-10 -0.015 0.01 2.5\n -9,0.01\t-0.02; 0.3 1.09e-10\n")
    mask = (np.indices((40, 48)).sum(axis=0) % 3).astype("<u2")
    (folder / "mask.img").write_bytes(b"{\nHEADER_BYTES=512;\nSIZE1=48;\nSIZE2=40;\nPIXEL_SIZE=1.1;\n}\f".ljust(512) + mask.tobytes())
    return lambda name, threads=1: plain.image(*RUNS[name].split(), threads=threads)


@pytest.mark.parametrize("name", RUNS)
def test_the_image_has_its_figures(figures_of, name):
    total, filled, pixels = FIGURES[name]
    image = figures_of(name).astype(float)
    assert image.sum() == pytest.approx(total, rel=1e-7) and np.count_nonzero(image) == filled
    for (slow, fast), value in pixels.items():
        assert image[slow, fast] == pytest.approx(value, rel=2e-7), (slow, fast)


# At an angle of exactly zero (D04), and where interpolation ends (D42), threads may show.
SAME = [name for name, flags in RUNS.items() if not ("-phi 0" in flags and "none" not in flags) and name != "interpolation ends"]


@pytest.mark.parametrize("name", SAME)
def test_any_number_of_threads_gives_the_image_of_one(figures_of, name):
    one = figures_of(name)
    for threads in (2, 3, 8):
        assert figures_of(name, threads=threads).tobytes() == one.tobytes(), threads


def test_threads_show_where_interpolation_ends_and_only_after_it(figures_of):
    """The end is one pixel's; what comes before it in file order, in the rows of the first thread, is interpolated in any case."""
    one = figures_of("interpolation ends")
    for threads in (2, 3, 8):
        differing = np.argwhere(figures_of("interpolation ends", threads=threads) != one)
        assert len(differing) <= 11 * 12 and all(19 <= slow <= 30 and 20 <= fast <= 30 for slow, fast in differing)
