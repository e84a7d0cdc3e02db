"""Fitted statistics, scalers and encoders of `features`: fitted on the training part, replayed on the others."""
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler, OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler, TargetEncoder

import data
from check import Project

R = data.make()
SMOOTH = 7.0
SEED = 3
MASK = 2**64 - 1

FEATURES = """  n = n
  std_s = standardize(s)
  std_i = standardize(i)
  std_const = standardize(one)
  mm_s = min_max(s)
  mm_const = min_max(one)
  rob_s = robust_scale(s)
  rob_const = robust_scale(one)
  bin_s = quantile_bin(s, bins: 5)
  bin_default = quantile_bin(u)
  edges = bucketize(u, [-1.0, 0.0, 1.0])
  hot_c = one_hot(c)
  hot_closed = one_hot(closed)
  ord_c = ordinal(c)
  ord_closed = ordinal(closed)
  te_c = target_encode(c, smooth: 7, seed: 3)
  te_ck = target_encode(concat(c, k), smooth: 0.5)
  words = tfidf(note, dims: 65536)
  terms = tfidf(note, dims: 40, min_rows: 5, ngrams: 2)
  count_s = count(s)
  count_all = count()
  sum_i = sum(m)
  mean_u = mean(u)
  mean_p = mean(p)
  std_s1 = std(s)
  var_s1 = var(s)
  median_u = median(u)
  quantile_u = quantile(u, 0.1)
  min_u = min(u)
  max_u = max(u)
  uniq_c = n_unique(c)
  mode_c = mode(c)
  mode_m = mode(m)
  filled = s ?? median(s)
  any_p = any(p)
  all_p = all(p)
  unique_n = unique(n)
  centred = s - mean(s)
  mean_where = mean(s, where: p ?? false)
"""


ONLY_BINARY = "  woe_c = woe(c, smooth: 7, seed: 3)\n  woe_ck = woe(concat(c, k), smooth: 0.5)\n  woe_closed = woe(closed)\n"
WORDS = "the The cat DOG Ünder über ÉCOLE école 日本語 日本 Ж Жук snake_case x2 2 42 don't e-mail straße MASSE ǅungla ⅷth 😀 a b | _ __ \u00a0nb\u00a0sp".split(" ")


def source():
    extra = "  n: int\n  one: float\n  y: float\n  late: bool\n  note: text?\n  kind: category\n  closed: category{\"z\", \"b\", \"a\", \"Ü\", \"never\"}?\n}\n"
    return f'source rows = parquet("rows.parquet") {data.FIELDS.rstrip()[:-1]}{extra}'


def columns():
    rows = range(data.ROWS)
    y = [float((hash_of(n) % 1000) - 300) / 7 + len(R["c"][n] or "") for n in rows]
    return {"n": list(rows), "one": [4.25] * data.ROWS, "y": y, "late": [v > 30 for v in y], "note": [note(n) for n in rows], "kind": ["low" if v < 0 else "mid" if v < 50 else "top" for v in y],
            "closed": R["k"]}


