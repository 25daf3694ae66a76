"""The files and the lines that the program leaves behind."""
from __future__ import annotations

import re

import numpy as np
import pytest

from torch_model.__main__ import main
from torch_model.deviates import Deviates, axis_rotation, misset_angles
from torch_model.statistics import statistics

OUT = ["-floatfile", "out.bin", "-intfile", "out.img"]


def smv(path) -> tuple[dict[str, str], np.ndarray]:
    data = path.read_bytes()
    keys = dict(line.rstrip(";").split("=") for line in data[:512].decode().split("\n") if "=" in line)
    return keys, np.frombuffer(data[512:], np.uint16).reshape(int(keys["SIZE2"]), int(keys["SIZE1"]))


def test_an_integer_image_is_the_float_image_scaled_moved_and_rounded(folder, base):
    assert main([*base, *OUT, "-scale", "900", "-adc", "25.5", "-roi", "2", "8", "1", "6"]) == 0
    image, (keys, counts) = np.fromfile("out.bin", np.float32).reshape(9, 11), smv(folder / "out.img")
    want = np.floor(np.clip(image * 900.0 + 25.5, 0, 65535).astype(np.float32) + np.float32(0.5))
    assert np.array_equal(counts[1:7, 2:9], np.minimum(want, 65535)[1:7, 2:9].astype(np.uint16))
    counts = counts.copy()
    counts[1:7, 2:9] = 0
    assert not counts.any() and keys["HEADER_BYTES"] == "512" and keys["PIXEL_SIZE"] == "2.3" and keys["WAVELENGTH"] == "1.07"


def test_without_a_scale_the_largest_pixel_becomes_55000(folder, base):
    assert main([*base, *OUT, "-adc", "0"]) == 0
    assert smv(folder / "out.img")[1].max() == 55000


def test_the_header_is_512_bytes_of_text_with_one_line_that_lacks_its_semicolon(folder, base):
    assert main([*base, *OUT]) == 0
    header = (folder / "out.img").read_bytes()[:512].decode()
    body, _, rest = header.partition("}\f")
    assert header.startswith("{\nHEADER_BYTES=512;\nDIM=2;\n") and rest.strip(" ") == ""
    assert [line for line in body.split("\n")[1:-1] if not line.endswith(";")] == [line for line in body.split("\n") if "DIALS_ORIGIN" in line]


def test_a_pgm_is_grey_and_says_its_scale(folder, base):
    assert main([*base, *OUT, "-pgmfile", "out.pgm", "-pgmscale", "0.25", "-nopgm"]) == 0
    assert not (folder / "out.pgm").exists()                    # of two flags the later one wins
    assert main([*base, *OUT, "-pgmfile", "out.pgm", "-pgmscale", "0.25"]) == 0
    data, image = (folder / "out.pgm").read_bytes(), np.fromfile("out.bin", np.float32)
    assert data.startswith(b"P5\n11 9\n# pixels scaled by 0.25\n255\n")
    assert np.array_equal(np.frombuffer(data[-99:], np.uint8), np.minimum(255, image * 0.25).astype(np.uint8))


def test_noise_is_the_same_for_the_same_seed_and_has_the_mean_of_the_image(folder, base, capsys):
    noisy = [flag for flag in base if flag != "-nonoise"]
    images = []
    for seed in ("5", "5", "6"):
        assert main([*noisy, *OUT, "-seed", seed, "-adc", "10", "-noisefile", f"n{seed}.img", "-flux", "2.5e17"]) == 0
        images.append(smv(folder / f"n{seed}.img")[1].astype(float) - 10)
        assert re.search(r"\d+ photons on noise image \(\d+ overloads\)", capsys.readouterr().out)
    image = np.fromfile("out.bin", np.float32).reshape(9, 11)
    assert np.array_equal(images[0], images[1]) and not np.array_equal(images[0], images[2])
    below = image < 6e4
    assert (np.abs(images[0] - image)[below] < 6 * np.sqrt(image[below]) + 6).all()


def mask(folder, values):
    keys = f"{{\nHEADER_BYTES=512;\nSIZE1={values.shape[1]};\nSIZE2={values.shape[0]};\nPIXEL_SIZE=2.3;\n}}\f"
    (folder / "mask.img").write_bytes(keys.encode().ljust(512) + values.astype(np.uint16).tobytes())
    return ["-mask", "mask.img"]


def test_masked_pixels_have_no_photons_and_do_not_count(folder, base, capsys):
    values = np.ones((9, 11))
    values[2:5, 3:6] = 0
    assert main([*base, *OUT]) == 0
    whole = np.fromfile("out.bin", np.float32).reshape(9, 11)
    capsys.readouterr()
    assert main([*base, *OUT, *mask(folder, values)]) == 0
    image, said = np.fromfile("out.bin", np.float32).reshape(9, 11), capsys.readouterr().out
    assert np.array_equal(image, whole * values) and (smv(folder / "out.img")[1][values == 0] == 40).all()
    left = whole[values == 1].astype(float)
    found = re.search(r"mean= (\S+) rms= (\S+) rmsd= (\S+)", said)
    assert [float(x) for x in found.groups()] == pytest.approx([left.mean(), np.sqrt((left**2).sum() / (left.size - 1)), left.std(ddof=1)], rel=1e-5)


def test_a_mask_that_is_too_small_is_refused(folder, base, capsys):
    assert main([*base, *OUT, *mask(folder, np.ones((9, 10)))]) == 9
    assert "mask.img has 90 pixels where 11 x 9" in capsys.readouterr().err


