"""conform_probe.h in somebody else's program: what it costs, where it puts values, what it does when it cannot."""

import os
import subprocess

import numpy as np
import pytest

from .unprobed import without_probes

TABLE = """
#define CONFORM_AXES(AXIS) AXIS(layer) AXIS(xyz) AXIS(h) AXIS(k)
#define CONFORM_QUANTITIES(Q) \\
	Q(run_value, "m", F64, "") Q(count, "count", I64, "layer") Q(point, "m", F64, "pixel layer xyz") \\
	Q(single, "", F32, "pixel") Q(table, "electron", F64, "h k") Q(never, "", F64, "pixel")
#include "conform_probe.h"
"""
# Every value says which element it belongs to. A dynamic schedule hands the pixels out in an order of its own.
DEMO = TABLE.replace("#include", "#define CONFORM_IMPLEMENTATION\n#include") + """
int main(void)
{
	const double table[3][4] = { { 0, 1, 2, 3 }, { 10, 11, 12, 13 }, { 20, 21, 22, 23 } };
	const int rows = 8, columns = 5, layers = 2;
	CONFORM_OPEN("demo \\"1\\"", "0");
	CONFORM_AXIS(layer, layers);
	CONFORM_COMPONENTS(xyz, "x y z");
	CONFORM_GRID(h, -1, 3);
	CONFORM_GRID(k, 5, 2);
	CONFORM_FRAME(rows, columns);
	CONFORM_PUT(run_value, 0.5);
	CONFORM_PUT_TABLE(table, &table[0][0], 4, 2, 0);
	CONFORM_BEGIN();
#pragma omp parallel for schedule(dynamic) default(none) shared(rows, columns, layers)
	for (int slow = 0; slow < rows; slow++)
		for (int fast = 0; fast < columns; fast++) {
			CONFORM_PIXEL(slow, fast);
			CONFORM_PUT(single, slow + 0.25);
			for (int layer = layers - 1; layer >= 0; layer--) {
				CONFORM_AT(layer, layer);
				if (fast == 4 && layer == 1)
					continue;
				CONFORM_PUT3(point, 100 * slow, 10 * fast, layer);
			}
		}
	CONFORM_RUN_LEVEL();
	for (int layer = 0; layer < layers; layer++) {
		CONFORM_AT(layer, layer);
		CONFORM_PUT_INT(count, 9007199254740993 + layer);
	}
	CONFORM_END();
	(void)rows, (void)columns, (void)layers, (void)table;
	return 0;
}
"""
FLAGS = "-Wall -Wextra -Wpedantic -Wconversion -Werror -O1 -fopenmp".split()


BUILT = {}                               # how a demo was built: the program


def compile_demo(folder, sources, *flags, compiler="gcc", standard="c11", text=DEMO):
    """In the folder, unless another test has built the same."""
    what = (flags, compiler, standard, text)
    if what not in BUILT:
        BUILT[what] = _compile(folder, sources, flags, compiler, standard, text)
    return BUILT[what]