def note(n):
    """Words as frequent as one another and rare ones; now and then nothing."""
    if n % 13 == 5:
        return None
    picks = [hash_of(n * 31 + k) // 7 for k in range(n % 11)]
    return " ".join(WORDS[p % len(WORDS)] if p % 5 else f"Rare{p % 97}" for p in picks)


def hash_of(n):
    return (n * 2654435761 + 12345) % 2**32


C = columns()


def mix(x):
    x = ((x ^ (x >> 30)) * 0xbf58476d1ce4e5b9) & MASK
    x = ((x ^ (x >> 27)) * 0x94d049bb133111eb) & MASK
    return x ^ (x >> 31)


def fold(row_id, seed):
    return mix(((row_id & MASK) + 0x9e3779b97f4a7c15 * (seed + 1)) & MASK) * 5 >> 64


def fitOn(name, train):
    """The finite values of the training rows as scikit-learn takes them."""
    values = np.array([R[name][r] for r in train if R[name][r] is not None], float)
    return values[np.isfinite(values)]


def scaled(scaler, name, train, rows, factor=1.0):
    scaler.fit(fitOn(name, train)[:, None])
    out = []
    for r in rows:
        v = R[name][r]
        if v is None:
            out.append(None)
        elif np.isfinite(v):
            out.append(float(scaler.transform([[float(v)]])[0, 0] * factor))
        else:
            out.append(float(v))
    return out


def weighEvidence(levels, flags, train, ids, rows, smooth, seed):
    """Values of `rows`: out of fold for those in `train`."""
    def fit(members):
        table = pd.crosstab(pd.Series([levels[r] or "\0null" for r in members]), pd.Series([flags[r] > 0 for r in members]))
        falses, trues = table[False], table[True]
        p = trues.sum() / (trues.sum() + falses.sum())
        evidence = np.log(((trues + smooth * p) / (falses + smooth * (1 - p))) / (trues.sum() / falses.sum()))
        return lambda level: float(evidence.get(level or "\0null", 0.0))
    if rows is not train:
        whole = fit(train)
        return [whole(levels[r]) for r in rows]
    folds = {r: fold(i, seed) for r, i in zip(train, ids)}
    fits = [fit([r for r in train if folds[r] != k]) for k in range(5)]
    return [fits[folds[r]](levels[r]) for r in rows]


def weighWords(report, part, got, train, rows):
    """scikit-learn's vectorizer with its defaults; where the vocabulary is limited, with the words that are most frequent."""
    texts = [C["note"][r] for r in train if C["note"][r] is not None]
    limited = CountVectorizer(min_df=5, ngram_range=(1, 2))
    times = np.asarray(limited.fit_transform(texts).sum(axis=0))[0]
    chosen = sorted(sorted(limited.vocabulary_, key=lambda w: (-times[limited.vocabulary_[w]], w.encode()))[:40], key=str.encode)
    for name, oracle in [("words", TfidfVectorizer()), ("terms", TfidfVectorizer(vocabulary=chosen, ngram_range=(1, 2)))]:
        oracle.fit(texts)
        want = oracle.transform([C["note"][r] or "" for r in rows]).toarray().T
        for place, word in enumerate(oracle.get_feature_names_out()):
            report.column(f"{part}: tfidf {name} {word!r}", got.get(f"{name}_{place}"), want[place].tolist(), 16, 1.0)
        report.say(f"{part}: tfidf {name} has no more", f"{name}_{len(want)}" in got)


def encodeTarget(levels, numbers, train, ids, rows, smooth, seed):
    """Values of `rows`: out of fold for those in `train`."""
    def fit(members):
        there = [(levels[r], numbers[r]) for r in members]
        prior = float(np.mean([v for _, v in there]))
        sums = {}
        for level, v in there:
            total, count = sums.get(level, (0.0, 0))
            sums[level] = (total + v, count + 1)
        return lambda level: (sums[level][0] + smooth * prior) / (sums[level][1] + smooth) if level in sums else prior
    if rows is not train:
        whole = fit(train)
        return [whole(levels[r]) for r in rows]
    folds = {r: fold(i, seed) for r, i in zip(train, ids)}
    fits = [fit([r for r in train if folds[r] != k]) for k in range(5)]
    return [fits[folds[r]](levels[r]) for r in rows]


def scalers(report, part, got, train, rows):
    count = len(fitOn("s", train))
    sample = (1 - 1 / count) ** 0.5  # StandardScaler divides by n, cd4ml by n - 1
    report.column(f"{part}: standardize", got["std_s"], scaled(StandardScaler(), "s", train, rows, sample), 16, 1.0)
    whole = fitOn("i", train)
    factor = (1 - 1 / len(whole)) ** 0.5
    report.column(f"{part}: standardize of an int", got["std_i"], scaled(StandardScaler(), "i", train, rows, factor), 16, 1.0)
    report.column(f"{part}: min_max", got["mm_s"], scaled(MinMaxScaler(), "s", train, rows), 16, 1.0)
    report.column(f"{part}: robust_scale", got["rob_s"], scaled(RobustScaler(), "s", train, rows), 16, 1.0)
    for name in ["std_const", "mm_const", "rob_const"]:
        report.column(f"{part}: {name}", got[name], [0.0] * len(rows))
    bins = KBinsDiscretizer(n_bins=5, encode="ordinal", strategy="quantile", quantile_method="linear", subsample=None)
    bins.fit(fitOn("s", train)[:, None])
    want = [None if R["s"][r] is None else int(bins.transform([[R["s"][r]]])[0, 0]) for r in rows]
    report.column(f"{part}: quantile_bin", got["bin_s"], want)
    edges = np.quantile(fitOn("u", train), [0.25, 0.5, 0.75])
    want = [None if R["u"][r] is None else 0 if R["u"][r] != R["u"][r] else int(np.digitize(R["u"][r], edges)) for r in rows]
    report.column(f"{part}: quantile_bin, NaN", got["bin_default"], want)
    report.column(f"{part}: bucketize", got["edges"], [None if R["u"][r] is None else int(np.digitize(R["u"][r], [-1.0, 0.0, 1.0])) for r in rows])


def encoders(report, part, got, train, rows, ids, numbers):
    seen = sorted({R["c"][r] for r in train if R["c"][r] is not None}, key=lambda v: v.encode())
    for name, column, levels in [("c", R["c"], seen), ("closed", C["closed"], ["z", "b", "a", "Ü", "never"])]:
        hot = OneHotEncoder(categories=[levels], handle_unknown="ignore", sparse_output=False).fit(np.array(levels, object)[:, None])
        want = hot.transform(np.array([column[r] for r in rows], object)[:, None]).T.tolist()
        for place, values in enumerate(want):
            report.column(f"{part}: one_hot {name} {levels[place]!r}", got.get(f"hot_{name}_{place}"), values)
        report.say(f"{part}: one_hot {name} has no more", f"hot_{name}_{len(levels)}" in got)
        order = OrdinalEncoder(categories=[levels], handle_unknown="use_encoded_value", unknown_value=-1).fit(np.array(levels, object)[:, None])
        want = order.transform(np.array([column[r] for r in rows], object)[:, None])[:, 0].tolist()
        report.column(f"{part}: ordinal {name}", got[f"ord_{name}"], [None if column[r] is None else v for r, v in zip(rows, want)])
    pairs = [None if None in row else "".join(row) for row in zip(R["c"], R["k"])]
    for suffix, values in numbers:
        want = encodeTarget(R["c"], values, train, ids, rows, SMOOTH, SEED)
        report.column(f"{part}: target_encode{suffix}", got[f"te_c{suffix}"], want, 64, 100.0)
        want = encodeTarget(pairs, values, train, ids, rows, 0.5, 0)
        report.column(f"{part}: target_encode of concat{suffix}", got[f"te_ck{suffix}"], want, 64, 100.0)
        if "woe_c" in got:
            for feature, levels, smooth, seed in [("woe_c", R["c"], SMOOTH, SEED), ("woe_ck", pairs, 0.5, 0), ("woe_closed", C["closed"], 10.0, 0)]:
                report.column(f"{part}: {feature}", got[feature], weighEvidence(levels, values, train, ids, rows, smooth, seed), 64, 100.0)
        if part == "test":
            oracle = TargetEncoder(smooth=SMOOTH, target_type="continuous", categories=[seen + ["\0null"]])
            texts = np.array([R["c"][r] or "\0null" for r in [*train, *rows]], object)[:, None]
            oracle.fit(texts[:len(train)], np.array([values[r] for r in train]))
            report.column(f"test: target_encode{suffix} of scikit-learn", got[f"te_c{suffix}"], oracle.transform(texts[len(train):])[:, 0].tolist(), 64, 100.0)


def statistics(report, part, got, train, rows):
    u, s = fitOn("u", train), fitOn("s", train)
    m = [R["m"][r] for r in train if R["m"][r] is not None]
    p = [R["p"][r] for r in train if R["p"][r] is not None]
    c = [R["c"][r] for r in train if R["c"][r] is not None]
    most = {v: c.count(v) for v in set(c)}
    where = [R["s"][r] for r in train if R["p"][r] and R["s"][r] is not None]
    for name, want in [("count_s", len(s)), ("count_all", len(train)), ("sum_i", sum(m)), ("mean_u", float(u.mean())), ("mean_p", float(np.mean(p))),
                       ("std_s1", float(s.std(ddof=1))), ("var_s1", float(s.var(ddof=1))), ("median_u", float(np.median(u))), ("quantile_u", float(np.quantile(u, 0.1))),
                       ("min_u", float(u.min())), ("max_u", float(u.max())), ("uniq_c", len(set(c))),
                       ("mode_c", min((v for v in most if most[v] == max(most.values())), key=str.encode)), ("mode_m", min(set(m), key=lambda v: (-m.count(v), v))),
                       ("any_p", any(p)), ("all_p", all(p)), ("unique_n", True), ("mean_where", float(np.mean(where)))]:
        report.column(f"{part}: fitted {name}", got[name], [want] * len(rows), 16, 1.0)
    report.column(f"{part}: s ?? median(s)", got["filled"], [float(np.median(s)) if R["s"][r] is None else float(R["s"][r]) for r in rows], 16, 1.0)
    report.column(f"{part}: s - mean(s)", got["centred"], [None if R["s"][r] is None else R["s"][r] - float(s.mean()) for r in rows], 16, 20.0)


def scored(report, table):
    """A model of encoded columns read back from its bundle: rows score the same bits in any company."""
    project = Project("pipeline p\n" + source() + """features f from rows { target late  hot = one_hot(c)  evidence = woe(k)  words = tfidf(note, dims: 30, ngrams: 2) }
split f by random(seed: 5) { train 70% validate 15% test 15% }
model m = logistic(f)
evaluate e of m on test { auc }
gate g on e { require auc > 0 otherwise hold }
deploy d of m when g { }
""", {"rows.parquet": table})
    done = project.call("run")
    report.say("encoders: the model runs", done.returncode and done.stdout + done.stderr)
    pieces = {}
    for name, begin, count in [("all", 0, data.ROWS), ("one", 77, 1), ("seven", 1203, 7), ("many", 990, 1700)]:
        pq.write_table(table.slice(begin, count), project.folder / "piece.parquet")
        done = project.call("score", "m", "piece.parquet", "-o", "scored.parquet")
        report.say(f"encoders: {name} scored", done.returncode and done.stdout + done.stderr)
        pieces[name] = pq.read_table(project.folder / "scored.parquet")["probability"].to_pylist()
        report.column(f"encoders: {name} as among all", pieces[name], pieces["all"][begin:begin + count])


def run(report):
    table = data.arrow(R)
    for name, values in C.items():
        table = table.append_column(name, pa.array(values))
    classes = [f"  target {t}\n" for t in ("y", "late", "kind")]
    text = "pipeline p\n" + source()
    for name, target in zip(("numbers", "binary", "classes"), classes):
        text += f"features {name} from rows {{\n{target}{FEATURES}{ONLY_BINARY if name == 'binary' else ''}}}\n"
    text += "split numbers, binary, classes by random(seed: 5) { train 70% validate 15% test 15% }\n"
    project = Project(text, {"rows.parquet": table})
    targets = {"numbers": [("", C["y"])], "binary": [("", [float(v) for v in C["late"]])],
               "classes": [(f"_{n}", [float(v == level) for v in C["kind"]]) for n, level in enumerate(("low", "mid"))]}
    for node, numbers in targets.items():
        parts = {part: project.node(f"{node}.{part}", "--values") for part in ("train", "validate", "test")}
        train = parts["train"]["n"]
        report.say(f"{node}: parts cover all rows", sorted(sum((p["n"] for p in parts.values()), [])) != list(range(data.ROWS)))
        for part, got in parts.items():
            rows = train if part == "train" else got["n"]
            label = part if node == "numbers" else f"{node} {part}"
            encoders(report, part if node == "numbers" else label, got, train, rows, got["row_id"], numbers)
            if node == "numbers":
                scalers(report, part, got, train, rows)
                statistics(report, part, got, train, rows)
                weighWords(report, part, got, train, rows)
    scored(report, table)
