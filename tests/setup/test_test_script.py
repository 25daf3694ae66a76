"""`./test` runs pytest in the checkout, in the same environment with what the tests need added."""
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKERS = [b"-n", b"2", b"--dist", b"worksteal"]


def test_it_runs_pytest_in_the_checkout_on_two_workers(checkout):
    called = checkout.run("-k", "two words", script="test")
    assert called.returncode == 0
    assert checkout.arguments() == [b"pytest", *WORKERS, b"-k", b"two words"]
    assert checkout.seen("folder").strip() == str(checkout.root)
    assert ".[model,instrument,test]" in checkout.seen("pip").split("\n")


@pytest.mark.parametrize("own", [["-n", "4"], ["-n0"], ["--numprocesses=1"], ["-p", "no:xdist"], ["--pdb"]])
def test_the_callers_choice_of_workers_wins(checkout, own):
    checkout.run(*own, script="test")
    assert checkout.arguments() == [b"pytest", *(word.encode() for word in own)]


def test_what_python_compiles_is_kept_and_numpy_starts_no_threads_of_its_own(checkout):
    """For the programs that tests start, hundreds of them: this keeps a fifth of their time."""
    checkout.run(script="test", PYTHONDONTWRITEBYTECODE="1", OPENBLAS_NUM_THREADS="8")
    seen = checkout.seen("environment").splitlines()
    assert "OPENBLAS_NUM_THREADS=1" in seen and not any(line.startswith("PYTHONDONTWRITEBYTECODE=") for line in seen)
    checkout.run(PYTHONDONTWRITEBYTECODE="1", OPENBLAS_NUM_THREADS="8")
    assert {"OPENBLAS_NUM_THREADS=8", "PYTHONDONTWRITEBYTECODE=1"} <= set(checkout.seen("environment").splitlines())       # ./conform leaves them


def test_its_exit_code_is_that_of_pytest(checkout):
    assert checkout.run(script="test", FAKE_EXIT="5").returncode == 5


def test_after_it_conform_needs_no_set_up(checkout):
    checkout.run(script="test")
    checkout.calls()
    checkout.run()
    assert checkout.calls() == ["program"]


def test_after_conform_it_adds_what_is_missing(warm):
    warm.run(script="test")
    assert warm.calls() == ["probe", "lock", "usable", "pip", "program"]
    warm.run(script="test")
    warm.run()
    assert warm.calls() == ["program", "program"]


def test_a_failed_set_up_is_a_failure(checkout):
    assert checkout.run(script="test", FAKE_PIP_EXIT="1").returncode == 4
    assert "program" not in checkout.calls()


def test_a_missing_compiler_is_said_before_the_tests_run(checkout, tmp_path):
    assert "test: no C compiler" in checkout.run(script="test").stderr
    (tmp_path / "path" / "gcc").symlink_to(shutil.which("true"))
    assert "compiler" not in checkout.run(script="test").stderr


def test_the_build_server_runs_the_same(checkout, tmp_path):
    (checkout.root / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", checkout.root / ".ci" / "run")
    for tool in ("bash", "dirname", "env"):
        (tmp_path / "path" / tool).symlink_to(shutil.which(tool))
    assert checkout.run(script=".ci/run", FAKE_EXIT="1").returncode == 1
    assert checkout.arguments() == [b"pytest", *WORKERS]
