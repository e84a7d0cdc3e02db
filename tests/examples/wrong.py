"""What a newcomer to the examples does wrong, and what is said: the file, the row, the line of the program."""
from project import Project


def spoil(project, file, edit):
    path = project.path / file
    path.write_text(edit(path.read_text()))


def line_of(number, edit):
    def change(text):
        lines = text.splitlines()
        lines[number - 1] = edit(lines[number - 1])
        return "\n".join(lines) + "\n"
    return change


def wrong(checks, example, what, command, said, code, spoilt, env=None):
    """A copy of the example, spoilt: the command ends with the code and says each of the texts."""
    project = Project(example)
    if example == "shared":
        (project.path.parent / "flights").symlink_to(Project("flights", folder=project.path.parent).path)
    spoilt(project)
    done = project.command(*command, env=env)
    text = done.stdout + done.stderr
    missing = [each for each in said if each not in text]
    checks.that(done.returncode == code and not missing, f"{example}: {what}", missing or f"exit {done.returncode}")


def run(checks, with_python):
    wrong(checks, "weather", "a class that is not in the list", ["run"], ["CD5007", "row 4 (line 5), column `weather`: `hail`", "main.cd4ml:10"], 1,
          lambda p: spoil(p, "data/weather.csv", line_of(5, lambda row: row.rsplit(",", 1)[0] + ",hail")))
    wrong(checks, "weather", "a day whose lowest temperature is above its highest", ["run"], ["CD5012", "row 6", "`temp_max` is -50"], 1,
          lambda p: spoil(p, "data/weather.csv", line_of(7, lambda row: ",".join([*row.split(",")[:2], "-50", *row.split(",")[3:]]))))
    wrong(checks, "churn", "a customer who is there twice", ["run"], ["CD5015", "`customers` has 2 rows with customer = \"C00000\""], 1,
          lambda p: spoil(p, "data/customers.csv", lambda text: text + text.splitlines()[1] + "\n"))
    wrong(checks, "churn", "a file that is not there", ["run"], ["CD5001", "there is no file `data/tickets.csv`"], 1,
          lambda p: (p.path / "data/tickets.csv").unlink())
    wrong(checks, "churn", "a feature that looks ahead", ["check"], ["CD3304", "`later` looks ahead"], 2,
          lambda p: p.edit("  rise      =", "  later     = sum(payments.amount) over (by customer, next 30d) ?? 0eur\n  rise      ="))
    wrong(checks, "demand", "a window that reads sales not known yet", ["check"], ["CD3302", "takes 28d, the window keeps 7d away", "`gap 28d`"], 2,
          lambda p: p.edit("gap horizon, last 7d", "gap 7d, last 7d"))
    wrong(checks, "shared", "a function that the module has not", ["check", "late.cd4ml"], ["CD2013", "did you mean `air.part_of_day`?"], 2,
          lambda p: spoil(p, "late.cd4ml", lambda text: text.replace("air.part_of_day", "air.part_of_dya")))
    wrong(checks, "flights", "miles compared with minutes", ["check"], ["float<mi>", "duration", "main.cd4ml"], 2,
          lambda p: p.edit("long_haul      = distance > 1500mi", "long_haul      = distance > 1500min"))
    wrong(checks, "bring_your_own", "a script that fails", ["run"], ["CD5701", "no birds today", "main.cd4ml:5"], 1,
          lambda p: spoil(p, "prepare.py", lambda text: "raise SystemExit('no birds today')\n" + text), env=with_python)
    wrong(checks, "bring_your_own", "no Python at all", ["run"], ["stage `prepare`", "`python3`"], 1, lambda p: None, env={"PATH": "/nowhere"})