def _compile(folder, sources, flags, compiler, standard, text):
    source = folder / ("demo.cc" if compiler == "g++" else "demo.c")
    source.write_text(text)
    done = subprocess.run([compiler, f"-std={standard}", *FLAGS, *flags, f"-I{sources}", source, "-o", folder / "demo"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "demo"


def run_demo(program, folder, pixels=None, threads=1, **options):
    (folder / "out").mkdir(exist_ok=True)
    env = {**os.environ, "OMP_NUM_THREADS": str(threads), "CONFORM_TRACE": str(folder / "out")}
    if pixels is not None:
        (folder / "list").write_text(pixels)
        env["CONFORM_PIXELS"] = str(folder / "list")
    return subprocess.run([program], env=env, capture_output=True, text=True, timeout=30, **options)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_values_go_to_their_loop_indices_whatever_thread_computes_them(tmp_path, sources, read_trace, threads):
    done = run_demo(compile_demo(tmp_path, sources, "-DCONFORM_PROBES"), tmp_path, threads=threads)
    assert done.returncode == 0, done.stderr
    trace = read_trace(tmp_path / "out")
    slow, fast = np.divmod(np.arange(40), 5)
    expected = np.stack(np.broadcast_arrays(100 * slow[:, None], 10 * fast[:, None], np.arange(2)), axis=-1).astype(float)
    reached = ~((fast[:, None, None] == 4) & (np.arange(2)[:, None] == 1) & np.ones(3, bool))
    assert np.array_equal(~trace.unset["point"], reached)
    assert np.array_equal(trace["point"][reached], expected[reached])
    assert np.array_equal(trace["single"], (slow + 0.25).astype(np.float32))
    assert (trace["slow"].tolist(), trace["fast"].tolist()) == (slow.tolist(), fast.tolist())


def test_counts_labels_grids_and_tables_arrive_whole(tmp_path, sources, read_trace):
    run_demo(compile_demo(tmp_path, sources, "-DCONFORM_PROBES"), tmp_path, pixels="2 1\n7 4\n")
    trace = read_trace(tmp_path / "out")
    assert trace["count"].tolist() == [9007199254740993, 9007199254740994]     # beyond what a double can count
    assert trace["table"].tolist() == [[0, 2], [10, 12], [20, 22]]
    assert trace.description["axes"]["h"] == {"size": 3, "first": -1}
    assert trace.description["axes"]["xyz"]["labels"] == ["x", "y", "z"]
    assert trace.description["producer"]["program"] == 'demo "1"'
    assert (trace["slow"].tolist(), trace["fast"].tolist(), trace["point"][:, 0, 0].tolist()) == ([2, 7], [1, 4], [200, 700])


def test_the_source_names_the_line_of_the_probe_and_an_unused_quantity_is_left_out(tmp_path, sources, read_trace):
    run_demo(compile_demo(tmp_path, sources, "-DCONFORM_PROBES"), tmp_path)
    described = read_trace(tmp_path / "out").description["quantities"]
    line = next(n for n, text in enumerate(DEMO.splitlines(), 1) if "CONFORM_PUT3" in text)
    assert described["point"]["source"] == f"demo.c:{line}"
    assert "never" not in described


@pytest.mark.parametrize("folder", [True, False])
def test_one_pixel_is_printed_with_its_indices_beside_a_trace_or_without_one(tmp_path, sources, folder):
    text = DEMO.replace("CONFORM_AXIS(layer, layers);", 'CONFORM_PRINT("> ", 6, 4);\n\tCONFORM_AXIS(layer, layers);')
    text = text.replace("CONFORM_PUT3(point", "CONFORM_PUT_AT(point, 1, 0.1);\n\t\t\t\tCONFORM_PUT3(point")
    program = compile_demo(tmp_path, sources, "-DCONFORM_PROBES", text=text)
    done = run_demo(program, tmp_path, threads=2) if folder else subprocess.run([program], env={**os.environ, "CONFORM_TRACE": ""},
                                                                                capture_output=True, text=True)
    assert done.stdout.splitlines() == ["> run_value = 0.5", "> single = 6.25", "> point[layer=0 xyz=1] = 0.10000000000000001",
                                        "> point[layer=0] = 600 40 0", "> count[layer=0] = 9007199254740993",
                                        "> count[layer=1] = 9007199254740994"]
    assert (tmp_path / "out" / "trace.json").exists() == folder


def test_without_the_switch_nothing_is_written(tmp_path, sources):
    done = run_demo(compile_demo(tmp_path, sources), tmp_path)
    assert (done.returncode, list((tmp_path / "out").iterdir())) == (0, [])


def test_the_header_is_neutral_towards_cpp(tmp_path, sources, read_trace):
    try:
        program = compile_demo(tmp_path, sources, "-DCONFORM_PROBES", compiler="g++", standard="c++17")
    except FileNotFoundError:
        pytest.skip("no g++ here")
    assert run_demo(program, tmp_path).returncode == 0
    assert read_trace(tmp_path / "out")["point"][39, 0].tolist() == [700, 40, 0]


V1, V2 = ("memory/{}memory.limit_in_bytes", "memory/{}memory.usage_in_bytes"), ("{}memory.max", "{}memory.current")


def group(kind, folder, most, used, stat="") -> dict[str, str]:
    """The files of a control group."""
    limit, now = (f"groups/{name.format(folder)}" for name in kind)
    return {limit: f"{most}\n", now: f"{used}\n", f"{limit.rpartition('/')[0]}/memory.stat": stat}


@pytest.mark.parametrize("files, complaint", [
    ({"meminfo": "MemTotal: 9 kB\nMemAvailable: 1 kB\n"}, "no memory for the trace of 40 pixels: with point (240 elements)"),
    ({"meminfo": "MemAvailable: 100 kB\n"}, ""),
    ({"meminfo": "MemTotal: 1 kB\n"}, ""),
    ({}, ""),
    (group(V2, "", 1500, 500), "and 1e-06 GB are left of the control group's limit in groups/memory.max; trace fewer pixels"),
    ({"own": "0::/\n", **group(V2, "", 1500, 500)}, "limit in groups/memory.max;"),
    ({"own": "0::/a/b\n", **group(V2, "a/b/", 1500, 500), **group(V2, "", 99999, 500)}, "limit in groups/a/b/memory.max;"),
    ({"own": "0::/a/b\n", **group(V2, "a/b/", "max", 500), **group(V2, "a/", 1500, 500)}, "limit in groups/a/memory.max;"),
    ({"own": "0::/of/the/host\n", **group(V2, "", 500, 1500)}, "and 0 GB are left of the control group's limit in groups/memory.max;"),
    ({"own": "0::/a\n", **group(V2, "b/", 1500, 500)}, ""),
    (group(V2, "", "max", 500), ""),
    (group(V2, "", "lots", 500), ""),
    (group(V2, "", 1500, "?"), "and 1.5e-06 GB are left"),
    (group(V2, "", 99999, 98999, "file 50000\ninactive_file 40000\nactive_file 20000\n"), ""),
    (group(V2, "", 99999, 98999, "file 50000\ninactive_anon 40000\n"), "and 1e-06 GB are left"),
    ({"meminfo": "MemAvailable: 1 kB\n", **group(V2, "", 9999, 0)}, "GB are left; trace fewer pixels"),
    ({"own": "4:memory:/a\n1:cpu:/\n0::/\n", **group(V1, "a/", 1500, 500, "inactive_file 90000\n")}, "limit in groups/memory/a/memory.limit_in_bytes;"),
    (group(V1, "", 99999, 98999, "inactive_file 0\ntotal_inactive_file 40000\ntotal_active_file 20000\n"), ""),
    (group(V1, "", 9223372036854771712, 500), ""),
])
def test_a_trace_that_memory_has_no_room_for_is_refused_before_the_first_pixel(tmp_path, sources, files, complaint):
    program = compile_demo(tmp_path, sources, "-DCONFORM_PROBES", '-DCONFORM_MEMINFO="meminfo"', '-DCONFORM_CGROUP="own"', '-DCONFORM_CGROUPS="groups"')
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    done = run_demo(program, tmp_path, cwd=tmp_path)
    assert (done.returncode, (tmp_path / "out" / "trace.json").exists()) == ((9, False) if complaint else (0, True))
    assert complaint in done.stderr and ("trace fewer pixels" in done.stderr) == bool(complaint)


@pytest.mark.parametrize("pixels, complaint", [
    ("3 1\n2 4\n", "list:2: pixel 2 4 does not come after"),
    ("2 4\n2 4\n", "list:2: pixel 2 4 does not come after"),
    ("0 0\n\n8 0\n", "list:3: pixel 8 0 is outside the frame of 8 x 5"),
    ("0 5\n", "outside the frame"),
    ("0 -1\n", "list:1: expected `slow fast`"),
    ("1 2 3\n", "list:1: expected `slow fast`"),
    ("one two\n", "list:1: expected `slow fast`"),
    ("0 99999999999999999999999\n", "outside the frame"),
    ("", "names no pixel"),
])
def test_a_wrong_pixel_list_is_refused_with_its_line(tmp_path, sources, pixels, complaint):
    done = run_demo(compile_demo(tmp_path, sources, "-DCONFORM_PROBES"), tmp_path, pixels=pixels)
    assert done.returncode == 9 and complaint in done.stderr


def test_a_folder_that_is_missing_or_used_is_refused_before_the_work(tmp_path, sources):
    program = compile_demo(tmp_path, sources, "-DCONFORM_PROBES")
    assert run_demo(program, tmp_path).returncode == 0
    again = run_demo(program, tmp_path)
    assert again.returncode == 9 and "holds a trace already" in again.stderr
    missing = subprocess.run([program], env={**os.environ, "CONFORM_TRACE": str(tmp_path / "no")}, capture_output=True, text=True)
    assert missing.returncode == 9 and "No such file" in missing.stderr


def test_a_full_disk_ends_the_program_and_leaves_no_trace_json(tmp_path, sources):
    resource = pytest.importorskip("resource")
    done = run_demo(compile_demo(tmp_path, sources, "-DCONFORM_PROBES"), tmp_path, restore_signals=False,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512)))
    assert done.returncode == 9 and "cannot write" in done.stderr and "File too large" in done.stderr
    assert not (tmp_path / "out" / "trace.json").exists()


