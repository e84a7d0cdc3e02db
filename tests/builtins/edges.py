"""Data at the edge of what a pipeline can use: the right result or a clear error, never a crash; and errors of rows."""
import pyarrow as pa

from check import Project

FIELDS = '{ at: timestamp @time  x: float?  one: float  c: category?  y: float }'
FEATURES = "std = standardize(x)  mm = min_max(x)  rob = robust_scale(x)  bin = quantile_bin(x)  te = target_encode(c)  hot = one_hot(c)  ord = ordinal(c)  one = one"


def rows(n, **replaced):
    order = [(k * 7919) % n if n else 0 for k in range(n)]  # unsorted where n and 7919 have no factor in common
    columns = {"at": pa.array([k * 86_400_000_000 for k in order], pa.int64()).cast(pa.timestamp("us")),
               "x": pa.array([None if k % 9 == 0 else k * 0.5 for k in order], pa.float64()), "one": pa.array([1.0] * n, pa.float64()),
               "c": pa.array([None if k % 11 == 0 else "abc"[k % 3] for k in order], pa.string()), "y": pa.array([k * 1.0 for k in order], pa.float64())}
    return pa.table(columns | {k: pa.array([v] * n, columns[k].type) for k, v in replaced.items()})


def pipeline(verbs="", target="y", split="time", model="gbdt(f, trees: 3, min_rows: 1)", metric="rmse", features=FEATURES):
    return f"""pipeline p
source rows = parquet("rows.parquet") {FIELDS}
table t from rows {{ filter y >= 0 {verbs} }}
features f from t {{ target {target}  {features} }}
split f by {split} {{ train 70% validate 15% test 15% }}
model m = {model}
evaluate e of m on test {{ {metric} }}
gate g on e {{ require {metric} > -1000 otherwise hold }}
deploy d of m when g {{ }}
"""


PLAIN = "x = x ?? 0"
GBDT, LOGISTIC, LINEAR = "gbdt(f, trees: 3, min_rows: 1)", "logistic(f)", "linear(f)"
#   name, data, pipeline, exit code, words that must be said
RUNS = [
    ("unsorted time", rows(500), pipeline(), 0, []),
    ("constant features", rows(500, x=3.0, c="a"), pipeline(), 0, []),
    ("constant features, linear", rows(500, x=3.0), pipeline(model=LINEAR, features=PLAIN + " one = one"), 0, []),
    ("constant target", rows(500, y=2.0), pipeline(), 0, []),
    ("constant target, linear", rows(500, y=2.0), pipeline(model=LINEAR, features=PLAIN), 0, []),
    ("a column of nulls", rows(500, x=None, c=None), pipeline(), 0, []),
    ("one class, gbdt", rows(500), pipeline(target="y >= 0", metric="log_loss"), 1, ["nothing to tell apart"]),
    ("one class, logistic", rows(500), pipeline(target="y >= 0", metric="log_loss", model=LOGISTIC, features=PLAIN), 1, ["nothing to tell apart"]),
    ("one class, auc", rows(500), pipeline(target="y >= 0", metric="auc"), 1, ["nothing to tell apart"]),
    ("one category to predict", rows(500, c="a"), pipeline(target='c ?? "a"', metric="accuracy", features="x = x"), 1, ["nothing to tell apart"]),
    ("no rows left", rows(500), pipeline(verbs="filter y > 1000000"), 1, ["row"]),
    ("no rows left, random split", rows(500), pipeline(verbs="filter y > 1000000", split="random"), 1, ["row"]),
    ("one row", rows(1), pipeline(), 1, ["row"]),
    ("one row, random split", rows(1), pipeline(split="random"), 1, ["row"]),
    ("three rows", rows(3), pipeline(), 1, ["CD5019"]),
    ("equal times", rows(500, at=5), pipeline(), 1, ["CD5019"]),
    ("no rows at all", rows(0), pipeline(), 1, ["row"]),
    ("infinite target", rows(500, y=float("inf")), pipeline(), 1, ["not a finite number"]),
    ("NaN target", rows(500), pipeline(target="sqrt(-1.0 - y)"), 1, ["not a finite number"]),
]

ROW_ERRORS = [
    ("int overflow", "i * 9223372036854775807", "derive o"),
    ("int overflow of +", "9223372036854775807 + i", "derive o"),
    ("abs of the smallest int", "abs(i - 9223372036854775807 - 2)", "derive o"),
    ("division by zero", "i // (i - 2)", "derive o"),
    ("modulo by zero", "i % (i - 2)", "derive o"),
    ("NaN as an int", "int(0.0 * (if i > 1 then 1e300 * 1e300 else 1.0))", "derive o"),
    ("too great for an int", "int(1e19 * i)", "derive o"),
    ("no such day", "date(2023, i, 30)", "derive o"),
    ("NaN as a duration", "duration(1s * sqrt(1.5 - i))", "derive o"),
]
EMPTY = [("sum", "sum(x)"), ("mean", "mean(x)"), ("std", "std(x)"), ("median", "median(x)"), ("min", "min(x)"), ("mode", "mode(c)"), ("quantile", "quantile(x, 0.5)")]


def wrong(done, code, words):
    said = done.stdout + done.stderr
    if "internal error" in said or done.returncode != code or any(w not in said for w in words):
        return f"exit {done.returncode}, wanted {code} and {words}\n{said[-1500:]}"
    return done.returncode and "error[CD" not in said and "held" not in said and f"no error is shown\n{said[-1500:]}"


def run(report):
    for name, table, text, code, words in RUNS:
        done = Project(text, {"rows.parquet": table}).call("run")
        report.say(f"run with {name}", wrong(done, code, words))
        if report.verbose:
            print("     ", (done.stdout + done.stderr)[-600:].replace("\n", "\n      "))
    head = 'pipeline p\nsource rows = csv("rows.csv") { i: int  x: float?  c: category? }\n'
    for name, expression, word in ROW_ERRORS:
        project = Project(head + f"table t from rows {{ derive o = {expression} }}\n", {"rows.csv": "i,x,c\n1,,\n2,,\n3,,\n"})
        done = project.call("show", "t")
        report.say(f"row error: {name}", wrong(done, 1, ["row 2" if "i * 9" in expression or "(i - 2)" in expression or "2023" in expression else "row", word]))
    none = "".join(f"{n}_ = {e}  " for n, e in EMPTY)
    text = head + f"table t from rows {{ group by k = i > 0 {{ n = count(x)  rows_ = count()  u = n_unique(x)  any_ = any(x > 0)  all_ = all(x > 0)  {none} }} }}\n"
    text += "table e from rows { filter i > 5 }\ntable ge from e { group by c { n = count() } }\ntable je from e { join many r on i as p }\n"
    text += 'source r = csv("rows.csv") { i: int  x: float? }\n'
    project = Project(text, {"rows.csv": "i,x,c\n1,,\n2,,\n3,,\n"})
    got = project.node("t")
    for name, want in [("n", 0), ("rows_", 3), ("u", 0), ("any_", False), ("all_", True)] + [(f"{n}_", None) for n, _ in EMPTY]:
        report.column(f"aggregate of nulls: {name}", got[name], [want])
    for node in ("e", "ge", "je"):
        got = project.node(node)
        report.say(f"{node} of no rows", [len(v) for v in got.values()] != [0] * len(got) and got)
