#!/usr/bin/env python3
"""Ten planted mistakes of different kinds in one file: exactly those ten, each at its place."""
import json
import subprocess
import tempfile

from project import CD4MLC, Checks

# A line that ends in `#! CODE` holds one mistake.
TEXT = """pipeline flights

param late_after: duration = 15min

source flights = parquet("flights.parquet") {
  date:     timestamp @time
  delay:    float<min>?
  distance: float<mi>
  origin:   category
}

table labelled from flights {
  filter delay is not NULL                          #! CD0003
  derive is_late = delay > late_after
  derive pace = distance + delay                    #! CD2002
}

features trip from labelled {
  target is_late
  hour     = houre(date)                            #! CD2013
  from_hub = origin == "ORD" && distance > 500mi    #! CD0004
  wait     = delay                                  #! CD3301
  far      = distanc > 1000mi                       #! CD2004
}

split trip by time { train 70%  validate 15%  test 25% } #! CD3201

model late = gbdt(trip, tress: 100)                 #! CD2015
model late = constant(trip)                         #! CD1002

evaluate quality of late on test { auc }

gate release on quality {
  require brier <= 0.25                             #! CD3601
  otherwise hold
}

deploy production of late when release { }
"""

planted = [(number, line.split("#!")[1].strip()) for number, line in enumerate(TEXT.splitlines(), 1) if "#!" in line]
with tempfile.NamedTemporaryFile("w", suffix=".cd4ml") as file:
    file.write("\n".join(line.split("#!")[0].rstrip() for line in TEXT.splitlines()) + "\n")
    file.flush()
    done = subprocess.run([CD4MLC, "check", file.name, "--json"], capture_output=True, text=True)
found = [(each["range"]["start"]["line"], each["code"]) for each in json.loads(done.stdout)["diagnostics"]]
checks = Checks()
checks.that(len(planted) == 10, "mistakes planted", len(planted))
checks.that(sorted(found) == planted, "found, each at its line", sorted(found))
checks.that(done.returncode == 2, "exit code", done.returncode)
checks.finish()