@pytest.mark.parametrize("name", ["point.npy", "point.unset.npy", "trace.json.part"])
def test_no_space_left_for_one_file_ends_the_program_and_leaves_no_trace_json(tmp_path, sources, name):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to("/dev/full")
    done = run_demo(compile_demo(tmp_path, sources, "-DCONFORM_PROBES"), tmp_path)
    assert done.returncode == 9 and done.stderr == f"conform: cannot write {tmp_path}/out/{name}: No space left on device\n"
    assert not (tmp_path / "out" / "trace.json").exists()


@pytest.mark.parametrize("mistake, complaint", [
    (("CONFORM_AT(layer, layer);", "CONFORM_AT(layer, 7);"), "index 7 is outside the axis layer of 2"),
    (("CONFORM_PUT(single,", "CONFORM_PUT_AT(single, 3,"), "quantity single has no component 3"),
    (("CONFORM_PUT(run_value, 0.5)", "CONFORM_PUT(single, 0.5)"), "single is put outside a loop over pixel"),
    (("CONFORM_FRAME(rows, columns);", "CONFORM_PIXEL(0, 0); CONFORM_FRAME(rows, columns);"), "CONFORM_FRAME comes before CONFORM_PIXEL"),
])
def test_a_misplaced_probe_says_so_instead_of_writing_elsewhere(tmp_path, sources, mistake, complaint):
    program = compile_demo(tmp_path, sources, "-DCONFORM_PROBES", text=DEMO.replace(*mistake, 1))
    done = run_demo(program, tmp_path)
    assert done.returncode == 9 and complaint in done.stderr


