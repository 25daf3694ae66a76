"""A known break can be lived with honestly: accepted with its size, and no longer than it stays as it was."""

from __future__ import annotations

import datetime
import io

import pytest

from conform.run.waivers import load_waivers

FILE = "specs/waivers.toml"
ASKED = ("--reason", "the lamp hangs askew", "--owner", "the electrician", "--expires", "2999-12-31")


def accept(tiny, *more):
    return tiny.call("waive", "specs/lamp.rules", "--run", "wall", "--quirks", "a=far", "--clause", "lamp.1", "--waivers", FILE, *(more or ASKED))


def waived(tiny, *options):
    return tiny.check("--waivers", FILE, *options)


@pytest.fixture
def accepted(tiny_project):
    assert accept(tiny_project).status == 0
    return tiny_project


def problem(tiny, *options) -> tuple[int, list[tuple[str, str]]]:
    report = tiny.judge("--waivers", FILE, *options)
    return report["exit_code"], [(item["problem"], item["clause"]) for item in report["waivers_failed"]]


def test_an_accepted_break_no_longer_decides_the_exit_status_and_is_shown_with_its_size(accepted):
    ended = waived(accepted, "--quirks", "a=far")
    assert ended.status == 0 and "waived        lamp.1 Distance, side a" in ended.out
    assert "the lamp hangs askew" in ended.out and "conforms, but for 1 waived break" in ended.out
    report = accepted.judge("--waivers", FILE, "--quirks", "a=far")
    found = report["waived"][0]
    assert found["found"]["margin"] <= found["accepted_margin"] <= 1.01 * found["found"]["margin"] and found["share"] == 1
    assert [v["outcome"] for v in report["verdicts"] if (v["clause"], v["side"]) == ("lamp.1", "a")] == ["waived"]
    assert report["roots"] == [] and report["first_break"] is None


def test_waivers_count_only_where_they_are_named(accepted):
    assert accepted.check("--quirks", "a=far").status == 1
    accepted.replace("runs/wall.toml", 'title = ', 'waivers = "../specs/waivers.toml"\ntitle = ')
    assert accepted.check("--quirks", "a=far").status == 0


def test_another_break_beside_a_waived_one_still_fails_the_run(accepted):
    accepted.replace("b.py", "math.fsum(turns)", "1.0000001 * math.fsum(turns)")
    ended = waived(accepted, "--quirks", "a=far")
    assert ended.status == 1 and "side b" in ended.out.partition("FIRST BREAK")[2].partition("\n")[0]


@pytest.mark.parametrize("what, old, new", [
    ("grew", "margin = ", "margin = 2.0 # "), ("grew", "share = 1.0", "share = 0.5"),
    ("expired", "expires = 2999-12-31", "expires = 2001-01-01"),
    ("changed", 'text = "', 'text = "0123456789abcdef" # '),
    ("unmatched", 'clause = "lamp.1"', 'clause = "lamp.99"'), ("unmatched", 'side = "a"', 'side = "z"'),
    ("unmatched", 'runs = ["wall"]', 'runs = ["wall", "ceiling"]'),
])
def test_a_waiver_that_no_longer_fits_fails_the_run(accepted, what, old, new):
    accepted.replace(FILE, old, new)
    status, problems = problem(accepted, "--quirks", "a=far")
    assert status == 1 and what in [kind for kind, _ in problems]


def test_a_waiver_of_what_has_been_mended_asks_to_be_removed(accepted):
    assert problem(accepted) == (1, [("gone", "lamp.1")])
    ended = waived(accepted)
    assert ended.status == 1 and "WAIVER FAILS  lamp.1 on a: a holds the clause now: remove the waiver" in ended.out


def test_a_waiver_of_another_run_is_left_alone(accepted):
    accepted.write("runs/ceiling.toml", accepted.text("runs/wall.toml"))
    accepted.replace(FILE, 'runs = ["wall"]', 'runs = ["ceiling"]')
    assert problem(accepted) == (0, []) and problem(accepted, "--quirks", "a=far") == (1, [])


def test_a_clause_that_says_something_else_needs_its_waiver_again(accepted):
    before = accepted.text("specs/lamp.rules")
    line = next(line for line in before.splitlines() if line.strip().startswith("distance"))
    accepted.write("specs/lamp.rules", before.replace(line, f"{line} * 1"))
    assert problem(accepted, "--quirks", "a=far")[1] == [("changed", "lamp.1")]


