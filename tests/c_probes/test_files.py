"""What the program reads and writes beside its flags: sources, headers, masks, caches, noise; text for people."""

import re

import numpy as np
import pytest

SMV = b"{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\n"


def smv(pixels: np.ndarray, **keys) -> bytes:
    header = SMV + f"SIZE1={pixels.shape[1]};\nSIZE2={pixels.shape[0]};\n".encode()
    return (header + "".join(f"{key}={value};\n" for key, value in keys.items()).encode() + b"}\f").ljust(512) + pixels.astype("<u2").tobytes()


# --- sources --------------------------------------------------------------------------------------------------------

def sources(probed, text: str, *flags: str):
    (probed.folder / "sources.txt").write_bytes(text.encode())
    trace = probed.trace("-sourcefile", "sources.txt", *flags, pixels=[(1, 1)])
    return trace["source_direction"], trace["source_wavelength"]


@pytest.mark.parametrize("quirks", ["all", "none"])
def test_columns_that_are_missing_have_their_defaults(probed, quirks):
    direction, wavelength = sources(probed, "-10 0 0\n\n -5,0.5;0 7 1.2e-10\n-3 0 4 1\n", "-quirks", quirks)
    assert np.allclose(direction, [[-1, 0, 0], np.array([-5, 0.5, 0]) / np.hypot(5, 0.5), [-0.6, 0, 0.8]], rtol=1e-15)
    assert np.allclose(wavelength, [1.1e-10, 1.2e-10, 1.1e-10], rtol=1e-15)


@pytest.mark.parametrize("text", ["# a comment\n-10 0 0\n", "-10 0 0", "-10 0 0\r\n"])
def test_how_a_line_ends_matters_to_the_program_alone(probed, text):
    direction, wavelength = sources(probed, text, "-quirks", "none")
    assert np.allclose(direction, [[-1, 0, 0]]) and np.allclose(wavelength, [1.1e-10])
    direction, wavelength = sources(probed, text)
    assert wavelength[0] == 0 and (direction[0] == 0).all() == text.startswith("#")                 # D23


def test_wavelengths_count_and_weights_do_not(plain, folder):
    images = []
    for text in ("-10 0 0 3 1.3e-10\n", "-10 0 0 30 1.3e-10\n", "-10 0 0 3 1.31e-10\n"):
        (folder / "sources.txt").write_text("-10 0.1 0\n" + text)
        images.append(plain.image("-sourcefile", "sources.txt").tobytes())
    assert images[0] == images[1] != images[2]                                                      # D22


# --- headers and masks ----------------------------------------------------------------------------------------------

def test_a_header_sets_what_flags_may_set_again(probed, plain, folder):
    values = dict(PIXEL_SIZE=0.9, DISTANCE=88, WAVELENGTH=1.2, BEAM_CENTER_X=9, BEAM_CENTER_Y=8, PHI=3, OSC_RANGE=2, TWOTHETA=6)
    (folder / "head.img").write_bytes(smv(np.zeros((10, 12)), **values))
    flags = "-cell 50 60 70 -default_F 5 -N 4 -nonoise -nopgm -oversample 1".split()
    by_header = probed.trace_of(*flags, "-img", "head.img", pixels=[(4, 5)])
    by_flags = probed.trace_of(*flags, *"-detpixels_x 12 -detpixels_y 10 -pixel 0.9 -distance 88 -lambda 1.2 -Xbeam 9 -Ybeam 8 -phi 3 -osc 2".split(),
                               pixels=[(4, 5)])
    assert by_header.values.keys() == by_flags.values.keys()
    for name in by_header.values.keys() - {"fast_side_asked", "slow_side_asked"}:      # a header sets the sides, too: the counts beat them
        assert np.array_equal(by_header[name], by_flags[name]), name
    assert probed.trace_of("-img", "head.img", *flags, "-lambda", "1.7", pixels=[(4, 5)])["lambda0"] == pytest.approx(1.7e-10)


def test_a_key_is_found_inside_a_longer_one_and_the_last_place_counts(probed, folder):
    (folder / "head.img").write_bytes(smv(np.zeros((4, 4)), PIXEL_SIZE=2, DISTANCE=99, CLOSE_DISTANCE=93, XDS_ORGX=2.5, XDS_ORGY=1.5))
    flags = "-cell 50 60 70 -default_F 5 -N 4 -nonoise -nopgm -oversample 1 -img head.img".split()
    assert probed.trace_of(*flags, pixels=[(1, 1)])["close_distance"] == 0.093
    assert probed.trace_of(*flags, "-distance", "500", pixels=[(1, 1)])["close_distance"] == 0.093  # D19
    assert probed.trace_of(*flags, "-xds", pixels=[(1, 1)])["pix0"][:2] == pytest.approx([-0.004, -0.002])


