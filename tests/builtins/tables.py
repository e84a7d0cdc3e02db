"""Verbs of tables, aggregates and readers: pandas and DuckDB do the same to the same rows."""
import gzip
import math

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

import data
from check import Project

R = data.make()
HEAD = f'pipeline p\nsource rows = parquet("rows.parquet") {data.FIELDS}'
NAN = float("nan")


def groups(*keys):
    """Row numbers by key, sorted: null last."""
    by = {}
    for row, key in enumerate(zip(*(R[k] for k in keys))):
        by.setdefault(key, []).append(row)

    def place(key):
        return [(v is None, v.encode() if isinstance(v, str) else v or 0) for v in key]
    return [(key, by[key]) for key in sorted(by, key=place)]


def some(name, rows):
    return [R[name][r] for r in rows if R[name][r] is not None]


def statistic(function, least=1):
    def of(values):
        return float(function(np.array(values, float))) if len(values) >= least else None
    return of


def mode(values):
    return min(pd.Series(values).mode(), key=lambda v: v.encode() if isinstance(v, str) else v) if values else None


def durations(rows):
    return [R["ts"][r] - R["at"][r] for r in rows if R["ts"][r] is not None]


AGGREGATES = [
    ("n", "count()", len),
    ("n_f", "count(f)", lambda rows: len(some("f", rows))),
    ("n_c", "count(c)", lambda rows: len(some("c", rows))),
    ("n_where", "count(where: i > 0)", lambda rows: sum(v > 0 for v in some("i", rows))),
    ("n_x_where", "count(c, where: p)", lambda rows: sum(R["p"][r] is True and R["c"][r] is not None for r in rows)),
    ("sum_i", "sum(i)", lambda rows: sum(some("i", rows)) if some("i", rows) else None),
    ("sum_s", "sum(s)", lambda rows: statistic(math.fsum)(some("s", rows))),
    ("sum_f", "sum(f)", lambda rows: statistic(np.sum)(some("f", rows))),
    ("sum_dur", "sum(to(ts - at, h))", lambda rows: statistic(math.fsum)([v / 3.6e9 for v in durations(rows)])),
    ("sum_where", "sum(s, where: p ?? false)", lambda rows: statistic(math.fsum)([R["s"][r] for r in rows if R["p"][r] and R["s"][r] is not None])),
    ("mean_s", "mean(s)", lambda rows: statistic(np.mean)(some("s", rows))),
    ("mean_f", "mean(f)", lambda rows: statistic(np.mean)(some("f", rows))),
    ("mean_p", "mean(p)", lambda rows: statistic(np.mean)(some("p", rows))),
    ("mean_i", "mean(m)", lambda rows: statistic(np.mean)(some("m", rows))),
    ("std_s", "std(s)", lambda rows: statistic(lambda x: pd.Series(x).std(), 2)(some("s", rows))),
    ("var_s", "var(s)", lambda rows: statistic(lambda x: pd.Series(x).var(), 2)(some("s", rows))),
    ("std_u", "std(u)", lambda rows: statistic(lambda x: pd.Series(x).std(skipna=False), 2)(some("u", rows))),
    ("median_s", "median(s)", lambda rows: statistic(np.median)(some("s", rows))),
    ("median_i", "median(m)", lambda rows: statistic(np.median)(some("m", rows))),
    ("quantile_s", "quantile(s, 0.9)", lambda rows: statistic(lambda x: np.quantile(x, 0.9))(some("s", rows))),
    ("quantile_0", "quantile(s, 0.0)", lambda rows: statistic(np.min)(some("s", rows))),
    ("quantile_1", "quantile(s, 1.0)", lambda rows: statistic(np.max)(some("s", rows))),
    ("min_i", "min(i)", lambda rows: min(some("i", rows), default=None)),
    ("max_i", "max(i)", lambda rows: max(some("i", rows), default=None)),
    ("min_f", "min(f)", lambda rows: statistic(np.min)(some("f", rows))),
    ("max_f", "max(f)", lambda rows: statistic(np.max)(some("f", rows))),
    ("min_d", "min(d)", lambda rows: min(some("d", rows), default=None)),
    ("max_ts", "max(ts)", lambda rows: max(some("ts", rows), default=None)),
    ("max_dur", "max(ts - at)", lambda rows: max(durations(rows), default=None)),
    ("uniq_c", "n_unique(c)", lambda rows: len(set(some("c", rows)))),
    ("uniq_i", "n_unique(i)", lambda rows: len(set(some("i", rows)))),
    ("uniq_f", "n_unique(f)", lambda rows: pd.Series([str(v) if v != v else v + 0.0 for v in some("f", rows)]).nunique()),
    ("uniq_t", "n_unique(t)", lambda rows: len(set(some("t", rows)))),
    ("mode_c", "mode(c)", lambda rows: mode(some("c", rows))),
    ("mode_m", "mode(m)", lambda rows: mode(some("m", rows))),
    ("any_p", "any(p)", lambda rows: any(some("p", rows))),
    ("all_p", "all(p)", lambda rows: all(some("p", rows))),
    ("any_where", "any(p, where: m == 3)", lambda rows: any(R["p"][r] for r in rows if R["m"][r] == 3 and R["p"][r] is not None)),
    ("unique_t", "unique(t)", lambda rows: pd.Series(some("t", rows), dtype=object).is_unique),
    ("mixed", "sum(s) / count() + 1", lambda rows: None if not some("s", rows) else math.fsum(some("s", rows)) / len(rows) + 1),
]
KEYS = [("by_k", "k", ["k"]), ("by_m", "m", ["m"]), ("by_p_k", "p, k", ["p", "k"]), ("by_i", "i", ["i"]), ("by_t", "t", ["t"]), ("by_d", "d", ["d"])]


