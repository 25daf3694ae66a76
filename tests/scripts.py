"""Scripts that belong to no package, as modules: for the tests of what they make or measure."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType


@contextmanager
def script(path: Path) -> Iterator[ModuleType]:
    """What the script defines, as if it were imported from its folder. Afterwards `sys` is as it was."""
    name = f"script_{path.stem}"
    known = sys.path.copy()
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module                              # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        del sys.modules[name]
        sys.path[:] = known
