#!/usr/bin/env python3
"""Random kill -9 of a run (20; 200 with --all): the next run's ids equal those of a clean run. Two at once: each key once."""
import random
import shutil
import subprocess
import sys
import time

from project import CD4MLC, Checks, Project

checks = Checks()
clean = min((Project("flights").run() for _ in range(3)), key=lambda run: run.process.seconds)
wanted = clean.contents()
kills = 200 if "--all" in sys.argv else 20
chance = random.Random(7)
project = Project("flights")
wrong, landed, lost = 0, 0, 0
acknowledged = set()
for i in range(kills):
    # What may be forgotten is gone before each kill, so that it falls on work; the ledger stays.
    shutil.rmtree(project.path / ".cd4ml/cas", ignore_errors=True)
    for file in (project.path / ".cd4ml").glob("cache.db*"):
        file.unlink()
    (project.path / ".cd4ml/plan.snap").unlink(missing_ok=True)
    process = subprocess.Popen([CD4MLC, "run", "--json"], cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    time.sleep(chance.uniform(0.0, clean.process.seconds * 0.95))
    landed += process.poll() is None
    process.kill()
    process.communicate()
    after = project.run(check=0)
    wrong += after.contents() != wanted
    acknowledged.add(after.last["id"])
    known = project.command("runs", "--json", check=0).stdout
    lost += sum(run not in known for run in acknowledged)
checks.that(wrong == 0, f"{kills} kills ({landed} while running): next runs with other ids", wrong)
checks.that(lost == 0, "acknowledged runs lost", lost)

project = Project("flights")
pair = [subprocess.Popen([CD4MLC, "run", "--json"], cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
outputs = [p.communicate()[0] for p in pair]
checks.that(all(p.returncode == 0 for p in pair), "two runs at once both end well", [p.returncode for p in pair])
import json
ran = {}
for output in outputs:
    for event in map(json.loads, output.splitlines()):
        if event["event"] == "stage" and event["status"] == "ran":
            ran[event["name"]] = ran.get(event["name"], 0) + 1
checks.that(ran and max(ran.values()) == 1 and len(ran) == len(wanted), "two runs at once: each stage ran once", ran)
checks.finish()