# --- writing one -----------------------------------------------------------------------------------------------------


def test_what_stands_in_the_file_stays_as_it_is(tiny_project):
    before = tiny_project.write(FILE, "# ours, with a comment\n").read_bytes()
    accept(tiny_project)
    assert (tiny_project.root / FILE).read_bytes().startswith(before) and len(load_waivers(tiny_project.root / FILE).waiver) == 1


@pytest.mark.parametrize("words, said", [
    (("--reason", " ", *ASKED[2:]), "--reason: says nothing"),
    ((*ASKED[:2], "--owner", "", *ASKED[4:]), "--owner: says nothing"),
    ((*ASKED[:4], "--expires", "soon"), "--expires soon: not a day"),
    ((*ASKED[:4], "--expires", "2001-01-01"), "that day is past"),
    ((*ASKED, "--side", "b"), "lamp.1 does not break on b in wall"),
])
def test_what_cannot_be_accepted_is_said_and_nothing_is_written(tiny_project, words, said):
    ended = accept(tiny_project, *words)
    assert ended.status == 2 and said in ended.err and not (tiny_project.root / FILE).exists()


def test_what_was_accepted_is_said_with_the_file_as_the_reader_sees_it(tiny_project, monkeypatch):
    ended = tiny_project.call("waive", "specs/lamp.rules", "--run", "wall", "--quirks", "a=far", "--clause", "lamp.1", *ASKED)
    assert ended.status == 0 and ended.out.startswith("specs/waivers.toml: lamp.1 on a, up to ") and "bounds on 100 % of the elements, is waived for wall until 2999-12-31" in ended.out
    (tiny_project.root / "elsewhere").mkdir()
    monkeypatch.chdir(tiny_project.root / "elsewhere")
    again = tiny_project.call("waive", "../specs/lamp.rules", "--run", "wall", "--quirks", "a=far", "--clause", "lamp.1", *ASKED)
    assert again.err.startswith(f"conform: {tiny_project.root}/specs/waivers.toml: lamp.1 on a is waived twice")


def test_a_break_that_no_bound_measures_is_said_in_words_when_it_is_accepted_and_when_it_grew(tiny_project):
    tiny_project.replace("a.py", FAR, GONE)
    ended = tiny_project.call(*WORDS, "--clause", "lamp.1")
    assert ended.status == 0 and "lamp.1 on a, beyond all rounding on" in ended.out and "inf" not in ended.out
    tiny_project.replace(FILE, "margin = inf", "margin = 7.5")
    said = " ".join(waived(tiny_project).out.split())
    assert "WAIVER FAILS lamp.1 on a: no rounding makes the one of the other, and 7.5 bounds were accepted" in said


def test_what_no_option_says_is_asked_for(tiny_project, monkeypatch):
    words = ("waive", "specs/lamp.rules", "--run", "wall", "--quirks", "a=far", "--clause", "lamp.1")
    monkeypatch.setattr("sys.stdin", io.StringIO("it hangs askew\nthe electrician\n2999-12-31\n"))
    ended = tiny_project.call(*words)
    assert ended.status == 0 and "Why is this accepted?: Who answers for it?: Until which day (as 2027-12-31)?: " in ended.out
    (one,) = load_waivers(tiny_project.root / FILE).waiver
    assert (one.reason, one.owner, one.expires.isoformat()) == ("it hangs askew", "the electrician", "2999-12-31")
    monkeypatch.setattr("sys.stdin", io.StringIO("so\n"))
    ended = tiny_project.call(*words, "--waivers", "other.toml")
    assert ended.status == 2 and ended.err.strip().splitlines() == ["conform: nobody answers: Who answers for it?", "help: say it with --owner"]
    assert not (tiny_project.root / "other.toml").exists()


def test_a_break_is_accepted_once(accepted):
    before = accepted.text(FILE)
    ended = accept(accepted)
    assert ended.status == 2 and "lamp.1 on a is waived twice for wall" in ended.err and accepted.text(FILE) == before


def test_an_unknown_clause_cannot_be_waived(tiny_project):
    ended = tiny_project.call("waive", "specs/lamp.rules", "--run", "wall", "--clause", "lamp.77", *ASKED)
    assert ended.status == 2 and "has no such clause" in ended.err


