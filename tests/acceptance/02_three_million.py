#!/usr/bin/env python3
# slow
"""3 M flights against the Python twin: everything but training >= 2 x as fast, <= 2 GB, AUC within 0.002."""
import json
import subprocess

from project import ROOT, Checks

checks = Checks()
subprocess.run([ROOT / "examples/flights/fetch"], check=True)
result = json.loads(subprocess.run([ROOT / "bench/end_to_end/run", "--json"], check=True, capture_output=True, text=True).stdout)
checks.that(result["ratio_without_training"] >= 2, "everything but training, twin / cd4ml", f"{result['ratio_without_training']:.2f} x")
checks.that(result["cd4ml"]["peak_mb"] <= 2048, "peak memory", f"{result['cd4ml']['peak_mb']:.0f} MB")
difference = abs(result["cd4ml"]["auc"] - result["twin"]["auc"])
checks.that(difference <= 0.002, "AUC", f"{result['cd4ml']['auc']:.6f} against {result['twin']['auc']:.6f}")
checks.that(result["columns_max_difference"] <= 1e-9, "feature columns, greatest difference", result["columns_max_difference"])
checks.finish()
