"""Rules files to items: includes are followed, each file once. The only module of the language that reads files."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from specs_dsl import mistakes as m
from specs_dsl.diagnostics import Found
from specs_dsl.parser import parse
from specs_dsl.spans import Source, Span
from specs_dsl.syntax import IncludeItem, Item, SpecItem

MOST_BYTES = 2 * 1024 * 1024         # of a spec document
MOST_RULES = 256 * 1024              # of one rules file; ours have 3 KiB
MOST_FILES = 100                     # of one spec; each include is a step deeper as well


@dataclass
class Reading:
    """What was read: the items in order of inclusion, the files, the spec's document and the mistakes so far."""

    items: list[Item] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    document: tuple[SpecItem, Path] | None = None
    found: Found = field(default_factory=Found)
    seen: set[Path] = field(default_factory=set)         # files, all links followed
    closed: set[tuple[Path, Path]] = field(default_factory=set)      # includes that lead back to a file on the way to them


class CannotRead(Exception):
    """The file named on the command line cannot be read; says why in a sentence."""


def shown(path: Path) -> str:
    """A path as readers see it: relative to the working directory if it lies below."""
    try:
        return os.path.relpath(path) if path.resolve().is_relative_to(Path.cwd()) else str(path)
    except (OSError, RuntimeError):          # RuntimeError: links that lead in a circle
        return str(path)


def read_text(path: Path, most: int = MOST_RULES) -> str:
    """The text of a file of at most so many bytes; CannotRead with the reason otherwise."""
    try:
        if path.is_dir():
            raise CannotRead("it is a folder")
        if path.exists() and not path.is_file():
            raise CannotRead("it is a device or a pipe")         # reading from it might never end
        with path.open("rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise CannotRead(f"it is larger than {most // 1024} KiB")
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise CannotRead("there is no such file") from None
    except UnicodeDecodeError as error:
        raise CannotRead(f"it is not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise CannotRead(str(error.strerror or error)) from None
    except ValueError:
        raise CannotRead("no path can have that name") from None


def read(path: Path) -> Reading:
    """Follow all includes of `path`, depth first, so that a file's items stand after those it builds on."""
    reading = Reading()
    _follow(path, read_text(path), reading, (path.resolve(),))
    return reading


def _follow(path: Path, text: str, reading: Reading, open_: tuple[Path, ...]) -> None:
    """`open_`: the files whose includes are being followed, all links followed, this one last."""
    items, found = parse(Source(shown(path), text))
    reading.found.extend(found)
    reading.files.append(path)
    reading.seen.add(open_[-1])
    for item in items:
        if isinstance(item, IncludeItem):
            _include(path, item, reading, open_)
        elif isinstance(item, SpecItem):
            _spec(path, item, reading)
        else:
            reading.items.append(item)


def _include(path: Path, item: IncludeItem, reading: Reading, open_: tuple[Path, ...]) -> None:
    target = path.parent / item.path
    try:
        resolved = _resolved(target)
        if resolved in open_ and (open_[-1], resolved) not in reading.closed:
            reading.closed.add((open_[-1], resolved))
            reading.found.append(m.IncludeLoop(item.span, tuple(file.name for file in open_[open_.index(resolved) :])))
        if resolved in reading.seen:
            return                       # each file is read once, however many include it
        if len(reading.files) >= MOST_FILES:
            raise CannotRead(f"a spec has at most {MOST_FILES} files")
        text = read_text(target)
    except CannotRead as error:
        reading.found.append(m.CannotInclude(item.span, item.path, str(error)))
        return
    _follow(target, text, reading, (*open_, resolved))


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except ValueError:                       # a NUL in the name
        raise CannotRead("no path can have that name") from None
    except (OSError, RuntimeError):
        raise CannotRead("its links lead in a circle") from None


def _spec(path: Path, item: SpecItem, reading: Reading) -> None:
    document = path.parent / item.document
    if reading.document is None:
        reading.document = (item, document)
    elif os.path.normpath(reading.document[1]) != os.path.normpath(document):
        reading.found.append(m.DeclaredTwice(item.span, "spec", reading.document[0].span))


def start_of(path: Path) -> Span:
    """A place to hang a mistake on that concerns a whole file."""
    source = Source(shown(path), read_text(path))
    return Span(source, 0, min(1, len(source.text)))
