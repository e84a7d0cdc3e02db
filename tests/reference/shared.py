"""What the checks of this folder share: where things are, how cd4mlc is called, what failed."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CD4MLC = pathlib.Path(os.environ.get("CD4MLC", ROOT / "build/release/bin/cd4mlc"))
PRINT_TREE = CD4MLC.parent.parent / "cd4ml_print_tree"
PROGRAMS = ROOT / "docs/reference/programs"
CONTEXTS = ROOT / "tests/reference/contexts"
SECRETS = {"STAGE_TOKEN": "x", "OPS_WEBHOOK_URL": "http://localhost:9", "OPS_KEY": "k", "SLACK_URL": "http://localhost:9",
           "TEAMS_URL": "http://localhost:9"}


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, holds, text):
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)
        if not holds:
            print(f"FAIL  {text}", flush=True)
        return holds


def rows(name):
    """The rows of a table of docs/reference, as dictionaries."""
    lines = (ROOT / "docs/reference" / name).read_text().splitlines()
    head = lines[0].split("\t")
    for line in lines[1:]:
        cells = line.split("\t")
        assert len(cells) == len(head), f"{name}: {line}"
        yield dict(zip(head, cells))


def call(folder, *arguments, env=None):
    done = subprocess.run([CD4MLC, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
                          env={**os.environ, "NO_COLOR": "1", **SECRETS, **(env or {})})
    return done.returncode, done.stdout


def codes(folder, file):
    """The codes that `check` answers, errors and the others apart."""
    _, said = call(folder, "check", file, "--format", "concise")
    found = re.findall(r": (error|warning|note)\[(CD\d{4})\]", said)
    return [c for kind, c in found if kind == "error"], [c for kind, c in found if kind != "error"], said


class Scratch:
    """A folder with the data and modules of the programs of docs/reference."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.temporary.name)
        shutil.copytree(PROGRAMS, self.path, dirs_exist_ok=True)
        (self.path / "shared").mkdir()
        shutil.copy(ROOT / "examples/shared/flights.cd4ml", self.path / "shared")

    def write(self, text, name="block.cd4ml"):
        (self.path / name).write_text(text)
        return name


def in_context(context, text):
    if context == "?":
        return text
    return (CONTEXTS / f"{context}.cd4ml").read_text().replace("{{block}}", text)
