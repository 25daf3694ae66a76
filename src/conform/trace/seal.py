"""Sealing: a raw trace, as a program wrote it, becomes a bundle with hashes and provenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from conform.errors import SideProblem, UsageProblem
from conform.files import sha256_of, write_text
from conform.trace.bundle import load_array
from conform.trace.manifest import MANIFEST, RAW, Manifest, QuantityEntry, RawTrace, read_description


def seal(folder: Path, side: str, command: Sequence[str], inputs: Mapping[str, str], build: str,
         not_traced: Mapping[str, str] | None = None) -> Manifest:
    """Make a bundle of the raw trace in `folder`, in place: check every array, hash it, write the manifest.

    SideProblem if the program wrote something else than it describes.
    """
    raw = read_description(folder / RAW, RawTrace, f"the trace of side {side}", SideProblem)
    manifest = Manifest(
        side=side,
        producer=raw.producer.model_copy(update={"build": build}),
        command=tuple(command),
        inputs=dict(inputs),
        axes=dict(raw.axes),
        not_traced={name: why for name, why in (not_traced or {}).items() if name not in raw.quantities},
        quantities={name: _sealed(folder, side, name, entry, raw.shape(entry)) for name, entry in raw.quantities.items()},
    )
    write_text(folder / MANIFEST, manifest.model_dump_json(indent=1))
    (folder / RAW).unlink()
    return manifest


def _sealed(folder: Path, side: str, name: str, entry: QuantityEntry, shape: tuple[int, ...]) -> QuantityEntry:
    """The entry with the hashes of its files, which are what it says."""
    hashes = {"sha256": _checked(folder, side, name, entry.file, entry.dtype, shape)}
    if entry.unset is not None:
        hashes["unset_sha256"] = _checked(folder, side, name, entry.unset, "uint8", shape)
    if entry.printed is not None:
        hashes["printed_sha256"] = _checked(folder, side, name, entry.printed, "float64", shape)
    return entry.model_copy(update=hashes)


def _checked(folder: Path, side: str, name: str, file: str, dtype: str, shape: tuple[int, ...]) -> str:
    if not (folder / file).is_file():
        raise SideProblem(f"the trace of side {side}: trace.json names {file} for `{name}`, and the program did not write it")
    try:
        load_array(folder / file, name, dtype, shape)
    except UsageProblem as error:
        said = error.message.removeprefix(f"{folder}/")
        raise SideProblem(f"the trace of side {side} is not what it describes: {said}", "see docs/trace-format.md") from None
    return sha256_of(folder / file)
