#!/usr/bin/env python3
"""Same ids for --jobs 1 and 2 and elsewhere; `score` of what `show -o` wrote equals the predictions, bit for bit."""
import csv
import random

from project import Checks, Project

checks = Checks()
one, two = Project("flights"), Project("flights")
first, second = one.run("--jobs", 1), two.run("--jobs", 2)
checks.that(first.contents() == second.contents(), "the same ids for --jobs 1 and 2, in two folders",
            first.stages["late"]["content"][:15])


def table(path):
    with open(path, newline="") as f:
        return list(csv.DictReader(f))


for example, features, model, evaluate in (("flights", "trip", "late", "quality"), ("weather", "day", "sky", "quality")):
    project = one if example == "flights" else Project(example)
    if example != "flights":
        project.run()
    project.command("show", f"{features}.test", "-o", "rows.csv", check=0)
    project.command("show", f"{evaluate}.predictions", "-o", "expected.csv", check=0)
    project.command("score", model, "rows.csv", "-o", "scored.csv", check=0)
    rows, expected, scored = (table(project.path / n) for n in ("rows.csv", "expected.csv", "scored.csv"))
    same = [(e["prediction"], e.get("probability")) == (s["prediction"], s.get("probability")) for e, s in zip(expected, scored)]
    checks.that(len(expected) == len(scored) > 0 and all(same), f"{example}: score of the whole file equals the predictions",
                f"{len(same) - sum(same)} of {len(scored)} differ")
    picked = random.Random(1).sample(range(len(rows)), 25)
    differ = 0
    for i in picked:
        with open(project.path / "row.csv", "w", newline="") as f:
            writer = csv.DictWriter(f, rows[i].keys())
            writer.writeheader()
            writer.writerow(rows[i])
        project.command("score", model, "row.csv", "-o", "row_scored.csv", check=0)
        alone = table(project.path / "row_scored.csv")[0]
        differ += any(alone[k] != scored[i][k] for k in ("prediction", "probability") if k in alone)
    checks.that(differ == 0, f"{example}: row by row the same bits", f"{differ} of {len(picked)} differ")
checks.finish()
