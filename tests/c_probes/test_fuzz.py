"""The kept corpus of the fuzzers goes through the file readers without a finding, with any compiler and without libFuzzer."""

import re
import subprocess
from pathlib import Path

import pytest

C_PROBES = Path(__file__).parents[2] / "c_probes"
CORPUS = C_PROBES / "fuzz" / "corpus"
KINDS = sorted(folder.name for folder in CORPUS.iterdir())


class Replay:
    """The replaying program, built as the Makefile would; any of the program's files may be replaced by a changed one."""

    def __init__(self, folder: Path) -> None:
        makefile = (C_PROBES / "fuzz" / "Makefile").read_text("utf-8")
        known = dict(re.findall(r"^([A-Z]+) = (.*)$", makefile, re.M))
        self.folder, self.renamed = folder, known["RENAMED"].split()
        self.compiler = [known["CC"], *known["CFLAGS"].split(), f"-fsanitize={known['SANITIZE']}"]
        (folder / "empty.c").write_text("int main(void) { return 0; }\n")
        if subprocess.run([*self.compiler, "empty.c", "-o", "empty"], cwd=folder, capture_output=True).returncode:
            self.compiler = self.compiler[:-1]              # no sanitizers: what crashes is still seen
        self.compile(*(path for path in (C_PROBES / "nanobragg").glob("*.c") if path.name != "main.c"))
        self.link()

    def compile(self, *sources: Path) -> None:
        self.call(*self.renamed, f"-I{C_PROBES / 'nanobragg'}", "-c", *map(str, sources))

    def link(self) -> None:
        objects = sorted(map(str, self.folder.glob("*.o")))
        self.call("-o", "replay", str(C_PROBES / "fuzz" / "replay.c"), str(C_PROBES / "fuzz" / "readers.c"), *objects, "-lm")

    def call(self, *words: str) -> None:
        done = subprocess.run([*self.compiler, *words], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0 and done.stderr == "", done.stderr

    def __call__(self, kind: str, *files: Path) -> subprocess.CompletedProcess:
        return subprocess.run([self.folder / "replay", kind, *files], capture_output=True, text=True, errors="replace", timeout=60)


@pytest.fixture(scope="module")
def replay(tmp_path_factory) -> Replay:
    return Replay(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_corpus_is_read_or_refused_without_a_finding(replay, kind):
    files = sorted((CORPUS / kind).iterdir())
    done = replay(kind, *files)
    counts = [int(line.rsplit(": ", 1)[1]) for line in done.stdout.splitlines() if re.search(r": \d+$", line)]
    assert done.returncode == 0 and len(counts) == len(files) > 4, done.stderr
    assert min(counts) == 0 and max(counts) >= 2                        # some are refused, some are read, both ways


def test_there_is_a_corpus_for_each_reader(replay):
    assert KINDS == ["dump", "header", "hkl", "matrix", "sources"]
    done = replay("poems", CORPUS / "hkl" / "plain")
    assert done.returncode == 1 and "no reader for `poems`" in done.stderr


def test_a_reader_that_trusts_its_file_is_found_out(replay, tmp_path):
    """A planted fault: reflections are entered wherever their indices say."""
    if "-fsanitize" not in replay.compiler[-1]:
        pytest.skip("this compiler has no sanitizers")
    text = (C_PROBES / "nanobragg" / "structure.c").read_text("utf-8")
    assert text.count("	if (!in_table(table, hkl))") == 1
    (tmp_path / "structure.c").write_text(text.replace("	if (!in_table(table, hkl))", "	if (table->n_hkls == 0)"))
    replay.compile(tmp_path / "structure.c")
    replay.link()
    done = replay("hkl", *sorted((CORPUS / "hkl").iterdir()))
    assert done.returncode != 0 and re.search("AddressSanitizer: |runtime error: ", done.stderr)
