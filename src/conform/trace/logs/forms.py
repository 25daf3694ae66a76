"""Forms of lines, made into patterns: what stands in a line, as names and the numbers after them.

Knows one line at a time. Speed is not its business: `looks` recognises the lines that look like one seen before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from conform.trace.logs.apart import NUMBER
from conform.trace.logs.dialect import PLACEHOLDER, READERS, Line

_LABEL = r"(?:[A-Za-z_]\w*:)?"
_BETWEEN = r"[\s,;\[\]()]+"
_VALUES = rf"[\[(]*\s*{_LABEL}{NUMBER}(?:{_BETWEEN}{_LABEL}{NUMBER})*\s*[\])]*"
_READ = {
    "key": r"(?P<key>[^\s=:\[\]]+(?:[ \t][^\s=:\[\]]+)*?)", "values": rf"(?P<values>{_VALUES})", "pairs": r"(?P<pairs>[^\s=]+=.*?)",
    "words": r"(?P<words>[^\s=]+[ \t]+.*?)", "heading": r"(?P<heading>.*?)", "text": r".*?", "command": r"(?P<command>.*?)",
}
_NUMBER = re.compile(rf"(?:(?P<label>[A-Za-z_]\w*):)?(?P<number>{NUMBER})")
_PAIR = re.compile(r"([^\s=]+)=\s*(.*?)(?=\s+[^\s=]+=|\s*$)")


@dataclass(frozen=True, slots=True)
class Found:
    """One line: names, how many numbers stand after each, and all the numbers in turn, as printed."""

    names: tuple[str, ...]
    widths: tuple[int, ...]
    tokens: tuple[bytes, ...]
    heading: str | None = None
    command: str | None = None


@dataclass(frozen=True)
class Form:
    """A line form of a dialect. `prefix`: the text that its lines begin with."""

    line: Line
    prefix: bytes
    prose: bool                          # its lines are known, and hold no numbers that anybody wants

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Blanks stand for any number of blanks, placeholders for what they are. Made for the first line: most forms that a log is tried with meet none."""
        parts, at, form = [], 0, self.line.form
        for match in PLACEHOLDER.finditer(form):
            parts += [_literal(form[at : match.start()]), _READ.get(match[1], rf"(?P<{match[1]}>{NUMBER})")]
            at = match.end()
        return re.compile("".join([*parts, _literal(form[at:])]) + r"\s*$")

    def read(self, text: str) -> Found | None:
        match = self.pattern.match(text)
        if match is None:
            return None
        groups = match.groupdict()
        if groups.get("heading") is not None:
            return Found((), (), (), groups["heading"].strip())
        if groups.get("command") is not None:
            return Found((), (), (), command=groups["command"].strip())
        parts = [(name, (value.encode(),)) for name, value in groups.items() if name not in READERS]
        if "values" in groups:
            parts += _labelled(groups["key"].strip() if self.line.key is None else self.line.key, groups["values"])
        elif "pairs" in groups:
            parts += [part for name, value in _PAIR.findall(groups["pairs"]) for part in _labelled(name, value)]
        elif "words" in groups:
            parts += _words(groups["words"].replace(":", " ").split())
        parts = [(name, tokens) for name, tokens in parts if tokens]
        if self.prose:
            return Found((), (), ())
        return Found(tuple(name for name, _ in parts), tuple(len(tokens) for _, tokens in parts), tuple(t for _, tokens in parts for t in tokens)) if parts else None


def form_of(line: Line) -> Form:
    prefix = line.form[: line.form.index("{")].rstrip()
    return Form(line, prefix.split()[0].encode(), set(PLACEHOLDER.findall(line.form)) <= {"key", "text"})


def _literal(text: str) -> str:
    return r"[ \t]+".join(re.escape(part) for part in re.split(r"[ \t]+", text))


def _labelled(name: str, text: str) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    """`1 2 3` under one name; `x:1 y:2` under `NAME.x` and `NAME.y`."""
    text = text.split("dtype")[0].replace("tensor(", "(")
    plain: list[bytes] = []
    for match in _NUMBER.finditer(text):
        if match["label"]:
            yield f"{name}.{match['label']}", (match["number"].encode(),)
        else:
            plain.append(match["number"].encode())
    if plain:
        yield name, tuple(plain)


def _words(tokens: Sequence[str]) -> list[tuple[str, tuple[bytes, ...]]]:
    """`h -7.9 k 2.2 pixel 0 0`: names, and the numbers that stand after each."""
    found: list[tuple[str, list[bytes]]] = []
    for token in tokens:
        if re.fullmatch(NUMBER, token):
            if not found:
                return []
            found[-1][1].append(token.encode())
        else:
            found.append((token, []))
    return [(name, tuple(numbers)) for name, numbers in found]
