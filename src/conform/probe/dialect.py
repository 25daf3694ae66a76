"""Words of C that the parser does not know, put as it does; every other byte stays in its place.

Knows text. Only what is parsed is changed: the copy with the probes is made from the source as it is.
"""

from __future__ import annotations

import re

COMPLEX = re.compile(r"\b(?:long_+double_+|double_+|float_+)(?:_Complex|complex)\b|\b(?:_Complex|complex)_+(?:long_+double|double|float)\b")
_REAL = rb"(?:long[ \t]+double|double|float)"
_COMPLEX = re.compile(rb"\b(?:" + _REAL + rb"[ \t]+(?:_Complex|complex)|(?:_Complex|complex)[ \t]+" + _REAL + rb")\b(?=\s*[*\w)])")
_NOTHING = re.compile(rb"\b(?:_Thread_local|thread_local|__thread|__real__|__imag__)\b|__attribute__[ \t]*\(\([ \t]*(?:__)?fallthrough(?:__)?[ \t]*\)\)[ \t]*;")
_RANGE = re.compile(rb"(\bcase\b[^:;{}\n]*?)(\.\.\.[^:;{}\n]*)(?=:)")


def readable(data: bytes) -> bytes:
    """Complex types are one word, and a part of a complex number is written with it; a thread's own variable is any, which is for openmp.py; of the range of a case the first is enough."""
    data = _COMPLEX.sub(lambda found: re.sub(rb"[ \t]", b"_", found.group()), data)
    data = _NOTHING.sub(lambda found: b" " * len(found.group()), data)
    return _RANGE.sub(lambda found: found.group(1) + b" " * len(found.group(2)), data)
