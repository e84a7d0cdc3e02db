#!/usr/bin/env python3
# slow
"""The closed loop: every transition, message and entry of the story; SIGKILL at 40 points x 3 scenarios (x 3 seeds with --all)."""
import os
import subprocess
import sys

from project import CD4MLC, ROOT, Checks

checks = Checks()
seeds = "1,2,3" if "--all" in sys.argv else "1"
done = subprocess.run([ROOT / "tests/loop/run", "--kills", "40", "--seeds", seeds], env={**os.environ, "CD4MLC": str(CD4MLC)}, capture_output=True, text=True)
for line in done.stdout.splitlines():
    if "kills (" in line or "point " in line or "FAIL" in line:
        print(line)
checks.that(done.returncode == 0, f"the loop, with kills at 40 points a scenario, seeds {seeds}", done.stdout.strip().splitlines()[-1:] or done.stderr[-500:])
checks.finish()
