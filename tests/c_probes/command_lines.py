"""Random command lines: flags of all areas in random order, with sane, extreme and broken values, whole and broken files.

Each is determined by its number alone. The detector and the region are small, so that none takes long; what a flag may ask
for beyond that, the program has to refuse.
"""

import random

NAMES = {"hkl": ["tiny.hkl", "broken.hkl", "missing.hkl"], "mat": ["tri.mat", "broken.mat", "missing.mat"],
         "sourcefile": ["sources.txt", "broken.txt", "missing.txt"], "mask": ["mask.img", "broken.img", "missing.img"],
         "img": ["head.img", "broken.img", "missing.img"]}
STRANGE = ["nan", "inf", "-inf", "0", "-0", "-1", "1e-300", "1e300", "-1e300", "1e9", "2147483647", "-2147483648", "99999999999999999999",
           "word", "", "-phi", "1e", "0x10", "é"]
NUMBERS = {                                                       # flag: smallest and largest sane value
    "-default_F": (0, 300), "-sample_x": (0, 1e-4), "-xtal_y": (0, 1e-4), "-samplesize": (0, 1e-4), "-fudge": (0.1, 3), "-mosaic": (0, 2),
    "-mosaic_spread": (0, 2), "-phi": (-180, 180), "-osc": (0, 3), "-phistep": (0.1, 2), "-lambda": (0.5, 3), "-energy": (4e3, 2e4),
    "-dispersion": (0, 20), "-divergence": (0, 3), "-hdivrange": (0, 5), "-vdivrange": (0, 5), "-hdivstep": (0.5, 3), "-vdivstep": (0.5, 3),
    "-fluence": (1e20, 1e30), "-flux": (0, 1e18), "-exposure": (0, 2), "-beamsize": (0, 1), "-polar": (-1, 1), "-Xbeam": (0, 30), "-Ybeam": (0, 30),
    "-Xclose": (0, 30), "-Yclose": (0, 30), "-ORGX": (0, 30), "-ORGY": (0, 30), "-distance": (20, 300), "-close_distance": (20, 300),
    "-twotheta": (-40, 40), "-detector_rotx": (-40, 40), "-detector_roty": (-40, 40), "-detector_rotz": (-40, 40), "-detector_abs": (100, 1000),
    "-detector_thick": (0, 500), "-dmin": (0, 6), "-water": (0, 3), "-scale": (0, 10), "-pgmscale": (0, 10), "-adc": (-5, 100), "-pixel": (0.5, 3),
}
COUNTS = {"-Na": (0, 12), "-Nb": (0, 12), "-Nc": (0, 12), "-N": (0, 12), "-mosaic_dom": (0, 4), "-mosaic_seed": (-9, 9), "-misset_seed": (-9, 9),
          "-seed": (-9, 9), "-phisteps": (0, 4), "-dispsteps": (0, 3), "-hdivsteps": (0, 3), "-vdivsteps": (0, 3), "-divsteps": (0, 3),
          "-thicksteps": (0, 3), "-detector_thicksteps": (0, 3), "-oversample": (-1, 3), "-detpixels": (1, 20), "-detpixels_f": (1, 20),
          "-detpixels_y": (1, 20)}
VECTORS = ["-fdet_vector", "-sdet_vector", "-odet_vector", "-beam_vector", "-polar_vector", "-spindle_axis", "-twotheta_axis", "-pix0_vector", "-misset"]
SWITCHES = ["-square_xtal", "-round_xtal", "-gauss_xtal", "-tophat_spots", "-round_div", "-square_div", "-nopolar", "-mosflm", "-adxv", "-denzo",
            "-xds", "-dials", "-curved_det", "-point_pixel", "-oversample_thick", "-oversample_polar", "-oversample_omega", "-interpolate",
            "-nointerpolate", "-nopgm", "-nonoise", "-printout", "-noprogress", "-nonsense", "-", "--"]
WORDS = {"-pivot": ["sample", "beam", "x"], "-misset": ["random"], "-floatfile": ["f.bin", "no/f.bin"], "-noisefile": ["n.img"], "-intfile": ["i.img"],
         "-pgmfile": ["p.pgm"], "-dump": ["Fdump.bin", "tri.mat", "other.bin"], "-detector_abs": ["inf"],
         "-quirks": ["all", "none", "none,+first_for_last,+table_value_outside", "none,+incomplete_cell_completed", "all,-racing_switch_off", "none,+nonsense"]}


def value(dice: random.Random, sane: str) -> str:
    return dice.choice(STRANGE) if dice.random() < 0.06 else sane


def flag(dice: random.Random) -> list[str]:
    match dice.choice("nnnnccvswwf"):
        case "n":
            name, (low, high) = dice.choice(list(NUMBERS.items()))
            return [name, value(dice, format(dice.uniform(low, high), ".6g"))]
        case "c":
            name, (low, high) = dice.choice(list(COUNTS.items()))
            return [name, value(dice, str(dice.randint(low, high)))]
        case "v":
            return [dice.choice(VECTORS), *(value(dice, dice.choice(["0", "1", "-1", "0.3", "-0.7"])) for _ in range(3))]
        case "s":
            return [dice.choice(SWITCHES)]
        case "w":
            name, words = dice.choice(list(WORDS.items()))
            return [name, value(dice, dice.choice(words))]
        case _:
            name, files = dice.choice(list(NAMES.items()))
            return [f"-{name}", dice.choice(files)]


def command_line(number: int) -> list[str]:
    """2 to 12 random flags between what nearly every run needs and a region that keeps it short."""
    dice = random.Random(number)
    start = ["-cell", "50", "60", "70", *(dice.choice([["80", "85", "95"], []]))] if dice.random() < 0.9 else ["-mat", "tri.mat"]
    start += dice.choice([["-hkl", "tiny.hkl"], ["-default_F", "10"], ["-hkl", "tiny.hkl", "-default_F", "3", "-interpolate"]])
    middle = [word for _ in range(dice.randint(2, 12)) for word in flag(dice)]
    end = ["-roi", "2", "5", "3", "5"] if dice.random() < 0.98 else []
    end += ["-oversample", dice.choice("1123")]                   # a large crystal asks for 10^8 subpixels, and gets them
    return [*start, "-detpixels", "12", "-pixel", "1.5", "-oversample", "1", *middle, *end]


def damage(raw: bytes, dice: random.Random) -> bytes:
    """A file that is cut, has bytes of another one, or numbers that nobody expects."""
    changed = bytearray(raw)
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(changed) + 1)
        match dice.choice("cbbnr"):
            case "c":
                del changed[place:]
            case "b":
                changed[place:place + 1] = bytes([dice.randrange(256)])
            case "n":
                changed[place:place + dice.randint(0, 4)] = dice.choice(STRANGE).encode() + dice.choice([b" ", b"\n", b";", b""])
            case _:
                changed[place:place] = changed[:dice.randint(0, 40)]
    return bytes(changed)
