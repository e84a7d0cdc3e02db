"""As-of joins held against DuckDB and pandas; ties; what `score` makes of joins and windows of tables."""
import json
import random
import zlib

import duckdb
import pandas as pd
import pyarrow as pa

import check

MINUTE, DAY = 60_000_000, 86_400_000_000
HOUR, START = 60 * MINUTE, 20_000 * DAY
NAMES = ["id", "world", "k", "t", "known", "even", "kind", "whole", "rev"]


def mark(*what):
    return zlib.crc32(repr(what).encode())


def row(into, world, key, time, late):
    """`even`, `kind`, `whole` depend on world, key and time alone and `rev` on when it was known, so that ties decide nothing."""
    n, r = mark(world, key, time), mark(world, key, time, late)
    into.append((len(into), world, key, time, late, None if n % 7 == 0 else n % 1000 / 8, None if n % 11 == 0 else "abc"[n % 3], n % 99 - 50, r % 1000 / 4))


def worlds(draw, count):
    left, right = [], []
    for world in range(count):
        keys = [f"k{i}" for i in range(draw.choice([1, 2, 5]))]
        span, step = draw.choice([3, 40, 4000]), draw.choice([MINUTE, 7 * MINUTE, DAY])
        for into, rows in ((left, draw.choice([0, 1, 5, 30, 60])), (right, draw.choice([0, 1, 3, 40, 80]))):
            for _ in range(rows):
                key, time = None if draw.random() < 0.1 else draw.choice(keys), START + draw.randrange(span) * step
                late = None if draw.random() < 0.15 else time + draw.choice([-2, 0, 0, 3, 50, 3000]) * step
                row(into, world, key, time, late)
    return left, right


def table(rows):
    time = pa.timestamp("us", "UTC")
    types = [pa.int64(), pa.int64(), pa.string(), time, time, pa.float64(), pa.string(), pa.int64(), pa.float64()]
    return pa.table({name: pa.array([r[i] for r in rows], kind) for i, (name, kind) in enumerate(zip(NAMES, types))})


def fields(available="", time="timestamp"):
    return f"{{ id: int  world: int  k: category?  t: {time} @time  known: timestamp? {available}  even: float?  kind: category?  whole: int  rev: float }}"


#        name, clauses after `on`, right node, condition on times in DuckDB, longest way back (µs), way ahead
JOINS = [
    ("plain", "", "rates", ">=", None, 0),
    ("within", "within 3h", "rates", ">=", 3 * HOUR, 0),
    ("ahead", "ahead 1d", "rates", ">=", None, DAY),
    ("both", "within 2d ahead 45min", "rates", ">=", 2 * DAY, 45 * MINUTE),
    ("own", "", "events", ">", None, 0),
    ("own_within", "within 7d", "events", ">", 7 * DAY, 0),
    ("own_ahead", "ahead 30min", "events", ">=", None, 30 * MINUTE),
    ("own_table", "", "same", ">", None, 0),
    ("days", "", "days", ">=", None, 0),
]
LATE = [("late", "", None, 0), ("late_within", "within 1d", DAY, 0), ("late_ahead", "within 30d ahead 2h", 30 * DAY, 2 * HOUR)]
BROUGHT = ["t", "even", "kind", "whole"]


def pipeline():
    verbs = [f"  asof {node} on {'kk == kk, world' if node == 'same' else 'world, k'} {clauses} as {name}" for name, clauses, node, *_ in JOINS]
    verbs = [v.replace("kk == kk, world", "world, k == key") for v in verbs]
    verbs += [f"  asof lates on world, k {clauses} as {name}" for name, clauses, *_ in LATE]
    wanted = [f"{name}_{column}" for name, *_ in JOINS for column in BROUGHT] + [f"{name}_{column}" for name, *_ in LATE for column in BROUGHT + ["rev"]]
    return f"""pipeline p
source events = parquet("events.parquet") {fields()}
source rates = parquet("rates.parquet") {fields()}
source lates = parquet("rates.parquet") {fields("@available")}
source days = parquet("days.parquet") {{ world: int  k: category?  t: date @time  even: float?  kind: category?  whole: int }}
table same from events {{ rename k as key  derive whole = whole }}
table out from events {{
{chr(10).join(verbs)}
  select id, {", ".join(wanted)}
}}
"""


