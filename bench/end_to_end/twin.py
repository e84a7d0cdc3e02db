#!/usr/bin/env python3
"""The flights pipeline of examples/flights by hand: lazy Polars for the data, LightGBM for the trees.

The same rows, features, encoders (out-of-fold on the training part), split, parameters and metrics as
examples/flights/main.cd4ml, with the fastest settings we found for each library. Prints one JSON object with the
seconds of each phase, the metrics and the peak memory; `--columns FILE` also writes the feature columns as Parquet.
"""
import argparse
import json
import os
import resource
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("data")
arguments.add_argument("--threads", type=int, default=1)
arguments.add_argument("--trees", type=int, default=200)
arguments.add_argument("--columns", help="write the feature columns to this Parquet file")
arguments.add_argument("--row-ids", help="Parquet file with the row ids of the training rows, so that the folds are the same")
options = arguments.parse_args()
os.environ["POLARS_MAX_THREADS"] = str(options.threads)

start_import = time.perf_counter()
import lightgbm as lgb
import numpy as np
import polars as pl

phases = {"import": time.perf_counter() - start_import}
row_ids = pl.read_parquet(options.row_ids, columns=["row_id"])["row_id"].to_numpy().view(np.uint64) if options.row_ids else None


def mix(x):
    """64-bit mixing step of row ids (docs/design/nf1-columns.md)."""
    x = x ^ (x >> np.uint64(30))
    x = x * np.uint64(0xBF58476D1CE4E5B9)
    x = x ^ (x >> np.uint64(27))
    x = x * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


clock = time.perf_counter()


def phase(name):
    global clock
    now = time.perf_counter()
    phases[name] = now - clock
    clock = now


flights = pl.read_parquet(options.data)
phase("read")

hour = pl.col("date").dt.hour().cast(pl.Int64)
weekday = pl.col("date").dt.weekday().cast(pl.Int64)
distance = pl.col("distance").cast(pl.Float64)
rows = (
    flights.lazy()
    .filter(pl.col("delay").is_not_null())
    .select(
        is_late=(pl.col("delay") > 15).cast(pl.Int8),
        date=pl.col("date"),
        hour=hour,
        weekday=weekday,
        month=pl.col("date").dt.month().cast(pl.Int64),
        minute_of_day=hour * 60 + pl.col("date").dt.minute().cast(pl.Int64),
        hour_sin=((hour + 0.25) * 2.0 * 3.141592653589793 / 24.0).sin(),
        hour_cos=((hour + 0.25) * 2.0 * 3.141592653589793 / 24.0).cos(),
        weekend=(weekday >= 6).cast(pl.Int8),
        distance=distance,
        log_distance=distance.log1p(),
        root_distance=distance.sqrt(),
        long_haul=(distance > 1500).cast(pl.Int8),
        distance_hour=distance * hour,
        origin=pl.col("origin").cast(pl.Categorical),
        destination=pl.col("destination").cast(pl.Categorical),
        route=pl.concat_str("origin", pl.lit("-"), "destination").cast(pl.Categorical),
    )
    .collect()
)
phase("features")

# Split by time at row shares: 70 / 15 / 15, equal times on one side.
n = rows.height
dates = rows["date"].to_numpy()
ordered = bool((dates[1:] >= dates[:-1]).all())
if not ordered:
    rows = rows.sort("date", maintain_order=True)
    dates = rows["date"].to_numpy()
a = int(np.searchsorted(dates, dates[int(n * 0.70)], side="left"))
b = int(np.searchsorted(dates, dates[int(n * 0.85)], side="left"))
phase("split")

y = rows["is_late"].to_numpy()
train_log = rows["log_distance"][:a]
rows = rows.with_columns(log_distance=(pl.col("log_distance") - train_log.mean()) / train_log.std())
if row_ids is None:
    fold = np.random.default_rng(0).integers(0, 5, a, dtype=np.int32)
