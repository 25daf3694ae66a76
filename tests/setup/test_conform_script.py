"""`./conform` is `conform`: nothing that the caller gives or gets back is changed on the way."""
import os
import shutil

import pytest

AWKWARD = ["check", "two words", "", "--flag=it's", '"quoted"', "-n", "--", "new\nline\n", "$HOME `id` \\", "*", "\udcff"]


def test_arguments_pass_byte_for_byte(checkout):
    checkout.run(*AWKWARD)
    assert checkout.arguments() == [os.fsencode(argument) for argument in AWKWARD]


def test_no_arguments_stay_none(checkout):
    checkout.run()
    assert checkout.arguments() == []


@pytest.mark.parametrize("status", [0, 1, 2, 3, 4, 130])
def test_the_exit_code_passes(warm, status):
    assert warm.run(FAKE_EXIT=str(status)).returncode == status


def test_the_working_directory_stays_the_callers(checkout, tmp_path):
    checkout.run(cwd=tmp_path)
    assert checkout.seen("folder").strip() == str(tmp_path)


def test_it_works_through_a_chain_of_symlinks(checkout, tmp_path):
    (tmp_path / "first").symlink_to(checkout.root / "conform")
    (tmp_path / "second").symlink_to("first")
    assert checkout.run("x", script=tmp_path / "second").returncode == 0
    assert checkout.arguments() == [b"x"]
    assert (checkout.root / ".venv").is_dir()


def test_it_works_when_found_on_the_path(checkout):
    path = checkout.environment["PATH"]
    called = checkout.run("-c", "conform y", script=os.path.join(path, "sh"), PATH=f"{checkout.root}:{path}")
    assert called.returncode == 0
    assert checkout.arguments() == [b"y"]


@pytest.mark.skipif(shutil.which("dash") is None, reason="no dash here")
def test_it_is_plain_enough_for_dash(checkout, tmp_path):
    (tmp_path / "path" / "sh").unlink()
    (tmp_path / "path" / "sh").symlink_to(shutil.which("dash"))
    assert checkout.run("conform", "z", script=tmp_path / "path" / "sh", cwd=checkout.root).returncode == 0
    assert checkout.arguments() == [b"z"]


def test_the_callers_python_settings_do_not_reach_ours(checkout):
    foreign = dict.fromkeys(("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "PIP_USER"), "/elsewhere")
    checkout.run(**foreign)
    assert "/elsewhere" not in checkout.seen("environment")


def test_a_second_openmp_runtime_is_allowed(checkout):
    checkout.run()
    assert "KMP_DUPLICATE_LIB_OK=TRUE\n" in checkout.seen("environment")


def test_standard_output_is_the_programs_alone(checkout):
    called = checkout.run(FAKE_PIP_SAYS="chatter")
    assert called.stdout == ""
    assert called.stderr == "conform: setting up .venv (first use; about a minute, 1 GB) ...\n"