@pytest.mark.parametrize("old, new, said", [
    ("margin = ", "margin = nan # ", "margin"), ("share = 1.0", "share = 1.5", "share"), ('owner = "', 'owner = "" # ', "owner"),
    ("expires = ", "ends = ", "ends"), ("expires = 2999-12-31", 'expires = "soon"', "expires"),
])
def test_a_file_of_waivers_is_validated(accepted, old, new, said):
    accepted.replace(FILE, old, new)
    ended = waived(accepted)
    assert ended.status == 2 and FILE in ended.err and said in ended.err


def test_a_missing_file_of_waivers_is_one_message(tiny_project):
    ended = waived(tiny_project)
    assert ended.status == 2 and "there is no such waiver file" in ended.err


def test_the_last_day_counts(accepted):
    accepted.replace(FILE, "2999-12-31", datetime.date.today().isoformat())
    assert problem(accepted, "--quirks", "a=far") == (0, [])


# --- clauses that a break leaves unjudged ------------------------------------------------------------------------------


FAR = "    return math.sqrt(x**2 + (1.01 * height if FAR else height) ** 2)"
GONE = "    return float('nan') if x > 0 else math.sqrt(x**2 + height**2)"
WORDS = ("waive", "specs/lamp.rules", "--run", "wall", "--waivers", FILE, *ASKED)


@pytest.fixture
def without_distance(tiny_project):
    """A side of which some distances are not a number: lamp.1 breaks there, and what follows cannot be judged."""
    tiny_project.replace("a.py", FAR, GONE)
    assert tiny_project.call(*WORDS, "--clause", "lamp.1").status == 0
    return tiny_project


@pytest.fixture
def left_open(without_distance):
    ended = without_distance.call(*WORDS, "--clause", "lamp.2", "--clause", "lamp.3", "--because", "lamp.1")
    assert ended.status == 0 and "that lamp.2, lamp.3 are not judged on a is waived for wall until 2999-12-31" in ended.out
    return without_distance


@pytest.mark.parametrize("because, said", [("lamp.4", "lamp.2: lamp.4 is no waived break on a"), ("lamp.2", "lamp.2: lamp.2 is no waived break on a")])
def test_a_cause_that_is_none_is_refused_and_nothing_is_written(without_distance, because, said):
    before = without_distance.text(FILE)
    ended = without_distance.call(*WORDS, "--clause", "lamp.2", "--because", because)
    assert ended.status == 2 and said in ended.err and without_distance.text(FILE) == before


def test_a_waived_break_does_not_cover_what_it_leaves_unjudged(without_distance):
    status, problems = problem(without_distance)
    assert (status, problems) == (3, [])


def test_clauses_that_are_named_may_stay_unjudged_and_are_told_with_the_verdict(left_open):
    ended = waived(left_open)
    assert ended.status == 0 and "conforms, but for 1 waived break and 2 clauses waived unjudged" in ended.out
    assert "lamp.2, lamp.3, side a, not judged because of lamp.1: an operand is not a number" in " ".join(ended.out.split())
    report = left_open.judge("--waivers", FILE)
    assert [(v["outcome"], v["excused"][:6]) for v in report["verdicts"] if v["clause"] == "lamp.2" and v["side"] == "a"] == [("unchecked", "waived")]
    alone = waived(left_open, "--clause", "lamp.2")
    assert alone.status == 0 and "not judged on a, as a waiver accepts" in alone.out


def test_a_clause_that_joins_them_is_open(without_distance):
    assert without_distance.call(*WORDS, "--clause", "lamp.2", "--because", "lamp.1").status == 0
    report = without_distance.judge("--waivers", FILE)
    assert report["exit_code"] == 3 and [item["clause"] for item in report["unchecked"] if not item["excused"]] == ["lamp.3"]


def test_what_can_be_judged_again_fails_the_run(left_open):
    left_open.replace("a.py", GONE, "    return math.sqrt(x**2 + height**2)")
    assert problem(left_open) == (1, [("gone", "lamp.1"), ("gone", "lamp.2"), ("gone", "lamp.3")])
    assert "lamp.2 on a: it is judged on a now: take it out of `clauses`" in " ".join(waived(left_open).out.split())


def test_more_elements_that_are_not_judged_fail_the_run(left_open):
    left_open.replace("a.py", "if x > 0", "if x > -1")
    status, problems = problem(left_open)
    assert status == 1 and problems[0] == ("grew", "lamp.1") and ("grew", "lamp.2") in problems