def test_the_image_wins_over_the_mask_and_a_mask_counts_y_from_the_other_side(probed, folder):
    (folder / "mask.img").write_bytes(smv(np.ones((6, 4)), PIXEL_SIZE=2, BEAM_CENTER_Y=5, WAVELENGTH=1.9))
    (folder / "head.img").write_bytes(smv(np.zeros((6, 4)), PIXEL_SIZE=2, WAVELENGTH=1.3))
    flags = "-cell 50 60 70 -default_F 5 -N 4 -nonoise -nopgm -oversample 1 -denzo".split()
    for order in (["-mask", "mask.img", "-img", "head.img"], ["-img", "head.img", "-mask", "mask.img"]):
        trace = probed.trace_of(*flags, *order, pixels=[(1, 1)])
        assert trace["lambda0"] == pytest.approx(1.3e-10) and trace["Ybeam"] == pytest.approx(0.012 - 0.005)


def test_masked_pixels_are_zero_unset_and_leave_the_cell_alone(plain, probed, folder, small):
    mask = np.ones((40, 48))
    mask[5:9, 7:30] = 0
    (folder / "mask.img").write_bytes(smv(mask, PIXEL_SIZE=1.1))
    flags = ["-mask", "mask.img", "-phi", "0", "-osc", "3", "-phisteps", "3", "-intfile", "out.img", "-scale", "1"]
    masked, whole = plain.image(*flags), plain.image(*flags[2:])
    assert np.array_equal(masked == 0, mask == 0) and np.array_equal(masked[mask == 1], whole[mask == 1])
    plain.image(*flags)
    assert (np.frombuffer((folder / "out.img").read_bytes()[512:], "<u2").reshape(40, 48)[mask == 0] == 40).all()      # D48
    trace = probed.trace(*flags, pixels=[(6, 6), (6, 7), (6, 29), (6, 30)])
    assert trace.unset["intensity"].tolist() == trace["masked"].tolist() == [False, True, True, False]
    assert (trace["image"] == 0).tolist() == [False, True, True, False]
    assert np.array_equal(trace["cell_phi"][3, 0, 0, 0, 0], trace["cell_phi"][0, 0, 0, 0, 2])       # over the gap (D04)


# --- the cache ------------------------------------------------------------------------------------------------------

def test_the_cache_is_written_after_a_text_and_read_where_there_is_none(plain, small, folder):
    by_text = plain.image("-dump", "cache.bin")
    raw = (folder / "cache.bin").read_bytes()
    assert raw.startswith(b"-4 4 -4 4 -4 4\n\f") and len(raw) == 16 + 8 * 10**3
    flags = [flag.replace("-hkl", "-nonsense") for flag in small]
    done = plain.start(*flags, "-dump", "cache.bin", "-floatfile", "again.bin")
    assert done.returncode == 0 and "729 structure factors" in done.stdout
    assert (folder / "again.bin").read_bytes() == by_text.tobytes()


def test_the_cache_keeps_the_default_that_it_was_filled_with(probed, small, folder):
    assert probed.start(*small).returncode == 0
    flags = [flag.replace("-hkl", "-nonsense") for flag in small]
    trace = probed.trace_of(*flags, "-default_F", "2", pixels=[(1, 1)])                              # D21
    assert trace["F_table"][4, 4, 4] == 6 and trace["default_F"] == 2


@pytest.mark.parametrize("raw, complaint", [
    (b"", "does not begin with three ranges"), (b"1 2 3 x", "does not begin with three ranges"),
    (b"5 -5 0 0 0 0\n\f" + bytes(800), "does not begin with three ranges"),
    (b"-100 100 -100 100 -100 100\n\f" + bytes(800), "is shorter than the table that it names"),
    (b"-1000000000 1000000000 0 0 0 0\n\f", "the index -1e+09 is out of any range"),
    (b"0 2147483647 -2147483648 0 0 0\n\f", "the index 2.14748e+09 is out of any range"),
    (b"0 99999999999999999999 0 0 0 0\n\f", "is out of any range"),
])
def test_a_cache_that_cannot_be_right_is_refused(sanitized, small, raw, complaint):
    (sanitized.folder / "Fdump.bin").write_bytes(raw)
    done = sanitized.start(*[flag.replace("-hkl", "-nonsense") for flag in small], env={"ASAN_OPTIONS": "detect_leaks=0"})
    assert done.returncode == 9 and complaint in done.stderr and "ERROR" not in done.stderr, done.stderr


# --- noise ----------------------------------------------------------------------------------------------------------

def noise(plain, *flags: str) -> np.ndarray:
    done = plain.start(*plain_flags(), *flags, "-noisefile", "noise.img")
    assert done.returncode == 0, done.stderr
    raw = (plain.folder / "noise.img").read_bytes()
    assert raw.startswith(SMV)
    return np.frombuffer(raw[512:], "<u2").reshape(40, 48)


def plain_flags() -> list[str]:
    return "-mat tri.mat -hkl tiny.hkl -default_F 6 -nopgm -nointerpolate -oversample 1 -N 3 -lambda 1.1 -distance 90 " \
           "-detpixels_x 48 -detpixels_y 40 -pixel 1.1 -adc 0 -seed 3".split()


