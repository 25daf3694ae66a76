"""Every command does what its help says, on the tiny project."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys

import numpy as np
import pytest

from conform.report.model import Report
from specs_dsl.help import codes

# --- check -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quirks, status", [([], 0), (["--quirks", "a=far"], 1)])
def test_the_json_report_is_valid_and_carries_the_exit_status(tiny_project, quirks, status):
    ended = tiny_project.check("--format", "json", *quirks)
    report = Report.model_validate_json(ended.out)
    assert ended.status == report.exit_code == status
    assert (report.spec, report.rules, report.run, report.sides, report.elements) == ("lamp", "lamp.rules", "wall", ("a", "b"), 9)
    assert ended.out == report.model_dump_json(indent=1) + "\n"


def test_a_break_is_named_with_its_clause_side_and_size(tiny_project):
    report = Report.model_validate(tiny_project.judge("--quirks", "a=far"))
    found = report.first_break
    assert (found.clause, found.title, found.side, found.source) == ("lamp.1", "Distance", "a", "lamp.rules:20")
    assert found.traced > found.required and found.broken == found.elements == 9
    assert found.at["slow"] == 0 and found.at["fast"] == 1    # the first in loop order
    assert [root.clause for root in report.roots] == ["lamp.1"]
    assert report.explained.still == () and set(report.explained.differing) == {"distance", "light", "image"}


def test_the_json_report_is_the_same_bytes_from_other_runs_and_folders(tiny_project, tmp_path, monkeypatch):
    first = tiny_project.check("--format", "json", "--quirks", "a=far").out
    second = tiny_project.check("--format", "json", "--quirks", "a=far", "--fresh").out
    assert first == second
    monkeypatch.setenv("CONFORM_CACHE", str(tmp_path / "another cache"))
    assert tiny_project.check("--format", "json", "--quirks", "a=far").out == first
    assert str(tmp_path) not in first


@pytest.mark.parametrize("format", ["terminal", "json"])
def test_a_report_goes_to_the_screen_or_to_a_file(tiny_project, format):
    def timeless(text):
        return "\n".join(line[:60] for line in text.splitlines()) if format == "terminal" else text

    on_screen = tiny_project.check("--format", format)
    for_dash = tiny_project.check("--format", format, "-o", "-")
    to_file = tiny_project.check("--format", format, "--output", "deep/report")
    assert timeless(on_screen.out) == timeless(for_dash.out) == timeless(tiny_project.text("deep/report"))
    assert to_file.out == "" and to_file.err == "" and not (tiny_project.root / "-").exists()


def test_a_report_that_breaks_is_written_too(tiny_project):
    assert tiny_project.check("--quirks", "a=far", "-o", "report.txt").status == 1
    assert "FIRST BREAK   lamp.1" in tiny_project.text("report.txt")


def test_full_lists_every_verdict(tiny_project):
    short, full = tiny_project.check(), tiny_project.check("--full")
    assert "lamp.3" not in short.out
    for clause in ("lamp.1", "lamp.2", "lamp.3"):
        assert sum(line.startswith(clause) for line in full.out.splitlines()) == 2


def test_both_sides_of_one_trace_are_not_a_pass(tiny_project):
    folder = tiny_project.trace("a", "bundle")
    ended = tiny_project.check("--side", f"a=bundle:{folder}", "--side", f"b=bundle:{folder}", "--format", "json")
    assert ended.status == 3
    assert {(v["outcome"], v["reason"]) for v in ended.report["verdicts"] if v["side"] == "b"} == {("unchecked", "both sides are the same trace: a and b")}


def test_quirks_of_the_run_file_give_way_to_those_of_the_command_line(tiny_project):
    tiny_project.replace("runs/wall.toml", '[sides.a]\ndtype = "float64"', '[sides.a]\ndtype = "float64"\nquirks = "far"')
    assert tiny_project.check().status == 1
    assert tiny_project.check("--quirks", "a=none").status == 0


def test_the_command_in_the_report_is_the_runs_and_not_this_machines(tiny_project):
    report = tiny_project.judge("--quirks", "a=far")
    assert report["provenance"][0]["command"] == ["-lamp", "lamp.txt", "-wall", "wall.txt", "-out", "out.bin", "-quirks", "far"]


def test_the_json_report_does_not_say_where_on_this_machine_the_rules_lie(tiny_project, monkeypatch):
    monkeypatch.chdir(tiny_project.root / "runs")
    ended = tiny_project.call("check", tiny_project.root / "specs/lamp.rules", "--run", "wall", "--format", "json", "--quirks", "a=far")
    assert str(tiny_project.root) not in ended.out


# --- binaries --------------------------------------------------------------------------------------------------------


@pytest.fixture
def binary(tiny_project):
    """A program of somebody else: writes the image of the wall and traces nothing."""
    source = tiny_project.text("a.py").replace("import math", "import math, os\nos.environ.pop('CONFORM_TRACE', None)", 1)
    path = tiny_project.write("alien", f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(tiny_project.root)!r})\n{source}")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("way", ["option", "environment"])
def test_the_image_of_a_program_that_traces_nothing_is_judged_and_all_else_unchecked(tiny_project, binary, monkeypatch, way):
    if way == "environment":
        monkeypatch.setenv("LAMP_BIN", str(binary))
    ended = tiny_project.check("--format", "json", *(["--side", "a=binary:alien"] if way == "option" else []))
    assert ended.status == 3
    verdicts = {v["clause"]: v for v in ended.report["verdicts"] if v["side"] == "a"}
    image = verdicts.pop("lamp.3")                    # judged with the inputs of its neighbour, for all that lies before it
    assert (image["outcome"], image["speaks_for"]) == ("holds", ["lamp.1", "lamp.2"])
    assert ended.report["provenance"][0]["inputs_from"] == "b" and ended.report["provenance"][1]["inputs_from"] is None
    assert {v["outcome"] for v in verdicts.values()} == {"unchecked"}
    assert all("not in the trace" in v["reason"] for name, v in verdicts.items() if name != "lamp.4")
    assert ended.report["provenance"][0]["program"] == "alien"
    [image] = [p for p in ended.report["parity"] if p["quantity"] == "image"]
    assert (image["elements"], image["differing"]) == (9, 0)
    assert {v["outcome"] for v in ended.report["verdicts"] if v["side"] == "b" and v["clause"] != "lamp.4"} == {"holds"}


def test_an_image_that_differs_from_the_other_sides_shows_in_the_parity(tiny_project, binary):
    binary.write_text(binary.read_text().replace("return sum(turns)", "return 2 * sum(turns)"))
    report = tiny_project.judge("--side", "a=binary:alien")
    [image] = [p for p in report["parity"] if p["quantity"] == "image"]
    assert image["differing"] == 9 and image["worst"] == pytest.approx(0.5, rel=0.6)
    assert (report["first_break"]["clause"], report["first_break"]["side"]) == ("lamp.3", "a")
    assert report["first_break"]["speaks_for"] == ["lamp.1", "lamp.2"]


def test_a_changed_binary_is_run_again(tiny_project, binary):
    tiny_project.check("--side", "a=binary:alien")
    before = len(tiny_project.kept("traces"))
    binary.write_text(binary.read_text() + "#")
    tiny_project.check("--side", "a=binary:alien")
    assert len(tiny_project.kept("traces")) == before + 1


@pytest.mark.parametrize("change, said", [
    (lambda m: m["quantities"].pop("slow"), "does not say which pixels it holds (slow, fast)"),
    (lambda m: m["quantities"]["slow"].update(axes=["turn"]), "does not say which pixels it holds (slow, fast)"),
    (lambda m: m["quantities"]["slow"].update(dtype="float64"), "does not say which pixels it holds (slow, fast)"),
    (lambda m: None, "pixels outside the image of 4 by 6"),
])
def test_a_bundle_that_cannot_tell_the_other_side_which_pixels_to_trace_is_refused(tiny_project, binary, complains, change, said):
    folder = tiny_project.trace("b", "bundle")
    manifest = json.loads((folder / "manifest.json").read_text())
    np.save(folder / "fast.npy", np.full(9, 6))
    manifest["quantities"]["fast"]["sha256"] = ""
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    complains(tiny_project.check("--side", "b=bundle:bundle", "--side", "a=binary:alien"), 2, said, "help: ")


# --- trace -----------------------------------------------------------------------------------------------------------


def test_a_traced_bundle_is_read_back_as_the_side(tiny_project):
    ended = tiny_project.call("trace", "--run", "wall", "--side", "a", "--output", "out/bundle")
    assert ended == type(ended)(0, "out/bundle: 9 quantities of side a (9 pixel, 3 turn)\n", "")
    direct = tiny_project.check("--format", "json").out
    tiny_project.counted("b")
    assert tiny_project.check("--format", "json", "--side", "a=bundle:out/bundle").status == 0
    assert tiny_project.runs_of("b") == 1                    # on the pixels of the bundle
    tiny_project.write("b.py", tiny_project.text("b.py").split("\n", 1)[1])
    assert tiny_project.check("--format", "json", "--side", "a=bundle:out/bundle").out == direct


def test_a_traced_bundle_can_be_read_by_others(tiny_project):
    folder = tiny_project.trace("a", "bundle")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o777 & ~mask


def test_quirks_go_into_a_traced_bundle(tiny_project):
    tiny_project.trace("a", "bundle", "--quirks", "a=far")
    assert tiny_project.judge("--side", "a=bundle:bundle")["first_break"]["clause"] == "lamp.1"


def test_a_bundle_under_another_name_is_judged_as_the_side_it_is_given_for(tiny_project):
    tiny_project.trace("a", "bundle", "--quirks", "a=far")
    report = tiny_project.judge("--side", "b=bundle:bundle")
    assert report["first_break"]["side"] == "b"


def test_trace_does_not_write_over_anything(tiny_project, complains):
    ended = tiny_project.call("trace", "--run", "wall", "--side", "a", "--output", "specs")
    complains(ended, 2, "specs: there is something already", "name a folder that does not exist yet")
    assert tiny_project.check().status == 0


def test_a_changed_bundle_is_found_out_by_check(tiny_project, complains):
    folder = tiny_project.trace("a", "bundle")
    content = bytearray((folder / "distance.npy").read_bytes())
    content[-1] ^= 1
    (folder / "distance.npy").write_bytes(content)
    complains(tiny_project.check("--side", "a=bundle:bundle"), 2, "distance.npy", "SHA-256", "--fresh")


def test_a_truncated_bundle_is_found_out_by_check(tiny_project, complains):
    folder = tiny_project.trace("a", "bundle")
    os.truncate(folder / "light.npy", 200)
    complains(tiny_project.check("--side", "a=bundle:bundle"), 2, "light.npy", "not a whole .npy file")


def test_quirks_for_a_bundle_are_refused_for_they_would_do_nothing(tiny_project, complains):
    tiny_project.trace("a", "bundle")
    complains(tiny_project.check("--side", "a=bundle:bundle", "--quirks", "a=far"), 2, "--quirks a=far", "side a is a bundle")


def test_an_input_that_no_side_would_read_is_refused(tiny_project, complains):
    tiny_project.trace("a", "one")
    tiny_project.trace("b", "two")
    ended = tiny_project.check("--side", "a=bundle:one", "--side", "b=bundle:two", "--input", "lamp=runs/inputs/lamp.txt")
    complains(ended, 2, "--input lamp", "every side is a bundle")


def test_an_unknown_side_is_not_traced(tiny_project, complains):
    complains(tiny_project.call("trace", "--run", "wall", "--side", "z", "--output", "x"), 2, "--side z", "a, b")


# --- exec ------------------------------------------------------------------------------------------------------------

ECHO = """import os, sys
print(sys.argv[1:], os.getcwd() == {root!r}, sys.stdin.read().upper())
print("to stderr", file=sys.stderr)
open("made.txt", "w").write("made")
sys.exit(int(sys.argv[-1]))
"""


def test_exec_passes_flags_files_streams_and_status_through(tiny_project):
    tiny_project.program("a", ECHO.format(root=str(tiny_project.root)))
    ended = subprocess.run([sys.executable, "-c", "from conform.cli.main import main; main()", "exec", "a", "--", "-x", "--run", "two words", "-h", "", "41"],
                           input="typed", capture_output=True, text=True, cwd=tiny_project.root)
    assert (ended.returncode, ended.stdout, ended.stderr) == (41, "['-x', '--run', 'two words', '-h', '', '41'] True TYPED\n", "to stderr\n")
    assert tiny_project.text("made.txt") == "made"


@pytest.mark.parametrize("status", [0, 1, 2, 130])
def test_exec_adds_nothing_to_any_status(tiny_project, status):
    tiny_project.program("a", "import sys\nsys.exit(int(sys.argv[-1]))\n")
    ended = tiny_project.run("exec", "a", "--", str(status))
    assert (ended.status, ended.out, ended.err) == (status, "", "")


def test_exec_works_from_any_folder_below_the_project(tiny_project):
    tiny_project.program("a", "import os\nprint(os.path.basename(os.getcwd()))\n")
    assert tiny_project.run("exec", "a", cwd=tiny_project.root / "specs").out == "specs\n"


def test_exec_tells_the_program_which_quirks_to_show(tiny_project):
    tiny_project.program("a", "import sys\nprint(sys.argv[1:])\n")
    assert tiny_project.run("exec", "a", "--quirks", "none,+far", "--", "-x").out == "['-x', '-quirks', 'none,+far']\n"


def test_a_program_under_exec_is_ended_by_the_signals_that_end_conform(tiny_project):
    tiny_project.program("a", "import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    process = tiny_project.start("exec", "a")
    assert process.stdout.readline() == "ready\n"
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == -15


def test_a_program_under_exec_stops_when_nobody_reads(tiny_project):
    tiny_project.replace("conform.toml", '["{python}", "{project}/a.py"]', '["sh", "-c", "yes | head -1"]')
    ended = tiny_project.run("exec", "a")
    assert (ended.status, ended.out, ended.err) == (0, "y\n", "")      # with SIGPIPE ignored, as Python leaves it, yes(1) would complain


@pytest.mark.parametrize("words, parts", [
    (["exec", "z"], ("conform.toml declares no side `z`", "a, b")),
    (["exec", "a", "--dtype", "float32"], ("side a computes in float64, not in float32",)),
    (["exec", "b", "--quirks", "none"], ("side b cannot be told which quirks to show",)),
])
def test_exec_refuses_what_the_project_does_not_declare(tiny_project, complains, words, parts):
    complains(tiny_project.call(*words), 2, *parts)


def test_exec_of_a_program_that_is_not_there_is_said(tiny_project, complains):
    tiny_project.replace("conform.toml", '["{python}", "{project}/a.py"]', '["{project}/gone"]')
    complains(tiny_project.run("exec", "a"), 4, "side a could not be started", "gone: No such file")


# --- lint ------------------------------------------------------------------------------------------------------------


def test_lint_counts_and_shows_warnings(tiny_project):
    ended = tiny_project.call("lint", "specs/lamp.rules")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == "specs/lamp.rules: 4 clauses, 4 statements, 11 quantities, 2 warnings"
    assert ended.out.count("warning[CF0405]") == 2


def test_lint_counts_one_as_one(tiny_project):
    tiny_project.write("specs/one.rules", 'spec lamp "lamp.md"\nvalue x : m\nclause lamp.1 "Distance"\n  "The distance of a pixel is the hypotenuse of its offset and the height of the lamp."\n  x = 0\n')
    assert tiny_project.call("lint", "specs/one.rules").out == "specs/one.rules: 1 clause, 1 statement, 1 quantity, 0 warnings\n"


def test_lint_looks_at_every_file_even_after_a_bad_one(tiny_project):
    tiny_project.write("specs/bad.rules", "claus lamp.1\n")
    ended = tiny_project.call("lint", "specs/bad.rules", "specs/gone.rules", "specs/lamp.rules")
    assert ended.status == 2
    assert "specs/lamp.rules: 4 clauses" in ended.out
    assert ended.err.count("conform: ") == 2 and "specs/bad.rules" in ended.err and "specs/gone.rules" in ended.err


# --- explain ---------------------------------------------------------------------------------------------------------


def test_explain_shows_what_a_clause_demands_and_where_its_bound_comes_from(tiny_project):
    ended = tiny_project.call("explain", "lamp.2")
    assert (ended.status, ended.err) == (0, "")
    for part in ("lamp.2 Light of a turn", "“The light of a turn is the power", "light = power * height / distance^3", "value distance[pixel] : m",
                 "bound in float64", "slack 2", "product power * height"):
        assert part in ended.out


def test_explain_shows_of_a_requirement_where_it_is_judged_of_what_it_speaks_and_why_it_may_be_off(tiny_project):
    text = tiny_project.text("specs/lamp.rules")
    tiny_project.write("specs/more.rules", text + '  require distance < 2 * height within 4 ulp because "it is turned" when height > 0\n')
    out = tiny_project.call("explain", text.split("clause ")[-1].split()[0], "--rules", "specs/more.rules").out
    assert out.endswith("""
  require distance < 2 * height
      when height > 0
    value distance[pixel] : m
    input height : m
    written by hand: within 4 ulp because it is turned
