"""Writes the numbers that runtime/evaluate/metrics_test.cpp holds the metrics to, by scikit-learn."""
import pathlib
import numpy as np
from scipy.stats import ks_2samp
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
binary["ks"] = ks_2samp(p[y == 1], p[y == 0]).statistic
t = np.array([3, -0.5, 2, 7, 4.25, 0])
n = np.array([2.5, 0.0, 2, 8, 3.5, 0.25])
number = {"rmse": m.root_mean_squared_error(t, n), "mse": m.mean_squared_error(t, n), "mae": m.mean_absolute_error(t, n),
          "medae": m.median_absolute_error(t, n), "mape": m.mean_absolute_percentage_error(t, n), "bias": (n - t).mean(),
          "r2": m.r2_score(t, n), "smape": np.mean(np.where(np.abs(t) + np.abs(n) > 0, 2 * np.abs(n - t) / np.maximum(np.abs(t) + np.abs(n), 1e-300), 0)),
          "wape": np.abs(n - t).sum() / np.abs(t).sum(), "pinball": m.mean_pinball_loss(t, n, alpha=0.5), "deviance": m.mean_tweedie_deviance(t, n, power=0)}
for name, values, sample in (("binary", binary, "binary()"), ("number", number, "out")):
    lines = [f'expectValue("{k}", {sample}, {float(v)!r});\n' for k, v in values.items()]
    (folder / f"metrics_{name}_golden_test.inc").write_text("".join(lines))

positive = np.array([0, 3, 2, 7, 4.25, 1]), np.array([2.5, 0.5, 2, 8, 3.5, 0.25])
above = np.array([0.5, 3, 2, 7, 4.25, 1]), positive[1]
ranked = {("binary", "precision", "at", 3): y[np.argsort(-p)][:3].mean(), ("binary", "recall", "at", 3): y[np.argsort(-p)][:3].sum() / y.sum(),
          # 0.4 ties over the cut: half of a true and a false row.
          ("binary", "precision", "at", 4): (2 + 0.5) / 4, ("binary", "recall", "at", 4): (2 + 0.5) / 4,
          ("binary", "lift", "share", 0.25): 1 / 0.5, ("binary", "lift", "at", 4): (2.5 / 4) / 0.5,
          **{("positive", "deviance", "power", q): m.mean_tweedie_deviance(*positive, power=q) for q in (1.0, 1.5)},
          **{("above", "deviance", "power", q): m.mean_tweedie_deviance(*above, power=q) for q in (2.0, 3.0)},
          **{("positive", "pinball", "q", q): m.mean_pinball_loss(*positive, alpha=q) for q in (0.1, 0.9)}}
lines = [f'expectOption({s}(), "{k}", "{o}", {w!r}, {float(v)!r});\n' for (s, k, o, w), v in ranked.items()]
(folder / "metrics_option_golden_test.inc").write_text("".join(lines))
