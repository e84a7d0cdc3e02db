"""The table of constructs: every cell is there and true, no item of the grammar is missing, what comes later says so."""
import re
import subprocess
import sys

from shared import PRINT_TREE, ROOT, Checks, Scratch, codes, in_context, rows

NOT_A_FILE = {"compile time"}
# Rules whose alternatives are constructs, besides those that are named …Item, …Verb or …Decl.
WATCHED = {"decl", "fieldClause", "joinKind", "rolloutStep", "frame", "atom", "suffix", "binary", "comparison", "test", "literal",
           "matchExpr", "matchArm", "conditional", "condition", "typeArguments", "rangeSpec", "window", "groupKey", "tuneRange", "args"}
# Pieces that have no meaning of their own, and the rules of what comes later.
PIECES = {"boolean", "operand", "arith", "expr", "bound", "amount", "name", "nodeRef", "nameList", "actions", "metricDecl", "fillVerb",
          "approvalItem", "afterItem", "outputItem", "estimateItem"}
LATER = {"fieldClause: K_FROM"}


def anchors(page):
    """The anchors of a page, as hosts of Markdown make them of headings."""
    out = set()
    for heading in re.findall(r"^#{1,4} (.*)$", page.read_text(), re.M):
        out.add(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"))
    return out


def grammar():
    """Each rule of the parser with the alternatives of its top level, as lists of symbols."""
    text = re.sub(r"//[^\n]*", "", (ROOT / "grammar/Cd4mlParser.g4").read_text())
    rules = {}
    for name, body in re.findall(r"^([a-z]\w*)\s*:(.*?);\s*$", text, re.M | re.S):
        depth, alternatives, current = 0, [], ""
        for each in body:
            depth += (each == "(") - (each == ")")
            if each == "|" and depth == 0:
                alternatives.append(current)
                current = ""
            else:
                current += each
        rules[name] = [re.findall(r"[A-Za-z]\w*", a) for a in [*alternatives, current]]
    return rules


def missing(rules, named):
    """Alternatives of the grammar that no row of the table is about."""
    whole = {n for n in named if ":" not in n} | {n.split(":")[0] for n in named}
    for rule, alternatives in rules.items():
        is_item = rule in WATCHED or re.search(r"(Item|Verb|Decl)$", rule)
        if rule in PIECES or not is_item:
            continue
        if rule not in whole and not any(a[:1] and a[0] in whole for a in alternatives):
            yield rule
        if len(alternatives) < 2:
            continue
        for symbols in alternatives:
            first = symbols[0]
            if first[0].islower():
                if first not in whole and first not in PIECES and f"{rule}:{first}" not in named:
                    yield f"{rule}: {first}"
            elif f"{rule}: {first}" not in LATER and not any(f"{rule}:{symbol}" in named for symbol in symbols):
                yield f"{rule}: {' '.join(symbols)}"


def trees(files):
    done = subprocess.run([PRINT_TREE, *files], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return dict(re.findall(r"^== (\S+)\n(.*?)(?=^== |\Z)", done.stdout, re.M | re.S))


def run(checks):
    table = list(rows("constructs.tsv"))
    rules, tokens = grammar(), (ROOT / "grammar/Cd4mlLexer.g4").read_text()
    tree = trees(sorted({row["example"] for row in table}))
    empty = 0
    for row in table:
        what = row["construct"]
        empty += sum(not cell.strip() for cell in row.values())
        checks.that(all(cell.strip() for cell in row.values()), f"{what}: no cell is empty: {row}")
        rule, _, part = row["grammar rule"].partition(":")
        if rule == "lexer":
            checks.that(re.search(rf"^{part} :", tokens, re.M), f"{what}: the lexer has {part}")
        else:
            there = rule in rules and (not part or any(part in symbols for symbols in rules[rule]))
            checks.that(there, f"{what}: the grammar has {row['grammar rule']}")
        for column in ("check", "run"):
            checks.that(row[column] in NOT_A_FILE or (ROOT / row[column]).is_file(), f"{what}: {row[column]} exists")
        page, _, anchor = row["page"].partition("#")
        page = ROOT / "docs/reference" / page
        checks.that(page.exists() and (not anchor or anchor in anchors(page)), f"{what}: {row['page']} exists")
        source = (ROOT / row["example"]).read_text() if rule == "lexer" and part != "DOC" else tree[row["example"]]
        checks.that(re.search(row["pattern"], source, re.M), f"{what}: {row['example']} holds it: {row['pattern']}")
        for golden in row["goldens"].split(","):
            checks.that((ROOT / golden).is_file(), f"{what}: {golden} exists")
    for each in missing(rules, {row["grammar rule"] for row in table}):
        checks.that(False, f"the table of constructs has no row about {each}")
    later = later_answered(checks)
    return {"constructs": len(table), "empty": empty, "later": later}


def later_answered(checks):
    scratch, answered = Scratch(), 0
    for row in rows("later.tsv"):
        errors, _, said = codes(scratch.path, scratch.write(in_context(row["context"], row["program"])))
        answered += checks.that(errors == ["CD1099"], f"{row['construct']} is answered with CD1099 alone:\n{said}")
    return answered


if __name__ == "__main__":
    all_checks = Checks()
    print(run(all_checks))
    sys.exit(all_checks.failed > 0)
