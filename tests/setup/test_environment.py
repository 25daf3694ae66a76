"""The environment is made once, renewed when stale, and never trusted when half made."""
import os
import shutil
import signal
import time

import pytest

TOOLS_OF_A_WARM_START = ("cat", "cmp", "readlink", "sh")
PREPARE = ["probe", "lock"]                             # Python found, lock taken
MAKE = [*PREPARE, "venv", "pip", "program"]             # from nothing
RENEW = [*PREPARE, "usable", "pip", "program"]          # in place


def stamps(checkout):
    return sorted(path.name for path in (checkout.root / ".venv").glob("installed-*"))


def wait_until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def start_and_wait_for_pip(checkout, seconds="30"):
    process = checkout.start(FAKE_PIP_SECONDS=seconds)
    wait_until(lambda: (checkout.fake / "pip").exists())
    return process


def test_the_first_call_makes_it_with_the_pinned_packages(checkout):
    checkout.run()
    assert checkout.calls() == MAKE
    asked = checkout.seen("pip").split("\n")
    assert asked[asked.index("-c") + 1] == "constraints.txt"
    assert asked[asked.index("-e") + 1] == ".[model,instrument]"


def test_a_warm_start_asks_python_nothing(warm):
    called = warm.run()
    assert warm.calls() == ["program"]
    assert called.stderr == ""


