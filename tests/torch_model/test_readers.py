"""The images that both programs write, opened by the readers that others use."""
from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

fabio = pytest.importorskip("fabio", reason="fabio is a test dependency")
PIL = pytest.importorskip("PIL.Image", reason="pillow is a test dependency")

FLAGS = "-pgmfile out.pgm -pgmscale 0.25 -noisefile noise.img -seed 7 -floatfile out.bin -intfile out.img -adc 25 -flux 2.5e17".split()


@pytest.fixture(params=["torch", "c"])
def written(request, folder, base):
    """The folder after one of the programs has written everything there."""
    command = [sys.executable, "-m", "torch_model"] if request.param == "torch" else request.getfixturevalue("c_command")
    flags = [word for word in base if word not in ("-nonoise", "-nopgm")]
    done = subprocess.run([*command, *flags, *FLAGS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_float_image_is_an_array_of_single_precision(written):
    image = np.fromfile(written / "out.bin", np.float32)
    assert image.size == 9 * 11 and (image > 0).all()


@pytest.mark.parametrize("name", ["out.img", "noise.img"])
def test_an_smv_image_opens_in_fabio_with_its_size_and_its_geometry(written, name):
    opened = fabio.open(str(written / name))
    assert opened.shape == (9, 11) and opened.data.dtype == np.uint16
    header = {key: float(opened.header[key]) for key in ("PIXEL_SIZE", "DISTANCE", "WAVELENGTH", "PHI", "OSC_RANGE", "SIZE1", "SIZE2")}
    assert header == pytest.approx({"PIXEL_SIZE": 2.3, "DISTANCE": 108, "WAVELENGTH": 1.07, "PHI": 0, "OSC_RANGE": 0.9, "SIZE1": 11, "SIZE2": 9})
    image = np.fromfile(written / "out.bin", np.float32).reshape(9, 11).astype(float)
    if name == "out.img":
        scale = 55000 / image.max()
        assert np.abs(opened.data - (image * scale + 25)).max() <= 0.51
    else:
        below = image < 6e4
        assert (np.abs(opened.data - 25.0 - image) < 6 * np.sqrt(image) + 6)[below].all() and below.any()


def test_a_pgm_image_opens_in_pillow(written):
    image = np.fromfile(written / "out.bin", np.float32).reshape(9, 11)
    with PIL.open(written / "out.pgm") as opened:
        assert (opened.format, opened.mode, opened.size) == ("PPM", "L", (11, 9))
        assert np.array_equal(np.asarray(opened), np.minimum(255, image * 0.25).astype(np.uint8))
