"""The command line: nanoBragg's flags as parameters, and a refusal for those that this program cannot honour.

A flag matches when its word occurs anywhere in an argument that begins with `-`, as in the original, so that `-matrix`
is `-mat`; some words must match exactly. Values are not skipped: a negative number matches nothing. Unknown flags are
ignored, as in the original; a *known* flag that would change the result and is not supported ends the program instead.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch_model.errors import Refusal
from torch_model.parameters import DEGREES, Parameters

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?)")
_INTEGER = re.compile(r"\s*[-+]?\d+")


def number(text: str) -> float:
    """The longest numeric prefix, else 0: what C's atof makes of it."""
    found = _NUMBER.match(text)
    return float(found[0]) if found else 0.0


def integer(text: str) -> int:
    """The longest prefix that is an integer, else 0: what C's atoi makes of it."""
    found = _INTEGER.match(text)
    return int(found[0]) if found else 0


@dataclass(frozen=True, slots=True)
class Flag:
    """A word, how many values it needs, and what it does with them. `ends`: no other flag may match this argument."""

    word: str
    count: int
    act: Callable[..., None]
    exact: bool = False
    ends: bool = False

    def matches(self, argument: str) -> bool:
        return argument == self.word if self.exact else self.word in argument


def scan(arguments: Sequence[str]) -> Parameters:
    """Read the flags from left to right; a later one overwrites an earlier one. Raises Refusal."""
    parameters = Parameters()
    for i, argument in enumerate(arguments):
        if not argument.startswith("-"):
            continue
        _refuse_unsupported(argument, arguments[i + 1:])
        for flag in FLAGS:
            if flag.matches(argument) and i + flag.count < len(arguments):
                flag.act(parameters, *arguments[i + 1:i + 1 + (flag.count or 0)])
                if flag.ends:
                    break
        if "-cell" in argument:
            _cell(parameters, arguments[i + 1:i + 7])
    return parameters


def _refuse_unsupported(argument: str, rest: Sequence[str]) -> None:
    for word, exact in UNSUPPORTED.items():
        if argument == word or (not exact and word in argument):
            raise Refusal(f"{argument} is not supported by the torch program yet; leave it out, or run the C program for it")
    if "-misset" in argument and rest and "rand" in rest[0]:
        raise Refusal("-misset random is not supported by the torch program yet; give three angles, or run the C program")


def _set(name: str, convert: Callable[[str], object], pivot: str = "") -> Callable[..., None]:
    def act(p: Parameters, text: str) -> None:
        setattr(p, name, convert(text))
        p.pivot = pivot or p.pivot
    return act


def _constant(name: str, value: object) -> Callable[..., None]:
    return lambda p: setattr(p, name, value)


def _element(name: str, *places: int, convert: Callable[[str], object]) -> Callable[..., None]:
    def act(p: Parameters, text: str) -> None:
        for place in places:
            getattr(p, name)[place] = convert(text)
    return act


def _vector(name: str) -> Callable[..., None]:
    def act(p: Parameters, *texts: str) -> None:
        p.vectors[name] = tuple(map(number, texts))
        p.convention = "custom"
    return act


def _frame(name: str, pivot: str) -> Callable[..., None]:
    def act(p: Parameters) -> None:
        p.convention, p.pivot = name, pivot
        p.vectors.clear()               # a convention sets every vector, those that flags gave before it too
    return act


def _both(*acts: Callable[..., None]) -> Callable[..., None]:
    return lambda p, *texts: [act(p, *texts) for act in acts] and None


def _pivot(p: Parameters, word: str) -> None:
    if "sample" in word or "beam" in word:
        p.explicit_pivot = "sample" if "sample" in word else "beam"


def _polar(p: Parameters, text: str) -> None:
    p.kahn, p.nopolar = number(text), False


def _roi(p: Parameters, *texts: str) -> None:
    p.roi = list(map(integer, texts))


def _cell(p: Parameters, texts: Sequence[str]) -> None:
    """Up to six values, ending at the next flag; absent lengths are the first one, absent angles 90 degrees."""
    values: list[float] = []
    for text in texts:
        if text.startswith("-"):
            break
        values.append(number(text))
    if values:
        lengths = [v if v > 0 else values[0] for v in (values[:3] + [0.0, 0.0])[:3]]
        angles = [v if v > 0 else 90.0 for v in (values[3:] + [0.0] * 3)[:3]]
        p.cell = (*(v * 1e-10 for v in lengths), *(v / DEGREES for v in angles))


def _misset(p: Parameters, *texts: str) -> None:
    p.misset = tuple(degrees(text) for text in texts)


def millimetres(text: str) -> float: return number(text) / 1000.0
def degrees(text: str) -> float: return number(text) / DEGREES
def angstroms(text: str) -> float: return number(text) / 1e10


def electronvolts(text: str) -> float:
    energy = number(text)
    if energy == 0:
        raise Refusal(f"-energy {text}: the energy must be a number of electronvolts other than 0")
    return (12398.42 / energy) / 1e10


