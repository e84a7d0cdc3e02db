#!/usr/bin/env python3
"""Each folder has its README; docs/architecture.md says where a construct is parsed, checked, keyed and run."""
import re

from project import ROOT, Checks

checks = Checks()
folders = [m for m in re.findall(r"^cd4ml_folder\((\S+) ", (ROOT / "CMakeLists.txt").read_text(), re.M)
           if any((ROOT / m).glob("*.[ch]*"))]
without = [f for f in folders if not (ROOT / f / "README.md").exists()]
checks.that(not without, f"{len(folders)} folders, without README", without)
architecture = (ROOT / "docs/architecture.md").read_text()
named = re.findall(r"`((?:compiler|runtime|grammar|stdlib|base|scripts|tests|bench|docs|examples)/[\w./-]+)`", architecture)
gone = [n for n in named if not (ROOT / n).exists()]
checks.that(not gone, f"{len(named)} paths named in docs/architecture.md, that do not exist", gone)
readme = (ROOT / "tests/acceptance/README.md").read_text()
unlisted = [each.stem for each in sorted((ROOT / "tests/acceptance").glob("[0-9]*.py")) if f"`{each.stem}`" not in readme]
checks.that(not unlisted, "scripts that tests/acceptance/README.md does not list", unlisted)
checks.finish()