def test_noise_has_the_mean_and_the_variance_of_its_pixels(plain, folder):
    got = noise(plain).astype(float)
    mean = np.fromfile(folder / "floatimage.bin", np.float32).reshape(40, 48).astype(float)
    for low, high in ((0.5, 12), (12, 1e3)):                                    # by product, by rejection
        chosen = (mean >= low) & (mean < high)
        pull = (got - mean)[chosen] / np.sqrt(mean[chosen])
        assert chosen.sum() > 30 and abs(pull.mean()) < 5 / np.sqrt(chosen.sum()) and 0.7 < pull.std() < 1.3


def test_noise_repeats_with_its_seed_and_follows_the_stream(plain):
    first = noise(plain)
    assert np.array_equal(first, noise(plain)) and not np.array_equal(first, noise(plain, "-seed", "4"))
    assert np.array_equal(noise(plain, "-seed", "0"), noise(plain, "-seed", "1"))                    # D51
    roi = noise(plain, "-roi", "0", "47", "0", "3")
    assert np.array_equal(roi[:4], first[:4]) and not roi[4:].any()


def test_what_is_too_bright_is_counted_as_an_overload(plain, small):
    done = plain.start(*plain_flags(), "-fluence", "1e34")
    image = np.fromfile(plain.folder / "floatimage.bin", np.float32)
    overloads = int(re.search(r"\((\d+) overloads\)", done.stdout)[1])
    assert overloads == (np.frombuffer((plain.folder / "noiseimage.img").read_bytes()[512:], "<u2") == 65535).sum() > 100
    assert overloads == pytest.approx((image > 65535).sum(), abs=20)


def test_nonoise_is_undone_by_a_later_name(plain, small):
    assert plain.start(*small).returncode == 0 and not (plain.folder / "noiseimage.img").exists()
    assert plain.start(*small, "-noisefile", "n.img").returncode == 0 and (plain.folder / "n.img").stat().st_size == 512 + 2 * 40 * 48   # D17
    assert plain.start(*small, "-noisefile", "m.img", "-nonoise").returncode == 0 and not (plain.folder / "m.img").exists()


# --- text -----------------------------------------------------------------------------------------------------------

def test_one_pixel_is_printed_as_text_with_all_digits(probed, small):
    done = probed.start(*small, "-phi", "0", "-osc", "3", "-phisteps", "3", "-trace_pixel", "3", "4", threads=2)
    assert done.returncode == 0, done.stderr
    trace = probed.trace("-phi", "0", "-osc", "3", "-phisteps", "3", pixels=[(3, 4)], threads=2)
    rows = dict(re.findall(r"^TRACE_C: (\S+(?: \w+=\d+\])?) = (.+)$", done.stdout, re.M))
    assert rows["steps"] == "3" and float(rows["airpath"]) == trace["airpath"][0, 0, 0] and rows["N"] == "5 6 7"
    assert rows["image"] == format(float(trace["image"][0]), ".17g")
    for phi in range(3):
        assert [float(word) for word in rows[f"hkl[phi={phi}]"].split()] == trace["hkl"][0, 0, 0, 0, phi, 0].tolist()
        assert [float(word) for word in rows[f"F_latt_axis[phi={phi}]"].split()] == trace["F_latt_axis"][0, 0, 0, 0, phi, 0].tolist()
    assert trace.values.keys() - {name.split("[")[0] for name in rows} == {"F_table", "slow", "fast", "listed", "reflection_index", "reflection_F"}


def test_text_and_trace_go_together_and_change_no_pixel(probed, small):
    (probed.folder / "both").mkdir()
    (probed.folder / "list.txt").write_text("7 7\n")
    env = {"CONFORM_TRACE": "both", "CONFORM_PIXELS": "list.txt"}
    done = probed.start(*small, "-trace_pixel", "3", "4", "-floatfile", "both.bin", env=env)
    assert done.returncode == 0 and "TRACE_C: omega = " in done.stdout and (probed.folder / "both" / "trace.json").exists()
    assert np.load(probed.folder / "both" / "slow.npy").tolist() == [7]
    assert (probed.folder / "both.bin").read_bytes() == probed.image().tobytes()


def test_a_pixel_outside_is_not_printed_in_silence(probed, small):
    done = probed.start(*small, "-trace_pixel", "40", "4")
    assert done.returncode == 9 and done.stderr == "conform: pixel 40 4 is outside the frame of 40 x 48\n"


def test_printout_shows_the_pixels_of_the_region_or_one(plain, small):
    region = ["-roi", "3", "5", "7", "8"]
    done = plain.start(*small, *region, "-printout")
    assert re.findall(r"^pixel (\d+) (\d+) \(fast slow\)", done.stdout, re.M) == [(f, s) for s in "78" for f in "345"]
    done = plain.start(*small, *region, "-printout_pixel", "4", "8")
    image = np.fromfile(plain.folder / "floatimage.bin", np.float32).reshape(40, 48)
    assert [np.float32(v) for v in re.findall(r"^pixel 4 8 \(fast slow\): (\S+) photons", done.stdout, re.M)] == [image[8, 4]]
