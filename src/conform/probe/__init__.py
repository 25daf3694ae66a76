"""Probes for a C source that is not ours: find where a value is complete, insert a call there, show the difference.

Text in, text out: nothing here opens the user's file, compiles or runs (that is conform.run.source). tree-sitter is
loaded when a source is first parsed, not before.
"""

from __future__ import annotations

from importlib import import_module

_RECORDER = ("CannotRecord", "hook", "record", "recording", "start")


def __getattr__(name: str) -> object:
    """`from conform.probe import record` loads the recorder alone, and whatever else lies here loads no array."""
    if name in _RECORDER:
        return getattr(import_module("conform.probe.recorder"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
