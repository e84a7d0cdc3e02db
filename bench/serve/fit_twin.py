"""Fits the twin's encoders and booster on the first 70 % of the flights, as the example does."""
import json
import math
import sys

import lightgbm
import numpy
import pyarrow.parquet as pq

source, state_file, model_file = sys.argv[1:4]
table = pq.read_table(source, columns=["date", "delay", "distance", "origin", "destination"]).to_pylist()
rows = sorted((r for r in table if r["delay"] is not None), key=lambda r: r["date"])
rows = rows[: int(len(rows) * 0.7)]
late = [float(r["delay"] > 15) for r in rows]
prior = sum(late) / len(late)
logs = [math.log1p(r["distance"]) for r in rows]
mean = sum(logs) / len(logs)
deviation = math.sqrt(sum((x - mean) ** 2 for x in logs) / (len(logs) - 1))


def target_encode(key):
    sums = {}
    for row, y in zip(rows, late):
        s = sums.setdefault(key(row), [0.0, 0])
        s[0] += y
        s[1] += 1
    return {k: (s + 20 * prior) / (n + 20) for k, (s, n) in sums.items()}


origins = {o: i for i, o in enumerate(sorted({r["origin"] for r in rows}))}
encoders = {"origin": target_encode(lambda r: r["origin"]), "destination": target_encode(lambda r: r["destination"]),
            "route": target_encode(lambda r: f"{r['origin']}-{r['destination']}")}
matrix = []
for r in rows:
    at, d = r["date"], float(r["distance"])
    angle = (at.hour + 0.25) * 2.0 * 3.141592653589793 / 24.0
    matrix.append([at.hour, at.isoweekday(), at.month, at.hour * 60 + at.minute, math.sin(angle), math.cos(angle), at.isoweekday() >= 6, d,
                   (math.log1p(d) - mean) / deviation, math.sqrt(d), d > 1500, d * at.hour, origins[r["origin"]], encoders["origin"][r["origin"]],
                   encoders["destination"][r["destination"]], encoders["route"][f"{r['origin']}-{r['destination']}"]])
data = lightgbm.Dataset(numpy.array(matrix, dtype=numpy.float64), label=late, categorical_feature=[12])
trees = int(sys.argv[4])
booster = lightgbm.train({"objective": "binary", "num_leaves": 31, "learning_rate": 0.1, "verbose": -1, "num_threads": 2}, data, num_boost_round=trees)
booster.save_model(model_file)
json.dump({"prior": prior, "log_distance": [mean, deviation], "origins": origins, "late": encoders}, open(state_file, "w"))