def aggregates(report):
    text = HEAD
    for name, keys, _ in KEYS:
        text += f"table {name} from rows {{ group by {keys} {{\n" + "".join(f"  o_{n} = {e}\n" for n, e, _ in AGGREGATES) + "} }\n"
    text += "table by_month from rows { group by month = trunc(ts, 1mo), c { n = count() } }\n"
    project = Project(text, {"rows.parquet": data.arrow(R)})
    for name, _, keys in KEYS:
        got = project.node(name)
        want = groups(*keys)
        for place, key in enumerate(keys):
            report.column(f"{name}: key {key}", got[key], [k[place] for k, _ in want])
        for n, e, of in AGGREGATES:
            with np.errstate(all="ignore"):
                values = [of(rows) for _, rows in want]
            report.column(f"{name}: {e}", got.get(f"o_{n}"), values, 16, 1e7 if "dur" in n else 20.0)
    got = project.node("by_month")
    report.say("group by an expression adds up", sum(got["n"]) != data.ROWS)
    report.say("groups of an expression differ", len(set(zip(got["month"], got["c"]))) != len(got["n"]))


def frame(names):
    columns = {"row": list(range(data.ROWS))} | {n: R[n] for n in names}
    return pa.table({n: pa.array(v, from_pandas=False) for n, v in columns.items()})


FILTERS = [("p", "p"), ("not p", "not p"), ("p or q", "p or q"), ("p and q", "p and q"), ("i > m", "i > m"), ("c == \"SFO\"", "c = 'SFO'"),
           ("c != \"SFO\"", "c <> 'SFO'"), ("m not in {1, 2}", "m not in (1, 2)"), ("i is null", "i is null"), ("(p ?? true) and i is not null", "coalesce(p, true) and i is not null"),
           ("m in 3 .. 7 or q", "m between 3 and 7 or q"), ("not (i < m)", "not (i < m)"), ("length(c) > 3 and not q", "length(c) > 3 and not q"),
           ("i * 2 > j and p == q", "i * 2 > j and p = q"), ("c == k or c is null", "c = k or c is null")]


def filters(report):
    table = frame(["i", "m", "j", "c", "k", "p", "q"])  # noqa: F841, DuckDB reads it by name
    text = HEAD + "".join(f"table t{n} from rows {{ filter {ours} select at, i, c, p }}\n" for n, (ours, _) in enumerate(FILTERS))
    project = Project(text, {"rows.parquet": data.arrow(R)})
    for n, (ours, sql) in enumerate(FILTERS):
        keep = [r for (r,) in duckdb.sql(f"select row from \"table\" where {sql} order by row").fetchall()]
        got = project.node(f"t{n}")
        for name in ["at", "i", "c", "p"]:
            report.column(f"filter {ours}: {name}", got[name], [R[name][r] for r in keep])


