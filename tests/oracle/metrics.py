"""Writes the numbers that runtime/evaluate/metrics_test.cpp holds the metrics to, by scikit-learn."""
import pathlib
import numpy as np
from sklearn import metrics as m

folder = pathlib.Path(__file__).resolve().parents[2] / "runtime/evaluate"
y = np.array([0, 1, 1, 0, 1, 0, 0, 1])
p = np.array([0.1, 0.4, 0.35, 0.4, 0.8, 0.55, 0.05, 0.9])
c = (p >= 0.5).astype(int)
binary = {"auc": m.roc_auc_score(y, p), "average_precision": m.average_precision_score(y, p), "log_loss": m.log_loss(y, p),
          "brier": m.brier_score_loss(y, p), "accuracy": m.accuracy_score(y, c),
          "balanced_accuracy": m.balanced_accuracy_score(y, c), "precision": m.precision_score(y, c),
          "recall": m.recall_score(y, c), "specificity": m.recall_score(y, c, pos_label=0), "f1": m.f1_score(y, c),
          "mcc": m.matthews_corrcoef(y, c)}
bins = np.minimum((p * 10).astype(int), 9)
binary["calibration_error"] = sum(abs((p[bins == b] - y[bins == b]).sum()) for b in range(10)) / len(y)
t = np.array([3, -0.5, 2, 7, 4.25, 0])
n = np.array([2.5, 0.0, 2, 8, 3.5, 0.25])
number = {"rmse": m.root_mean_squared_error(t, n), "mse": m.mean_squared_error(t, n), "mae": m.mean_absolute_error(t, n),
          "medae": m.median_absolute_error(t, n), "mape": m.mean_absolute_percentage_error(t, n), "bias": (n - t).mean(),
          "r2": m.r2_score(t, n)}
for name, values, sample in (("binary", binary, "binary()"), ("number", number, "out")):
    lines = [f'expectValue("{k}", {sample}, {float(v)!r});\n' for k, v in values.items()]
    (folder / f"metrics_{name}_golden_test.inc").write_text("".join(lines))
