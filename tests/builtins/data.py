"""The random table that all row tests read: a fixed seed, every type, nulls, NaN and infinities, odd texts, old times."""
import datetime
import random

import pyarrow as pa

ROWS = 3000
TEXTS = ["SFO", "lax", "Ünïcode", "日本語", "a,b", 'say "hi"', "line\nbreak", " padded ", "\ttab\t", "NULL", "NaN", "-", "😀 smile",
         "ÀÉ", "aaaa", "a-b-c", "0", "ßẞ", "e\u0301", "\u00a0nbsp\u00a0", "x" * 40]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
DAY = 86_400_000_000


def make():
    r = random.Random(20010113)

    def some(share, draw):
        return [None if r.random() < share else draw() for _ in range(ROWS)]

    def odd():
        return r.choice([float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 0.5, 1.5, 2.5, -0.5, -2.5, 1e-300, 1e300, 1.0, -1.0])

    def wide():
        return odd() if r.random() < 0.1 else r.choice([-1, 1]) * 10.0 ** r.uniform(-6, 6)

    rows = {
        "i": some(0.1, lambda: r.choice([0, 1, -1, 7, -7, r.randint(-1000, 1000), r.randint(-10**12, 10**12)])),
        "j": some(0, lambda: r.choice([1, -1, 2, -2, 3, -3, 5, -7, 10, 64, -100])),
        "m": some(0.1, lambda: r.randint(0, 12)),
        "f": some(0.1, wide),
        "g": some(0.1, wide),
        "u": some(0.1, lambda: odd() if r.random() < 0.05 else r.uniform(-1.3, 1.3)),
        "s": some(0.1, lambda: r.choice([r.uniform(-20, 20), r.randint(-9, 9) + 0.5])),
        "lat": some(0.05, lambda: r.uniform(-90, 90)),
        "lon": some(0.05, lambda: r.uniform(-180, 180)),
        "c": some(0.1, lambda: r.choice(TEXTS)),
        "k": some(0.1, lambda: r.choice(["a", "b", "Ü", "z"])),
        "t": some(0.1, lambda: r.choice(TEXTS) + str(r.randint(0, 99))),
        "d": some(0.1, lambda: r.choice([r.randint(-40000, 40000), 0, -1, 10957])),
        "at": some(0, lambda: r.choice([r.randint(-3 * 10**15, 3 * 10**15), r.randint(-40000, 40000) * DAY, r.randint(-10**6, 10**6)])),
        "ts": some(0.1, lambda: r.choice([r.randint(-3 * 10**15, 3 * 10**15), r.randint(-40000, 40000) * DAY])),
        "p": some(0.2, lambda: r.random() < 0.5),
        "q": some(0.2, lambda: r.random() < 0.5),
    }
    for column in rows.values():  # duplicates
        column[-50:] = column[:50]
    return rows


TYPES = {"i": "int?", "j": "int", "m": "int?", "f": "float?", "g": "float?", "u": "float?", "s": "float?", "lat": "float?", "lon": "float?",
         "c": "category?", "k": "category?", "t": "text?", "d": "date?", "at": "timestamp", "ts": "timestamp?", "p": "bool?", "q": "bool?"}
FIELDS = "{\n" + "".join(f"  {name}: {kind}\n" for name, kind in TYPES.items()) + "}\n"
ARROW = {"int": pa.int64(), "float": pa.float64(), "category": pa.string(), "text": pa.string(), "date": pa.int32(), "timestamp": pa.int64(), "bool": pa.bool_()}


def arrow(rows):
    columns = {}
    for name, values in rows.items():
        kind = TYPES[name].rstrip("?")
        column = pa.array(values, ARROW[kind], from_pandas=False)
        columns[name] = column.cast({"date": pa.date32(), "timestamp": pa.timestamp("us")}.get(kind, column.type))
    return pa.table(columns)


def csv(rows):
    def field(kind, value):
        if value is None:
            return ""
        if kind == "date":
            return (EPOCH + datetime.timedelta(days=value)).strftime("%Y-%m-%d").zfill(10)
        if kind == "timestamp":
            return (EPOCH + datetime.timedelta(microseconds=value)).strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27)
        if kind == "bool":
            return "true" if value else "false"
        if isinstance(value, str):
            return '"' + value.replace('"', '""') + '"'
        return repr(value)
    kinds = [TYPES[name].rstrip("?") for name in rows]
    lines = [",".join(rows)] + [",".join(map(field, kinds, row)) for row in zip(*rows.values())]
    return "\n".join(lines) + "\n"
