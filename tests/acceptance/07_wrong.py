#!/usr/bin/env python3
"""One wrong program a diagnostic code, at least 60; one bad file a bullet of the quality page; each with its message."""
import re
import subprocess

from project import ROOT, Checks

checks = Checks()
rows = re.findall(r"^CD4ML_DIAGNOSTIC\((\d+),", (ROOT / "compiler/diag/diagnostics.def").read_text(), re.M)
checks.that(len(rows) >= 60, "diagnostic codes", len(rows))
for name, command in (("every code has page, emit site and test", ["scripts/check-diagnostics"]),
                      ("wrong programs give their messages", ["tests/diagnostics/run"]),
                      ("bad data gives its messages", ["tests/bad_data/run"])):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    last = (done.stdout + done.stderr).strip().splitlines()[-1:] or [""]
    checks.that(done.returncode == 0, name, last[0])
checks.finish()
