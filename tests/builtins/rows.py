"""Row-wise builtins and operators: one `derive` each, its oracle beside it."""
import datetime
import math

import numpy as np
import pandas as pd
import scipy.special
from sklearn.metrics.pairwise import haversine_distances

import data
from check import Project

R = data.make()
HOUR = 3_600_000_000


def each(function, *columns):
    """The function of each row; null if any argument is null."""
    return [None if any(v is None for v in row) else function(*row) for row in zip(*columns)]


def every(function, *columns):
    """The function of each row, which sees nulls."""
    return [function(*row) for row in zip(*columns)]


def vector(function, *columns):
    """A NumPy function of the rows without nulls."""
    there = [i for i, row in enumerate(zip(*columns)) if all(v is not None for v in row)]
    with np.errstate(all="ignore"):
        values = function(*(np.array([c[i] for i in there]) for c in columns))
    out = [None] * len(columns[0])
    for i, v in zip(there, np.asarray(values).tolist()):
        out[i] = v
    return out


def times(function, column):
    """A function of a pandas Series of times."""
    return vector(lambda values: np.asarray(function(pd.Series(values.view("datetime64[us]")))), column)


def constant(value):
    return [value] * data.ROWS


def floats(column):
    return [None if v is None else float(v) for v in column]


def kleene_and(a, b):
    return False if a is False or b is False else None if a is None or b is None else True


def kleene_or(a, b):
    return True if a is True or b is True else None if a is None or b is None else False


i, j, m, f, g, u, s = (R[n] for n in "ijmfgus")
c, k, t, d, at, ts, p, q = (R[n] for n in ["c", "k", "t", "d", "at", "ts", "p", "q"])
lat, lon = R["lat"], R["lon"]
day_us = each(lambda x: x * data.DAY, d)
LOWER = {n: n + 32 for n in range(65, 91)}
UPPER = {n + 32: n for n in range(65, 91)}
SPACE = " \t\n\r\v\f"


def haversine():
    def of(a, b):
        points = np.radians(np.stack([a, b], 1))
        return haversine_distances(points, np.radians([[52.5, 13.4]]))[:, 0] * 6371.0088
    return vector(of, lat, lon)


def cut(begin, length):
    def of(x):
        x = x[begin:]
        return x if length < 0 else x[:length]
    return of