@pytest.mark.parametrize("what, old, new", [
    ("otherwise", 'clause = "lamp.2", why = "an operand is not a number"', 'clause = "lamp.2", why = "its guard is never true"'),
    ("unfounded", 'because = "lamp.1"', 'because = "lamp.4"'),
    ("unmatched", 'clause = "lamp.2", ', 'clause = "lamp.99", '),
    ("changed", 'elements = ', 'elements = 99, text = "0123456789abcdef" }, { clause = "lamp.4", why = "so", text = "0123456789abcdef" }, #'),
])
def test_a_waiver_of_unjudged_clauses_that_no_longer_fits_fails_the_run(left_open, what, old, new):
    text = left_open.text(FILE)
    assert old in text
    left_open.write(FILE, text.replace(old, new, 1))
    status, problems = problem(left_open)
    assert status == 1 and what in [kind for kind, _ in problems]


def test_it_ends_as_every_waiver_does(left_open):
    before, _, after = left_open.text(FILE).partition("[[unjudged]]")
    left_open.write(FILE, f"{before}[[unjudged]]{after.replace('2999-12-31', '2001-01-01')}")
    assert problem(left_open) == (1, [("expired", "lamp.2"), ("expired", "lamp.3")])


def test_a_break_that_is_no_longer_waived_is_no_reason(left_open):
    left_open.replace(FILE, 'clause = "lamp.1"\nside = "a"', 'clause = "lamp.1"\nside = "b"')
    status, problems = problem(left_open)
    assert status == 1 and ("unfounded", "lamp.2") in problems and ("unfounded", "lamp.3") in problems


def test_what_the_run_file_gives_a_reason_for_needs_no_waiver(tiny_project):
    tiny_project.replace("runs/wall.toml", '"no shutter" = ["lamp.4"]', "")
    for side in "ab":
        assert tiny_project.call(*WORDS, "--clause", "lamp.4", "--side", side).status == 0
    assert waived(tiny_project).status == 0
    tiny_project.write("runs/wall.toml", tiny_project.text("runs/wall.toml") + '"no shutter" = ["lamp.4"]\n')
    assert problem(tiny_project) == (1, [("gone", "lamp.4"), ("gone", "lamp.4")])


def test_on_two_sides_the_side_is_to_be_said(tiny_project):
    tiny_project.replace("runs/wall.toml", '"no shutter" = ["lamp.4"]', "")
    ended = tiny_project.call(*WORDS, "--clause", "lamp.4")
    assert ended.status == 2 and "lamp.4: not judged on a and b" in ended.err and "--side" in ended.err


# --- last digits -------------------------------------------------------------------------------------------------------


RIGHT = "    return power * height / d**3"


def test_last_digits_are_measured_by_the_largest_value_and_with_room_for_another_machine(tiny_project):
    tiny_project.replace("a.py", RIGHT, f"{RIGHT} * (1 + 4e-15)")
    assert tiny_project.call(*WORDS, "--clause", "lamp.2", "--last-digits").status == 0
    (one,) = load_waivers(tiny_project.root / FILE).waiver
    assert one.margin is None and 8e-15 < one.relative < 1.8e-14
    ended = waived(tiny_project)
    assert ended.status == 0 and "of the largest light" in " ".join(ended.out.split())
    tiny_project.replace("a.py", "4e-15", "8e-15")
    assert problem(tiny_project) == (0, [])
    tiny_project.replace("a.py", "8e-15", "4e-14")
    assert problem(tiny_project) == (1, [("grew", "lamp.2")])


def test_a_break_of_more_than_last_digits_is_none_of_them(tiny_project):
    tiny_project.replace("a.py", RIGHT, f"{RIGHT} * 1.01")
    ended = tiny_project.call(*WORDS, "--clause", "lamp.2", "--last-digits")
    assert ended.status == 2 and "lamp.2 on a breaks by more than last digits: up to 0.0" in ended.err


@pytest.mark.parametrize("old, new, said", [
    ("margin = ", "relative = 1e-9\nmargin = ", "its size is margin and share, or relative alone"), ("share = 1.0\n", "", "its size is margin and share"),
    ("text = ", "inputs = { height = [1.0] }\ntext = ", "inputs.height"),
])
def test_a_waiver_has_one_size(accepted, old, new, said):
    accepted.replace(FILE, old, new)
    ended = waived(accepted)
    assert ended.status == 2 and FILE in ended.err and said in ended.err


def test_an_input_that_does_not_differ_cannot_be_accepted_with_a_break(tiny_project):
    ended = accept(tiny_project, *ASKED, "--differing", "height")
    assert ended.status == 2 and "--differing height: the sides do not have such an input differently" in ended.err