""")


def test_explain_shows_an_override_with_its_reason(tiny_project):
    tiny_project.write("specs/tolerances/float64.toml", tiny_project.text("specs/tolerances/float64.toml") + '\n[overrides."lamp.2"]\nslack = 5.0\nreason = "a table of powers"\n')
    assert "slack 5 (by hand: a table of powers)" in tiny_project.call("explain", "lamp.2").out
    assert "by hand" not in tiny_project.call("explain", "lamp.1").out


def test_explain_shows_a_quantity_with_its_definition_and_its_users(tiny_project):
    ended = tiny_project.call("explain", "distance", "--rules", "specs/lamp.rules")
    assert ended.status == 0
    assert "value distance[pixel] : m" in ended.out and "lamp.1: distance = sqrt(x^2 + height^2)" in ended.out and "used by lamp.2" in ended.out


def test_explain_shows_when_a_quantity_exists(tiny_project):
    assert "exists when shuttered" in tiny_project.call("explain", "shut").out


def test_explain_knows_every_code_outside_any_project(tiny_project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for code in codes():
        ended = tiny_project.call("explain", code)
        assert ended.status == 0 and ended.out.startswith(f"# {code}")


@pytest.mark.parametrize("words, parts", [
    (["explain", "distanse"], ("`distanse` is neither a clause nor a quantity of lamp", "did you mean `distance`?")),
    (["explain", "zzz"], ("`zzz` is neither a clause nor a quantity",)),
    (["explain", "CF9999"], ("there is no code CF9999", "codes run from")),
    (["explain", "lamp.1", "--rules", "specs/gone.rules"], ("specs/gone.rules", "lamp.rules")),
    (["explain", "lamp.1", "--dtype", "float16"], ("float16.toml", "no such tolerance profile")),
])
def test_explain_answers_what_it_does_not_know(tiny_project, complains, words, parts):
    complains(tiny_project.call(*words), 2, *parts)


def test_explain_asks_for_rules_where_the_project_names_none(tiny_project, complains):
    tiny_project.replace("conform.toml", 'rules = "specs/lamp.rules"\n', "")
    complains(tiny_project.call("explain", "lamp.1"), 2, "conform.toml names no rules", "--rules FILE")


# --- start -----------------------------------------------------------------------------------------------------------

LOADED = "; print(sorted({name.split('.')[0] for name in sys.modules} & {'torch', 'numpy', 'matplotlib', 'torch_model'}))"


@pytest.mark.parametrize("code", ["import sys, conform", "import sys, conform.cli.main",
                                  "import sys, conform.cli.main as m; assert m.run(['--help']) == 0", "import sys, conform.cli.main as m; assert m.run(['check', '--help']) == 0",
                                  "import sys, conform.cli.main as m; assert m.run(['explain', 'CF0203']) == 0"])
def test_what_needs_no_arrays_loads_none(tiny_project, code):
    done = subprocess.run([sys.executable, "-c", code + LOADED], capture_output=True, text=True, cwd=tiny_project.root)
    assert (done.returncode, done.stderr, done.stdout.splitlines()[-1]) == (0, "", "[]")


def test_a_check_loads_no_torch(tiny_project):
    code = "import sys, conform.cli.main as m; assert m.run(['check', 'specs/lamp.rules', '--run', 'wall']) == 0"
    done = subprocess.run([sys.executable, "-c", code + LOADED], capture_output=True, text=True, cwd=tiny_project.root)
    assert done.stdout.splitlines()[-1] == "['numpy']", done.stderr


def test_a_command_loads_no_other_command(tiny_project):
    """To load and describe all of them takes as long as a short one runs."""
    code = "import sys, conform.cli.main as m; assert m.run(['fmt', 'specs/lamp.rules']) == 0; print(sorted(n for n in sys.modules if n.startswith('conform.cli.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tiny_project.root)
    assert "'conform.cli.fmt'" in done.stdout and not {"'conform.cli.check'", "'conform.cli.mutate'", "'conform.cli.probe'"} & set(done.stdout.replace("]", ",").split(", ")), done


def test_help_names_every_command_and_every_exit_status(tiny_project):
    ended = tiny_project.call("--help")
    assert ended.status == 0
    for word in ("check", "exec", "trace", "lint", "fmt", "graph", "coverage", "explain", "0 conforms", "130"):
        assert word in " ".join(ended.out.split())


def test_the_version_is_one_line(tiny_project):
    from conform import __version__

    assert tiny_project.call("--version") == type(tiny_project.call("--help"))(0, f"conform {__version__}\n", "")


def test_json_is_plain_json_for_other_programs(tiny_project):
    def refuse(constant):
        raise AssertionError(constant)

    json.loads(tiny_project.check("--format", "json", "--quirks", "a=far").out, parse_constant=refuse)     # no NaN, no Infinity


def test_explain_shows_the_budget_of_one_element(tiny_project, complains):
    text = tiny_project.call("explain", "lamp.2", "--run", "wall", "--at", "slow=2,fast=3,turn=1", "--side", "a").out
    assert text.startswith("lamp.2 Light of a turn, side a (float64), at turn 1, slow 2, fast 3\n")
    assert "verdict   holds" in text and "power: distance^3" in text and "100 %  all of them" in text
    worst = tiny_project.call("explain", "lamp.1", "--run", "wall", "--quirks", "a=far").out
    assert worst.startswith("lamp.1 Distance, side a") and "verdict   breaks" in worst
    complains(tiny_project.call("explain", "lamp.2", "--run", "wall", "--at", "slow=0,fast=0"), 2, "traced no such element")
    complains(tiny_project.call("explain", "lamp.2", "--run", "wall", "--at", "hue=0"), 2, "there is no axis `hue`")
    complains(tiny_project.call("explain", "lamp.2", "--run", "wall", "--side", "d"), 2, "has no such side")
    complains(tiny_project.call("explain", "light", "--run", "wall"), 2, "of one element of a clause")


def test_probe_suggest_ranks_what_a_side_does_not_trace(tiny_project, complains):
    assert "every value that this run reaches is traced" in tiny_project.call("probe", "suggest", "specs/lamp.rules", "--run", "wall").out
    tiny_project.replace("kit.py", '        "light": ("W/m^2", ["pixel", "turn"], dtype, [value for i in chosen for value in turns[i]]),\n', "")
    ended = tiny_project.call("probe", "suggest", "specs/lamp.rules", "--run", "wall", "--on", "b")
    assert ended.status == 0 and ended.out.splitlines()[0] == "conform probe suggest · lamp.rules · wall · side b"
    assert "  1  light[pixel, turn] : W/m^2" in ended.out and "lets lamp.2 be judged" in ended.out and "lamp.3 speaks for 2 clauses, and would for 1" in ended.out
    report = tiny_project.call("probe", "suggest", "specs/lamp.rules", "--run", "wall", "--format", "json").report
    assert report["groups"] == {"lamp.3": ["lamp.2", "lamp.3"]} and report["suggestions"][0]["quantity"] == "light"
    complains(tiny_project.call("probe", "suggest", "specs/lamp.rules", "--run", "wall", "--on", "z"), 2, "has no such side")


def test_a_trace_of_another_command_or_of_other_files_is_told_before_any_blame(tiny_project):
    tiny_project.trace("b", "bundle")
    assert tiny_project.check("--side", "b=bundle:bundle").status == 0
    tiny_project.replace("runs/wall.toml", "-out out.bin ", "-out out.bin -gain 2 ")
    ended = tiny_project.check("--side", "b=bundle:bundle")
    assert ended.status == 1 and "NOT THE SAME  b was traced with another command than this run's" in ended.out and "did not do the same thing" in ended.out
    tiny_project.replace("runs/wall.toml", "-out out.bin -gain 2 ", "-out out.bin ")
    tiny_project.write("lamp-of-mine.txt", tiny_project.text("runs/inputs/lamp.txt").rstrip() + " \n\n")
    report = tiny_project.judge("--side", "b=bundle:bundle", "--input", "lamp=lamp-of-mine.txt")
    assert [(one["kind"], one["side"]) for one in report["unlike"]] == [("another input", "b")] and report["exit_code"] == 1