EITHER = DEMO.replace("int main(void)", """#include <stdio.h>
static int traced(int at) { return printf("traced %d\\n", at); }
static int bare(int at) { return printf("bare %d\\n", at); }
int main(void)""").replace("CONFORM_PUT(single, slow + 0.25);", "CONFORM_PUT(single, slow + 0.25);\n\t\t\tCONFORM_EITHER(traced, bare)(10 * slow + fast);")


def test_of_two_compilations_of_a_loop_the_bare_one_runs_where_no_pixel_is_traced(tmp_path, sources):
    text = EITHER.replace("default(none) shared(rows, columns, layers)", "if (0)")
    assert text != DEMO and "CONFORM_EITHER" in text
    ran = run_demo(compile_demo(tmp_path, sources, "-DCONFORM_PROBES", text=text), tmp_path, pixels="1 2\n7 0\n").stdout.split("\n")[:-1]
    assert [line for line in ran if line.startswith("traced")] == ["traced 12", "traced 70"] and len(ran) == 8 * 5
    (tmp_path / "without").mkdir()
    ran = run_demo(compile_demo(tmp_path, sources, "-Wno-unused-function", text=text), tmp_path / "without").stdout
    assert ran.count("traced") == 8 * 5 and "bare" not in ran


@pytest.mark.parametrize("right, wrong, named", [("PUT(single", "PUT(sinlge", "CONFORM_Q_sinlge"),
                                                 ("AT(layer", "AT(leyer", "CONFORM_A_leyer"),
                                                 ("PUT_INT(count", "PUT_INT(Count", "CONFORM_Q_Count")])
def test_a_misspelt_quantity_or_axis_does_not_compile(tmp_path, sources, right, wrong, named):
    with pytest.raises(AssertionError, match=named):
        compile_demo(tmp_path, sources, "-DCONFORM_PROBES", text=DEMO.replace(right, wrong))


def test_default_none_asks_for_no_name_of_ours(tmp_path, sources):
    """The program's own names still must be listed, so that the region is one in which a name of ours would show."""
    assert "default(none)" in DEMO
    compile_demo(tmp_path, sources, "-DCONFORM_PROBES")
    unlisted = DEMO.replace("const int rows", "int rows").replace("shared(rows, columns, layers)", "shared(rows, columns)")
    with pytest.raises(AssertionError, match=".layers. not specified in enclosing .parallel"):
        compile_demo(tmp_path, sources, "-DCONFORM_PROBES", text=unlisted)


