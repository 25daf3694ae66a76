"""What takes long to work out and never changes, kept between two runs in the user's own cache: the parser's tables, and what pint says of units.

Nothing depends on it. What is not there, torn, of another version or somebody else's is worked out again; where nothing can be
written, nothing is kept. It lies with the user and never in a checkout: what is read back is trusted.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

MOST = 50                # files that are kept; the oldest go first
_SEAL = 64               # characters of the checksum before the content


def recall(name: str) -> bytes | None:
    """What was kept under a name; None unless it is all there, as it was written, and ours."""
    try:
        with (_folder() / name).open("rb") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            seal, content = file.read(_SEAL), file.read()
    except (OSError, RuntimeError):          # RuntimeError: a user without a home
        return None
    return content if seal == _sealed(content) else None


def keep(name: str, content: bytes) -> None:
    """For the next time; written aside and renamed. That it cannot be kept is nobody's misfortune."""
    with suppress(OSError, RuntimeError):
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_room(folder)
        handle, aside = tempfile.mkstemp(dir=folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_sealed(content) + content)
            os.replace(aside, folder / name)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise


def key(*parts: object) -> str:
    """A short name for everything that an answer depends on."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _folder() -> Path:
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (chosen if chosen.is_absolute() else Path.home() / ".cache") / "specs_dsl"


def _make_room(folder: Path) -> None:
    files = sorted((path for path in folder.iterdir() if path.is_file()), key=lambda path: path.stat().st_mtime)
    for path in files[: max(0, len(files) - MOST + 1)]:
        path.unlink(missing_ok=True)


def _sealed(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