def months(column, n):
    def of(x):
        when = data.EPOCH + datetime.timedelta(microseconds=x)
        month = (when.year * 12 + when.month - 1) // n * n
        return (datetime.datetime(month // 12, month % 12 + 1, 1, tzinfo=datetime.timezone.utc) - data.EPOCH) // datetime.timedelta(microseconds=1)
    return each(of, column)


def floorTo(column, step):
    return vector(lambda x: pd.Series(x.view("datetime64[us]")).dt.floor(step).to_numpy().astype("datetime64[us]").view("int64"), column)


def power(a, b):
    with np.errstate(all="ignore"):
        return vector(np.power, floats(a), floats(b))


def numbers():
    whole = each(lambda x: 0.0 + x, s)
    yield "abs_i", "abs(i)", each(abs, i)
    yield "abs_f", "abs(f)", vector(np.abs, f)
    yield "abs_d", "abs(ts - at)", each(lambda x, y: abs(x - y), ts, at)
    yield "sign_i", "sign(i)", vector(np.sign, i)
    yield "sign_f", "sign(f)", vector(np.sign, f)
    yield "min_i", "min(i, j, m)", each(min, i, j, m)
    yield "min_f", "min(f, g)", vector(np.minimum, f, g)
    yield "min_if", "min(i, f)", vector(np.minimum, floats(i), f)
    yield "min_t", "min(ts, at)", each(min, ts, at)
    yield "max_i", "max(i, j)", each(max, i, j)
    yield "max_f", "max(f, g, u)", vector(lambda a, b, e: np.maximum(np.maximum(a, b), e), f, g, u)
    yield "max_d", "max(d, @1969-12-31)", each(lambda x: max(x, -1), d)
    yield "max_dur", "max(ts - at, 5min)", each(lambda x, y: max(x - y, 300_000_000), ts, at)
    yield "clip_i", "clip(i, 0 - 5, 5)", vector(lambda x: np.clip(x, -5, 5), i)
    yield "clip_f", "clip(f, u, 3.0)", vector(lambda x, y: np.minimum(np.maximum(x, y), 3.0), f, u)
    yield "between_i", "between(i, m, 100)", every(lambda x, y: kleene_and(None if None in (x, y) else x >= y, None if x is None else x <= 100), i, m)
    yield "between_f", "between(f, u, g)", every(lambda x, y, z: kleene_and(None if None in (x, y) else x >= y, None if None in (x, z) else x <= z), f, u, g)
    yield "between_t", "between(ts, @1960-01-01, @1980-01-01T12:00:00Z)", each(lambda x: -3653 * data.DAY <= x <= 3652 * data.DAY + 12 * HOUR, ts)
    yield "sqrt", "sqrt(f)", vector(np.sqrt, f)
    yield "floor_f", "floor(f)", vector(np.floor, f)
    yield "floor_i", "floor(i)", i
    yield "ceil_f", "ceil(f)", vector(np.ceil, f)
    yield "ceil_i", "ceil(i)", i
    yield "round_f", "round(f)", vector(np.rint, f)
    yield "round_s", "round(s)", vector(np.rint, s)
    yield "round_i", "round(i)", i
    yield "trunc_f", "trunc(f)", vector(np.trunc, f)
    yield "trunc_i", "trunc(i)", i
    yield "is_nan", "is_nan(f)", vector(np.isnan, f)
    yield "is_finite", "is_finite(f)", vector(np.isfinite, f)
    yield "is_inf", "is_inf(f)", vector(np.isinf, f)
    yield "pi", "pi()", constant(math.pi)
    yield "radians", "radians(f)", vector(lambda x: x * 0.017453292519943295, f)
    yield "degrees", "degrees(f)", vector(lambda x: x * 57.29577951308232, f)
    yield "bucketize", "bucketize(f, [-10.0, 0.0, 2.5])", vector(lambda x: np.digitize(x, [-10.0, 0.0, 2.5]), f)
    yield "int_f", "int(s)", vector(lambda x: x.astype("int64"), whole)
    yield "int_b", "int(p)", each(int, p)
    yield "int_i", "int(i)", i
    yield "float_i", "float(i)", floats(i)
    yield "float_b", "float(p)", floats(p)
    yield "float_f", "float(f)", f
    yield "to_s", "to(s * 1min, s)", vector(lambda x: np.rint(x * 6e7) / 1e6, s)
    yield "to_min", "to(ts - at, min)", each(lambda x, y: (x - y) / 6e7, ts, at)


def functions():
    """Within a few ulp."""
    for name in ["cbrt", "exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh"]:
        of = {"atan": np.arctan}.get(name, getattr(np, name, None))
        yield name, f"{name}(f)", vector(of, f)
        yield f"{name}_s", f"{name}(s)", vector(of, s)
    yield "asin", "asin(u)", vector(np.arcsin, u)
    yield "acos", "acos(u)", vector(np.arccos, u)
    yield "sigmoid", "sigmoid(f)", vector(lambda x: np.where(x < -36, np.exp(x), scipy.special.expit(x)), f)
    yield "sigmoid_s", "sigmoid(s)", vector(scipy.special.expit, s)
    yield "logit", "logit(u)", vector(scipy.special.logit, u)
    yield "hypot", "hypot(f, g)", vector(np.hypot, f, g)
    yield "atan2", "atan2(f, g)", vector(np.arctan2, f, g)
    yield "cycle_sin", "cycle_sin(s, 24.0)", vector(lambda x: np.sin(x / 24.0 * (2 * math.pi)), s)
    yield "cycle_cos", "cycle_cos(s, 24.0)", vector(lambda x: np.cos(x / 24.0 * (2 * math.pi)), s)
    yield "power", "abs(s) ** 1.7", vector(lambda x: np.abs(x) ** 1.7, s)
    yield "power_f", "f ** u", power(f, u)
    yield "power_neg", "s ** 3", vector(lambda x: np.power(x, 3.0), s)


def calendar():
    for name, of in [("year", lambda x: x.dt.year), ("quarter", lambda x: x.dt.quarter), ("month", lambda x: x.dt.month),
                     ("week", lambda x: x.dt.isocalendar().week.astype("int64")), ("day", lambda x: x.dt.day),
                     ("day_of_year", lambda x: x.dt.dayofyear), ("weekday", lambda x: x.dt.weekday + 1),
                     ("is_weekend", lambda x: x.dt.weekday >= 5), ("is_month_start", lambda x: x.dt.is_month_start),
                     ("is_month_end", lambda x: x.dt.is_month_end), ("days_in_month", lambda x: x.dt.days_in_month),
                     ("hour", lambda x: x.dt.hour), ("minute", lambda x: x.dt.minute), ("second", lambda x: x.dt.second)]:
        yield f"{name}_at", f"{name}(at)", times(of, at)
        yield f"{name}_ts", f"{name}(ts)", times(of, ts)
        yield f"{name}_d", f"{name}(d)", times(of, day_us)
    yield "time_of_day", "time_of_day(ts)", each(lambda x: x % data.DAY, ts)
    yield "date_ts", "date(ts)", each(lambda x: x // data.DAY, ts)
    yield "date_d", "date(d)", d
    yield "date_ymd", "date(year(d), month(d), 1)", vector(lambda x: x.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype("int64"), d)
    yield "timestamp_d", "timestamp(d)", day_us
    yield "timestamp_ts", "timestamp(ts)", ts
    yield "duration_f", "duration(to(ts - at, h))", vector(lambda x, y: np.rint((x - y) / 3.6e9 * 3.6e9).astype("int64"), ts, at)
    yield "duration_s", "duration(s * 1s)", each(lambda x: round(x * 1e6), s)
    yield "trunc_h", "trunc(ts, 1h)", floorTo(ts, "h")
    yield "trunc_15", "trunc(ts, 15min)", floorTo(ts, "15min")
    yield "trunc_d", "trunc(ts, 1d)", floorTo(ts, "D")
    yield "trunc_w", "trunc(ts, 1w)", each(lambda x: (x // data.DAY + 3) // 7 * 7 * data.DAY - 3 * data.DAY, ts)
    yield "trunc_mo", "trunc(ts, 1mo)", months(ts, 1)
    yield "trunc_q", "trunc(ts, 3mo)", months(ts, 3)
    yield "trunc_y", "trunc(ts, 1y)", months(ts, 12)
    yield "trunc_date", "trunc(d, 1mo)", months(day_us, 1)


def texts():
    for name, x in [("c", c), ("t", t)]:
        yield f"concat_{name}", f'concat({name}, "-", {name})', each(lambda v: f"{v}-{v}", x)
        yield f"length_{name}", f"length({name})", each(len, x)
        yield f"lower_{name}", f"lower({name})", each(lambda v: v.translate(LOWER), x)
        yield f"upper_{name}", f"upper({name})", each(lambda v: v.translate(UPPER), x)
        yield f"trim_{name}", f"trim({name})", each(lambda v: v.strip(SPACE), x)
        yield f"starts_{name}", f'starts_with({name}, "a")', each(lambda v: v.startswith("a"), x)
        yield f"ends_{name}", f'ends_with({name}, "c")', each(lambda v: v.endswith("c"), x)
        yield f"contains_{name}", f'contains({name}, "本")', each(lambda v: "本" in v, x)
        for begin, length in [(0, 2), (1, -1), (-3, -1), (-3, 2), (100, 2), (-100, 3), (2, 0)]:
            option = "" if length < 0 else f", length: {length}"
            yield f"slice_{name}_{begin}_{length}".replace("-", "m"), f"slice({name}, {begin}{option})", each(cut(begin, length), x)
        yield f"replace_{name}", f'replace({name}, "aa", "é")', each(lambda v: v.replace("aa", "é"), x)
        yield f"erase_{name}", f'replace({name}, "-", "")', each(lambda v: v.replace("-", ""), x)
        yield f"null_if_{name}", f'null_if({name}, "SFO")', each(lambda v: None if v == "SFO" else v, x)
        yield f"eq_{name}", f'{name} == "日本語"', each(lambda v: v == "日本語", x)
        yield f"in_{name}", f'{name} in {{"SFO", "lax"}}', each(lambda v: v in ("SFO", "lax"), x)
    yield "concat_ck", "concat(c, k)", each(lambda a, b: a + b, c, k)
    yield "text_c", "text(c)", c
    yield "text_t", "text(t)", t
    yield "category_t", "category(t)", t
    yield "category_c", "category(c)", c
    yield "category_i", "category(i)", each(str, i)
    yield "category_b", "category(p)", each(lambda v: "true" if v else "false", p)
    yield "eq_ck", "c == k", each(lambda a, b: a == b, c, k)
    yield "ne_kk", 'k != "a"', each(lambda a: a != "a", k)


def nulls():
    yield "null_if_i", "null_if(i, 7)", each(lambda v: None if v == 7 else v, i)
    yield "null_if_f", "null_if(f, g)", every(lambda a, b: None if a is None or a == b else a, f, g)
    yield "null_if_d", "null_if(d, @1970-01-01)", each(lambda v: None if v == 0 else v, d)
    yield "null_if_ts", "null_if(ts, at)", each(lambda a, b: None if a == b else a, ts, at)
    yield "coalesce_f", "coalesce(f, g, 0.5)", every(lambda a, b: a if a is not None else b if b is not None else 0.5, f, g)
    yield "coalesce_if", "coalesce(i, f)", every(lambda a, b: float(a) if a is not None else b, i, f)
    yield "or_else_c", 'c ?? k ?? "none"', every(lambda a, b: a if a is not None else b if b is not None else "none", c, k)
    yield "or_else_t", "t ?? text(c)", every(lambda a, b: a if a is not None else b, t, c)
    yield "or_else_d", "d ?? @1969-07-20", every(lambda a: -165 if a is None else a, d)
    yield "or_else_p", "p ?? q ?? false", every(lambda a, b: a if a is not None else b if b is not None else False, p, q)
    for name, x in [("i", i), ("f", f), ("c", c), ("t", t), ("d", d), ("ts", ts), ("p", p)]:
        yield f"is_null_{name}", f"{name} is null", every(lambda v: v is None, x)
        yield f"is_not_null_{name}", f"{name} is not null", every(lambda v: v is not None, x)


def operators():
    yield "add_i", "i + j", each(lambda a, b: a + b, i, j)
    yield "sub_i", "i - m", each(lambda a, b: a - b, i, m)
    yield "mul_i", "i * j", each(lambda a, b: a * b, i, j)
    yield "neg_i", "-i", each(lambda a: -a, i)
    yield "div_i", "i / m", vector(lambda a, b: a / b, floats(i), floats(m))
    yield "floordiv", "i // j", each(lambda a, b: a // b, i, j)
    yield "mod", "i % j", each(lambda a, b: a % b, i, j)
    yield "add_f", "f + g", vector(np.add, f, g)
    yield "sub_f", "f - i", vector(np.subtract, f, floats(i))
    yield "mul_f", "f * g", vector(np.multiply, f, g)
    yield "div_f", "f / g", vector(np.divide, f, g)
    yield "neg_f", "-f", vector(np.negative, f)
    yield "precedence", "-j ** 2 + 1.0", each(lambda a: -float(a) ** 2 + 1.0, j)
    yield "right", "2.0 ** 3 ** 2", constant(512.0)
    for name, of in [("<", lambda a, b: a < b), ("<=", lambda a, b: a <= b), (">", lambda a, b: a > b),
                     (">=", lambda a, b: a >= b), ("==", lambda a, b: a == b), ("!=", lambda a, b: a != b)]:
        word = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}[name]
        yield f"{word}_i", f"i {name} m", each(of, i, m)
        yield f"{word}_f", f"f {name} g", each(of, f, g)
        yield f"{word}_if", f"i {name} u", each(of, i, u)
        yield f"{word}_ts", f"ts {name} at", each(of, ts, at)
        yield f"{word}_d", f"d {name} @1969-12-31", each(lambda a: of(a, -1), d)
        yield f"{word}_dur", f"ts - at {name} 90min", each(lambda a, b: of(a - b, 5_400_000_000), ts, at)
    yield "eq_b", "p == q", each(lambda a, b: a == b, p, q)
    yield "and", "p and q", every(kleene_and, p, q)
    yield "or", "p or q", every(kleene_or, p, q)
    yield "not", "not p", each(lambda a: not a, p)
    yield "mixed", "not p and q or i > 0", every(lambda a, b, n: kleene_or(kleene_and(None if a is None else not a, b), None if n is None else n > 0), p, q, i)
    yield "in_i", "i in {7, -7, 0}", each(lambda a: a in (7, -7, 0), i)
    yield "not_in_i", "i not in {7, -7, 0}", each(lambda a: a not in (7, -7, 0), i)
    yield "in_f", "f in {0.5, 1.5}", each(lambda a: a in (0.5, 1.5), f)
    yield "in_range", "i in -7 .. 7", each(lambda a: -7 <= a <= 7, i)
    yield "in_range_f", "f not in 0.0 .. 1.0", each(lambda a: not 0.0 <= a <= 1.0, f)
    yield "if", "if p ?? false then i else f", every(lambda a, x, y: (None if x is None else float(x)) if a else y, p, i, f)
    yield "narrow", "if f is not null then f + 1 else 0", every(lambda a: 0.0 if a is None else a + 1, f)
    yield "masked", "if m is not null and m != 0 then i // m else 0", every(lambda a, b: 0 if not b else None if a is None else a // b, i, m)
    yield "if_c", 'if j > 0 then c else "minus"', every(lambda a, x: x if a > 0 else "minus", j, c)
    yield "named", "i.abs", each(abs, i)
    yield "ts_plus", "ts + 36h", each(lambda a: a + 36 * HOUR, ts)
    yield "ts_minus", "ts - 1d", each(lambda a: a - data.DAY, ts)
    yield "d_minus_d", "d - @1970-01-02", each(lambda a: (a - 1) * data.DAY, d)
    yield "dur_div", "(ts - at) / 1h", each(lambda a, b: (a - b) / HOUR, ts, at)
    yield "dur_neg", "-(ts - at)", each(lambda a, b: b - a, ts, at)


GROUPS = [("numbers", numbers, 1), ("functions", functions, 8), ("calendar", calendar, 0), ("texts", texts, 0), ("nulls", nulls, 0), ("operators", operators, 0)]


def run(report):
    table = data.arrow(R)
    head = "pipeline p\n"
    text = head + f'source rows = parquet("rows.parquet") {data.FIELDS}source lines = csv("rows.csv") {data.FIELDS}'
    for name, group, _ in GROUPS:
        text += f"table {name} from rows {{\n" + "".join(f"  derive o_{n} = {e}\n" for n, e, _ in group()) + "}\n"
    text += "table csv_texts from lines {\n" + "".join(f"  derive o_{n} = {e}\n" for n, e, _ in texts()) + "}\n"
    project = Project(text, {"rows.parquet": table, "rows.csv": data.csv(R)})
    for name in ["rows", "lines"]:
        got = project.node(name)
        for column, values in R.items():
            report.column(f"{name}.{column}", got.get(column), values)
    for name, group, ulps in GROUPS:
        got = project.node(name)
        for n, e, want in group():
            report.column(f"{n}: {e}", got.get(f"o_{n}"), want, ulps)
    got = project.node("csv_texts")
    for n, e, want in texts():
        report.column(f"csv {n}: {e}", got.get(f"o_{n}"), want)
    distances = Project(head + f'source rows = parquet("rows.parquet") {data.FIELDS}'
                        "table places from rows { derive o = haversine(lat, lon, 52.5, 13.4) }\n", {"rows.parquet": table}).node("places")
    report.column("haversine", distances["o"], haversine(), 0, 20000.0)
