#!/usr/bin/env python3
"""Random items whose every name is a contextual word: each ends where the next begins, no full context, no ambiguity.
Brackets 10,000 deep and 10,000 unclosed: an error within 100 ms."""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from project import CD4MLC, Checks

TESTS = CD4MLC.parent.parent / "cd4ml_compiler_parse_test"
rounds = 40 if "--all" in sys.argv else 4
checks = Checks()


def properties(seed, folder):
    """What the tests of names recorded, and whether they hold."""
    report = pathlib.Path(folder) / "report.json"
    done = subprocess.run([TESTS, "--gtest_filter=Names.*", "--gtest_shuffle", f"--gtest_random_seed={seed}",
                           f"--gtest_output=json:{report}"], capture_output=True, text=True, cwd=pathlib.Path(__file__).parents[2])
    suites = json.loads(report.read_text())["testsuites"]
    return {k: v for suite in suites for case in suite["testsuite"] for k, v in case.items()}, done.returncode


with tempfile.TemporaryDirectory() as folder:
    sequences = texts = contexts = ambiguities = failed = 0
    for seed in range(1, rounds + 1):
        seen, code = properties(seed, folder)
        failed += code != 0
        sequences += int(seen["sequences"])
        texts += int(seen["texts"])
        contexts += int(seen["full_contexts"])
        ambiguities += int(seen["ambiguities"])
    checks.that(failed == 0, f"{sequences} random sequences of items, rounds with a mis-split", failed)
    checks.that(contexts == 0 and ambiguities == 0, f"{texts} texts with exact prediction: full contexts, ambiguities", f"{contexts}, {ambiguities}")

    deep = {"10,000 brackets deep": "(" * 10000 + "1" + ")" * 10000, "10,000 unclosed (": "(" * 10000, "10,000 unclosed [": "[" * 10000,
            "10,000 unclosed {": "{" * 10000, "10,000 calls deep": "f(" * 10000, "10,000 times `not`": "not " * 10000 + "x"}
    for name, expression in deep.items():
        path = pathlib.Path(folder) / "deep.cd4ml"
        path.write_text(f"pipeline p\ntable t from f {{ derive y = {expression} }}\n")
        best, codes = 1e9, set()
        for _ in range(5):
            start = time.perf_counter()
            done = subprocess.run([CD4MLC, "check", path, "--json"], capture_output=True, text=True, timeout=20)
            best = min(best, time.perf_counter() - start)
            codes = {each["code"] for each in json.loads(done.stdout)["diagnostics"]}
        checks.that(done.returncode == 2 and "CD0014" in codes and best <= 0.1, f"{name}: an error within 100 ms, whole process", f"{best * 1000:.0f} ms")
checks.finish()
