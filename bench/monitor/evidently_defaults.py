"""Evidently's default drift tests on the data that monitor_bench wrote: the share of repeats in which a column is called drifted.

Arguments: the folder. Columns as in monitor_bench: 30, by kind normal, lognormal, zipf, zeros, few.
"""
import collections
import pathlib
import sys
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
from evidently import Dataset, DataDefinition, Report  # noqa: E402
from evidently.presets import DataDriftPreset  # noqa: E402

COLUMNS, KINDS = 30, ["normal", "lognormal", "zipf", "zeros", "few"]
folder = pathlib.Path(sys.argv[1])


def read(path):
    values = np.fromfile(path, dtype="<f8").reshape(COLUMNS, -1)
    frame = pd.DataFrame({f"{KINDS[c % 5]}{c}": values[c] for c in range(COLUMNS)})
    for c in range(COLUMNS):
        if KINDS[c % 5] == "zipf":
            frame[f"zipf{c}"] = frame[f"zipf{c}"].astype(int).map("level {:03}".format)
    return frame


categories = [f"zipf{c}" for c in range(COLUMNS) if KINDS[c % 5] == "zipf"]
definition = DataDefinition(categorical_columns=categories, numerical_columns=[f"{KINDS[c % 5]}{c}" for c in range(COLUMNS) if KINDS[c % 5] != "zipf"])
found = collections.defaultdict(lambda: collections.Counter())
for path in sorted(folder.glob("*-reference.f64")):
    repeat = path.name.split("-")[0]
    reference = Dataset.from_pandas(read(path), data_definition=definition)
    for window in folder.glob(f"{repeat}-[0-9]*.f64"):
        size = int(window.stem.split("-")[1])
        current = Dataset.from_pandas(read(window), data_definition=definition)
        result = Report([DataDriftPreset()]).run(current, reference).dict()
        drifted = []
        for metric in result["metrics"]:
            column = metric.get("config", {}).get("column")
            if column is None:
                continue
            value, threshold, method = float(metric["value"]), float(metric["config"]["threshold"]), metric["config"]["method"].lower()
            if value < threshold if "p_value" in method else value >= threshold:
                drifted.append(column)
        found[size]["repeats"] += 1
        found[size]["any"] += bool(drifted)
        found[size]["half"] += len(drifted) >= COLUMNS / 2
        for column in drifted:
            found[size][column.rstrip("0123456789")] += 1
print(f"{'window':>9} {'any column':>11} {'half (its report)':>18}   columns called drifted: {' '.join(KINDS)}")
for size in sorted(found):
    c = found[size]
    shares = " ".join(f"{c[k] / (6 * c['repeats']):.2f}" for k in KINDS)
    print(f"{size:>9} {100 * c['any'] / c['repeats']:>10.1f}% {100 * c['half'] / c['repeats']:>17.1f}%   {shares}")
