"""Two short logs in our dialects beside each other: what `conform compare` says of them, and what it loads for that."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conform.cli.main import run
from conform.errors import UsageProblem
from conform.trace.logs.dialect import dialects_in, load_dialect
from conform.trace.logs.given import with_given
from conform.trace.logs.open import open_log
from specs_dsl.check import load

ROOT = Path(__file__).parents[3]
DIALECTS = ROOT / "c_probes/bindings/dialects"
RULES = ROOT / "specs/scaling.rules"

# One pixel of the supervisor run, as the C program prints it.
VALUES = """
pix0_vector_meters -0.216475836204836 0.216343050492215 -0.230192414300537
pixel_pos_meters -0.0383922537729319 0.0973681880033118 -0.230792784137485
R_distance_meters 0.253416334111961
diffracted_vec -0.151498733921271 0.384222226023891 -0.910725762592394
incident_vec 0.000513879494092498 -0 -0.999999867963924
lambda_meters 9.768e-11
lambda_angstroms 0.9768
scattering_vec_A_inv -1556230686.07047 3933478972.39855 913944567.685604
r_e_sqr 7.94079248018965e-30
fluence_photons_per_m2 1e+24
steps 10
oversample_thick 0
oversample_polar 0
oversample_omega 0
capture_fraction 1
polar 0.91463969894451
omega_pixel 4.20412684465831e-07
cos_2theta 0.910647790250995
I_before_scaling 943654.80923755
I_pixel_final 2.88139542684698e-07
floatimage_accumulated 2.88139546000821e-07
""".strip().splitlines()


def log_of(prefix: str, **changed: str) -> str:
    lines = [f"{prefix}: {line.split()[0]} {changed.get(line.split()[0], line.partition(' ')[2])}" for line in VALUES]
    return "\n".join([*(f"some other line {i}" for i in range(100 - len(lines))), *lines]) + "\n"


@pytest.fixture
def logs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.log").write_text("TRACE_CONFIG: tracing pixel (spixel=685, fpixel=1039)\n" + log_of("TRACE_C"))
    (tmp_path / "torch.log").write_text(log_of("TRACE_PY", I_pixel_final="3.1502e-07"))
    return ("compare", "c=log:c.log", "torch=log:torch.log", "--rules", str(RULES))


def test_two_logs_of_a_hundred_lines_are_compared_and_the_wrong_value_is_found(logs, capsys):
    assert run([*logs, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(root["clause"], root["side"]) for root in found["report"]["roots"]] == [("scaling.8", "torch")]
    assert (found["first"]["quantity"], found["dialects"]) == ("intensity", {"c": "trace-c", "torch": "trace-py"})
    assert {"interpolate", "shape"} <= set(found["assumed"])


def test_what_is_assumed_says_nothing_about_the_clause_that_defines_it(logs, capsys):
    assert run([*logs, "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)["report"]
    home = next(clause.id for clause in load(RULES).clauses for equation in clause.equations if equation.target == "interpolate")
    assert {v["outcome"] for v in report["verdicts"] if v["clause"] == home} == {"unchecked"}


def test_no_torch_and_nothing_that_runs_a_side_is_loaded(logs):
    code = ("import sys\nfrom conform.cli.main import run\nassert run(sys.argv[1:]) == 1\n"
            "assert 'conform.comparing' in sys.modules\n"
            "found = {'torch', 'lark', 'pint', 'matplotlib', 'tree_sitter', 'conform.run.execute', 'conform.run.gather', 'conform.probe.place'} & set(sys.modules)\n"
            "assert not found, found")
    subprocess.run([sys.executable, "-c", code, *logs], capture_output=True)                # what is kept for the next time
    done = subprocess.run([sys.executable, "-c", code, *logs], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1500:]


@pytest.mark.parametrize("name", sorted(dialects_in(DIALECTS)))
def test_everything_that_a_dialect_names_is_in_the_rules_and_what_it_assumes_can_be_given(tmp_path, name):
    spec, dialect = load(RULES), load_dialect(DIALECTS / f"{name}.toml").dialect
    assert [one.quantity for one in dialect.names.values() if one.quantity not in spec.quantities] == []
    assert dialect.assumed and set(dialect.assumed) | set(dialect.derived) <= set(spec.quantities)
    (tmp_path / "c.log").write_text(log_of("TRACE_C"))
    bundle, names = with_given(open_log("c", tmp_path / "c.log", spec, DIALECTS).assembled().bundle, dialect.assumed, spec, "assumed")
    assert set(names) == set(dialect.assumed) and all(bundle.manifest.quantities[one].told for one in names)


def test_what_stands_on_the_command_line_or_is_a_constant_cannot_be_given(logs, capsys):
    for name, said in (("wavelength_flag=1", "off the command line"), ("water_density=1", "a constant of the rules")):
        assert run([*logs, "--given", name]) == UsageProblem.exit_code
        assert said in capsys.readouterr().err
