#!/usr/bin/env python3
# slow
"""1,000 models `per` on 1,000,000 rows finish on 2 cores in minutes, in one bundle that scores each row as the run did."""
import csv
import datetime
import json
import os
import random
import subprocess
import tempfile
import time

from project import CD4MLC, Checks

ROWS, SHOPS, ITEMS = 1_000_000, 100, 10
PROGRAM = '''pipeline thousand
source sales = csv("sales.csv") {
  day:   date @time
  id:    int @id
  shop:  category
  item:  category
  price: float
  promo: bool
  units: float
}
features f from sales {
  target units
  weekday = weekday(day)
  month   = month(day)
  price   = price
  promo   = promo
}
split f by random { train 80%  test 20% }
model units per shop, item = gbdt(f, trees: 100, leaves: 15) { min 200 rows  fallback global }
evaluate e of units on test { rmse  r2 }
gate g on e { require r2 >= 0.5  otherwise hold }
deploy d of units when g { }
'''


def write_rows(path):
    chance = random.Random(15)
    effect = [[(chance.uniform(1, 9), chance.uniform(-4, -1)) for _ in range(ITEMS)] for _ in range(SHOPS)]
    with open(path, "w", newline="") as file:
        file.write("day,id,shop,item,price,promo,units\n")
        for i in range(ROWS):
            shop, item = i % SHOPS, i // SHOPS % ITEMS
            day = datetime.date(2020, 1, 1) + datetime.timedelta(days=i // (SHOPS * ITEMS))
            price, promo = round(chance.uniform(1, 3), 2), chance.random() < 0.2
            level, slope = effect[shop][item]
            units = 20 + level * day.weekday() + slope * price * 3 + (15 if promo else 0) + chance.gauss(0, 4)
            file.write(f"{day},{i},s{shop:03},i{item},{price},{str(promo).lower()},{units:.3f}\n")


checks = Checks()
with tempfile.TemporaryDirectory() as folder:
    write_rows(f"{folder}/sales.csv")
    with open(f"{folder}/main.cd4ml", "w") as file:
        file.write(PROGRAM)

    def call(*arguments):
        done = subprocess.run([CD4MLC, *arguments], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    start = time.perf_counter()
    events = [json.loads(line) for line in call("run", "--json", "--jobs", "2").splitlines()]
    seconds = time.perf_counter() - start
    checks.that(seconds < 600, f"a run of 1,000 models on {ROWS:,} rows with 2 jobs", f"{seconds:.0f} s")
    stages = {e["name"]: e for e in events if e["event"] == "stage"}
    checks.that(True, "  of which the model", f"{stages['units']['seconds']:.0f} s")
    per = json.loads(call("show", "units", "--json"))
    per = per.get("per") or per["model"]["per"]
    checks.that(per["models"] == 1000 and per["fell_back"] == 0, "models in it", per["models"])
    bundles = [f for f in os.listdir(f"{folder}/.cd4ml/bundles") if f.endswith(".cd4mb")]
    checks.that(len(bundles) == 1, "bundles", f"{len(bundles)}, {os.path.getsize(f'{folder}/.cd4ml/bundles/{bundles[0]}') / 1e6:.1f} MB")
    r2 = next(e["value"] for e in events if e["event"] == "metric" and e["name"] == "r2")
    checks.that(r2 > 0.5, "r2 on the test part", f"{r2:.3f}")
    call("show", "f.test", "-o", "test.csv")
    call("show", "e.predictions", "-o", "expected.csv")
    start = time.perf_counter()
    call("score", f".cd4ml/bundles/{bundles[0]}", "test.csv", "-o", "scored.csv")
    seconds = time.perf_counter() - start

    def column(name):
        with open(f"{folder}/{name}.csv", newline="") as file:
            return [row["prediction"] for row in csv.DictReader(file)]
    expected, scored = column("expected"), column("scored")
    differ = sum(a != b for a, b in zip(expected, scored))
    checks.that(len(expected) == len(scored) > 0 and differ == 0, f"the bundle scores the {len(scored):,} test rows to the bit, {seconds:.1f} s; rows that differ", differ)
checks.finish()
