#!/usr/bin/env python3
# slow
"""From a fresh clone with empty HOME and caches, scripts/demo ends with metrics, a passed gate and the bundle's path."""
import os
import pathlib
import subprocess
import tempfile
import time

from project import ROOT, Checks

checks = Checks()
with tempfile.TemporaryDirectory() as scratch:
    clone = pathlib.Path(scratch) / "clone"
    home = pathlib.Path(scratch) / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
    start = time.time()
    demo = subprocess.run(["scripts/demo"], cwd=clone, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, "HOME": str(home), "CCACHE_DIR": str(home / "ccache"), "NO_COLOR": "1"})
    out = demo.stdout + demo.stderr
    checks.that(demo.returncode == 0, "scripts/demo from a fresh clone", f"exit {demo.returncode}, {time.time() - start:.0f} s")
    tail = "\n".join(out.splitlines()[-60:])
    checks.that("auc" in tail, "ends with the metrics table")
    checks.that("pass" in tail and "release" in tail, "ends with a passed gate")
    bundles = [word for word in tail.split() if word.endswith(".cd4mb")]
    checks.that(bool(bundles) and (clone / "examples/flights" / bundles[-1]).exists(), "ends with the bundle's path", bundles)
    if checks.failed:
        print(out[-3000:])
checks.finish()