def compile_objects(folder, *flags):
    names = sorted(path.name for path in folder.glob("*.c"))
    subprocess.run(["gcc", "-std=c11", *flags, "-c", *names], cwd=folder, check=True)
    return {name: (folder / name).with_suffix(".o").read_bytes() for name in names}


@pytest.fixture
def bare_and_written(tmp_path, sources):
    """Two copies of the program's sources: without a trace of a probe, and as they are written."""
    bare, written = tmp_path / "bare" / "nanobragg", tmp_path / "written" / "nanobragg"
    bare.mkdir(parents=True), written.mkdir(parents=True)
    (written.parent / "conform_probe.h").write_text((sources / "conform_probe.h").read_text())
    for path in (sources / "nanobragg").glob("*.[ch]"):
        (written / path.name).write_text(path.read_text())
        if path.name != "quantities.h":
            (bare / path.name).write_text(without_probes(path.read_text()))
    assert not any("CONFORM" in path.read_text() for path in bare.iterdir())
    return bare, written


@pytest.mark.parametrize("flags", [["-O0"], ["-O2", "-ffp-contract=off", "-fopenmp"], ["-O3", "-march=native", "-fopenmp"]], ids=" ".join)
def test_object_code_without_the_switch_is_that_of_a_program_without_probes(bare_and_written, flags):
    """Without -g, which would name the lines. Every object file is equal byte for byte."""
    bare, written = (compile_objects(folder, *flags) for folder in bare_and_written)
    assert bare.keys() == written.keys() and len(bare) > 10
    assert [name for name in bare if bare[name] != written[name]] == []


def test_object_code_with_the_switch_differs_where_there_are_probes(bare_and_written):
    bare, probed = compile_objects(bare_and_written[0], "-O0"), compile_objects(bare_and_written[1], "-O0", "-DCONFORM_PROBES")
    unprobed = {"cli.c", "flags.c", "headers.c", "sourcefile.c", "cache.c", "text.c", "report.c"}    # hold no probe
    assert {name for name in bare if bare[name] == probed[name]} == unprobed


# --- whole frames -----------------------------------------------------------------------------------------------------

def test_at_pixel_level_a_whole_frame_has_the_values_of_its_pixels_alone(tmp_path, sources, read_trace, monkeypatch):
    monkeypatch.setenv("CONFORM_LEVEL", "pixel")
    assert run_demo(compile_demo(tmp_path, sources, "-DCONFORM_PROBES"), tmp_path, threads=2).returncode == 0
    trace = read_trace(tmp_path / "out")
    assert set(trace.values) == {"run_value", "count", "table", "single", "slow", "fast"}       # no point[pixel layer xyz]
    slow, fast = np.divmod(np.arange(40), 5)
    assert np.array_equal(trace["single"], (slow + 0.25).astype(np.float32)) and trace["count"][1] == 9007199254740994
    assert (trace["slow"].tolist(), trace["fast"].tolist()) == (slow.tolist(), fast.tolist())


def test_at_pixel_level_one_pixel_is_still_printed_whole(tmp_path, sources, monkeypatch):
    monkeypatch.setenv("CONFORM_LEVEL", "pixel")
    text = DEMO.replace("CONFORM_AXIS(layer, layers);", 'CONFORM_PRINT("> ", 6, 3);\n\tCONFORM_AXIS(layer, layers);')
    done = run_demo(compile_demo(tmp_path, sources, "-DCONFORM_PROBES", text=text), tmp_path)
    assert done.stdout.splitlines()[1:4] == ["> single = 6.25", "> point[layer=1] = 600 30 1", "> point[layer=0] = 600 30 0"], done.stdout


def test_an_unknown_level_is_refused(tmp_path, sources, monkeypatch):
    monkeypatch.setenv("CONFORM_LEVEL", "subpixel")
    done = run_demo(compile_demo(tmp_path, sources, "-DCONFORM_PROBES"), tmp_path)
    assert done.returncode == 9 and done.stderr == "conform: CONFORM_LEVEL=subpixel: it may be `pixel`, for the values of whole pixels alone, or empty\n"
