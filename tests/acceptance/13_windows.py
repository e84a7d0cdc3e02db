#!/usr/bin/env python3
# slow
"""Windows and as-of joins over 3 M flights take seconds and agree with DuckDB; 1,000 random tables agree with it too."""
import subprocess
import tempfile
import time

from project import CD4MLC, ROOT, Checks

SCRIPT = """
import duckdb, sys
flights, out = sys.argv[1:]
base = duckdb.connect()
base.execute("set timezone = 'UTC'; set enable_progress_bar = false")
base.execute(f'''create table want as select epoch_us(date) as at, origin::varchar as place, count(*) over hour as busy, round(avg(delay) over week, 6) as late
  from read_parquet('{flights}')
  window hour as (partition by origin order by date range between interval 1 hour preceding and interval 1 microsecond preceding),
         week as (partition by origin order by date range between interval 7 day preceding and interval 1 microsecond preceding)''')
base.execute(f'''create table got as select epoch_us(date) as at, origin::varchar as place, busy, round(late, 6) as late from read_parquet('{out}')''')
wrong = base.execute("select count(*) from (from want except all from got)").fetchone()[0]
print(wrong)
"""

ASOF = """
import duckdb, sys, time
flights, out = sys.argv[1:]
base = duckdb.connect()
base.execute("set timezone = 'UTC'; set enable_progress_bar = false")
base.execute(f"create table flights as select date, origin, delay from read_parquet('{flights}')")
base.execute("create table board as select origin, date, count(*) as n, max(delay) as worst from flights group by all")
begin = time.perf_counter()
base.execute('''create table joined as select e.date, e.origin, e.delay, b.date as last_date, b.n as last_n, b.worst as last_worst
  from flights e asof left join board b on e.origin = b.origin and e.date > b.date''')
print(time.perf_counter() - begin)
columns = "epoch_us(date), origin::varchar, delay, epoch_us(last_date), last_n, last_worst"
print(base.execute(f"select count(*) from (select {columns} from joined except all select {columns} from read_parquet('{out}'))").fetchone()[0])
"""

checks = Checks()
subprocess.run([ROOT / "examples/flights/fetch"], check=True)
data = ROOT / "examples/flights/data/flights-3m.parquet"
with tempfile.TemporaryDirectory() as folder:
    with open(f"{folder}/main.cd4ml", "w") as file:
        file.write(f'''pipeline windows
source flights = parquet("{data}") {{
  date: timestamp @time  delay: float<min>?  origin: category
}}
table out from flights {{
  derive busy = count(flights) over (by origin, last 1h)
  derive late = mean(delay) over (by origin, last 7d)
}}
''')
    begin = time.perf_counter()
    subprocess.run([CD4MLC, "show", "out", "-o", "out.parquet"], cwd=folder, check=True, capture_output=True)
    seconds = time.perf_counter() - begin
    checks.that(seconds < 30, "two windows over 3 M rows", f"{seconds:.1f} s")
    python = ROOT / ".deps/venv-tests/bin/python"
    wrong = int(subprocess.run([python, "-c", SCRIPT, data, f"{folder}/out.parquet"], check=True, capture_output=True, text=True).stdout)
    checks.that(wrong <= 10, "rows that differ from DuckDB at six digits", wrong)
with tempfile.TemporaryDirectory() as folder:
    with open(f"{folder}/main.cd4ml", "w") as file:
        file.write(f'''pipeline asof
source flights = parquet("{data}") {{
  date: timestamp @time  delay: float<min>?  origin: category
}}
table board from flights {{ group by origin, date {{ n = count()  worst = max(delay) }} }}
table out from flights {{ asof board on origin as last }}
''')
    subprocess.run([CD4MLC, "show", "board"], cwd=folder, check=True, capture_output=True)
    begin = time.perf_counter()
    subprocess.run([CD4MLC, "show", "out"], cwd=folder, check=True, capture_output=True)
    seconds = time.perf_counter() - begin
    subprocess.run([CD4MLC, "show", "out", "-o", "out.parquet"], cwd=folder, check=True, capture_output=True)
    python = ROOT / ".deps/venv-tests/bin/python"
    said = subprocess.run([python, "-c", ASOF, data, f"{folder}/out.parquet"], check=True, capture_output=True, text=True).stdout.split()
    checks.that(seconds < 15, "an as-of join of 3 M rows with 2.5 M, the sides known", f"{seconds:.1f} s from start to exit, DuckDB {float(said[0]):.1f} s in memory")
    checks.that(said[1] == "0", "rows that differ from DuckDB's ASOF JOIN", said[1])
done = subprocess.run([ROOT / "tests/windows/run", "--worlds", "1000", "--cd4mlc", CD4MLC], capture_output=True, text=True)
checks.that(done.returncode == 0, "1,000 random tables against DuckDB", done.stdout.strip().splitlines()[-1])
checks.finish()
