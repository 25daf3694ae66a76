"""What is kept between two calls is what it was."""

from __future__ import annotations

import pickle
import pickletools
from dataclasses import dataclass, field

from conform.memo import expression, write_pickle


@dataclass(frozen=True, slots=True)
class Formed:
    given: int
    formed: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "formed", self.given + 1)


def test_what_is_kept_reads_as_it_was(tmp_path):
    things = [expression("sqrt(a^2 + 1) > 0 and b is square"), Formed(2), {"a": (1, 2.5)}]
    write_pickle(tmp_path / "kept", things)
    assert pickle.loads((tmp_path / "kept").read_bytes()) == things


def test_what_is_named_twice_is_kept_once(tmp_path):
    one = expression("a + 1")
    write_pickle(tmp_path / "kept", (one, one))
    first, second = pickle.loads((tmp_path / "kept").read_bytes())
    assert first is second and first == one


def test_dataclasses_with_slots_are_read_by_their_constructors(tmp_path):
    def set_by_reflection(kept: bytes) -> int:
        return sum(code.name == "BUILD" for code, _, _ in pickletools.genops(kept))

    things = [expression("a + b * c - 1")]
    write_pickle(tmp_path / "kept", things)
    assert set_by_reflection((tmp_path / "kept").read_bytes()) == 1 < set_by_reflection(pickle.dumps(things))         # the text that they stand in, which has no slots
