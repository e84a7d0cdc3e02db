"""docs/reference/json.md names every member that a command prints."""
import json
import re

from shared import ROOT, Checks, Scratch, call

# Commands on the program of releases, in an order in which each has something to say.
COMMANDS = ["check", "plan", "run", "run --deploy", "why busy", "show sale --stats", "show busy", "show quality", "show sale.split", "show good",
            "show sale.test -o out.csv", "score board out.csv -o scored.csv", "runs", "models", "params", "notify test ops", "audit verify",
            "doctor"]
# Members whose keys are names of the program, and results that are as the engine keeps them.
NAMED = {"phases", "slice", "params", "by", "evidence"}
AS_KEPT = {"show busy", "show quality", "show sale.split"}


def members(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in NAMED:
                yield from members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner)


def run(checks):
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]*)`", (ROOT / "docs/reference/json.md").read_text())))) | {"event"}
    scratch = Scratch()
    for command in [*COMMANDS, "test"]:
        verb, *rest = command.split()
        program = "tables.cd4ml" if verb == "test" else "release.cd4ml"
        arguments = [] if verb == "doctor" else [program]
        _, said = call(scratch.path, verb, *(arguments if verb not in ("notify", "audit") else []), *rest, "--json",
                       *([] if verb not in ("notify", "audit") else arguments))
        lines = [line for line in said.splitlines() if line.startswith('{"v":')]
        if not checks.that(lines, f"{command} prints JSON:\n{said[-500:]}") or command in AS_KEPT:
            continue
        unknown = sorted({key for line in lines for key in members(json.loads(line))} - words)
        checks.that(not unknown, f"json.md names the members of {command}: {unknown}")


if __name__ == "__main__":
    all_checks = Checks()
    run(all_checks)
    print(all_checks.passed, all_checks.failed)
