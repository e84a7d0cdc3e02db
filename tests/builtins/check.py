"""Runs pipelines in scratch folders, reads what they write and compares column by column."""
import math
import os
import pathlib
import re
import struct
import subprocess
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

root = pathlib.Path(__file__).resolve().parent.parent.parent
cd4mlc = pathlib.Path(os.environ.get("CD4MLC", root / "build/release/bin/cd4mlc"))
seen = []  # the text of every pipeline, for everyBuiltinUsed


class Report:
    """Counts what held and prints what did not."""

    def __init__(self, verbose):
        self.passed = self.failed = 0
        self.verbose = verbose

    def say(self, name, wrong):
        if wrong:
            self.failed += 1
            print(f"FAIL {name}: {wrong}")
        else:
            self.passed += 1
            if self.verbose:
                print(f"ok   {name}")

    def column(self, name, got, want, ulps=0, scale=0.0):
        """Equal lists: nulls, NaN and everything exact, floats within `ulps`, or within 1e-12 of `scale` if that is more."""
        if got is None:
            return self.say(name, "no such column")
        if len(got) != len(want):
            return self.say(name, f"{len(got)} rows, not {len(want)}")
        bad = [i for i, (g, w) in enumerate(zip(got, want)) if not same(g, w, ulps, scale)]
        self.say(name, bad and f"{len(bad)} of {len(got)} rows differ; row {bad[0]}: {got[bad[0]]!r}, not {want[bad[0]]!r}")


def same(got, want, ulps, scale=0.0):
    if got is None or want is None:
        return got is None and want is None
    if isinstance(want, (list, tuple)):
        return len(got) == len(want) and all(same(g, w, ulps, scale) for g, w in zip(got, want))
    if isinstance(want, float):
        if not isinstance(got, float):
            return False
        if math.isnan(want) or math.isnan(got):
            return math.isnan(want) and math.isnan(got)
        if got == want:
            return True
        if math.isinf(want) or math.isinf(got):
            return False
        return ulpsApart(got, want) <= ulps or abs(got - want) <= 1e-12 * scale
    return type(got) is type(want) and got == want


def ulpsApart(a, b):
    def order(x):
        n = struct.unpack("<q", struct.pack("<d", x))[0]
        return n if n >= 0 else -(n & (2**63 - 1))
    return abs(order(a) - order(b))


def plain(column):
    """An Arrow column as a list: dates as days, times and durations as microseconds, categories as texts."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    elif pa.types.is_date32(kind):
        column = column.cast(pa.int32())
    elif pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", kind.tz)).cast(pa.int64())
    elif pa.types.is_duration(kind):
        column = column.cast(pa.duration("us")).cast(pa.int64())
    return column.to_pylist()


class Project:
    """A scratch folder with one pipeline in it."""

    def __init__(self, text, files=()):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.text = text
        seen.append(text)
        (self.folder / "main.cd4ml").write_text(text)
        for name, content in dict(files).items():
            if isinstance(content, pa.Table):
                pq.write_table(content, self.folder / name)
            else:
                (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def call(self, *arguments):
        return subprocess.run([cd4mlc, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "NO_COLOR": "1"})

    def node(self, name, *options):
        """The columns of a node as lists, by name."""
        done = self.call("show", name, "-o", "out.parquet", *options)
        if done.returncode:
            raise RuntimeError(f"show {name}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        table = pq.read_table(self.folder / "out.parquet")
        return {c: plain(table[c]) for c in table.column_names}


def everyBuiltinUsed(report):
    """Every row of stdlib/builtins.def is called somewhere in these pipelines."""
    names = re.findall(r"^CD4ML_BUILTIN\((\w+),", (root / "stdlib/builtins.def").read_text(), re.M)
    text = "\n".join(seen)
    report.say(f"all {len(names)} builtins are used", ", ".join(n for n in names if not re.search(rf"\b{n}\(", text)))
