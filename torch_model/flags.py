"""The table of flags: for each word what it sets, in which unit, and which other settings it changes on the way."""
from __future__ import annotations

from collections.abc import Callable

from torch_model.cli import Flag, integer, number
from torch_model.errors import Refusal
from torch_model.parameters import Parameters
from torch_model.steps import DEGREES

Act = Callable[..., "bool | None"]


def _set(name: str, convert: Callable[[str], object], pivot: str = "") -> Act:
    def act(p: Parameters, text: str) -> None:
        setattr(p, name, convert(text))
        p.pivot = pivot or p.pivot
    return act


def _constant(name: str, value: object) -> Act:
    return lambda p: setattr(p, name, value)


def _element(name: str, *places: int, convert: Callable[[str], object]) -> Act:
    def act(p: Parameters, text: str) -> None:
        for place in places:
            getattr(p, name)[place] = convert(text)
    return act


def _vector(name: str) -> Act:
    def act(p: Parameters, *texts: str) -> None:
        p.vectors[name] = tuple(map(number, texts))
        p.convention = "custom"
    return act


def _frame(name: str, pivot: str) -> Act:
    def act(p: Parameters) -> None:
        p.convention, p.pivot = name, pivot     # it sets every vector, whatever flags gave, unless another such flag follows
    return act


def _both(*acts: Act) -> Act:
    def act(p: Parameters, *texts: str) -> None:
        for one in acts:
            one(p, *texts)
    return act


def _quirk(name: str, act: Act) -> Act:
    return lambda p, *texts: act(p, *texts) if name in p.quirks else None


def _pivot(p: Parameters, word: str) -> None:
    if "sample" in word or "beam" in word:
        p.pivot = "sample" if "sample" in word else "beam"
        if "pivot_by_convention" not in p.quirks:
            p.explicit_pivot = p.pivot


def _polar(p: Parameters, text: str) -> None:
    p.kahn, p.kahn_given = number(text), True
    if "polar_despite_off" in p.quirks:
        p.nopolar = False


def _curved(p: Parameters, *following: str) -> None:
    p.curved = p.curved or bool(following) or "curved_last_ignored" not in p.quirks


def _roi(p: Parameters, *texts: str) -> None:
    p.roi = list(map(integer, texts))


def _cell(p: Parameters, *texts: str) -> bool:
    """Up to six values, ending at the next flag; absent lengths are the first one, absent angles 90 degrees, where that is
    granted at all: clause cli.2."""
    values: list[float] = []
    for text in texts[:6]:
        if text.startswith("-"):
            break
        values.append(number(text))
    if values:
        p.cell_complete = len(values) == 6 and min(values) > 0
        lengths = [v if v > 0 else values[0] for v in (values[:3] + [0.0, 0.0])[:3]]
        angles = [v if v > 0 else 90.0 for v in (values[3:] + [0.0] * 3)[:3]]
        p.cell = (*(v * 1e-10 for v in lengths), *(v / DEGREES for v in angles)) if values[0] else ()
    return len(values) < 6


def _misset(p: Parameters, *texts: str) -> bool:
    if texts and "rand" in texts[0]:
        p.misset_random = True
        return True
    if len(texts) >= 3:
        p.misset, p.misset_random = tuple(degrees(text) for text in texts[:3]), False
    return False


def _attenuation(p: Parameters, text: str) -> None:
    """A depth at which 1/e is left; `inf` or 0 switch absorption off, and the thickness with it: `settle`, or with the quirk
    the one that was given before. Clause cli.16."""
    depth = number(text) * 1e-6
    off = "inf" in text or depth == 0
    p.attenuation = 0.0 if off else 1.0 / depth
    if off and "absorption_off_by_order" in p.quirks:
        p.thickness = 0.0


def _output(name: str, convert: Callable[[str], object], kind: str) -> Act:
    """A file name or a scale, which also asks for the file."""
    def act(p: Parameters, text: str) -> None:
        setattr(p, name, convert(text))
        setattr(p, kind, True)
    return act


def _energy(text: str) -> float:
    energy = number(text)
    if energy == 0:
        raise Refusal(f"-energy {text}: the energy must be a number of electronvolts other than 0")
    return (12398.42 / energy) / 1e10


def millimetres(text: str) -> float: return number(text) / 1000.0
def micrometres(text: str) -> float: return number(text) * 1e-6
def degrees(text: str) -> float: return number(text) / DEGREES
def angstroms(text: str) -> float: return number(text) / 1e10
def percent(text: str) -> float: return number(text) / 100.0
def seed(text: str) -> int: return -integer(text)


