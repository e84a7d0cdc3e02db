#!/usr/bin/env python3
# slow
"""The limits of the examples' gates hold over 20 seeds with a margin, so that a passed gate is no coin toss."""
from project import Checks, Project

checks = Checks()
EXAMPLES = {
    "flights": (lambda seed: [("leaves: 31", f"leaves: 31, seed: {seed}"), ("smooth: 20", f"smooth: 20, seed: {seed}")], 20),
    "weather": (lambda seed: [("random(seed: 7)", f"random(seed: {seed})")], 20),
}
for example, (edits, seeds) in EXAMPLES.items():
    project = Project(example)
    original = project.file.read_text()
    values, verdicts = {}, []
    for seed in range(1, seeds + 1):
        text = original
        for old, new in edits(seed):
            assert old in text, old
            text = text.replace(old, new)
        project.file.write_text(text)
        run = project.run(check=None)
        for gate in run.gates:
            verdicts.append(gate["verdict"])
            for check in gate["checks"]:
                values.setdefault((check["text"], check["limit"]), []).append(check["value"])
    held = sum(verdict != "pass" for verdict in verdicts)
    checks.that(held == 0, f"{example}: gates held over {seeds} seeds", held)
    for (text, limit), seen in values.items():
        if limit is not None:
            print(f"      {text}: {min(seen):.4f} … {max(seen):.4f}, limit {limit}")
checks.finish()
