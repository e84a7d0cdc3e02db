"""The readers of text formats, Arrow and SQLite, held against the libraries that write these formats: Python's csv, json, sqlite3,
zoneinfo, datetime and codecs, pandas, DuckDB and Arrow."""
import csv
import datetime
import gzip
import io
import json
import math
import random
import sqlite3
import tempfile
import zoneinfo

import duckdb
import pandas as pd
import pyarrow as pa

import data
from check import Project

R = data.make()
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
TIMES = {"at", "ts"}


def read(reader, fields, content, options="", name=None):
    """The columns of a source over one file, as lists."""
    file = name or f"rows.{reader}"
    text = f'pipeline p\nsource rows = {reader}("{file}"{options}) {fields}\n'
    return Project(text, {file: content}).node("rows")


def compare(report, what, got, want):
    for name, values in want.items():
        report.column(f"{what}: {name}", got.get(name), values)


def day(value):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=value)).isoformat()


def time(value):
    return (EPOCH + datetime.timedelta(microseconds=value)).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def written(name, value):
    """A value as a text format has it."""
    if value is None:
        return None
    return day(value) if name == "d" else time(value) if name in TIMES else value


def micros(moment):
    return (moment - EPOCH) // datetime.timedelta(microseconds=1)


def formats(report):
    """One table in every format that holds it."""
    names = list(R)
    rows = [[written(n, R[n][i]) for n in names] for i in range(data.ROWS)]
    text = lambda v: "" if v is None else ("true" if v else "false") if isinstance(v, bool) else repr(v) if isinstance(v, float) else v

    def separated(**dialect):
        out = io.StringIO()
        writer = csv.writer(out, **dialect)
        writer.writerow(names)
        # Null is an empty field without quotes, so texts have quotes.
        writer.writerows([[text(v) for v in row] for row in rows])
        return out.getvalue()

    plain = separated()
    compare(report, "csv", read("csv", data.FIELDS, plain), R)
    compare(report, "tsv", read("tsv", data.FIELDS, separated(delimiter="\t")), R)
    compare(report, "csv, gzip", read("csv", data.FIELDS, gzip.compress(plain.encode())), R)
    compare(report, "csv, zstd", read("csv", data.FIELDS, pa.compress(plain.encode(), "zstd", asbytes=True)), R)
    compare(report, "csv, UTF-16", read("csv", data.FIELDS, plain.encode("utf-16")), R)
    compare(report, "csv, quotes and bars", read("csv", data.FIELDS, separated(delimiter="|", quotechar="'"), ', delimiter: "|", quote: "\'"'), R)
    lines = "\n".join(json.dumps({n: v for n, v in zip(names, row) if v is not None or i % 2}, ensure_ascii=i % 3 == 0) for i, row in enumerate(rows))
    compare(report, "jsonl", read("jsonl", data.FIELDS, lines), R)
    compare(report, "jsonl, gzip", read("jsonl", data.FIELDS, gzip.compress(lines.encode())), R)

    table = data.arrow(R)
    for what, write in {
        "file": lambda sink, t: pa.ipc.new_file(sink, t.schema),
        "stream": lambda sink, t: pa.ipc.new_stream(sink, t.schema),
        "lz4": lambda sink, t: pa.ipc.new_file(sink, t.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")),
        "zstd": lambda sink, t: pa.ipc.new_stream(sink, t.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")),
    }.items():
        sink = io.BytesIO()
        with write(sink, table) as writer:
            writer.write_table(table, max_chunksize=700)
        compare(report, f"arrow, {what}", read("arrow", data.FIELDS, sink.getvalue()), R)

    # SQLite has no NaN: it stores null.
    kept = {n: [None if isinstance(v, float) and math.isnan(v) else v for v in R[n]] for n in names}
    with tempfile.NamedTemporaryFile(suffix=".db") as file:
        with sqlite3.connect(file.name) as database:
            database.execute(f"create table t ({', '.join(names)})")
            database.executemany(f"insert into t values ({', '.join('?' * len(names))})", rows)
        database.close()
        content = open(file.name, "rb").read()
    compare(report, "sqlite", read("sqlite", data.FIELDS, content, ', "select * from t order by rowid"'), kept)
    counted = duckdb.connect()
    counted.register("t", pd.DataFrame({"k": R["k"], "m": R["m"]}))
    want = counted.execute("select k, count(*) n, sum(m) s from t group by k order by k nulls first").fetchall()
    got = read("sqlite", "{ k: category?  n: int  s: int }", content, ', "select k, count(*) as n, sum(m) as s from t group by k order by k"')
    compare(report, "sqlite, a query", got, {"k": [r[0] for r in want], "n": [r[1] for r in want], "s": [int(r[2]) for r in want]})


def dialects(report):
    """Random texts full of delimiters, quotes and line ends."""
    r = random.Random(4)
    for number in range(30):
        delimiter, quote, end = r.choice(",;\t|"), r.choice("\"'"), "\n" if number % 2 else "\r\n"  # csv quotes \r only where lines end in it
        texts = [["".join(r.choice("ab,;\t|\"'\n\r é ") for _ in range(r.randint(0, 9))) for _ in range(3)] for _ in range(200)]
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, quotechar=quote, lineterminator=end, quoting=csv.QUOTE_ALL if number % 2 else csv.QUOTE_MINIMAL)
        writer.writerow(["x", "y", "z"])
        writer.writerows(texts)
        shown = {"\t": "\\t", '"': '\\"'}
        options = f', delimiter: "{shown.get(delimiter, delimiter)}", quote: "{shown.get(quote, quote)}"'
        got = read("csv", "{ x: text?  y: text?  z: text? }", out.getvalue(), options)
        empty = "" if number % 2 else None
        compare(report, f"dialect {number}", got, {n: [row[i] or empty for row in texts] for i, n in enumerate("xyz")})
    frame = pd.DataFrame({"s": ["a,b", 'q"q', "", None, "l\nl"], "x": [0.1, -1e-9, None, 1e300, 5e-324]})
    got = read("csv", "{ s: text?  x: float? }", frame.to_csv(index=True))
    compare(report, "csv of pandas with an index", got, {"s": ["a,b", 'q"q', None, None, "l\nl"], "x": [0.1, -1e-9, None, 1e300, 5e-324]})
    got = read("jsonl", "{ s: text?  x: float? }", frame.to_json(orient="records", lines=True, double_precision=15))
    compare(report, "jsonl of pandas", {"s": got["s"]}, {"s": ["a,b", 'q"q', "", None, "l\nl"]})


def changesOf(zone):
    """Days at whose end the zone's offset is another than at their begin."""
    days = [EPOCH + datetime.timedelta(days=d) for d in range(35000)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return [day + datetime.timedelta(hours=h) for day, old, new in zip(days, offsets, offsets[1:]) if old != new for h in range(24)]


def zones(report):
    r = random.Random(5)
    for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia"):
        zone = zoneinfo.ZoneInfo(name)
        texts, want = [], []
        changes = changesOf(zone)
        while len(texts) < 3000:
            moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=r.randint(-2 * 10**9, 4 * 10**9))
            if len(texts) % 2:
                moment = (r.choice(changes).astimezone(zone) + datetime.timedelta(minutes=r.randint(-150, 150))).replace(tzinfo=None)
            local = moment.replace(tzinfo=zone, fold=0)
            there = local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment
            if not there:
                continue  # a time that never comes
            texts.append(moment.isoformat())
            want.append(micros(local.astimezone(UTC)))
        got = read("csv", "{ n: int  t: timestamp }", "n,t\n" + "".join(f"{i},{t}\n" for i, t in enumerate(texts)), f', zone: "{name}"')
        report.column(f"local times of {name}", got["t"], want)
    project = Project('pipeline p\nsource rows = csv("a.csv", zone: "Europe/Berlin") { n: int  t: timestamp }\n', {"a.csv": "n,t\n1,2024-03-31 02:30\n"})
    done = project.call("show", "rows")
    report.say("a local time that never comes is an error", (done.returncode != 1 or "02:30" not in done.stderr or "row 1" not in done.stderr) and done.stdout + done.stderr)


def patterns(report):
    r = random.Random(6)
    for pattern in ("%d.%m.%Y", "%m/%d/%y", "%Y%m%d", "%d %b %Y", "%B %d, %Y", "%A %Y-%j", "%d-%m-%Y %H:%M", "%m/%d/%Y %I:%M:%S %p",
                    "%Y-%m-%dT%H:%M:%S.%f%z", "%a %b %d %H:%M:%S %Y", "%H:%M %d.%m.%y"):
        moments = [datetime.datetime(r.randint(1970, 2060), r.randint(1, 12), r.randint(1, 28), r.randint(0, 23), r.randint(0, 59), r.randint(0, 59),
                                     r.randint(0, 999999), datetime.timezone(datetime.timedelta(minutes=r.choice([0, 330, -480])))) for _ in range(500)]
        texts = [m.strftime(pattern) for m in moments]
        want = [datetime.datetime.strptime(t, pattern) for t in texts]
        want = [micros(m if m.tzinfo else m.replace(tzinfo=UTC)) for m in want]
        content = "n;t\n" + "".join(f'{i};"{t}"\n' for i, t in enumerate(texts))
        got = read("csv", "{ n: int  t: timestamp }", content, f', delimiter: ";", dates: "{pattern}"')
        report.column(f"times as {pattern}", got["t"], want)
        if "%H" not in pattern and "%I" not in pattern:
            got = read("csv", "{ n: int  t: date }", content, f', delimiter: ";", dates: ["%H:%M %d.%m.%Y", "{pattern}"]')
            report.column(f"days as {pattern}", got["t"], [w // 86_400_000_000 for w in want])


def encodings(report):
    for name, codec in [("latin-1", "latin-1"), ("iso-8859-1", "latin-1"), ("latin-9", "iso8859-15"), ("windows-1250", "cp1250"),
                        ("windows-1251", "cp1251"), ("windows-1252", "cp1252")]:
        letters = []
        for byte in range(32, 256):
            try:
                letters.append(bytes([byte]).decode(codec))
            except UnicodeDecodeError:
                pass
        texts = [c for c in letters if c not in '",' and c.strip()]
        content = "n,t\n" + "".join(f"{i},x{t}\n" for i, t in enumerate(texts))
        got = read("csv", "{ n: int  t: text }", content.encode(codec), f', encoding: "{name}"')
        report.column(f"every character of {name}", got["t"], ["x" + t for t in texts])


def inferred(report):
    """Schemas that nobody declares, of each text format."""
    cases = [
        ("csv", "a,zip,n,t,o\n1,01234,,10:30,true\n2,98765,,11:00,false\n", "", {"a": [1, 2], "zip": ["01234", "98765"], "n": [None, None], "t": ["10:30", "11:00"], "o": [True, False]}),
        ("csv", "x;d\n1,5;31.12.2024\n2;01.01.2025\n", ', delimiter: ";", decimal: ",", dates: "%d.%m.%Y"', {"x": [1.5, 2.0], "d": [20088, 20089]}),
        ("tsv", "x\ty\n1\ta\n2.5\tb\n", "", {"x": [1.0, 2.5], "y": ["a", "b"]}),
        ("jsonl", '{"a": 1, "d": "2024-12-31"}\n{"b": "x", "a": 2.5, "d": "2025-01-01"}\n', "", {"a": [1.0, 2.5], "b": [None, "x"], "d": [20088, 20089]}),
    ]
    for reader, content, options, want in cases:
        project = Project(f'pipeline p\nsource rows = {reader}("rows.{reader}"{options})\n', {f"rows.{reader}": content})
        done = project.call("pin", "rows")
        report.say(f"pin {reader}", done.returncode and done.stdout + done.stderr)
        compare(report, f"inferred {reader}", project.node("rows"), want)


def files(report):
    """Several files are one source; the same rows are the same columns whatever file they come from."""
    text = 'pipeline p\nsource rows = {} {{ a: int  k: category }}\ntable t from rows {{ derive b = a + 1 }}\n'
    lines = ['{"a": 1, "k": "x"}\n', '{"k": "y", "a": 2}\n']
    project = Project(text.format('jsonl("*.jsonl")'), {"1.jsonl": lines[0], "2.jsonl": gzip.compress(lines[1].encode()), "all.tsv": "k\ta\nx\t1\ny\t2\n"})
    compare(report, "a glob of jsonl", project.node("t"), {"a": [1, 2], "k": ["x", "y"], "b": [2, 3]})
    (project.folder / "main.cd4ml").write_text(text.format('tsv("all.tsv")'))
    done = project.call("run", "t", "--json")
    ran = [n for n in ("t",) if f'"{n}"' in done.stdout and '"state":"ran"' in done.stdout.replace(" ", "")]
    compare(report, "tsv", project.node("t"), {"a": [1, 2], "k": ["x", "y"], "b": [2, 3]})
    report.say("the table is not computed anew", (done.returncode or ran) and done.stdout + done.stderr)


MODEL = """pipeline p
source rows = csv("rows.csv") { day: date @time  x: float  kind: category{"a", "b"}  y: float }
features f from rows { target y  x = x  kind = kind }
split f by time { train 70%  validate 15%  test 15% }
model m = gbdt(f, trees: 5, min_rows: 1)
evaluate e of m on test { rmse }
"""


def scored(report):
    """`score` takes rows in every format but SQLite's, and says of each bad cell why its row has no prediction."""
    rows = "day,x,kind,y\n" + "".join(f"2024-01-{d:02d},{d}.5,{'ab'[d % 2]},{d * 2}\n" for d in range(1, 31))
    frame = pd.DataFrame({"x": [1.5, 20.0, 29.25], "kind": ["a", "b", "b"]})
    sink = io.BytesIO()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    lines = frame.to_json(orient="records", lines=True)
    project = Project(MODEL, {"rows.csv": rows, "in.csv": frame.to_csv(index=False), "in.tsv": frame.to_csv(index=False, sep="\t"), "in.jsonl": lines,
                              "in.parquet": table, "in.arrow": sink.getvalue(), "packed.bin": gzip.compress(lines.encode()), "in.tsv.gz": gzip.compress(frame.to_csv(index=False, sep="\t").encode()),
                              "bad.csv": "x,kind\n1.5,a\nsix,b\n20,c\n29.25,b\n", "bad.jsonl": '{"x": 1.5, "kind": "a"}\n{"x": "six", "kind": "b"}\n{"x": 20}\n{"x": 29.25, "kind": "b"}\n'})
    done = project.call("run")
    report.say("train", done.returncode and done.stdout + done.stderr)
    want = project.call("score", "m", "in.csv")
    report.say("score in.csv", want.returncode and want.stderr)
    for name in ("in.tsv", "in.jsonl", "in.parquet", "in.arrow", "packed.bin", "in.tsv.gz"):
        got = project.call("score", "m", name)
        report.say(f"score {name}", got.stdout != want.stdout and f"{got.stdout}{got.stderr}, not {want.stdout}")
    good = [line.split(",")[0] for line in want.stdout.splitlines()[1:]]
    for name, reasons in [("bad.csv", ["`six` is no float", "c"]), ("bad.jsonl", ["the text `six` is no float", "null"])]:
        got = project.call("score", "m", name)
        report.say(f"score {name} fails", (got.returncode == 0 or got.stdout or "six" not in got.stderr or "`x`" not in got.stderr) and got.stdout + got.stderr)
        got = project.call("score", "m", name, "--on-error", "null")
        table = list(csv.reader(io.StringIO(got.stdout)))
        report.say(f"score {name} --on-error null", ([r[0] for r in table[1:]] != [good[0], "", "", good[2]] or [bool(r[-1]) for r in table[1:]] != [False, True, True, False]
                   or any(w not in t[-1] for w, t in zip(reasons, table[2:4]))) and got.stdout + got.stderr)


def run(report):
    for part in (scored, formats, dialects, zones, patterns, encodings, inferred, files):
        part(report)
