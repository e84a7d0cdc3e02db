"""Types of Parquet, odd CSV, and files that `show -o` writes and a source reads back."""
import decimal

import pyarrow as pa

import data
from check import Project, plain

R = data.make()
NAN = float("nan")
US = pa.timestamp("us")

#   name, column, field type, what is read
PARQUET = [
    ("i8", pa.array([-128, None, 127], pa.int8()), "int?", [-128, None, 127]),
    ("i16", pa.array([-32768, None, 1], pa.int16()), "int?", [-32768, None, 1]),
    ("i32", pa.array([-2**31, None, 1], pa.int32()), "int?", [-2**31, None, 1]),
    ("u8", pa.array([255, None, 1], pa.uint8()), "int?", [255, None, 1]),
    ("u16", pa.array([65535, None, 1], pa.uint16()), "int?", [65535, None, 1]),
    ("u32", pa.array([2**32 - 1, None, 1], pa.uint32()), "int?", [2**32 - 1, None, 1]),
    ("u64", pa.array([2**63 - 1, None, 1], pa.uint64()), "int?", [2**63 - 1, None, 1]),
    ("i64", pa.array([-2**63, None, 2**63 - 1], pa.int64()), "int?", [-2**63, None, 2**63 - 1]),
    ("i64f", pa.array([-3, None, 2**53], pa.int64()), "float?", [-3.0, None, 2.0**53]),
    ("f32", pa.array([0.5, None, NAN], pa.float32(), from_pandas=False), "float?", [0.5, None, NAN]),
    ("dec", pa.array([decimal.Decimal("-12.50"), None, decimal.Decimal("0.25")], pa.decimal128(9, 2)), "float?", [-12.5, None, 0.25]),
    ("b", pa.array([True, None, False]), "bool?", [True, None, False]),
    ("dict", pa.array(["z", None, "é"]).dictionary_encode(), "category?", ["z", None, "é"]),
    ("dict_t", pa.array(["z", None, ""]).dictionary_encode(), "text?", ["z", None, ""]),
    ("closed", pa.array(["z", None, "é"]), 'category{"é", "z", "q"}?', ["z", None, "é"]),
    ("large", pa.array(["z", None, "é"], pa.large_string()), "text?", ["z", None, "é"]),
    ("d32", pa.array([-1, None, 19000], pa.int32()).cast(pa.date32()), "date?", [-1, None, 19000]),
    ("d64", pa.array([-86_400_000, None, 0], pa.int64()).cast(pa.date64()), "date?", [-1, None, 0]),
    ("s", pa.array([-1, None, 7], pa.int64()).cast(pa.timestamp("s")), "timestamp?", [-1_000_000, None, 7_000_000]),
    ("ms", pa.array([-1, None, 7], pa.int64()).cast(pa.timestamp("ms")), "timestamp?", [-1000, None, 7000]),
    ("us", pa.array([-1, None, 7], pa.int64()).cast(US), "timestamp?", [-1, None, 7]),
    ("ns", pa.array([-1, None, 7999], pa.int64()).cast(pa.timestamp("ns")), "timestamp?", [-1, None, 7]),
    ("tz", pa.array([-1, None, 7], pa.int64()).cast(pa.timestamp("us", "America/New_York")), "timestamp?", [-1, None, 7]),
    ("dur", pa.array([-1, None, 7], pa.int64()).cast(pa.duration("ms")), "duration?", [-1000, None, 7000]),
    ("nulls", pa.nulls(3, pa.float64()), "float?", [None, None, None]),
]
#   name, column, field type, words of the error
WRONG = [
    ("too great", pa.array([1, 2**63], pa.uint64()), "int", "9223372036854775808"),
    ("a null", pa.array([1, None], pa.int64()), "int", "null"),
    ("a fraction", pa.array([1.5, 2.0]), "int", "double"),
    ("a text", pa.array(["1", "2"]), "int", "int"),
    ("another level", pa.array(["a", "c"]), 'category{"a", "b"}', "c"),
    ("a list", pa.array([[1], [2]]), "float", "float"),
]