def _sizes(places: tuple[int, ...], *words: str) -> tuple[Flag, ...]:
    return tuple(Flag(word, 1, _element("sizes", *places, convert=millimetres)) for word in words)


def _divergence(name: str, convert: Callable[[str], object], both: str, horizontal: str, vertical: str, exact: bool = False) -> tuple[Flag, ...]:
    return tuple(Flag(word, 1, _element(name, *places, convert=convert), exact=exact)
                 for word, places in ((both, (0, 1)), (horizontal, (0,)), (vertical, (1,))) if word)


CRYSTAL = (
    Flag("-mat", 1, _set("matrix", str)), Flag("-hkl", 1, _set("hkl", str)), Flag("-dump", 1, _set("dump", str)),
    Flag("-default_F", 1, _set("default_F", number)),
    Flag("-cell", -1, _cell),
    Flag("-misset", -1, _misset, unless="-misset_seed"),
    Flag("-misset_seed", -1, _quirk("misset_seed_misset", _misset)),
    Flag("-misset_seed", 1, _set("misset_seed", seed)),
    Flag("-Na", 1, _element("cells", 0, convert=integer), ends=True),
    Flag("-Nb", 1, _element("cells", 1, convert=integer), ends=True),
    Flag("-Nc", 1, _element("cells", 2, convert=integer), ends=True),
    Flag("-N", 1, _element("cells", 0, 1, 2, convert=integer), exact=True, ends=True),
    *_sizes((0, 1, 2), "-samplesize", "-sample_size", "-xtalsize", "-xtal_size"),
    *_sizes((0,), "-sample_thick", "-sample_x", "-xtal_thick", "-xtal_x"),
    *_sizes((1,), "-sample_width", "-sample_y", "-xtal_width", "-xtal_y", "-width"),
    *_sizes((2,), "-sample_heigh", "-sample_z", "-xtal_heigh", "-xtal_z", "-heigh"),
    Flag("-square_xtal", 0, _constant("shape", "square")), Flag("-round_xtal", 0, _constant("shape", "round")),
    Flag("-gauss_xtal", 0, _constant("shape", "gauss")), Flag("-tophat_spots", 0, _constant("shape", "tophat")),
    Flag("-binary_spots", 0, _constant("shape", "tophat")),
    Flag("-fudge", 1, _set("fudge", number)),
    Flag("-mosaic", 1, _set("mosaic_spread", degrees), exact=True),
    Flag("-mosaici", 1, _set("mosaic_spread", degrees)), Flag("-mosaic_spr", 1, _set("mosaic_spread", degrees)),
    Flag("-mosaic_dom", 1, _set("mosaic_domains", integer)), Flag("-mosaic_seed", 1, _both(_set("mosaic_seed", seed), lambda p, _: setattr(p, "mosaic_seed_given", True))),
)

BEAM = (
    Flag("-lambda", 1, _set("wavelength", angstroms)), Flag("-wave", 1, _set("wavelength", angstroms)),
    Flag("-energy", 1, _set("wavelength", _energy)),
    Flag("-flux", 1, _set("flux", number)), Flag("-exposure", 1, _set("exposure", number)),
    Flag("-beamsize", 1, _both(_set("beamsize", millimetres), lambda p, _: setattr(p, "beamsize_given", True))),
    Flag("-fluence", 1, _set("fluence", number)),
    Flag("-polar", 1, _polar, exact=True), Flag("-nopolar", 0, _constant("nopolar", True)),
    Flag("-sourcefile", 1, _set("source_file", str)),
    Flag("-dispersion", 1, _set("dispersion", percent)), Flag("-dispsteps", 1, _set("dispsteps", integer)),
    *_divergence("divergence_ranges", millimetres, "-divergence", "-hdivrange", "-vdivrange"),
    *_divergence("divergence_steps", millimetres, "", "-hdivstep", "-vdivstep", exact=True),
    *_divergence("divergence_counts", integer, "-divsteps", "-hdivsteps", "-vdivsteps"),
    Flag("-round_div", 0, _constant("round_divergence", True)), Flag("-square_div", 0, _constant("round_divergence", False)),
)

