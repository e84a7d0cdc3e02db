"""The examples of the tables of stdlib: each row that is there has one, each option is in one, and all of them run.

Metrics run in evaluates of a small model of each task; models run as blocks of docs/reference/models.md.
"""
import re

from shared import ROOT, Checks, Scratch, call, in_context

TASKS = {"b": "binary", "m": "multiclass", "r": "regression"}


def table(name, macro):
    """The arguments of each row `MACRO(a, "b", …)` of a table of stdlib, texts decoded."""
    for line in (ROOT / "stdlib" / name).read_text().splitlines():
        if line.startswith(macro + "("):
            parts = re.findall(r'\s*("(?:[^"\\]|\\.)*"|[^,"]+)\s*(?:,|$)', line[len(macro) + 1:line.rindex(")")])
            yield [re.sub(r"\\(.)", r"\1", p[1:-1]) if p.startswith('"') else p.strip() for p in parts]


def covers(checks, examples):
    """Every row that is there and every option has its example."""
    for kind in ("metric", "model"):
        ready = {row[0] for row in table(f"{kind}s.def", f"CD4ML_{kind.upper()}") if row[4] == "Ready"}
        texts = {name: [row[3] for row in examples if row[:2] == [kind, name]] for name in ready}
        for name in sorted(ready):
            checks.that(texts[name], f"stdlib/examples.def has an example of the {kind} {name}")
        for row in table(f"{kind}s.def", f"CD4ML_{kind.upper()}_OPTION"):
            if row[0] in ready and "Later" not in row[4:7]:
                checks.that(any(f"{row[1]}: " in text for text in texts[row[0]]), f"stdlib/examples.def has an example of the option {row[1]} of {row[0]}")


def readers(checks):
    """Each reader has an example in its notes; each option is in one of them (tsv takes those of csv)."""
    notes = (ROOT / "stdlib/readers.md").read_text()
    blocks = "".join(re.findall(r"^```cd4ml.*?^```$", notes, re.M | re.S))
    for row in table("readers.def", "CD4ML_READER"):
        checks.that(f"{row[0]}(" in blocks, f"stdlib/readers.md has an example of the reader {row[0]}")
    for row in table("readers.def", "CD4ML_READER_OPTION"):
        checks.that(f"{row[1]}: " in blocks or row[1] in ("query", "path"), f"stdlib/readers.md has an example of the option {row[1]} of {row[0]}")


def metrics(checks, examples):
    scratch = Scratch()
    for letter, task in TASKS.items():
        texts = [row[3] for row in examples if row[0] == "metric" and row[2] == letter]
        evaluates = "\n".join(f"evaluate e{n} of late on test {{ {text} }}" for n, text in enumerate(texts))
        code, said = call(scratch.path, "run", scratch.write(in_context(f"judged_{task}", evaluates), f"{task}.cd4ml"), "--state", task)
        checks.that(code == 0, f"the examples of metrics of {task} models run:\n{said[-3000:]}")


def run(checks):
    examples = [row for row in table("examples.def", "CD4ML_EXAMPLE")]
    covers(checks, examples)
    readers(checks)
    metrics(checks, examples)


if __name__ == "__main__":
    all_checks = Checks()
    run(all_checks)
    print(all_checks.passed, all_checks.failed)
