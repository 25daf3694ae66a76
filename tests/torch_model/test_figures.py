"""Figures of our own small run and its neighbours, which a checkout has without any reference beside it.

Made on 2026-11-24 by this program and by the C program alike, bit for bit, with one thread: sum of the image, and the pixel
at slow 4, fast 7. First with no quirk, then with all.
"""
from __future__ import annotations

import pytest

FIGURES = {
    "plain": ("", (5.401625e-06, 1.963793e-07), (5.685902e-06, 1.740203e-07)),
    "mosaic": ("-mosaic 0.9 -mosaic_dom 3 -mosaic_seed 42", (5.365305e-06, 1.119312e-07), (5.540277e-06, 9.603183e-08)),
    "grid": ("-hdivrange 4 -hdivsteps 3 -vdivrange 3 -vdivsteps 2 -dispersion 3 -dispsteps 2", (1.64923e-05, 1.059054e-06), (1.642567e-05, 9.084526e-07)),
    "layers": ("-detector_thick 300 -thicksteps 3 -detector_abs 400", (2.348215e-06, 1.032854e-07), (2.908071e-06, 1.15093e-07)),
    "running": ("-oversample_thick -oversample_polar -oversample_omega -detector_thick 300 -thicksteps 2 -dmin 2.1 -dispersion 20 -dispsteps 2", (9.152863e-08, 1.059378e-11), (8.19946e-08, 4.169407e-12)),
    "water": ("-water 3 -fluence 1e24 -flux 0", (1.39503, 0.01467463), (1.39587, 0.01465516)),
    "round": ("-round_xtal -fudge 1.3", (2.690324e-06, 1.879165e-07), (2.959633e-06, 1.550275e-07)),
    "gauss": ("-gauss_xtal -fudge 0.2", (0.0008917802, 8.677023e-05), (0.0008982877, 8.672295e-05)),
    "tophat": ("-tophat_spots -fudge 0.02", (0.001211933, 0.000117447), (0.001223722, 0.0001177135)),
    "interpolate": ("-interpolate", (6.714468e-07, 2.263714e-07), (5.685902e-06, 1.740203e-07)),
    "curved": ("-curved_det -twotheta 7", (5.215246e-06, 2.905769e-07), (1.425429e-05, 1.39754e-07)),
    "point": ("-point_pixel -nopolar", (1.031625, 0.03724887), (1.084143, 0.03297447)),
    "size": ("-sample_x 0.00011 -sample_z 0.0002", (3.763605e-05, 9.628344e-08), (4.422144e-05, 2.618299e-08)),
    "misset": ("-misset random -seed 5", (2.386898e-05, 1.108673e-06), None),
}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("quirks", ["none", "all"])
def test_the_image_has_the_figures_that_both_programs_gave(run, base, name, quirks):
    flags, *figures = FIGURES[name]
    want = figures[quirks == "all"]
    if want is None:
        pytest.skip("with all quirks this orientation follows the clock")
    status, image, _ = run("-quirks", quirks, *base, *flags.split())
    assert status == 0 and [float(image.astype(float).sum()), float(image[4, 7])] == pytest.approx(want, rel=2e-6)


@pytest.mark.parametrize("name", FIGURES)
def test_single_precision_comes_near(run, base, name):
    flags, want, _ = FIGURES[name]
    status, image, _ = run("--dtype", "float32", *base, *flags.split())
    assert status == 0 and float(image.astype(float).sum()) == pytest.approx(want[0], rel=2e-3)