else:
    random = mix(row_ids + np.uint64(0x9E3779B97F4A7C15))  # seed 0
    high, low = random >> np.uint64(32), random & np.uint64(0xFFFFFFFF)
    fold = ((high * np.uint64(5) + ((low * np.uint64(5)) >> np.uint64(32))) >> np.uint64(32)).astype(np.int32)
late = y[:a].astype(np.float64)
encoded = {}
for column, name in (("origin", "origin_late"), ("destination", "dest_late"), ("route", "route_late")):
    codes = rows[column].to_physical().to_numpy()
    size = int(codes.max()) + 1
    cell = fold * np.int32(size) + codes[:a].astype(np.int32)
    counts = np.bincount(cell, minlength=5 * size).reshape(5, size)
    sums = np.bincount(cell, weights=late, minlength=5 * size).reshape(5, size)
    total_sum, total_count = sums.sum(0), counts.sum(0)
    prior = total_sum.sum() / total_count.sum()
    other_sum, other_count = total_sum - sums, total_count - counts
    priors = other_sum.sum(1, keepdims=True) / other_count.sum(1, keepdims=True)
    out = np.empty(n)
    out[:a] = ((other_sum + 20 * priors) / (other_count + 20)).ravel()[cell]
    out[a:] = ((total_sum + 20 * prior) / (total_count + 20))[codes[a:]]
    encoded[name] = out
phase("encoders")

names = ["hour", "weekday", "month", "minute_of_day", "hour_sin", "hour_cos", "weekend", "distance", "log_distance",
         "root_distance", "long_haul", "distance_hour", "origin"]
table = rows.select([pl.col(c) for c in names[:-1]] + [pl.col("origin").to_physical().cast(pl.Int32)])
table = table.with_columns(**{k: pl.Series(v) for k, v in encoded.items()})
if options.columns:
    table.with_columns(origin=rows["origin"].cast(pl.String)).write_parquet(options.columns)
    clock = time.perf_counter()
arrow = table.to_arrow()
parameters = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.1, "force_row_wise": True,
              "deterministic": True, "verbose": -1, "num_threads": options.threads, "metric": "binary_logloss", "seed": 0}
train = lgb.Dataset(arrow.slice(0, a), y[:a], categorical_feature=["origin"], params=parameters)
validate = lgb.Dataset(arrow.slice(a, b - a), y[a:b], reference=train, categorical_feature=["origin"], params=parameters)
train.construct()
validate.construct()
phase("dataset")

# No early stopping on either side: on these data the validate loss lies flat for 40 rounds and falls again, so that the
# round where it stops is decided by the last bits.
booster = lgb.train(parameters, train, options.trees, valid_sets=[validate])
phase("train")

test = arrow.slice(b)
probability = booster.predict(test, num_threads=options.threads)
phase("predict")

target = y[b:]


def auc(t, p):
    order = np.argsort(p, kind="stable")
    sorted_p = p[order]
    starts = np.flatnonzero(np.r_[True, sorted_p[1:] != sorted_p[:-1]])
    ends = np.r_[starts[1:], len(p)]
    rank = np.repeat((starts + 1 + ends) / 2.0, ends - starts)
    positive = t[order] == 1
    k = positive.sum()
    return (rank[positive].sum() - k * (k + 1) / 2) / (k * (len(t) - k))


metrics = {"auc": float(auc(target, probability)),
           "log_loss": float(-np.mean(np.where(target == 1, np.log(probability), np.log1p(-probability)))),
           "brier": float(np.mean((probability - target) ** 2))}
origins = rows["origin"][b:].to_physical().to_numpy()
slices = {}
for code in np.unique(origins):
    chosen = origins == code
    if chosen.sum() >= 500 and 0 < target[chosen].sum() < chosen.sum():
        slices[int(code)] = float(auc(target[chosen], probability[chosen]))
metrics["worst_auc_by_origin"] = min(slices.values())
phase("metrics")

print(json.dumps({"phases": phases, "metrics": metrics, "rows": [a, b - a, n - b], "iterations": booster.current_iteration(),
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                  "versions": {"polars": pl.__version__, "lightgbm": lgb.__version__, "numpy": np.__version__}}))
