"""A mask of 12 x 12 pixels, or of as many as asked, an SMV image of ones with some zeros: `python mask.py OUTPUT [SIZE]`. Needs Python alone."""
import struct
import sys

SIZE = int(sys.argv[2]) if len(sys.argv) > 2 else 12
HEADER = f"{{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1={SIZE};\nSIZE2={SIZE};\n}}\f"

if __name__ == "__main__":
    pixels = [int((3 * slow + 5 * fast) % 7 != 0 or (slow, fast) == (4, 4)) for slow in range(SIZE) for fast in range(SIZE)]
    with open(sys.argv[1], "wb") as file:
        file.write(HEADER.encode().ljust(512) + struct.pack(f"={SIZE * SIZE}H", *pixels))