def parquet(report):
    fields = "".join(f"  {name}: {kind}\n" for name, _, kind, _ in PARQUET)
    table = pa.table({name: column for name, column, _, _ in PARQUET})
    got = Project(f'pipeline p\nsource rows = parquet("rows.parquet") {{\n{fields}}}\n', {"rows.parquet": table}).node("rows")
    for name, _, kind, want in PARQUET:
        report.column(f"parquet {name} as {kind}", got.get(name), want)
    for name, column, kind, word in WRONG:
        project = Project(f'pipeline p\nsource rows = parquet("rows.parquet") {{ x: {kind} }}\n', {"rows.parquet": pa.table({"x": column})})
        done = project.call("show", "rows")
        said = done.stdout + done.stderr
        report.say(f"parquet: {name} is an error", (done.returncode != 1 or "`x`" not in said or word not in said) and said)


def csv(report):
    text = 'pipeline p\nsource rows = csv("rows.csv") { n: int?  x: float?  s: text?  c: category?  at: timestamp? }\n'
    lines = '\ufeffn,ignored,x,s,c,at\r\n +7 ,"a,b",1e-3,"two\r\nlines",,1969-07-20T20:17:40Z\r\n-0,,-inf,"""","",1600-02-29\r\n,,.5,é,"NaN",\r\n9223372036854775807,,1E400,,x,9999-12-31T23:59:59.999999Z'
    lines = lines.replace(".5,", "0.5,").replace("1E400", "1E4")
    got = Project(text, {"rows.csv": lines}).node("rows")
    for name, want in [("n", [7, 0, None, 2**63 - 1]), ("x", [1e-3, float("-inf"), 0.5, 1e4]), ("s", ["two\r\nlines", '"', "é", None]), ("c", [None, "", "NaN", "x"]),
                       ("at", [-14182940000000, -11670998400000000, None, 253402300799999999])]:
        report.column(f"csv {name}", got[name], want)


def roundTrip(report):
    fields = data.FIELDS
    text = f'pipeline p\nsource rows = parquet("rows.parquet") {fields}'
    first = Project(text + "table t from rows { derive gap = ts - at }\n", {"rows.parquet": data.arrow(R)})
    want = first.node("t")
    back = fields.rstrip()[:-1] + "  gap: duration?\n}\n"
    for ending in ("csv", "parquet"):
        done = first.call("show", "t", "-o", f"copy.{ending}")
        report.say(f"show -o copy.{ending}", done.returncode and done.stderr)
        files = {f"copy.{ending}": (first.folder / f"copy.{ending}").read_bytes()}
        got = Project(f'pipeline p\nsource rows = {ending}("copy.{ending}") {back}', files).node("rows")
        for name, values in want.items():
            report.column(f"{ending} written and read: {name}", got.get(name), values)
    done = first.call("show", "t", "-o", "copy.arrow")
    report.say("show -o copy.arrow", done.returncode and done.stderr)
    with pa.OSFile(str(first.folder / "copy.arrow")) as file:
        table = pa.ipc.open_file(file).read_all()
    for name, values in want.items():
        report.column(f"arrow written: {name}", plain(table[name]), values)


def inferred(report):
    """The types of a source without a field block, once it is pinned."""
    lines = "i,f,b,d,at,s,n\n1,1,true,2024-01-01,2024-01-01T10:00:00Z,a,\n-2,0.5,false,1969-12-31,2024-01-02T00:00:00Z,b,1\n"
    project = Project('pipeline p\nsource rows = csv("rows.csv")\n', {"rows.csv": lines})
    done = project.call("pin", "rows")
    report.say("pin", done.returncode and done.stdout + done.stderr)
    got = project.node("rows")
    for name, want in [("i", [1, -2]), ("f", [1.0, 0.5]), ("b", [True, False]), ("d", [19723, -1]), ("at", [1704103200000000, 1704153600000000]), ("s", ["a", "b"]), ("n", [None, 1])]:
        report.column(f"inferred {name}", got.get(name), want)


def run(report):
    for part in (parquet, csv, roundTrip, inferred):
        part(report)
