"""Each `cd4ml` block of docs/reference and docs/errors.

    tests/reference/run --contexts     looks for the contexts in which the pages of docs/errors give their codes

A block of docs/reference is a program by itself, or stands in one of contexts/ that its fence names (```cd4ml in sales).
It is checked without an error; where its data are there it is run, and its tests too. The block below `Wrong:` of a page
of docs/errors gives exactly that code, in a context that `errors.tsv` names, or is named there with the reason why not.
"""
import re

from shared import CONTEXTS, ROOT, Checks, Scratch, call, codes, in_context

FENCE = re.compile(r"^```cd4ml(?: in (\w+))?\n(.*?)^```$", re.M | re.S)
# Codes of data, the environment, and the command line: `check` does not give them.
RUN_TIME = "4569"
# What the absence of a block's neighbours alone makes `check` say.
NEIGHBOURS = {"CD1005", "CD1006"}


def reference(checks):
    scratch = Scratch()
    for page in sorted((ROOT / "docs/reference").glob("*.md")):
        for context, block in FENCE.findall(page.read_text()):
            where = f"{page.name}: {block.strip().splitlines()[0]}"
            file = scratch.write(in_context(context, block) if context else block)
            errors, _, said = codes(scratch.path, file)
            if not checks.that(not errors, f"{where}\n{said}"):
                continue
            text = (scratch.path / file).read_text()
            paths = re.findall(r'"([^"{}*]*\.(?:csv|tsv|parquet|arrow|jsonl|db|py|txt))"', text)
            if re.search(r"^pipeline ", text, re.M) and paths and all((scratch.path / p).exists() for p in paths):
                code, said = call(scratch.path, "run", file)
                checks.that(code == 0, f"{where} runs:\n{said[-3000:]}")
            if re.search(r"^test ", text, re.M):
                code, said = call(scratch.path, "test", file)
                checks.that(code == 0, f"{where}, its tests pass:\n{said[-3000:]}")


def contexts_of_errors():
    lines = (ROOT / "tests/reference/errors.tsv").read_text().splitlines()
    return {code: (context, reason) for code, context, reason in (line.split("\t") for line in lines[1:])}


def given_codes(scratch, code, context, block):
    wrong, other, said = codes(scratch.path, scratch.write(in_context(context, block) if context else block))
    return sorted(set(wrong)) or sorted(set(other) - (NEIGHBOURS - {code})), said


def errors(checks):
    scratch, named = Scratch(), contexts_of_errors()
    for page in sorted((ROOT / "docs/errors").glob("CD*.md")):
        found = FENCE.search(page.read_text())
        context, reason = named.get(page.stem, ("", ""))
        if page.stem[2] in RUN_TIME:
            continue
        if found is None or context == "-":
            checks.that(reason, f"{page.stem}: its page shows what is wrong, or errors.tsv says why not")
            continue
        kept, said = given_codes(scratch, page.stem, context, found.group(2))
        checks.that(kept == [page.stem], f"{page.stem}: its wrong example gives {kept or 'nothing'}:\n{found.group(2)}{said}")


def find_contexts():
    """Writes errors.tsv: the first context in which each page's block gives its code alone; reasons are kept."""
    scratch, named = Scratch(), contexts_of_errors()
    candidates = ["", "page_nothing", *sorted(p.stem for p in CONTEXTS.glob("page_*.cd4ml"))]
    lines = ["code\tcontext\treason"]
    for page in sorted((ROOT / "docs/errors").glob("CD*.md")):
        found = FENCE.search(page.read_text())
        context, reason = named.get(page.stem, ("", ""))
        if page.stem[2] in RUN_TIME:
            continue
        if found is not None and context != "-":
            fits = (c for c in candidates if given_codes(scratch, page.stem, c, found.group(2))[0] == [page.stem])
            context = next(fits, "?")
        if context or reason:
            lines.append(f"{page.stem}\t{context}\t{reason}")
    (ROOT / "tests/reference/errors.tsv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    all_checks = Checks()
    reference(all_checks)
    errors(all_checks)
    print(all_checks.passed, all_checks.failed)
