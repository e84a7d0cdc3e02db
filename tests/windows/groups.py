"""Windows and as-of joins over groups whose time is the start of a period: a group is known when its period ends."""
import duckdb

import asof
import check
from asof import DAY, fields, table

#         name, key of `group by` and `@time`, in SQL, when it is known
PERIODS = [
    ("hourly", "trunc(t, 1h)", "p", "date_trunc('hour', f.t)", "g.p + interval 1 hour"),
    ("daily", "trunc(t, 1d)", "p", "date_trunc('day', f.t)", "g.p + interval 1 day"),
    ("dated", "date(t)", "p", "date_trunc('day', f.t)", "g.p + interval 1 day"),
    ("weekly", "trunc(t, 7d)", "p", "date_trunc('week', f.t)", "g.p + interval 7 day"),
    ("monthly", "trunc(t, 1mo)", "p", "date_trunc('month', f.t)", "g.p + interval 1 month"),
    ("yearly", "trunc(trunc(t, 1d), 1y)", "p", "date_trunc('year', f.t)", "g.p + interval 1 year"),
    ("before", "trunc(t, 1d)", "p - 12h", "date_trunc('day', f.t) - interval 12 hour", "g.p + interval 36 hour"),
    ("after", "trunc(t, 1d)", "p + 1d", "date_trunc('day', f.t) + interval 1 day", "g.p"),
    ("latest", "trunc(t, 7d)", "last", None, "g.p"),
]
#        name, of the folded node, in SQL over g, condition beside `known`
WINDOWS = [
    ("sum", "sum({0}.s) over (by world, k, last 30d)", "sum(g.s)::bigint", "g.p < e.t and g.p >= e.t - interval 30 day"),
    ("gap", "count({0}) over (by world, k, gap 6h, last 2d)", "count(g.s)", "g.p < e.t - interval 6 hour and g.p >= e.t - interval 54 hour"),
    ("all", "max({0}.n) over (by world, k)", "max(g.n)", "g.p < e.t"),
    ("row", "count({0}, where: s > row.whole) over (by world, k)", "count(g.s) filter (g.s > e.whole)", "g.p < e.t"),
    ("previous", "sum({0}.s) over (by world, k, previous 2 rows)", "list_sum((list(g.s order by g.p desc) filter (g.s is not null))[1:2])::bigint", "g.p < e.t"),
    ("lag", "lag({0}.s) over (by world, k)", "(list(g.s order by g.p desc) filter (g.s is not null))[1]", "g.p < e.t"),
    ("lag_t", "lag({0}.s, 12h) over (by world, k)", "(list(g.s order by g.p desc) filter (g.s is not null))[1]", "g.p <= e.t - interval 12 hour"),
]
OWN = [
    ("own_sum", "sum(s) over (by world, k, last 30d)", "sum(g.s)::bigint", "g.p < e.p and g.p >= e.p - interval 30 day"),
    ("own_month", "sum(s) over (by world, k, last 1mo)", "sum(g.s)::bigint", "g.p < e.p and g.p >= e.p - interval 1 month"),
    ("own_lag", "lag(s) over (by world, k)", "(list(g.s order by g.p desc) filter (g.s is not null))[1]", "g.p < e.p"),
    ("own_lag_t", "lag(s, 7d) over (by world, k)", "(list(g.s order by g.p desc) filter (g.s is not null))[1]", "g.p <= e.p - interval 7 day"),
]


