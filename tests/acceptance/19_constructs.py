#!/usr/bin/env python3
"""The table of constructs has no empty cell and no untrue one; what comes later is answered with CD1099."""
import sys

from project import ROOT
from project import Checks as Lines

sys.path.insert(0, str(ROOT / "tests/reference"))
import constructs  # noqa: E402
from shared import Checks, rows  # noqa: E402

lines, cells = Lines(), Checks()
found = constructs.run(cells)
later = list(rows("later.tsv"))
lines.that(found["constructs"] >= 200, "constructs in docs/reference/constructs.md", found["constructs"])
lines.that(found["empty"] == 0, "empty cells", found["empty"])
lines.that(cells.failed == 0, "cells, rules and items of the grammar that are not true", cells.failed)
lines.that(found["later"] == len(later), f"of {len(later)} constructs that come later, answered with CD1099 alone", found["later"])
lines.finish()