FLAGS = (
    Flag("-mat", 1, _set("matrix", str)),
    Flag("-hkl", 1, _set("hkl", str)),
    Flag("-default_F", 1, _set("default_F", number)),
    Flag("-misset", 3, _misset),
    Flag("-Na", 1, _element("cells", 0, convert=integer), ends=True),
    Flag("-Nb", 1, _element("cells", 1, convert=integer), ends=True),
    Flag("-Nc", 1, _element("cells", 2, convert=integer), ends=True),
    Flag("-N", 1, _element("cells", 0, 1, 2, convert=integer), exact=True, ends=True),
    Flag("-fudge", 1, _set("fudge", number)),
    Flag("-lambda", 1, _set("wavelength", angstroms)),
    Flag("-wave", 1, _set("wavelength", angstroms)),
    Flag("-energy", 1, _set("wavelength", electronvolts)),
    Flag("-flux", 1, _set("flux", number)),
    Flag("-exposure", 1, _set("exposure", number)),
    Flag("-beamsize", 1, _set("beamsize", millimetres)),
    Flag("-fluence", 1, _set("fluence", number)),
    Flag("-polar", 1, _polar, exact=True),
    Flag("-nopolar", 0, _constant("nopolar", True)),
    Flag("-phi", 1, _set("phi", degrees), exact=True),
    Flag("-osc", 1, _set("osc", degrees)),
    Flag("-phistep", 1, _set("phistep", degrees), exact=True),
    Flag("-phisteps", 1, _set("phisteps", integer)),
    Flag("-mosflm", 0, _frame("mosflm", "beam")),
    Flag("-denzo", 0, _frame("denzo", "beam")),
    Flag("-adxv", 0, _frame("adxv", "beam")),
    Flag("-xds", 0, _frame("xds", "sample")),
    Flag("-dials", 0, _frame("dials", "beam")),
    Flag("-fdet_vector", 3, _vector("fast")),
    Flag("-sdet_vector", 3, _vector("slow")),
    Flag("-odet_vector", 3, _vector("normal")),
    Flag("-beam_vector", 3, _vector("beam")),
    Flag("-polar_vector", 3, _vector("polarization")),
    Flag("-spindle_axis", 3, _vector("spindle")),
    Flag("-twotheta_axis", 3, _vector("twotheta"), ends=True),       # sets the axis and nothing else: clause cli.33
    Flag("-pix0_vector", 3, lambda p, *_: setattr(p, "convention", "custom")),    # the origin follows from the pivot, always
    Flag("-Xbeam", 1, _set("x_beam", millimetres, "beam")),
    Flag("-Ybeam", 1, _set("y_beam", millimetres, "beam")),
    Flag("-Xclose", 1, _set("x_close", millimetres, "sample")),
    Flag("-Yclose", 1, _set("y_close", millimetres, "sample")),
    Flag("-ORGX", 1, _set("org_x", number, "sample")),
    Flag("-ORGY", 1, _set("org_y", number, "sample")),
    Flag("-distance", 1, _set("distance", millimetres, "beam")),
    Flag("-close_distance", 1, _set("close_distance", millimetres, "sample")),
    Flag("-pivot", 1, _pivot),
    Flag("-twotheta", 1, _set("twotheta", degrees, "sample")),
    Flag("-detector_rotx", 1, _element("rotations", 0, convert=degrees)),
    Flag("-detector_roty", 1, _element("rotations", 1, convert=degrees)),
    Flag("-detector_rotz", 1, _element("rotations", 2, convert=degrees)),
    Flag("-detsize", 1, _both(_set("fast_size", millimetres), _set("slow_size", millimetres)), exact=True),
    Flag("-detsize_f", 1, _set("fast_size", millimetres)),
    Flag("-detsize_s", 1, _set("slow_size", millimetres)),
    Flag("-detpixels", 1, _both(_set("fast_pixels", integer), _set("slow_pixels", integer)), exact=True),
    Flag("-detpixels_f", 1, _set("fast_pixels", integer)),
    Flag("-detpixels_x", 1, _set("fast_pixels", integer)),
    Flag("-detpixels_s", 1, _set("slow_pixels", integer)),
    Flag("-detpixels_y", 1, _set("slow_pixels", integer)),
    Flag("-pixel", 1, _set("pixel", millimetres)),
    Flag("-roi", 4, _roi),
    Flag("-point_pixel", 0, _constant("point_pixel", True)),
    Flag("-oversample_thick", 0, _constant("oversample_thick", True), ends=True),
    Flag("-oversample_polar", 0, _constant("oversample_polar", True), ends=True),
    Flag("-oversample_omega", 0, _constant("oversample_omega", True), ends=True),
    Flag("-oversample", 1, _set("oversample", integer)),
    Flag("-nointerpolate", 0, _constant("interpolate", False)),
    Flag("-floatfile", 1, _set("floatfile", str)),
    Flag("-floatimage", 1, _set("floatfile", str)),
)

UNSUPPORTED = {                         # word -> must match exactly; these would change the image or add a file
    "-mosaic": True, "-mosaici": False, "-mosaic_spr": False, "-mosaic_dom": False, "-mosaic_seed": False,
    "-misset_seed": False, "-dump": False, "-sourcefile": False, "-dispersion": False, "-dispsteps": False,
    "-divergence": False, "-hdivrange": False, "-vdivrange": False, "-hdivstep": True, "-vdivstep": True,
    "-hdivsteps": False, "-vdivsteps": False, "-divsteps": False, "-interpolate": False, "-round_xtal": False,
    "-gauss_xtal": False, "-tophat_spots": False, "-binary_spots": False, "-dmin": False, "-water": False,
    "-curved_det": False, "-detector_abs": False, "-detector_thick": False, "-thicksteps": False, "-mask": False,
    "-img": False, "-noisefile": False, "-noiseimage": False, "-printout": False, "-trace_pixel": False,
    "-samplesize": False, "-sample_": False, "-xtalsize": False, "-xtal_": False, "-width": False, "-heigh": False,
}