def pipeline():
    tables, verbs = [], []
    for name, key, time, *_ in PERIODS:
        tables.append(f"table {name} from rates {{ group by world, k, p = {key} {{ n = count()  s = sum(whole)  last = max(t) }}  derive moment = {time} @time }}")
        own = "".join(f"  derive {window} = {text}" for window, text, *_ in OWN)
        tables.append(f"table own_{name} from {name} {{{own} }}")
        verbs += [f"  derive {name}_{window} = {text.format(name)}" for window, text, *_ in WINDOWS]
        verbs += [f"  asof {name} on world, k as {name}_at", f"  asof {name} on world, k within 3d ahead 2h as {name}_in"]
    wanted = ", ".join(f"{name}_{window}" for name, *_ in PERIODS for window in [w[0] for w in WINDOWS] + ["at_s", "in_s"])
    return f"""pipeline p
source events = parquet("events.parquet") {fields()}
source rates = parquet("rates.parquet") {fields()}
{chr(10).join(tables)}
table out from events {{
{chr(10).join(verbs)}
  select id, {wanted}
}}
"""


def groups(start):
    time = "max(f.t)" if start is None else "any_value(" + start + ")"
    key = "date_trunc('week', f.t)" if start is None else start
    return f"(select f.world, f.k, {time}::timestamp as p, count(*) as n, sum(f.whole)::bigint as s from rates f group by f.world, f.k, {key})"


def compare(report, project, got, base):
    ties = "e.world = g.world and e.k = g.k"
    for name, _, _, start, known in PERIODS:
        base.execute(f"create or replace table g as select *, {known} as known from {groups(start)} g")
        for window, text, sql, where in WINDOWS:
            rows = base.execute(f"select {sql} from e left join g on {ties} and {where} and g.known <= e.t group by e.id order by e.id").fetchall()
            report.column(f"{name}: {text.format(name)}", got[f"{name}_{window}"], [r[0] for r in rows])
        for column, moment, oldest in (("at_s", "e.t", "true"), ("in_s", "e.t - interval 2 hour", "g.p >= e.t - interval 74 hour")):
            # The latest that is known; where it is too old there is none.
            rows = base.execute(f"""select (list(case when {oldest} then g.s end order by g.p desc) filter (g.s is not null))[1]
                from e left join g on {ties} and g.p <= {moment} and g.known <= {moment} group by e.id order by e.id""").fetchall()
            report.column(f"{name}: asof {column}", got[f"{name}_{column}"], [r[0] for r in rows])
        own = project.node(f"own_{name}")
        for window, text, sql, where in OWN:
            late = " and g.known <= e.p" if name == "before" else ""
            rows = base.execute(f"select e.world, e.k, epoch_us(any_value(e.p)), {sql} from g e left join g on {ties} and {where}{late} group by e.world, e.k, e.p").fetchall()
            want = {(world, key, time): value for world, key, time, value in rows}
            keys = zip(own["world"], own["k"], [check_time(t) for t in own["moment"]])
            report.column(f"{name}: own {text}", own[window], [want[key] for key in keys])


def check_time(value):
    return value * DAY if abs(value) < DAY // 1000 else value


def untouched(report, project, got, left, right):
    """What comes after a row changes nothing in it. (Groups that stand at their latest row are others then.)"""
    times = sorted(r[3] for r in left)
    for share in (0.2, 0.5, 0.8):
        cut = times[int(len(times) * share)]
        files = {"events.parquet": table(left), "rates.parquet": table([r for r in right if r[3] <= cut])}
        early = check.Project(pipeline(), files).node("out")
        rows = [i for i, r in enumerate(left) if r[3] <= cut]
        for name in [n for n in got if not n.startswith("latest_")]:
            report.column(f"rows after {share:.0%} play no part: {name}", [early[name][i] for i in rows], [got[name][i] for i in rows])


def run(report, draw, count):
    left, right = asof.worlds(draw, count)
    files = {"events.parquet": table(left), "rates.parquet": table(right)}
    project = check.Project(pipeline(), files)
    got = project.node("out")
    base = duckdb.connect()
    base.execute("set timezone = 'UTC'")
    base.register("events", files["events.parquet"])
    base.register("raw", files["rates.parquet"])
    base.execute("create table e as select * replace (t::timestamp as t) from events")
    base.execute("create table rates as select * replace (t::timestamp as t) from raw")
    compare(report, project, got, base)
    untouched(report, project, got, left, right)
