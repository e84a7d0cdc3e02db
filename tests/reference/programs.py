"""The programs of docs/reference/programs: nothing to complain about but warnings, they run, their tests pass."""
import re

from shared import PROGRAMS, Checks, Scratch, call


def run(checks):
    scratch = Scratch()
    for file in sorted(PROGRAMS.glob("*.cd4ml")):
        text = file.read_text()
        if re.search(r"^pipeline ", text, re.M):
            code, said = call(scratch.path, "run", file.name, "--state", f"state-{file.stem}")
            checks.that(code == 0, f"{file.name} runs:\n{said[-3000:]}")
        if re.search(r"^test ", text, re.M):
            code, said = call(scratch.path, "test", file.name)
            checks.that(code == 0 and ", 0 failed" in said, f"the tests of {file.name} pass:\n{said[-3000:]}")


if __name__ == "__main__":
    all_checks = Checks()
    run(all_checks)
    print(all_checks.passed, all_checks.failed)