DETECTOR = (
    Flag("-mosflm", 0, _frame("mosflm", "beam")), Flag("-denzo", 0, _frame("denzo", "beam")), Flag("-adxv", 0, _frame("adxv", "beam")),
    Flag("-xds", 0, _frame("xds", "sample")), Flag("-dials", 0, _frame("dials", "beam")),
    Flag("-fdet_vector", 3, _vector("fast")), Flag("-sdet_vector", 3, _vector("slow")), Flag("-odet_vector", 3, _vector("normal")),
    Flag("-beam_vector", 3, _vector("beam")), Flag("-polar_vector", 3, _vector("polarization")),
    Flag("-spindle_axis", 3, _vector("spindle")), Flag("-twotheta_axis", 3, _vector("twotheta")),
    Flag("-pix0_vector", 3, lambda p, *_: setattr(p, "convention", "custom")),    # the origin follows from the pivot, always
    Flag("-Xbeam", 1, _set("x_beam", millimetres, "beam")), Flag("-Ybeam", 1, _set("y_beam", millimetres, "beam")),
    Flag("-Xclose", 1, _set("x_close", millimetres, "sample")), Flag("-Yclose", 1, _set("y_close", millimetres, "sample")),
    Flag("-ORGX", 1, _set("org_x", number, "sample")), Flag("-ORGY", 1, _set("org_y", number, "sample")),
    Flag("-distance", 1, _set("distance", millimetres, "beam")),
    Flag("-close_distance", 1, _set("close_distance", millimetres, "sample")),
    Flag("-pivot", 1, _pivot),
    Flag("-twotheta", 1, _set("twotheta", degrees, "sample")),                    # matches -twotheta_axis as well: a habit (D08)
    Flag("-detector_rotx", 1, _element("rotations", 0, convert=degrees)),
    Flag("-detector_roty", 1, _element("rotations", 1, convert=degrees)),
    Flag("-detector_rotz", 1, _element("rotations", 2, convert=degrees)),
    Flag("-detsize", 1, _both(_set("fast_size", millimetres), _set("slow_size", millimetres)), exact=True),
    Flag("-detsize_f", 1, _set("fast_size", millimetres)), Flag("-detsize_s", 1, _set("slow_size", millimetres)),
    Flag("-detpixels", 1, _both(_set("fast_pixels", integer), _set("slow_pixels", integer)), exact=True),
    Flag("-detpixels_f", 1, _set("fast_pixels", integer)), Flag("-detpixels_x", 1, _set("fast_pixels", integer)),
    Flag("-detpixels_s", 1, _set("slow_pixels", integer)), Flag("-detpixels_y", 1, _set("slow_pixels", integer)),
    Flag("-pixel", 1, _set("pixel", millimetres)),
    Flag("-curved_det", -1, _curved), Flag("-point_pixel", 0, _constant("point_pixel", True)),
    Flag("-detector_abs", 1, _attenuation), Flag("-detector_thick", 1, _set("thickness", micrometres), exact=True),
    Flag("-thicksteps", 1, _set("thicksteps", integer)), Flag("-detector_thicksteps", 1, _set("thicksteps", integer)),
    Flag("-mask", 1, _set("mask", str)), Flag("-img", 1, _set("image", str)),
    Flag("-roi", 4, _roi),
)

SAMPLING = (
    Flag("-phi", 1, _set("phi", degrees), exact=True), Flag("-osc", 1, _set("osc", degrees)),
    Flag("-phistep", 1, _set("phistep", degrees), exact=True), Flag("-phisteps", 1, _set("phisteps", integer)),
    Flag("-oversample_thick", 0, _constant("oversample_thick", True), ends=True),
    Flag("-oversample_polar", 0, _constant("oversample_polar", True), ends=True),
    Flag("-oversample_omega", 0, _constant("oversample_omega", True), ends=True),
    Flag("-oversample", 1, _set("oversample", integer)),
    Flag("-dmin", 1, _set("dmin", angstroms)), Flag("-water", 1, _set("water", micrometres)),
    Flag("-interpolate", 0, _constant("interpolate", True)), Flag("-nointerpolate", 0, _constant("interpolate", False)),
)

OUTPUT = (
    Flag("-floatfile", 1, _set("floatfile", str)), Flag("-floatimage", 1, _set("floatfile", str)),
    Flag("-intfile", 1, _set("intfile", str)), Flag("-intimage", 1, _set("intfile", str)),
    Flag("-pgmfile", 1, _output("pgmfile", str, "pgm")), Flag("-pgmimage", 1, _output("pgmfile", str, "pgm")),
    Flag("-noisefile", 1, _output("noisefile", str, "noise")), Flag("-noiseimage", 1, _output("noisefile", str, "noise")),
    Flag("-nopgm", 0, _constant("pgm", False)), Flag("-nonoise", 0, _constant("noise", False)),
    Flag("-scale", 1, _set("scale", number)), Flag("-pgmscale", 1, _output("pgm_scale", number, "pgm")),
    Flag("-adc", 1, _set("adc", number)), Flag("-seed", 1, _set("seed", seed)),
    Flag("-progress", 0, _constant("progress", True)), Flag("-noprogress", 0, _constant("progress", False)),
)

FLAGS = CRYSTAL + BEAM + DETECTOR + SAMPLING + OUTPUT
