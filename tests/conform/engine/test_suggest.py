"""Which probe tells most: the one in the middle of the longest group, and none where everything is traced."""

from __future__ import annotations

import numpy as np
import pytest

from conform.engine.suggest import groups, suggestions

RULES = """
input x[pixel] : 1
""" + "\n".join(f"value v{i}[pixel] : 1" for i in range(1, 6)) + """
value y[pixel] : 1
clause one.1 "One"
  "It is so."
  v1 = 2 * x
clause one.2 "Two"
  "It is so."
  v2 = v1 + 1
clause one.3 "Three"
  "It is so."
  v3 = v2 * v2
clause one.4 "Four"
  "It is so."
  v4 = v3 - 1
clause one.5 "Five"
  "It is so."
  v5 = 3 * v4
clause one.6 "Six"
  "It is so."
  y = v5 + 1
"""
X = np.array([0.3, 1.7])


def computed() -> dict[str, tuple]:
    v1 = 2 * X
    v2 = v1 + 1
    v3 = v2 * v2
    v4 = v3 - 1
    v5 = 3 * v4
    return {name: ("pixel", value) for name, value in {"x": X, "v1": v1, "v2": v2, "v3": v3, "v4": v4, "v5": v5, "y": v5 + 1}.items()}


@pytest.fixture
def asked(case):
    def run(*traced: str):
        one = case(RULES, **{name: value for name, value in computed().items() if name in ("x", "y", *traced)})
        findings = one.check()
        return suggestions(findings, one.side), groups(findings, one.side.name)

    return run


def test_the_probe_in_the_middle_of_a_chain_splits_it_best(asked):
    found, group = asked()
    assert group == {"one.6": tuple(f"one.{i}" for i in range(1, 7))}
    assert found[0].quantity.name == "v3" and found[0].judges == ("one.3",)
    (split,) = found[0].splits
    assert (split.clause, split.before, split.after) == ("one.6", 6, 3)
    assert {one.quantity.name for one in found} == {"v1", "v2", "v3", "v4", "v5"}


def test_the_suggested_probe_does_what_is_said_of_it(asked):
    _, group = asked("v3")
    assert group == {"one.3": ("one.1", "one.2", "one.3"), "one.6": ("one.4", "one.5", "one.6")}


def test_where_everything_is_traced_nothing_is_suggested(asked):
    assert asked("v1", "v2", "v3", "v4", "v5") == ([], {})
