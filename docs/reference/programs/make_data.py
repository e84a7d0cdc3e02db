#!/usr/bin/env python3
"""Makes data/: a few weeks of three shops, the same wherever it is made. Nobody's data are here."""
import datetime
import pathlib
import random

draw = random.Random(7)
here = pathlib.Path(__file__).resolve().parent / "data"
begin = datetime.datetime(2024, 1, 1)
sales, orders, weather = [], [], []
number = 0
for day in range(90):
    date = begin + datetime.timedelta(days=day)
    rain = draw.random() < 0.4
    weather.append(f"{date.date()},{'rain' if rain else 'sun'},{(date + datetime.timedelta(hours=6)).isoformat()}Z")
    for shop, size in (("north", 30), ("south", 20), ("west", 12)):
        for item, price in (("tea", 4.5), ("cake", 3.0)):
            number += 1
            at = date + datetime.timedelta(hours=9, minutes=draw.randrange(480))
            units = max(0, round(size * (1.3 if rain == (item == "tea") else 0.8) * (1.5 if date.weekday() > 4 else 1) + draw.gauss(0, 3)))
            note = "" if draw.random() < 0.7 else draw.choice(["counted twice", "new shelf"])
            sales.append(f"{number},{at.isoformat()}Z,{shop},{item},{units},{price + draw.randrange(3) / 4},{note}")
            if draw.random() < 0.3:
                orders.append(f"{shop},{(at - datetime.timedelta(hours=2)).isoformat()}Z,{draw.randrange(10, 90)}")
for name, head, rows in (("sales", "id,at,shop,item,units,price,note", sales), ("orders", "shop,at,amount", orders),
                         ("weather", "day,sky,known_at", weather), ("shops", "shop,city,opened", ["north,Bergen,2012", "south,Bergen,2018", "west,Oslo,2021"])):
    (here / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n")
