"""Rules after a change of the spec: which quotes are gone, and the sentence that stands there now. Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from specs_dsl.mistakes import QuoteGone
from specs_dsl.spans import Span
from specs_dsl.spec import Spec

_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_LIKE = 0.4              # how much of a sentence must be left for it to be the same one


@dataclass(frozen=True, slots=True)
class Changed:
    """A quote that the spec no longer contains. `new` is None if no sentence of the section is like it."""

    clause: str
    span: Span
    old: str
    new: str | None


def changed(spec: Spec, sections: Mapping[str, str], only: str | None = None) -> list[Changed]:
    """Of every suspect clause (or of `only` one), the quotes that are gone."""
    gone = [item for item in spec.warnings if isinstance(item, QuoteGone) and only in (None, item.id)]
    return [_changed(item, sections.get(item.id, "")) for item in gone]


def _changed(item: QuoteGone, section: str) -> Changed:
    old = item.span.source.text[item.span.start + 1 : item.span.end - 1]
    sentences = [sentence for sentence in _SENTENCES.split(section) if sentence and '"' not in sentence]
    likeness = {sentence: SequenceMatcher(None, old, sentence, autojunk=False).ratio() for sentence in sentences}
    best = max(sentences, key=lambda sentence: likeness[sentence], default=None)
    return Changed(item.id, item.span, old, best if best is not None and likeness[best] >= _LIKE else None)


def rewritten(text: str, changes: Sequence[Changed]) -> str:
    """The text of one rules file with every new sentence in the place of the old."""
    for change in sorted(changes, key=lambda one: -one.span.start):
        assert change.new is not None
        text = f'{text[: change.span.start]}"{change.new}"{text[change.span.end :]}'
    return text


def as_in(raw: str, text: str) -> str:
    """`text` with the byte order mark and, line by line, the line ends of `raw`; ValueError if that has other lines."""
    ends = re.findall(r"\r\n|\r|\n", raw)
    lines = [line + end for line, end in zip(text.split("\n"), [*ends, ""], strict=True)]
    return raw[: raw.startswith("\ufeff")] + "".join(lines)
