"""C sources of ours as if nobody had ever probed them."""

from __future__ import annotations

import re


def without_probes(text: str) -> str:
    """No header, and what the preprocessor leaves of a probe: ((void)0), or the first of two functions."""
    text = re.sub(r'#define CONFORM_IMPLEMENTATION\n|#include "quantities.h"\n', "", text)
    text = re.sub(r"#ifdef CONFORM_PROBES\n(?:(?!#else|#endif).)*(?:#else[^\n]*\n(.*?))?#endif\n", r"\1", text, flags=re.DOTALL)
    text = re.sub(r"\bCONFORM_EITHER\((\w+), \w+\)", r"(\1)", text)
    return re.sub(r"\bCONFORM_[A-Z0-9_]+\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)", "((void)0)", text)
