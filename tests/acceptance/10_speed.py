#!/usr/bin/env python3
# slow
"""Figures that need a quiet machine: a run with nothing to do <= 30 ms, `check` cold <= 30 ms."""
from project import Checks, Project


def median(action, times=15):
    return sorted(action().process.seconds * 1e3 for _ in range(times))[times // 2]


checks = Checks()
project = Project("flights")
project.run()
idle = median(lambda: project.run(env={"CD4ML_ENGINE": "/nonexistent/libcd4ml_engine.so"}))
checks.that(idle <= 30, "a run with nothing to do, median of 15, ms", f"{idle:.1f}")
check = sorted(project.command("check", check=0).seconds * 1e3 for _ in range(15))[7]
checks.that(check <= 30, "check of the flights example, median of 15, ms", f"{check:.1f}")
checks.finish()
