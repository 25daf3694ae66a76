"""What only a program may do to its process, and a library must not: start quickly, keep memory that it will need again."""
from __future__ import annotations

import importlib
import sys
import types

# Shapes worked out without data: for compilers and exporters. Importing it takes a fifth of the time that `import torch` takes.
RARELY_NEEDED = "torch._meta_registrations"


class Deferred(types.ModuleType):
    """Stands for a module that is imported when something is asked of it, and not before."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):                   # what the import system asks of any module is no use of it
            raise AttributeError(name)
        return getattr(load(self.__name__), name)


def defer(name: str = RARELY_NEEDED) -> None:
    """Put the import of `name` off. `import torch` names this one for its effects only, which no eager operation on data needs;
    torch would not be told that a compiler needs them, so that whoever compiles must call `load` first."""
    sys.modules.setdefault(name, Deferred(name))


def load(name: str = RARELY_NEEDED) -> types.ModuleType:
    """The module itself, imported now if it was put off."""
    if isinstance(sys.modules.get(name), Deferred):
        del sys.modules[name]
    module = importlib.import_module(name)
    parent, _, last = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], last, module)
    return module


def keep_freed_memory() -> None:
    """Ask glibc to keep freed blocks: by default large ones go back to the system, and the tensors of every tile would be
    paged in anew, which costs a third of the run. Elsewhere there is no such function, and nothing is lost but that time."""
    import ctypes

    m_trim_threshold, m_mmap_threshold, m_arena_max = -1, -3, -8
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    mallopt(m_mmap_threshold, 32 << 20)             # the most that it accepts
    mallopt(m_trim_threshold, 1 << 30)
    mallopt(m_arena_max, 1)                         # a thread's own arena gives its blocks back whatever the threshold says
