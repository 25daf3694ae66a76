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
    write_pickle(tmp_path / "kept", expression("a + 1"))
    ours, usual = (tmp_path / "kept").read_bytes(), pickle.dumps(expression("a + 1"), pickle.HIGHEST_PROTOCOL)
    assert ["BUILD" in {code.name for code, _, _ in pickletools.genops(kept)} for kept in (ours, usual)] == [False, True]
