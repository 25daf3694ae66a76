"""What both programs need: flags, input files, the image and a raw trace, without any package."""
import json
import os
import struct
import sys

CODES = {"float64": ("<f8", "d"), "float32": ("<f4", "f"), "int64": ("<i8", "q")}


def flags():
    words = sys.argv[1:]
    return dict(zip(words[::2], words[1::2]))


def numbers(name):
    try:
        with open(name) as file:
            return [float(word) for word in file.read().split()]
    except (OSError, ValueError) as error:
        sys.exit(f"{name}: {error}")


def pixels():
    """The traced ones, as (slow, fast)."""
    name = os.environ.get("CONFORM_PIXELS")
    if not name:
        return [(slow, fast) for slow in range(4) for fast in range(6)]
    with open(name) as file:
        return [tuple(map(int, line.split())) for line in file]


def save(path, dtype, shape, values):
    """An .npy file, format 1.0."""
    descr, code = CODES[dtype]
    header = repr({"descr": descr, "fortran_order": False, "shape": tuple(shape)})
    header += " " * (-(len(header) + 11) % 64) + "\n"
    try:
        with open(path, "wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
            file.write(struct.pack(f"<{len(values)}{code}", *values))
    except OSError as error:
        sys.exit(f"cannot write {os.path.basename(path)}: {error.strerror}")


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def write_image(values):
    with open(flags()["-out"], "wb") as file:
        file.write(struct.pack(f"<{len(values)}f", *values))


def write_trace(program, quantities, turns, dtype="float64"):
    """`quantities`: name to (unit, axes, dtype, flat list)."""
    folder = os.environ.get("CONFORM_TRACE")
    if not folder:
        return
    sizes = {"pixel": len(pixels()), "turn": turns}
    entries = {}
    for name, (unit, axes, kind, values) in quantities.items():
        save(f"{folder}/{name}.npy", kind, [sizes[axis] for axis in axes], values)
        entries[name] = {"unit": unit, "axes": axes, "dtype": kind, "file": f"{name}.npy", "source": f"{program}.py:1"}
    producer = {"program": program, "version": "1", "language": "Python", "dtype": dtype}
    description = {"format": "conform-raw/1", "producer": producer, "quantities": entries,
                   "axes": {axis: {"size": size} for axis, size in sizes.items()}}
    with open(f"{folder}/trace.json", "w") as file:
        json.dump(description, file)


def run(program, distance, light, stored, dtype="float64"):
    """Compute the whole wall, write the image, trace the chosen pixels."""
    (height, *power), x = numbers(flags()["-lamp"]), numbers(flags()["-wall"])
    d = [distance(one, height) for one in x]
    turns = [[light(p, height, one) for p in power] for one in d]
    image = [single(stored(one)) for one in turns]
    write_image(image)
    chosen = [slow * 6 + fast for slow, fast in pixels()]
    write_trace(program, {
        "slow": ("count", ["pixel"], "int64", [i // 6 for i in chosen]),
        "fast": ("count", ["pixel"], "int64", [i % 6 for i in chosen]),
        "x": ("m", ["pixel"], dtype, [x[i] for i in chosen]),
        "height": ("m", [], dtype, [height]),
        "power": ("W", ["turn"], dtype, power),
        "shuttered": ("", [], "int64", [0]),
        "distance": ("m", ["pixel"], dtype, [d[i] for i in chosen]),
        "light": ("W/m^2", ["pixel", "turn"], dtype, [value for i in chosen for value in turns[i]]),
        "image": ("W/m^2", ["pixel"], "float32", [image[i] for i in chosen]),
    }, len(power), dtype)
