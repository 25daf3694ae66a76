"""Files that are never half-written: everything is made under a temporary name and renamed. Also hashes."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from conform.errors import SideProblem

_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write_text(path: Path, text: str) -> None:
    """As write_bytes, in UTF-8."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    file, aside = new_file(path)
    try:
        with file:
            file.write(content)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def new_file(path: Path) -> tuple[BinaryIO, Path]:
    """A new file beside `path`, open, that nobody else writes; whoever wrote it renames it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.fchmod(handle, 0o666 & ~_umask())             # mkstemp's own is for nobody else
    return os.fdopen(handle, "wb"), Path(name)


def make_room(folder: Path, pattern: str, most: int) -> None:
    """The oldest files give way, so that there are `most` with the one that is about to come."""
    with suppress(OSError):              # another process makes room as well
        old = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime)
        for path in old[: max(0, len(old) - most + 1)]:
            path.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def new_folder(target: Path, replace: bool = False) -> Iterator[Path]:
    """A folder that becomes `target` when the block ends well, and is gone when it does not.

    If `target` is there already, it stays, for both were made from the same things: another process was quicker. With
    `replace` it gives way, and only to a folder that is complete.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:40]}."))
    try:
        yield work
        work.chmod(0o777 & ~_umask())                # mkdtemp's own is for nobody else
        if replace and target.is_dir():
            _put_aside(target)
        _become(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _become(work: Path, target: Path) -> None:
    try:
        work.rename(target)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise


def _put_aside(target: Path) -> None:
    """Rename first: who opens `target` now finds all of it or nothing."""
    aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:40]}."))
    try:
        target.rename(aside / "old")
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def no_space_is_a_side_problem(what: str) -> Iterator[None]:
    """A full disk, or a folder that may not be written, while tracing ends as one message, exit 4."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise SideProblem(f"no space left while {what}", "free some space, or point CONFORM_CACHE at another disk") from None
        where = f": {error.filename}" if error.filename else ""
        raise SideProblem(f"{what}: {error.strerror or error}{where}", "point CONFORM_CACHE at a folder that you may write to") from None
