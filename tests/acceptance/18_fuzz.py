#!/usr/bin/env python3
# slow
"""A million mutated programs through lexer, parser and checker: no crash, no input over 5 s, memory bounded."""
import resource
import subprocess
import time

from project import CD4MLC, ROOT, Checks

checks = Checks()
start = time.perf_counter()
done = subprocess.run(["tests/fuzz/run", "--all"], cwd=ROOT, capture_output=True, text=True,
                      env={"PATH": "/usr/bin:/bin", "CD4ML_MUTATE": str(CD4MLC.parent.parent / "cd4ml_check_mutate")})
minutes = (time.perf_counter() - start) / 60
said = (done.stdout + done.stderr).strip().splitlines()
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
checks.that(done.returncode == 0, "a million mutated inputs without a crash or a hang", said[-1] if said else "")
checks.that(peak <= 1024, f"memory stays bounded, {minutes:.1f} min", f"{peak:.0f} MB")
checks.finish()