def test_a_header_sets_parameters_and_flags_win(folder, base, capsys):
    assert main([*base, *OUT, "-twotheta", "7", "-phi", "3"]) == 0
    (folder / "head.img").write_bytes((folder / "out.img").read_bytes())
    assert main(["-img", "head.img", "-mat", "crystal.mat", "-hkl", "spots.hkl", "-intfile", "again.img", "-lambda", "1.5", "-nonoise"]) == 0
    old, new = smv(folder / "out.img")[0], smv(folder / "again.img")[0]
    for key in ("SIZE1", "SIZE2", "PIXEL_SIZE", "PHI", "OSC_RANGE", "TWOTHETA", "BEAM_CENTER_X", "BEAM_CENTER_Y"):
        assert old[key] == new[key]
    assert new["WAVELENGTH"] == "1.5"


def test_the_deviation_with_masked_pixels_counts_them_as_zeros():
    image = np.array([[1, 2, 0], [4, 0, 0]], np.float32)
    kept = np.array([[True, True, True], [True, False, False]])
    plain, quirk = (statistics(image, (0, 3, 0, 2), kept, quirk) for quirk in (False, True))
    assert plain.mean == quirk.mean == 7 / 4 and plain.largest == 4 and plain.at == (1, 0)
    assert plain.rmsd == pytest.approx(np.std([1, 2, 0, 4], ddof=1)) and quirk.rmsd == pytest.approx(np.sqrt(((image - 7 / 4)**2).sum() / 5))


def test_figures_are_printed_in_the_order_of_the_work(folder, base, capsys):
    assert main([*base, *OUT]) == 0
    said = capsys.readouterr().out
    words = ["convention", "pivoting", "XDS incident beam", "interpolation", "Unit Cell", "Recp Cell", "volume", "a_star", "hkls", "phi", "sources",
             "mosaic domains", "distance=", "Fclose", "solid angle", "max_I", "mean=", "intfile_scale"]
    assert [said.index(word) for word in words] == sorted(said.index(word) for word in words)


# --- random numbers --------------------------------------------------------------------------------------------------

def test_a_random_misset_has_the_angles_of_the_original_program():
    """Printed by it for -misset_seed 77, with the cap taken as 90 radians; and what a cap of 90 degrees gives."""
    degrees = [np.degrees(misset_angles(Deviates().rotation(cap, [-77]))) for cap in (90.0, np.pi / 2)]
    assert degrees[0] == pytest.approx([-50.433049, 15.844024, 15.618692], abs=1e-6)
    assert degrees[1] == pytest.approx([-79.5705, 28.6375, 16.7767], abs=1e-4)


def test_seeds_zero_and_one_are_the_same_and_a_positive_state_goes_on():
    def draw(seed): return [float(Deviates().uniform([seed]))]
    assert draw(0) == draw(-1) == draw(7) != draw(-7)
    one, state = Deviates(), [-7]
    both = [float(one.uniform(state)) for _ in range(4)]
    assert len(set(both)) == 4 and all(0 < x < 1 for x in both)


@pytest.mark.parametrize("mean", [0.0, 3.5, 40.0, 2e6])
def test_photons_have_their_mean_and_its_root_as_deviation(mean):
    deviates, state = Deviates(), [-11]
    drawn = np.array([float(deviates.poisson(np.float32(mean), state)) for _ in range(3000)])
    assert drawn.mean() == pytest.approx(mean, abs=5 * np.sqrt(mean / 3000)) and drawn.std() == pytest.approx(np.sqrt(mean), rel=0.06)


def test_domains_are_rotations_the_first_of_which_does_not_turn():
    made = Deviates().domains(7, 0.02, -55)
    assert np.array_equal(made[0], np.eye(3)) and np.allclose(made @ made.transpose(0, 2, 1), np.eye(3), atol=1e-15)
    angles = np.arccos((np.trace(made, axis1=1, axis2=2) - 1) / 2)
    assert (angles[1:] > 0).all() and (angles <= 0.02 * (1 + 1e-6)).all()


def test_the_angles_of_a_rotation_give_it_back():
    rotation = axis_rotation((0.6, 0.0, 0.8), 0.7)
    x, y, z = (axis_rotation(tuple(axis), angle) for axis, angle in zip(np.eye(3), misset_angles(rotation)))
    assert np.allclose(z @ y @ x, rotation)


@pytest.mark.parametrize("seed", [0, -5, -12345])
def test_photons_of_many_pixels_are_those_drawn_one_by_one(seed):
    """All regimes mixed, more numbers than are drawn ahead at once, and a call that goes on where the one before ended."""
    choose = np.random.default_rng(1)
    means = np.concatenate((np.zeros(50), choose.exponential(0.01, 15000), choose.uniform(0, 30, 900), 10**choose.uniform(0, 8, 300))).astype(np.float32)
    choose.shuffle(means)
    single, state = Deviates(), [seed]
    want = np.array([single.poisson(mean, state) for mean in means])
    many, state = Deviates(), [seed]
    got = np.concatenate([many.photons(part, state) for part in np.array_split(means, 7)])
    assert np.array_equal(got, want) and got.dtype == np.float32 and len(set(got.tolist())) > 200


def test_a_noise_image_continues_the_generator_that_drew_the_crystal(folder, base):
    """The shuffle table is shared: after mosaic domains the photons of the same seed are others."""
    def drawn(before):
        one = Deviates()
        if before:
            one.domains(3, 0.01, -7)
        return one.photons(np.full(50, 20, np.float32), [12345]), one
    assert not np.array_equal(drawn(True)[0], drawn(False)[0])
