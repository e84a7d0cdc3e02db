#!/usr/bin/env python3
"""`tune`, `folds`, `per`, `choose` and their combinations give the same ids for 1 and 2 jobs, go on after a kill, and share
every stage that they have in common with the pipeline they grew from."""
import random
import subprocess
import sys
import time

from project import CD4MLC, Checks, Project

PLAIN = "model late = gbdt(trip, trees: trees, leaves: 31, learning_rate: 0.1, early_stop: 20)"
BY_TIME = "split trip by time { train 70%  validate 15%  test 15% }"
FOLDS = "split trip by time { folds 3  test 15% }"
RANGES = "{ leaves in 7..63  learning_rate in log 0.03..0.3 }"
CASES = {
    "tune by random": ("gbdt(trip, trees: 30) { tune by random(trials: 6) maximize validate.auc " + RANGES + " }", BY_TIME),
    "tune by asha": ("gbdt(trip, trees: 45) { tune by asha(trials: 9) maximize validate.auc " + RANGES + " }", BY_TIME),
    "tune by tpe": ("gbdt(trip, trees: 30) { tune by tpe(trials: 12) maximize validate.auc " + RANGES + " }", BY_TIME),
    "folds": ("gbdt(trip, trees: 60, early_stop: 10)", FOLDS),
    "per": ("gbdt(trip, trees: 20, leaves: 7) { min 100 rows  fallback global }", BY_TIME),
    "choose": ("choose(small, forest, flat) maximize validate.auc", BY_TIME),
    "tune with folds": ("gbdt(trip, trees: 20) { tune by random(trials: 4) maximize validate.auc " + RANGES + " }", FOLDS),
    "tune per": ("gbdt(trip, trees: 10) { min 500 rows  fallback global  tune by random(trials: 3) maximize validate.auc { leaves in 3..31 } }", BY_TIME),
    "choose with folds": ("choose(small, forest, flat) maximize validate.auc", FOLDS),
    "per with folds": ("gbdt(trip, trees: 10, leaves: 7) { min 500 rows  fallback global }", FOLDS),
}
OTHERS = "model small = gbdt(trip, trees: 40, leaves: 15)\nmodel forest = random_forest(trip, trees: 15, leaves: 64)\nmodel flat = constant(trip)\n"
KILLS = 3 if "--all" in sys.argv else 1


def write(project, name):
    model, split = CASES[name]
    per = " per origin" if "per" in name.split() else ""
    others = OTHERS if model.startswith("choose") else ""
    project.edit(PLAIN, f"{others}model late{per} = {model}")
    project.edit(BY_TIME, split)
    project.edit("auc >= 0.60", "auc >= 0.40")
    project.edit("worst auc by origin >= 0.45", "worst auc by origin >= 0.20")
    project.edit("calibration_error <= 0.10", "calibration_error <= 0.90")
    return project


checks = Checks()
chance = random.Random(14)
for name in CASES:
    grown = Project("flights")
    grown.run()
    write(grown, name)
    one, two = grown.run("--jobs", 1), write(Project("flights"), name).run("--jobs", 2)
    checks.that(one.contents() == two.contents(), f"{name}: the same ids for 1 and 2 jobs", (one.stages["late"]["content"] or "")[:15])
    # With the same split everything before the model is there; with folds, all that comes before the split.
    shared = {"flights", "labelled"} | ({"trip.split", "trip"} if CASES[name][1] == BY_TIME else set())
    again = [s for s in shared if s in one.stages and one.stages[s]["status"] == "ran"]
    checks.that(not again, f"{name}: shares the stages of the plain pipeline", f"{len(shared)} shared, {len(again)} ran again")
    seconds = two.process.seconds
    wrong, landed = 0, 0
    for _ in range(KILLS):
        project = write(Project("flights"), name)
        process = subprocess.Popen([CD4MLC, "run", "--quiet"], cwd=project.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 0.95) * seconds)
        landed += process.poll() is None
        process.kill()
        process.wait()
        after = project.run()
        wrong += after.contents() != one.contents()
    checks.that(wrong == 0, f"{name}: {KILLS} kills ({landed} while running), next runs with other ids", wrong)

# An interrupted search goes on where it was: what it has tried is not trained again.
project = write(Project("flights"), "tune by random")
project.edit("trials: 6", "trials: 12")
process = subprocess.Popen([CD4MLC, "run", "--json", "--jobs", "1"], cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
tried = 0
for line in process.stdout:
    tried += '"event":"trial"' in line
    if tried == 4:
        break
process.kill()
process.wait()
cached = sum(e["cached"] for e in project.run().events if e["event"] == "trial")
checks.that(cached >= 4, "a search killed after 4 of 12 trials: trials that the next run finds", cached)
checks.finish()
