#!/usr/bin/env python3
# slow
"""Every example with one token deleted (at most three messages) and cut at every token: an answer, never a crash."""
import concurrent.futures
import json
import pathlib
import re
import subprocess
import tempfile

from project import CD4MLC, ROOT, Checks

TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|r"[^"\n]*"|`[^`\n]*`|#[^\n]*|@[\w:+\-.]+|\d[\w.]*%?|\w+|\.\.|\*\*|//|\?\?|=>|->|[=!<>]=|\S')


def tokens(text):
    return [match.span() for match in TOKEN.finditer(text) if not match.group().startswith("#")]


def messages(folder, text):
    """How many errors, or None for a crash or an answer that takes longer than 5 s."""
    with tempfile.NamedTemporaryFile("w", suffix=".cd4ml", dir=folder) as file:
        file.write(text)
        file.flush()
        try:
            done = subprocess.run([CD4MLC, "check", file.name, "--json"], capture_output=True, text=True, timeout=5)
        except subprocess.TimeoutExpired:
            return None
    if done.returncode not in (0, 2):
        return None
    return sum(each["severity"] == "error" for each in json.loads(done.stdout)["diagnostics"])


checks = Checks()
pool = concurrent.futures.ThreadPoolExecutor(2)
for entry in sorted(path for path in ROOT.glob("examples/*/*.cd4ml") if path.is_file()):
    text = entry.read_text()
    places = tokens(text)
    name = str(entry.relative_to(ROOT / "examples"))
    deleted = list(pool.map(lambda at: messages(entry.parent, text[:at[0]] + text[at[1]:]), places))
    cut = list(pool.map(lambda at: messages(entry.parent, text[:at[1]]), places))
    broken = sum(count is None for count in deleted + cut)
    many = [text[slice(*at)] for at, count in zip(places, deleted) if (count or 0) > 3]
    checks.that(broken == 0, f"{name}: {len(places)} tokens deleted and cut at: crashes and hangs", broken)
    checks.that(not many, f"{name}: deletions with more than three messages", f"{len(many)} {many[:5]}")
checks.finish()