def days_of(right):
    """Rows by day, one a key: a day's own values."""
    days = {}
    for r in right:
        days[(r[1], r[2], r[3] // DAY)] = r
    rows = [(world, key, day, r[5], r[6], r[7]) for (world, key, day), r in sorted(days.items(), key=repr)]
    kinds = [pa.int64(), pa.string(), pa.date32(), pa.float64(), pa.string(), pa.int64()]
    return pa.table({n: pa.array([r[i] for r in rows], kind) for i, (n, kind) in enumerate(zip(["world", "k", "t", "even", "kind", "whole"], kinds))})


def compare(report, draw, count):
    left, right = worlds(draw, count)
    files = {"events": table(left), "rates": table(right), "days": days_of(right)}
    project = check.Project(pipeline(), {f"{n}.parquet": t for n, t in files.items()})
    got = project.node("out")
    base = duckdb.connect()
    base.execute("set timezone = 'UTC'")
    for name, content in files.items():
        base.register(name, content)
    micros = {"t": "epoch_us(f.t::timestamp)", "even": "f.even", "kind": "f.kind", "whole": "f.whole", "rev": "f.rev"}
    days = lambda column, node: "(f.t - date '1970-01-01')::int" if node == "days" and column == "t" else micros[column]
    for name, clauses, node, op, within, ahead in JOINS:
        source = {"same": "events"}.get(node, node)
        inside = f"f.t::timestamp >= e.t::timestamp - interval {within + ahead} microseconds" if within else "true"
        columns = ", ".join(f"case when {inside} then {days(c, node)} end" for c in BROUGHT)
        rows = base.execute(f"""select {columns} from events e asof left join {source} f on e.world = f.world and e.k = f.k
            and e.t::timestamp - interval {ahead} microseconds {op} f.t::timestamp order by e.id""").fetchall()
        for i, column in enumerate(BROUGHT):
            report.column(f"asof {name}: {clauses} {column}", got.get(f"{name}_{column}"), [r[i] for r in rows])
    for name, clauses, within, ahead in LATE:
        first = f"f.t <= e.t - interval {ahead} microseconds and f.known <= e.t - interval {ahead} microseconds"
        rows = base.execute(f"""select epoch_us(e.t), list({{t: epoch_us(f.t), even: f.even, kind: f.kind, whole: f.whole, rev: f.rev}} order by f.t desc, f.known desc) filter (f.id is not null)
            from events e left join rates f on e.world = f.world and e.k = f.k and {first} group by e.id, e.t order by e.id""").fetchall()
        for column in BROUGHT + ["rev"]:
            want = []
            for t, found in rows:
                best = found[0] if found else None
                if best and within and t - best["t"] > within + ahead:
                    best = None
                want.append(best and best[column])
            report.column(f"asof {name}: {clauses} {column}", got.get(f"{name}_{column}"), want)
    against_pandas(report, files, got)
    shuffled(report, draw, left, right, got)


def against_pandas(report, files, got):
    """pandas takes the last of equal times, which decides nothing here; null keys it would match, so they are left out."""
    left, right, own = (files[n].to_pandas().dropna(subset=["k"]).sort_values("t", kind="stable") for n in ("events", "rates", "events"))
    for name, other, exact, tolerance in (("plain", right, True, None), ("within", right, True, pd.Timedelta("3h")), ("own", own, False, None)):
        found = pd.merge_asof(left[["id", "world", "k", "t"]], other[["world", "k", "t", "even", "whole"]], on="t", by=["world", "k"],
                              allow_exact_matches=exact, tolerance=tolerance).set_index("id")
        for column in ("even", "whole"):
            ids = set(found.index)
            pairs = [(g, found[column][i]) for i, g in zip(got["id"], got[f"{name}_{column}"]) if i in ids]
            report.column(f"pandas {name} {column}", [None if g is None else float(g) for g, _ in pairs], [None if pd.isna(w) else float(w) for _, w in pairs])


def shuffled(report, draw, left, right, got):
    """The same bits whatever the order of the rows."""
    mixed, turned = list(left), list(right)
    draw.shuffle(mixed)
    draw.shuffle(turned)
    other = check.Project(pipeline(), {"events.parquet": table(mixed), "rates.parquet": table(turned), "days.parquet": days_of(right)}).node("out")
    place = {i: n for n, i in enumerate(other["id"])}
    for name in got:
        report.column(f"asof shuffled: {name}", [other[name][place[i]] for i in got["id"]], got[name])


def ties(report):
    """Ties that decide are errors that name key and time; what was known last breaks one; equal values decide nothing."""
    at = START + DAY
    left = [(0, 0, "x", at, None, 0.0, "a", 1, 0.0)]
    make = lambda *rows: table([(i, 0, "x", at - HOUR, known, even, "a", 1, 0.0) for i, (known, even) in enumerate(rows)])
    text = lambda available, wanted: f"""pipeline p
source events = parquet("events.parquet") {fields()}
source rates = parquet("rates.parquet") {fields(available)}
table out from events {{ asof rates on k as r  select id, r_{wanted} }}
"""
    cases = [("differ", "", "even", [(None, 1.0), (None, 2.0)], None), ("other column", "", "kind", [(None, 1.0), (None, 2.0)], ["a"]),
             ("-0.0", "", "even", [(None, 0.0), (None, -0.0)], None), ("null and value", "", "even", [(None, None), (None, 1.0)], None),
             ("equal", "", "even", [(None, 2.0), (None, 2.0)], [2.0]), ("revised", "@available", "even", [(at, 2.0), (at - 1, 1.0)], [2.0]),
             ("known together", "@available", "even", [(at, 2.0), (at, 1.0)], None), ("one not known", "@available", "even", [(at + 1, 2.0), (at, 1.0)], [1.0])]
    for name, available, wanted, rows, want in cases:
        project = check.Project(text(available, wanted), {"events.parquet": table(left), "rates.parquet": make(*rows)})
        if want is not None:
            report.column(f"asof ties: {name}", project.node("out")[f"r_{wanted}"], want)
            continue
        done = project.call("show", "out", "-o", "out.parquet")
        said = done.stdout + done.stderr
        good = done.returncode == 1 and "CD5023" in said and 'k = "x"' in said and "2024-10-05T00:00:00Z" in said and "asof rates on k as r" in said
        report.say(f"asof ties: {name}", not good and said)


SCORED = """pipeline p
source events = parquet("events.parquet") { id: int @id  k: category?  t: timestamp @time  v: float?  n: int  w: float }
source rates = parquet("rates.parquet") { k: category?  since: timestamp @time  known: timestamp @available  rate: float?  plan: category }
table priced from events {
  derive double = n * 2
  filter v is not null
  asof rates on k within 20d as r
  asof events on k ahead 2h as before
  derive dear = (r_rate ?? 0.0) * float(double)
  derive usual = mean(dear) over (by k, last 3d) ?? 0.0
}
table more from priced {
  filter n != 5
  derive busy = sum(double, where: r_plan == row.r_plan) over (by k, last 2d) ?? 0
  derive step = lag(usual) over (by k) ?? usual
  derive last_rate = max(rates.rate) over (by k, last 30d)
}
features f from more {
  target w after 1d
  plan = r_plan
  rate = r_rate
  earlier = before_n ?? 0
  dear = dear
  usual = usual
  busy = busy
  step = step
  last_rate = last_rate
  week = mean(busy) over (by k, gap 1d, last 7d)
}
split f by time { train 60%  test 40% }
model m = gbdt(f, trees: 20)
evaluate e of m on test { mae }
"""
GROUPED = """pipeline p
source events = parquet("events.parquet") { id: int @id  k: category?  t: timestamp @time  v: float?  n: int  w: float }
source rates = parquet("rates.parquet") { k: category?  since: timestamp @time  known: timestamp @available  rate: float?  plan: category }
table daily from events {
  group by k, day = trunc(t, 1d) { n = sum(n)  v = mean(v ?? 0.0) }
  derive at = day @time
  derive before = lag(n) over (by k)
  asof rates on k as r
}
features f from daily {
  target v after 1d
  n = n
  before = before
  rate = r_rate
  week = sum(n) over (by k, last 7d)
}
split f by time { train 60%  test 40% }
model m = linear(f2)
"""


def scoring(report, draw):
    """`score` of `show f.test -o` is the evaluation's predictions to the bit, whole and row by row."""
    time = pa.timestamp("us", "UTC")
    rows = 1500
    events = pa.table({"id": pa.array(range(rows)), "k": pa.array([draw.choice(["x", "y", "z", None]) for _ in range(rows)]),
                       "t": pa.array([START + i * HOUR for i in range(rows)], time), "v": pa.array([None if draw.random() < 0.1 else draw.uniform(0, 1) for _ in range(rows)]),
                       "n": pa.array([draw.randrange(9) for _ in range(rows)]), "w": pa.array([draw.random() for _ in range(rows)])})
    since = [START + draw.randrange(-100, rows) * HOUR + 1000 * i for i in range(200)]
    rates = pa.table({"k": pa.array([draw.choice(["x", "y", "z", None]) for _ in range(200)]), "since": pa.array(since, time),
                      "known": pa.array([s + draw.choice([0, 3, 90]) * HOUR for s in since], time),
                      "rate": pa.array([None if draw.random() < 0.1 else draw.uniform(1, 2) for _ in range(200)]), "plan": pa.array([draw.choice("abc") for _ in range(200)])})
    grouped = GROUPED.replace("linear(f2)", "gbdt(f, trees: 10)") + "evaluate e of m on test { mae }\n"
    for name, text in (("tables", SCORED), ("grouped", grouped)):
        project = check.Project(text, {"events.parquet": events, "rates.parquet": rates})
        want = project.node("e.predictions")["prediction"]
        report.say(f"{name}: a test part", len(set(want)) < 5 and f"{len(set(want))} predictions")
        for arguments in (("show", "f.test", "-o", "in.parquet"), ("score", "m", "in.parquet", "-o", "scored.parquet")):
            done = project.call(*arguments)
            report.say(f"{name}: " + " ".join(arguments), done.returncode and done.stdout + done.stderr)
        read = lambda file: check.plain(check.pq.read_table(project.folder / file)["prediction"])
        report.column(f"{name}: scored as evaluated", read("scored.parquet"), want)
        whole = check.pq.read_table(project.folder / "in.parquet")
        picks = sorted(draw.sample(range(whole.num_rows), min(12, whole.num_rows)))
        single = []
        for i in picks:
            check.pq.write_table(whole.slice(i, 1), project.folder / "one.parquet")
            done = project.call("score", "m", "one.parquet", "-o", "one_scored.parquet")
            single += read("one_scored.parquet") if done.returncode == 0 else [done.stderr]
        report.column(f"{name}: scored row by row", single, [want[i] for i in picks])
        told = json.loads(project.call("show", "m", "--json").stdout)
        known = {"tables": ["k", "t", "n", "w"], "grouped": ["k", "day", "n"]}[name]
        report.say(f"{name}: `show m` tells the input", not set(c["name"] for c in told["input"]) <= set(known) and told["input"])
        wrong = [h for h in told["history"] if h["rows"] not in ("rates", "events", "priced", "more", "daily") or h["file"] != "main.cd4ml" or h["line"] < 4]
        report.say(f"{name}: `show m` tells the history", (wrong or len(told["history"]) < 3) and told["history"])
        bundle = next(project.folder.rglob("*.cd4mb"))
        done = project.call("score", bundle, "in.parquet", "-o", "again.parquet")
        report.say(f"{name}: a bundle alone", (done.returncode == 0 or "CD5605" not in done.stderr or "`rates` by `k`" not in done.stderr) and done.stderr)


def run(report, seed, count):
    draw = random.Random(seed)
    compare(report, draw, count)
    ties(report)
    scoring(report, draw)
