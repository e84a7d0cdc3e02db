"""Drives cd4mlc as a user would: a copy of an example in a folder of its own, the real binary, JSON events."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CD4MLC = pathlib.Path(os.environ.get("CD4MLC", ROOT / "build/release/bin/cd4mlc"))


class Project:
    """A scratch copy of an example with its own state."""

    def __init__(self, example, folder=None):
        self.temporary = tempfile.TemporaryDirectory(dir=folder)
        self.path = pathlib.Path(self.temporary.name) / example
        shutil.copytree(ROOT / "examples" / example, self.path,
                        ignore=shutil.ignore_patterns(".cd4ml", "flights-3m.parquet"))
        self.file = self.path / "main.cd4ml"

    def edit(self, old, new, count=1):
        text = self.file.read_text()
        assert old in text, f"`{old}` is not in {self.file}"
        self.file.write_text(text.replace(old, new, count))

    def command(self, *arguments, env=None, check=None, timeout=600):
        """Runs cd4mlc here; returns the finished process with `.seconds`."""
        start = time.perf_counter()
        done = subprocess.run([CD4MLC, *map(str, arguments)], cwd=self.path, capture_output=True, text=True,
                              timeout=timeout, env={**os.environ, "NO_COLOR": "1", **(env or {})})
        done.seconds = time.perf_counter() - start
        if check is not None and done.returncode != check:
            raise AssertionError(f"cd4mlc {' '.join(map(str, arguments))}: exit {done.returncode}, not {check}\n"
                                 f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return done

    def run(self, *arguments, check=0, **options):
        """`cd4mlc run --json`; returns a Run."""
        return Run(self.command("run", "--json", *arguments, check=check, **options))


class Run:
    def __init__(self, process):
        self.process = process
        self.events = [json.loads(line) for line in process.stdout.splitlines() if line.strip()]
        self.stages = {e["name"]: e for e in self.events if e["event"] == "stage"}
        self.gates = [e for e in self.events if e["event"] == "gate"]
        self.last = self.events[-1]
        assert self.last["event"] == "run", "the last event is `run`"

    def ran(self):
        return sorted(name for name, e in self.stages.items() if e["status"] == "ran")

    def metric(self, name, evaluate=None):
        """The value of a metric of all rows; of the only evaluate that has it, or of the one named."""
        return next(e["value"] for e in self.events if e["event"] == "metric" and e["name"] == name and not e.get("slice")
                    and evaluate in (None, e["evaluate"]))

    def contents(self):
        return {name: e.get("content") for name, e in self.stages.items()}


class Checks:
    """Collects the lines of one script."""

    def __init__(self):
        self.failed = 0

    def that(self, holds, text, figure=""):
        self.failed += not holds
        print(f"{'PASS' if holds else 'FAIL'}  {text}{': ' + str(figure) if figure != '' else ''}", flush=True)

    def finish(self):
        raise SystemExit(1 if self.failed else 0)
