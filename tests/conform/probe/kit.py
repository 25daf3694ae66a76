"""Names that the tests of probes share: a small run of the big program, and where things lie."""

import os
from pathlib import Path

BINDINGS = Path(__file__).parents[3] / "c_probes" / "bindings"
GOLDEN = Path(__file__).parents[4] / "shared" / "golden"
MATRIX = "0.0166 -0.0073  0.0041\n0.0155  0.0178 -0.0043\n-0.0043 0.0061 0.0162\n"
HKL = "".join(f"{h} {k} {l} {40 + 7 * ((3 * h + 5 * k + 11 * l) % 13)}\n" for h in range(-3, 4) for k in range(-3, 4) for l in range(-3, 4))
FLAGS = ("-mat tri.mat -hkl tiny.hkl -default_F 6 -nonoise -nopgm -nointerpolate -oversample 1 -Na 5 -Nb 6 -Nc 7 -lambda 1.1 -distance 90 "
         "-detpixels_x 12 -detpixels_y 10 -pixel 4.4 -floatfile out.bin").split()
EVERY_GOLDEN = os.environ.get("GOLDEN_CASES") == "all"
QUICK = ("-O2" if EVERY_GOLDEN else "-O0", "-ffp-contract=off", "-fopenmp")         # the values do not depend on the level, and -O0 compiles five times faster