def joins(report):
    right = {"k": ["a", "b", "Ü", None, "nobody", "nobody"], "x": [1, 2, None, 4, 5, 6], "name": ["eins", "zwei", "drei", "null", None, None]}
    many = {"m": [0, 1, 1, 3, None, None, 3, 99], "k": ["a", "a", "b", "z", "a", None, "z", "q"], "y": [0.5, 1.5, NAN, 3.5, 4.5, 5.5, 6.5, 7.5]}
    files = {"rows.parquet": data.arrow(R), "r.parquet": pa.table({n: pa.array(v) for n, v in right.items()}),
             "m.parquet": pa.table({n: pa.array(v, from_pandas=False) for n, v in many.items()})}
    text = HEAD + """source r = parquet("r.parquet") { k: category?  x: int?  name: text? }
source w = parquet("m.parquet") { m: int?  k: category?  y: float? }
table look from rows { join r on k select at, k, x, name }
table pre from rows { join r on c == k as p select at, c, p_x }
table inner_k from rows { join inner w on m as w select at, m, w_y }
table many_mk from rows { join many w on m, k select at, m, k, y }
table twice from rows { join w on m as w select at, w_y }
table clash from rows { derive x = 1 join r on k }
"""
    project = Project(text.replace("table clash from rows { derive x = 1 join r on k }\n", ""), files)
    got = project.node("look")
    by = {k: n for n, k in enumerate(right["k"][:3])}
    for name in ["x", "name"]:
        report.column(f"join: {name}", got[name], [None if k not in by else right[name][by[k]] for k in R["k"]])
    report.column("join keeps rows", got["at"], R["at"])
    report.column("join as p", project.node("pre")["p_x"], [None] * data.ROWS)
    inner = [(r, n) for r in range(data.ROWS) for n, m in enumerate(many["m"]) if m is not None and m == R["m"][r]]
    got = project.node("inner_k")
    report.column("join inner: at", got["at"], [R["at"][r] for r, _ in inner])
    report.column("join inner: y", got["w_y"], [many["y"][n] for _, n in inner])
    pairs = []
    for r in range(data.ROWS):
        found = [n for n in range(8) if None not in (many["m"][n], many["k"][n]) and (many["m"][n], many["k"][n]) == (R["m"][r], R["k"][r])]
        pairs += [(r, n) for n in found] or [(r, None)]
    got = project.node("many_mk")
    report.column("join many: at", got["at"], [R["at"][r] for r, _ in pairs])
    report.column("join many: y", got["y"], [None if n is None else many["y"][n] for _, n in pairs])
    done = project.call("show", "twice")
    report.say("a second match is an error", done.returncode != 1 or "1" not in done.stderr + done.stdout or "error" not in done.stderr + done.stdout)
    done = Project(text, files).call("check")
    report.say("a name that exists is an error", done.returncode != 2 or "as " not in done.stdout + done.stderr)


def verbs(report):
    text = HEAD + """table some from rows { select at, i, f, c rename c as `Die Kategorie` derive i = (i ?? 0) * 2 drop f
  require count() == 3000 }
"""
    got = Project(text, {"rows.parquet": data.arrow(R)}).node("some")
    report.say("select, rename, drop", sorted(got) != ["Die Kategorie", "at", "i"] and sorted(got))
    report.column("derive replaces", got["i"], [(v or 0) * 2 for v in R["i"]])
    report.column("rename", got["Die Kategorie"], R["c"])


def readers(report):
    lines = "# made by hand\nx;y;z;w\n1,5;'a;b';NA;0\n-2,25;'it''s';7;1\n;;-;true\nNaN;'';3;False\n"
    text = """pipeline p
source a = csv("a.csv", delimiter: ";", decimal: ",", quote: "'", nulls: ["NA", "-"], skip: 1) { x: float?  y: text?  z: int?  w: bool }
source b = csv("b.csv", header: false) { c1: int  c2: date?  c3: duration?  c4: timestamp? }
source c = csv(["part-2.csv", "part-1.csv"]) { n: int  s: category }
source d = csv("part-*.csv") { n: int  s: category }
source e = csv("z.csv.gz") { n: int  s: category }
source g = parquet(["q1.parquet", "q2.parquet"]) { n: float  s: category }
"""
    part1, part2 = "n,s\n1,a\n2,b\n", "s,n\nb,3\n"
    days = "1,1969-12-31,15min,1969-12-31T23:59:59.999999Z\n2,,-2h,2024-02-29 10:00:00.25\r\n3,0001-01-01,,2024-06-01T10:00:00+02:00\n4,9999-12-31,7d,2024-06-01"
    project = Project(text, {"a.csv": lines, "b.csv": days, "part-1.csv": part1, "part-2.csv": part2, "z.csv.gz": gzip.compress(part1.encode()),
                             "q1.parquet": pa.table({"n": pa.array([1, 2], pa.int32()), "s": pa.array(["x", "y"]).dictionary_encode()}),
                             "q2.parquet": pa.table({"s": pa.array(["y"], pa.large_string()), "n": pa.array([0.5], pa.float32())})})
    got = project.node("a")
    for name, want in [("x", [1.5, -2.25, None, NAN]), ("y", ["a;b", "it's", None, ""]), ("z", [None, 7, None, 3]), ("w", [False, True, True, False])]:
        report.column(f"csv options: {name}", got[name], want)
    got = project.node("b")
    stamp = [pd.Timestamp(v).value // 1000 for v in ["1969-12-31T23:59:59.999999", "2024-02-29T10:00:00.25", "2024-06-01T08:00:00", "2024-06-01"]]
    for name, want in [("c1", [1, 2, 3, 4]), ("c2", [-1, None, -719162, 2932896]), ("c3", [900_000_000, -7_200_000_000, None, 604_800_000_000]), ("c4", stamp)]:
        report.column(f"csv times: {name}", got[name], want)
    for node, n, s in [("c", [3, 1, 2], ["b", "a", "b"]), ("d", [1, 2, 3], ["a", "b", "b"]), ("e", [1, 2], ["a", "b"]), ("g", [1.0, 2.0, 0.5], ["x", "y", "y"])]:
        got = project.node(node)
        report.column(f"files {node}: n", got["n"], n)
        report.column(f"files {node}: s", got["s"], s)


def run(report):
    for part in (aggregates, filters, joins, verbs, readers):
        part(report)
