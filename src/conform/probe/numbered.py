"""Targets with a number each, so that a set of them is one whole number and thousands of sets are joined at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conform.probe.reads import Read
from conform.probe.targets import Memory, Object, Target


class Numbered:
    """What the functions of one source write of what is everybody's: bit n of a set stands for the n-th target."""

    def __init__(self) -> None:
        self._bits: dict[Target, int] = {}
        self._of_key: dict[object, list[Object]] = {}
        self._memories: list[Memory] = []

    def set_of(self, targets: Iterable[Target]) -> int:
        found = 0
        for one in targets:
            if one not in self._bits:
                self._bits[one] = 1 << len(self._bits)
                if isinstance(one, Memory):
                    self._memories.append(one)
                else:
                    self._of_key.setdefault(one.key, []).append(one)
            found |= self._bits[one]
        return found

    def with_keys(self, among: int, keys: Iterable[object]) -> Iterator[Object]:
        """The variables and parts of a set that have one of these keys."""
        return (one for key in keys for one in self._of_key.get(key, ()) if self._bits[one] & among)

    def touching(self, among: int, read: Read) -> Iterator[Target]:
        """Those of a set that a write to would change what is read."""
        if among:
            keys = {one.key for one in read.objects}
            yield from (one for one in self.with_keys(among, keys) if read.is_touched(one))
            yield from (one for one in self._memories if self._bits[one] & among and read.is_touched(one))
