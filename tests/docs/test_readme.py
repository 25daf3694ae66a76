"""The README: its command prints what it shows, its commands exist, and its waiver covers what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conform.probe.test_pendulum import bare
from tests.docs.reader import BLOCK

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMMAND = ["specs/scaling.rules", "--run", "supervisor"]


@pytest.fixture(scope="module")
def conform(shared_cache):
    """The script at the root; whole frames are simulated once."""

    def call(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run([ROOT / "conform", *words], cwd=ROOT, capture_output=True, text=True, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "CONFORM_CACHE": str(shared_cache)})

    return call


def timeless(text: str) -> str:
    return re.sub(r" +\d+\.\d s$", "", text.strip("\n"), flags=re.MULTILINE)


def test_the_first_command_prints_what_the_readme_shows(conform):
    done = conform("check", *COMMAND)
    shown = re.search(r"\n\n((?:    .*\n)+)", README[README.index("The first one prints") :])[1]
    assert timeless(done.stdout) == timeless("\n".join(line[4:] for line in shown.splitlines())) and done.returncode == 1


def test_the_known_break_can_be_waived_and_not_when_it_grows_tenfold(conform, tmp_path):
    """The crystal turned ten times as far keeps vectors that are ten times as wrong: shown on the same run in small, which has the same waiver."""
    done = conform("check", *COMMAND, "--waivers", "specs/waivers.toml")
    assert done.returncode == 0 and "conforms, but for 1 waived break" in done.stdout
    runs = shutil.copytree(ROOT / "runs", tmp_path / "runs")
    text = (runs / "quick.toml").read_text("utf-8")
    assert text.count("-osc 0.1 ") == 1
    (runs / "quick.toml").write_text(text.replace("-osc 0.1 ", "-osc 1.0 "), "utf-8")
    grown = conform("check", "specs/scaling.rules", "--run", str(runs / "quick.toml"), "--waivers", "specs/waivers.toml")
    assert grown.returncode == 1 and re.search(r"WAIVER FAILS +crystal\.15 on c: 7\.\d+e\+13 bounds apart, and 7\.22e\+12", grown.stdout)


# --- the table of commands, and what is useful with `check` --------------------------------------------------------------

ROWS = re.findall(r"^\| `conform ([^`]+)` \|", README, re.M)
OPTIONS = re.findall(r"^    (--\S.*?) {2,}\S", README[README.index("Useful with `check`") :], re.M)
MEANT = {                                # what a reader puts in the place of the capital letters
    "[nanobragg]": "--name fall --run first", "RULES": "specs/fall.rules", "RUN": "first", "SIDE": "c", "CLAUSE": "fall.2", "FLAGS": "1 2.5", "WHAT": "fall.2",
    "NAME=log:LOG": "c=log:old.log", "NAME=bundle:DIR": "port=bundle:traced", "LOG": "old.log", "DIR": "traced", "FOLDER": "found",
    "FILE.c": "theirs.c", "FILE.toml": "theirs.toml", "SHARD.json": "shard.json",
}
ANSWERS = "it is late\nus\n2099-12-31\n"
PROJECT = {                              # of the reader: a log and its dialect, a library of faults, cases of a run
    "old.log": "STONE stone=0 height=1 time=0.451523640985731\n", "dialects/stones.toml": """title = "stones"
own_names = true
[axes]
stone = ["stone"]
[[line]]
form = "STONE {pairs}"
[names]
height = { is = "height", unit = "m" }
time = { is = "time", unit = "s" }
""",
    "faults/wrong.toml": """title = "another g"
