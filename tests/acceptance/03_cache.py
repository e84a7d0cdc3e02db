#!/usr/bin/env python3
"""Run again: nothing runs, the engine is not opened. Edits of text only: 0 stages. Others: just what they touch."""
import re

from project import Checks, Project

checks = Checks()
project = Project("flights")
first = project.run()
checks.that(set(e["status"] for e in first.stages.values()) == {"ran"}, "the first run runs every stage", f"{first.last['seconds']:.1f} s")

again = project.run(env={"CD4ML_ENGINE": "/nonexistent/libcd4ml_engine.so"})
checks.that(again.ran() == [] and again.last["counts"]["cached"] == len(again.stages), "run again: every stage cached, engine not opened")
checks.that(again.contents() == first.contents(), "and the same content ids")


def edited(what, change, expect):
    """Applies `change` to a fresh text, runs, compares the names of the stages that ran."""
    original = project.file.read_text()
    change()
    result = project.run()
    project.file.write_text(original)
    checks.that(sorted(expect) == result.ran(), f"{what}: ran", result.ran())
    return result


edited("a comment", lambda: project.edit("source flights", "# a remark\nsource flights"), [])


def reformat():
    project.file.write_text(re.sub(r"[ \t]+", " ", project.file.read_text().replace("\n  ", "\n      ")))


edited("a reformatting", reformat, [])


def reorder():
    text = project.file.read_text()
    start, end = text.index("table labelled"), text.index("features trip")
    project.file.write_text(text[:start] + text[end:] + "\n" + text[start:end])


edited("declarations in another order", reorder, [])
edited("a renamed table", lambda: project.file.write_text(project.file.read_text().replace("labelled", "known_delay")), [])
edited("a renamed derived column", lambda: project.file.write_text(project.file.read_text().replace("is_late", "came_late")), [])
edited("a renamed feature", lambda: project.edit("root_distance ", "sqrt_distance "), [])


def move():
    (project.path / "data/flights.parquet").rename(project.path / "data/moved.parquet")
    project.edit("data/flights.parquet", "data/moved.parquet")


edited("a moved data file", move, [])
(project.path / "data/moved.parquet").rename(project.path / "data/flights.parquet")
edited("a changed gate limit", lambda: project.edit("auc >= 0.60", "auc >= 0.59"), ["release"])
result = edited("one added feature", lambda: project.edit("  hour           = hour(date)", "  hour           = hour(date)\n  second         = second(date)"),
                ["late", "quality", "release", "trip"])
columns = result.stages["trip"].get("columns", {})
checks.that(columns.get("ran") == 1 and columns.get("cached", 0) >= 16, "one added feature: columns", columns)
checks.finish()
