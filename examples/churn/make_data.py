#!/usr/bin/env python3
"""Makes the tables of a subscription service: customers, monthly snapshots, the price list, payments and tickets.

The rows are made, so that nobody's data are in the repository. Each customer has a hidden contentment that falls with
failed payments, price rises and unanswered tickets; who is discontent stops paying. Chance is a hash of its arguments,
so that the files are the same wherever they are made.
"""
import csv
import datetime
import hashlib
import math
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
START = datetime.datetime(2023, 1, 1)
MONTHS = 24
CUSTOMERS = 3000
PRICES = {"basic": [(0, 9.0), (300, 10.0)], "plus": [(0, 19.0), (420, 23.0)], "family": [(0, 29.0), (200, 31.0), (560, 36.0)]}


def chance(*what):
    """A number in (0, 1) that depends on its arguments alone."""
    digest = hashlib.sha256(repr(what).encode()).digest()
    return (int.from_bytes(digest[:6], "big") + 0.5) / 2.0**48


def pick(choices, *what):
    return choices[int(chance(*what) * len(choices))]


def price_on(plan, day):
    return [price for since, price in PRICES[plan] if since <= day][-1]


def life_of(n):
    """One customer: (row of customers, payments, tickets, snapshots)."""
    plan = pick(["basic", "basic", "plus", "plus", "family"], "plan", n)
    joined = int(chance("joined", n) ** 1.5 * (MONTHS - 4) * 30)
    sex = pick(["female", "male"], "sex", n)
    customer = [f"C{n:05}", stamp(joined, 0), plan, pick(["north", "south", "east", "west"], "region", n), sex,
                1950 + int(55 * chance("born", n))]
    contentment = 1.5 + 1.2 * math.log(chance("content", n) / (1 - chance("content", n)))
    payments, tickets, snapshots = [], [], []
    for day in range(joined, MONTHS * 30, 30):
        minute = int(1440 * chance("minute", n))
        price, before = price_on(plan, day), price_on(plan, max(day - 30, 0))
        failed = chance("failed", n, day) < 0.06
        asked = chance("ticket", n, day) < (0.10 if contentment > 0 else 0.30)
        if day > joined:
            snapshots.append([customer[0], stamp(day, minute - 1)])
        payments.append([customer[0], stamp(day, minute), price, "true" if failed else "false"])
        if asked:
            tickets.append([customer[0], stamp(day + int(25 * chance("when", n, day)), minute), pick(["billing", "quality", "other"], "topic", n, day)])
        contentment -= 0.9 * failed + 0.5 * asked + 0.35 * (price - before)
        contentment += 0.15 + 0.3 * (chance("mood", n, day) - 0.5)
        if chance("leaves", n, day) < 0.35 / (1 + math.exp(2.2 * contentment)):
            break
    return customer, payments, tickets, snapshots


def stamp(day, minute):
    return (START + datetime.timedelta(days=day, minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def write(name, header, rows):
    with open(HERE / "data" / f"{name}.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    print(f"{name}: {len(rows)} rows")


def main():
    lives = [life_of(n) for n in range(CUSTOMERS)]
    by_time = lambda rows: sorted(rows, key=lambda row: (row[1], row[0]))
    write("customers", ["customer", "joined", "plan", "region", "sex", "born"], [life[0] for life in lives])
    write("payments", ["customer", "at", "amount", "failed"], by_time([row for life in lives for row in life[1]]))
    write("tickets", ["customer", "at", "topic"], by_time([row for life in lives for row in life[2]]))
    prices = [[plan, stamp(since, 0), price] for plan, steps in PRICES.items() for since, price in steps]
    write("prices", ["plan", "since", "price"], by_time(prices))
    write("snapshots", ["customer", "at"], by_time([row for life in lives for row in life[3]]))


main()