seen = "nowhere"
side = "port"
clause = "fall.2"
says = "times what is required"
run = "first"
[[edits]]
file = "programs/fall.py"
old = "9.81 * time}"
new = "9.8 * time}"
""",
    "runs/many.toml": 'title = "two"\n[sides.c]\n[sides.port]\n[cases.low]\nflags = "1"\n[cases.high]\nflags = "100"\n',
}


def meant(line: str) -> str:
    return " ".join(MEANT.get(word, word) for word in line.split())


def test_every_command_is_in_the_table_but_those_for_programs():
    from tests.conform.cli.test_help import EVERY

    named = {tuple(word for word in row.split() if re.fullmatch("[a-z]+", word)) for row in ROWS}
    single = {words for words in EVERY if words and not any(other[: len(words)] == words and other != words for other in EVERY)}
    assert single - named == {("report", "schema")} and named <= single


@pytest.mark.skipif(shutil.which("cc") is None, reason="the project compiles a program with cc")
def test_every_command_of_the_table_does_what_it_is_for(reader):
    """In its order, in a new project, with a mistake planted in its C program."""
    (reader.folder / "mine").mkdir()
    reader.folder /= "mine"
    for row in ROWS:
        status, said = reader.typed(f"printf '{ANSWERS}' | conform {meant(row)}")
        assert status in (0, 1) and said.strip() and not said.startswith("conform: "), f"{row}: {status}\n{said}"
        if row.startswith("init"):
            for file, text in PROJECT.items():
                reader.save(reader.folder / file, text)
            for language, file, body in BLOCK.findall((ROOT / "docs/instrument.md").read_text("utf-8")):
                if language in ("c", "toml"):
                    reader.save(reader.folder / file, body)
            reader.change(reader.folder / "conform.toml", '-rules = "specs/fall.rules"\n+rules = "specs/fall.rules"\n+dialects = "dialects"\n')
            reader.change(reader.folder / "programs/fall.c", "-\t\tdouble speed = 9.81 * time;\n+\t\tdouble speed = 9.8 * time;\n")
            reader.change(reader.folder / "specs/fall.rules", "-  speed = gravity * time\n+  speed = gravity*time\n")
            assert reader.typed("conform check specs/fall.rules --run many:low --format json --output shard.json")[0] == 1


HERE = {                                 # of the options, on the pendulums
    "--input crystal=PATH --input hkl=PATH": "--input pendulums=mine.txt", "--side c=source:FILE.c": "--side c=source:theirs.c",
    "--side c=log:FILE": "--side c=log:theirs.log", "--side c=bundle:DIR": "--side c=bundle:traced", "--side c=binary:PATH": "--side c=binary:./built",
}


@pytest.mark.skipif(shutil.which("cc") is None, reason="the project compiles a program with cc")
def test_every_option_that_is_called_useful_is_taken(reader):
    reader.folder /= "conform/examples/pendulum"
    check = "conform check pendulum.rules --run swing"
    shutil.copy(ROOT / "tests/conform/probe/pendulum.toml", reader.folder)
    reader.save(reader.folder / "theirs.c", bare())
    reader.save(reader.folder / "mine.txt", "1 30 0 1 2 3\n")
    reader.change(reader.folder / "conform.toml", '-[sides.c]\n+dialects = "../audit/dialects"\n+\n+[sides.c]\n+binding = "pendulum.toml"\n')
    reader.type("""$ cc -O2 -ffp-contract=off -DCONFORM_PROBES -I../../c_probes -o built pendulum.c -lm
$ cc -O2 -o ../audit/theirs ../audit/theirs.c -lm && ../audit/theirs runs/pendulums.txt 400 0.01 > theirs.log
$ conform trace --run swing --side c --output traced
…
$ conform waive pendulum.rules --run swing --clause force.2 --reason so --owner us --expires 2099-12-31
…
""")
    ended = {}
    for line in OPTIONS:
        option, _, variable = line.partition(", or ")
        assert variable.partition("=")[0] in (ROOT / "conform.toml").read_text("utf-8")
        ended[line], said = reader.typed(f"{check} {HERE.get(option, option)}")
        assert said.startswith("conform · pendulum · swing"), f"{line}\n{said}"
    assert len(OPTIONS) == 8 and ended["--quirks c=none"] == ended["--waivers specs/waivers.toml"] == 0
