#!/usr/bin/env python3
"""scripts/demo-loop: a model in production is watched, retrained, released, and a broken feed is held back."""
import json
import pathlib
import shutil
import sys
import tempfile
import textwrap
import time

import stage as theatre
import story

STRONG, DIM, GOOD, BAD, END = ("\033[1m", "\033[2m", "\033[32m", "\033[33m", "\033[0m") if sys.stdout.isatty() else ("",) * 5


class Narrator:
    def __init__(self):
        self.began = time.monotonic()
        self.width = min(110, shutil.get_terminal_size().columns) - 10

    def line(self, text, style=""):
        now = f"{time.monotonic() - self.began:6.1f} s  "
        for i, part in enumerate(text.splitlines() or [""]):
            for piece in textwrap.wrap(part, self.width) or [""]:
                print(f"{now}{style}{piece}{END if style else ''}", flush=True)
                now = " " * 10

    def say(self, text):
        print(flush=True)
        self.line(text, STRONG)

    def heard(self, message):
        how = "signed webhook to #ops" if message["how"] == "webhook" else "e-mail to duty@example.org"
        self.line(f"✉ {how}: {message.get('subject', '')}\n{message['text']}", GOOD)

    def seen(self, source, line):
        if source == "agent" and line.startswith("{"):
            event = json.loads(line)
            if event["event"] == "loop":
                self.line(f"agent: {event['state']}: {event['why']}", BAD)
        elif source == "server" and line.startswith("serving"):
            self.line(f"server: {line}", BAD)
        elif source == "agent" and not line.startswith("sent to"):
            self.line(f"agent: {line}", DIM)
        elif source == "client":
            self.line(f"client: {line}", BAD)


def main():
    narrator = Narrator()
    stage = theatre.Stage(rows_a_day=8000, heard=narrator.heard, seen=narrator.seen)
    try:
        story.play(stage, narrator.say, pause=0.004)
        narrator.say(f"{stage.sent:,} flights were asked for, {stage.failed} requests failed. What the ledger keeps of all this:")
        narrator.line(stage.run("models").stdout.rstrip())
        for kind, _, body in stage.entries():
            if kind == "rollout":
                narrator.line(f"rollout  {body['stage']:<9} {body['why']} (by {body['by']})", DIM)
            elif kind == "trigger":
                narrator.line(f"trigger  {body['event']:<9} {body['decision']}", DIM)
        narrator.line(stage.run("audit", "verify").stdout.strip())
        for name in ("health", "production"):
            page = pathlib.Path(tempfile.gettempdir()) / f"cd4ml-demo-loop-{name}.html"
            stage.run("report", name, "-o", str(page), *stage.params)
            narrator.line(f"report of {name}: {page} ({page.stat().st_size // 1024} kB)", STRONG)
    finally:
        stage.close()


if __name__ == "__main__":
    main()