def test_a_warm_start_needs_no_python_on_the_path(warm, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    for tool in TOOLS_OF_A_WARM_START:
        (bare / tool).symlink_to(shutil.which(tool))
    assert warm.run(PATH=str(bare)).returncode == 0


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_what_is_required_renews_it_in_place(warm, name):
    with (warm.root / name).open("a") as file:
        file.write("# changed\n")
    called = warm.run()
    assert warm.calls() == RENEW
    assert "up to date" in called.stderr
    warm.run()
    assert warm.calls() == ["program"]


def test_a_touched_but_equal_file_renews_nothing(warm):
    (warm.root / "pyproject.toml").touch()
    warm.run()
    assert warm.calls() == ["program"]


def test_a_moved_checkout_starts_from_nothing(warm):
    moved = warm.root.rename(warm.root.parent / "moved")
    (moved / ".venv" / "old").touch()
    warm.root = moved
    called = warm.run()
    assert warm.calls() == MAKE
    assert "moved" in called.stderr
    assert not (moved / ".venv" / "old").exists()


def test_another_python_behind_the_link_starts_from_nothing(warm, tmp_path):
    shutil.copy(tmp_path / "path" / "python3", tmp_path / "python3.99")
    link = warm.root / ".venv" / "bin" / "python"
    link.unlink()
    link.symlink_to(tmp_path / "python3.99")
    warm.run()
    assert warm.calls() == MAKE


def test_a_python_that_was_removed_starts_from_nothing(warm):
    link = warm.root / ".venv" / "bin" / "python"
    link.unlink()
    link.symlink_to("/nowhere/python3")
    warm.run()
    assert warm.calls() == MAKE


def test_an_environment_made_by_hand_is_kept_and_completed(checkout, tmp_path):
    folder = checkout.root / ".venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(tmp_path / "path" / "python3")
    (folder / "mine").touch()
    checkout.run()
    assert checkout.calls() == RENEW
    assert (folder / "mine").exists()


def test_a_set_up_killed_half_way_starts_from_nothing(checkout):
    process = start_and_wait_for_pip(checkout)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    checkout.calls()
    called = checkout.run()
    assert checkout.calls() == MAKE
    assert "an earlier set-up did not finish" in called.stderr
    assert "waiting" not in called.stderr               # the dead process holds nothing any more


@pytest.mark.parametrize("step", ["venv", "pip"])
def test_ctrl_c_ends_with_130_and_the_next_call_makes_it(checkout, step):
    process = checkout.start(**{f"FAKE_{step.upper()}_SECONDS": "30"})
    wait_until(lambda: step in checkout.called())
    wait_until(lambda: (checkout.root / ".venv" / "bin" / "python").exists())
    os.killpg(process.pid, signal.SIGINT)               # the terminal sends it to all of them
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in err
    assert stamps(checkout) == []
    checkout.calls()
    assert checkout.run().returncode == 0
    assert checkout.calls() == MAKE


def test_two_at_once_make_it_once_and_the_second_says_what_it_waits_for(checkout):
    first = start_and_wait_for_pip(checkout, seconds="1")
    second = checkout.start()
    _, err = second.communicate(timeout=60)
    first.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (0, 0)
    assert err == f"conform: waiting for process {first.pid}, which is setting up .venv ...\n"
    calls = checkout.calls()
    assert [calls.count(kind) for kind in ("venv", "pip", "program")] == [1, 1, 2]


def test_a_killed_parents_pip_is_waited_for(checkout):
    """It still writes into .venv: to start another beside it would mix the two."""
    process = start_and_wait_for_pip(checkout, seconds="1")
    os.kill(process.pid, signal.SIGKILL)
    called = checkout.run()
    assert "waiting" in called.stderr
    assert called.returncode == 0
    process.communicate()


def test_a_lock_file_left_behind_stops_nobody(checkout):
    (checkout.root / ".venv.setup").mkdir()
    (checkout.root / ".venv.setup" / "lock").write_text("1\n")
    called = checkout.run()
    assert called.returncode == 0
    assert "waiting" not in called.stderr


def test_a_failing_pip_shows_why_and_is_not_believed(checkout):
    called = checkout.run(FAKE_PIP_EXIT="1", FAKE_PIP_SAYS="ERROR: no matching distribution")
    assert called.returncode == 4
    assert "    ERROR: no matching distribution\n" in called.stderr
    assert "call again" in called.stderr
    assert stamps(checkout) == []
    checkout.calls()
    assert checkout.run().returncode == 0
    assert checkout.calls() == MAKE


def test_a_failing_renewal_is_tried_again_in_place(warm):
    (warm.root / "pyproject.toml").write_text("[project]  # changed\n")
    assert warm.run(FAKE_PIP_EXIT="1").returncode == 4
    warm.calls()
    assert warm.run().returncode == 0
    assert warm.calls() == RENEW


def test_a_failing_venv_shows_its_message(checkout):
    assert checkout.run(FAKE_VENV_EXIT="1").returncode == 4
    assert checkout.calls() == [*PREPARE, "venv"]


def test_an_edit_during_the_set_up_is_noticed_by_the_next_call(checkout):
    process = start_and_wait_for_pip(checkout, seconds="0.5")
    (checkout.root / "pyproject.toml").write_text("[project]  # edited\n")
    process.communicate()
    checkout.calls()
    checkout.run()
    assert "pip" in checkout.calls()


def test_without_python_the_message_says_what_was_looked_for(checkout, tmp_path):
    (tmp_path / "path" / "python3").unlink()
    called = checkout.run()
    assert called.returncode == 4
    assert called.stderr == (
        "conform: no Python 3.11 or newer "
        "(looked on the PATH for python3.13, python3.12, python3.11, python3; found no python3 that runs)\n"
        "conform: on Debian: apt-get install python3 python3-venv\n")


def test_an_old_python_is_named(checkout):
    called = checkout.run(FAKE_PROBE="11")
    assert called.returncode == 4
    assert "found Python 3.9.2" in called.stderr


def test_a_python_that_cannot_make_environments_is_told_apart(checkout):
    called = checkout.run(FAKE_PROBE="12")
    assert called.returncode == 4
    assert called.stderr == (
        "conform: python3 is there, but it cannot make a virtual environment (no venv or no ensurepip)\n"
        "conform: on Debian: apt-get install python3-venv\n")


def test_a_candidate_that_does_not_run_is_passed_over(checkout, tmp_path):
    broken = tmp_path / "path" / "python3.13"           # as version managers leave them for versions not chosen
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    assert checkout.run().returncode == 0


def test_a_checkout_that_cannot_be_written_is_a_clear_message(checkout):
    (checkout.root / ".venv.setup").touch()             # a file in the way: no folder can be made, not even by root
    called = checkout.run()
    assert called.returncode == 4
    assert "cannot write" in called.stderr
