"""Headers of other images as a source of parameters, and masks. Clauses cli.23 to cli.26."""
from __future__ import annotations

import re

import numpy as np

from torch_model.cli import number
from torch_model.errors import Refusal
from torch_model.parameters import Parameters
from torch_model.steps import DEGREES

BEGIN = b"{\nHEADER_BYT"


def ingest(p: Parameters, arguments: list[str]) -> None:
    """Set what the headers of `-mask` and `-img` files say; flags are read after this and win. Raises Refusal."""
    loose = "header_keys" in p.quirks
    for kind in ("mask", "img"):      # in this order whatever that of the flags, so that the image wins; clause cli.24
        for i, word in enumerate(arguments[:-1]):
            if word.startswith("-") and f"-{kind}" in word:
                header, _ = read(arguments[i + 1])
                _apply(p, header, kind, loose)


def read(path: str) -> tuple[str, bytes]:
    """Header text and the bytes after it."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise Refusal(f"cannot read the image {path}: {error.strerror}; check the name and the folder") from None
    if not data.startswith(BEGIN):
        raise Refusal(f"the image {path} has no SMV header; it must begin with a brace, a new line and HEADER_BYTES")
    size = int(_value(data[:512].decode("latin-1"), "HEADER_BYTES", False) or 512)
    return data[:size].decode("latin-1"), data[size:]


def _value(header: str, key: str, loose: bool) -> float | None:
    """The number after a key: the whole word's, or with `loose` that of the last place where it stands in any word."""
    found = re.findall(key + "[^=]*=([^;\n]*)" if loose else rf"(?<!\w){key}[ \t]*=([^;\n]*)", header, re.ASCII)
    return number(found[-1]) if found else None


def _apply(p: Parameters, header: str, kind: str, loose: bool) -> None:
    def get(key: str) -> float | None:
        return _value(header, key, loose)

    fast, slow = get("SIZE1"), get("SIZE2")
    if not fast:
        fast = slow = get("DETECTOR_DIMENSIONS")
    p.fast_pixels, p.slow_pixels = int(fast or p.fast_pixels), int(slow or p.slow_pixels)
    if (size := get("PIXEL_SIZE")) is not None:
        p.pixel = size / 1000.0
    p.fast_size, p.slow_size = p.pixel * p.fast_pixels, p.pixel * p.slow_pixels
    for key, name, scale in (("DISTANCE", "distance", 1000.0), ("CLOSE_DISTANCE", "close_distance", 1000.0), ("WAVELENGTH", "wavelength", 1e10),
                             ("BEAM_CENTER_X", "x_beam", 1000.0), ("ORGX", "org_x", 1.0), ("ORGY", "org_y", 1.0),
                             ("PHI", "phi", DEGREES), ("OSC_RANGE", "osc", DEGREES), *(() if loose else (("TWOTHETA", "twotheta", DEGREES),))):
        if (value := get(key)) is not None:
            setattr(p, name, value / scale)
    if (value := get("BEAM_CENTER_Y")) is not None:
        p.y_beam = p.slow_size - value / 1000.0 if kind == "mask" else value / 1000.0


def read_mask(path: str, fast_pixels: int, slow_pixels: int) -> np.ndarray:
    """(slow, fast) flags, False where the mask is 0: such pixels are skipped. Values are 16 bit, in native order."""
    _, data = read(path)
    values = np.frombuffer(data[:len(data) // 2 * 2], np.uint16)
    if len(values) < fast_pixels * slow_pixels:
        raise Refusal(f"the mask {path} has {len(values)} pixels where {fast_pixels} x {slow_pixels} are needed; give one of that size")
    return values[:fast_pixels * slow_pixels].reshape(slow_pixels, fast_pixels) != 0
