"""Tolerance profiles: every way to be wrong is one message that names the file, the key and what is allowed."""

from __future__ import annotations


import pytest
from pydantic import ValidationError

from conform.engine.tolerances import NORMAL, ROUNDED, SMALLEST, UNIT_ROUNDOFF, load_profile
from conform.errors import UsageProblem

GOOD = """
precision = "float64"
unit_roundoff = 1.1102230246251565e-16
slack = 2.0
[ulps]
sqrt = 0.6
sin = 0.6
cos = 0.6
tan = 0.7
asin = 0.9
acos = 0.9
atan = 0.8
atan2 = 0.9
exp = 0.75
log = 0.6
[overrides."one.1"]
slack = 4
reason = "known to round twice"
"""


@pytest.fixture
def profile(tmp_path):
    """profile(old, new): the good profile with one thing changed, loaded."""

    def build(old: str = "", new: str = ""):
        assert old in GOOD
        path = tmp_path / "mine.toml"
        path.write_text(GOOD.replace(old, new, 1), "utf-8")
        return load_profile(path)

    return build


def test_a_good_profile_is_read_as_written(profile):
    found = profile()
    assert (found.precision, found.slack, found.ulps["atan2"]) == ("float64", 2.0, 0.9)
    assert (found.slack_of("one.1"), found.slack_of("one.2")) == (4.0, 2.0)


def test_a_slack_that_is_not_written_is_two(profile):
    assert profile("slack = 2.0\n").slack == 2.0


@pytest.mark.parametrize(("old", "new", "parts"), [
    ('"float64"', '"float16"', ("precision", "'float64'", "'float32'")),
    ('precision = "float64"\n', "", ("precision", "missing")),
    ("unit_roundoff = 1.1102230246251565e-16", "unit_roundoff = 2.2e-16", ("unit_roundoff", "1.1102230246251565e-16", "2.2e-16")),
    ("unit_roundoff = 1.1102230246251565e-16", "unit_roundoff = 0", ("unit_roundoff", "greater than 0")),
    ("unit_roundoff = 1.1102230246251565e-16", 'unit_roundoff = "small"', ("unit_roundoff", "number")),
    ("unit_roundoff = 1.1102230246251565e-16\n", "", ("unit_roundoff", "missing")),
    ("slack = 2.0", "slack = 0.5", ("slack", "greater than or equal to 1")),
    ("slack = 2.0", "slack = 50", ("slack", "less than or equal to 16")),
    ("slack = 2.0", "slack = nan", ("slack",)),
    ("slack = 2.0", "slak = 2.0", ("slak", "unknown key")),
    ("sin = 0.6", "sin = 0.4", ("ulps.sin", "greater than or equal to 0.5")),
    ("sin = 0.6", "sin = 65", ("ulps.sin", "less than or equal to 64")),
    ("sin = 0.6", "", ("ulps", "missing for sin")),
    ("sin = 0.6", "sin = 0.6\nsinh = 0.6", ("ulps", "no function is called sinh", "atan2")),
    ("slack = 4", "slack = 0", ("overrides.one.1.slack", "greater than 0")),
    ("slack = 4", "slack = 1e7", ("overrides.one.1.slack", "less than or equal to")),
    ('reason = "known to round twice"', "", ("overrides.one.1.reason", "missing")),
    ('reason = "known to round twice"', 'reason = "so"', ("overrides.one.1.reason", "at least 10")),
    ("slack = 4", "slack = 4\nwhy = 1", ("overrides.one.1.why", "unknown key")),
    ("[ulps]", "[ulps", ("TOML",)),
])
def test_a_profile_that_is_wrong_is_one_message_with_file_key_and_what_is_allowed(old, new, parts, profile):
    with pytest.raises(UsageProblem) as caught:
        profile(old, new)
    message = str(caught.value)
    for part in ("mine.toml", *parts):
        assert part in message, message
    assert "pydantic" not in message and len(message.splitlines()) <= 3


def test_several_mistakes_are_all_named_in_the_one_message(profile):
    with pytest.raises(UsageProblem) as caught:
        profile('slack = 2.0\n[ulps]\nsqrt = 0.6\nsin = 0.6', "slack = 99\n[ulps]\nsqrt = 0.1\nsin = 0.6")
    assert "slack" in str(caught.value) and "ulps.sqrt" in str(caught.value)


def test_a_profile_that_is_not_there_says_where_profiles_lie(tmp_path):
    with pytest.raises(UsageProblem, match="no such tolerance profile") as caught:
        load_profile(tmp_path / "none.toml")
    assert "specs/tolerances" in str(caught.value) + str(getattr(caught.value, "hint", "")) + str(vars(caught.value))


def test_a_profile_that_is_no_text_is_one_message(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageProblem, match="mine.toml"):
        load_profile(path)


def test_a_folder_is_no_profile(tmp_path):
    (tmp_path / "mine.toml").mkdir()
    with pytest.raises(UsageProblem, match="mine.toml"):
        load_profile(tmp_path / "mine.toml")


def test_a_profile_cannot_be_changed_once_read(profile):
    with pytest.raises(ValidationError):
        profile().slack = 3.0


@pytest.mark.parametrize("name", ["float64", "float32"])
def test_the_projects_own_profiles_are_valid_and_grant_every_function(name, profiles):
    found = profiles[name]
    assert found.precision == name and set(found.ulps) == set(ROUNDED) and found.slack == 2.0 and not found.overrides


@pytest.mark.parametrize("name", ["float64", "float32"])
def test_the_figures_of_a_precision_are_those_of_its_type(name):
    import numpy as np

    info = np.finfo(name)
    assert (UNIT_ROUNDOFF[name], SMALLEST[name], NORMAL[name]) == (info.eps / 2, info.smallest_subnormal, info.smallest_normal)
