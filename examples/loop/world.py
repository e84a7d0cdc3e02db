"""The world of the demonstration: real flights dealt out over days, a winter storm, and a feed that changes its unit.

The rows are those of examples/flights: 199,327 flights of January to June 2001. They are shuffled with a fixed seed and
dealt out over days of January, each with its own time of day: so calm days are alike, and what changes later is known.
"""
import csv
import datetime
import math
import random

COLUMNS = ["date", "delay", "distance", "origin", "destination"]
FIRST = datetime.date(2001, 1, 3)  # windows of three days begin here
# Airports of the north-east and the Great Lakes.
NORTH = {"ORD", "MDW", "DTW", "MSP", "CLE", "BUF", "PIT", "PHL", "EWR", "LGA", "JFK", "BOS", "ALB", "ROC", "SYR", "BDL", "PVD",
         "MHT", "MKE", "CMH", "IND", "GRR", "BWI", "DCA", "IAD"}


class World:
    def __init__(self, path, rows_a_day, seed=7):
        with open(path, newline="") as file:
            rows = [(r["date"][11:19], float(r["delay"]), float(r["distance"]), r["origin"], r["destination"]) for r in csv.DictReader(file) if r["delay"]]
        random.Random(seed).shuffle(rows)
        self.rows, self.rows_a_day, self.seed = rows, rows_a_day, seed

    def day(self, number, change=None):
        """Flights of a day as dicts, in the order of departure."""
        begin = number * self.rows_a_day % len(self.rows)
        date = (FIRST + datetime.timedelta(days=number)).isoformat()
        chance = random.Random(f"{self.seed} {number}")
        out = []
        for clock, delay, distance, origin, destination in self.rows[begin:begin + self.rows_a_day]:
            row = {"date": f"{date}T{clock}Z", "delay": delay, "distance": distance, "origin": origin, "destination": destination}
            row = change(row, chance) if change else row
            if row is not None:
                out.append(row)
        return sorted(out, key=lambda r: r["date"])


def storm(row, chance):
    """Snow in the north: half of the mornings' flights are cancelled, others leave hours later, and most arrive late."""
    if row["origin"] in NORTH:
        hour = int(row["date"][11:13])
        if hour < 13:
            if chance.random() < 0.5:
                return None
            row["date"] = f"{row['date'][:11]}{hour + chance.randint(4, 8):02}{row['date'][13:]}"
        if chance.random() < 0.8:
            row["delay"] += math.floor(10 + chance.expovariate(1 / 50))
    elif row["destination"] in NORTH and chance.random() < 0.5:
        row["delay"] += math.floor(5 + chance.expovariate(1 / 30))
    return row


def in_seconds(row, chance):
    """The storm goes on, and the feed has a new version: its delays are seconds and nobody said so."""
    row = storm(row, chance)
    if row is not None:
        row["delay"] *= 60
    return row


def write_day(folder, number, rows, keep):
    """What lands in the feed at the end of a day; only the newest `keep` days stay."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"day-{number:03}.csv"
    part = path.with_suffix(".part")
    with open(part, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    part.rename(path)
    for old in sorted(folder.glob("day-*.csv"))[:-keep]:
        old.unlink()


def is_late(row):
    return row["delay"] > 15
