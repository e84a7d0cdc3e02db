#!/usr/bin/env python3
"""Makes data/sales.parquet and data/holidays.csv: daily units sold, two years, 10 stores, 20 items.

No free data of this kind can be shipped, so the rows are made: every item has a level, a yearly season and a trend,
every store a size and a weekly rhythm; promotions and the days before holidays sell more; the last two stores opened
late and have few rows. Chance is a hash of (store, item, day), so that the file is the same wherever it is made.
"""
import csv
import datetime
import hashlib
import math
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).resolve().parent
FIRST = datetime.date(2023, 1, 1)
DAYS = 730
STORES = [f"S{n:02}" for n in range(1, 11)]
ITEMS = [f"I{n:02}" for n in range(1, 21)]
OPENED = {"S09": 640, "S10": 715}  # days after FIRST
HOLIDAYS = [("01-01", "new year"), ("05-01", "labour day"), ("10-03", "unity day"), ("12-25", "christmas"), ("12-26", "christmas")]


def chance(*what):
    """A number in (0, 1) that depends on its arguments alone."""
    digest = hashlib.sha256(repr(what).encode()).digest()
    return (int.from_bytes(digest[:6], "big") + 0.5) / 2.0**48


def normal(*what):
    return math.sqrt(-2 * math.log(chance("r", *what))) * math.cos(2 * math.pi * chance("a", *what))


def poisson(mean, *what):
    """By inversion for small means, else rounded normal."""
    if mean > 30:
        return max(0, round(mean + math.sqrt(mean) * normal(*what)))
    left, n, term = chance(*what), 0, math.exp(-mean)
    while left > term and n < 200:
        left -= term
        n += 1
        term *= mean / n
    return n


def holidays():
    for year in (FIRST.year, FIRST.year + 1):
        for day, name in HOLIDAYS:
            yield datetime.date.fromisoformat(f"{year}-{day}"), name


def rows():
    closed = {day for day, _ in holidays()}
    for s, store in enumerate(STORES):
        size = 0.5 + 1.5 * chance("size", store)
        rhythm = [0.8 + 0.4 * chance("rhythm", store, weekday) + (0.4 if weekday == 5 else 0) for weekday in range(7)]
        for i, item in enumerate(ITEMS):
            level = 4 + 26 * chance("level", item)
            phase, swing = chance("phase", item), 0.5 * chance("swing", item)
            trend = 0.5 * (chance("trend", item) - 0.4)
            for n in range(OPENED.get(store, 0), DAYS):
                day = FIRST + datetime.timedelta(days=n)
                if day in closed:
                    continue
                promo = chance("promo", item, n // 7) < 0.12
                price = round((1 + 9 * chance("price", item)) * (0.8 if promo else 1.0), 2)
                eve = day + datetime.timedelta(days=1) in closed
                mean = level * size * rhythm[day.weekday()] * (1 + trend * n / DAYS)
                mean *= 1 + swing * math.sin(2 * math.pi * (n / 365.25 + phase))
                mean *= (1.6 if promo else 1.0) * (1.5 if eve else 1.0)
                yield day, store, item, float(poisson(mean, store, item, n)), price, promo


def main():
    day, store, item, units, price, promo = zip(*sorted(rows()))
    table = pa.table({"day": pa.array(day, pa.date32()), "store": pa.array(store), "item": pa.array(item),
                      "units": pa.array(units), "price": pa.array(price), "promo": pa.array(promo)})
    pq.write_table(table, HERE / "data/sales.parquet", compression="zstd", compression_level=19)
    with open(HERE / "data/holidays.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("day", "holiday"), *holidays()])
    print(f"{table.num_rows} rows")


main()
