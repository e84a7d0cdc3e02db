"""SIGKILL at numbered points of the loop: what the agent, its children or the server make durable is counted by a preloaded
library (kill_at.c), and one of them is killed there. The next agent goes on: exactly one promotion, the same messages."""
import collections
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "examples/loop"))
import stage as theatre  # noqa: E402
import world  # noqa: E402

# What may follow what in the ledger's entries of the loop.
NEXT = {None: {"retraining"}, "retraining": {"retraining", "rolling_out", "cooling", "held"}, "rolling_out": {"cooling", "held"},
        "cooling": {"watching", "retraining"}, "held": {"retraining", "watching"}, "watching": {"retraining"}}
ROWS = 900


def smaller(text):
    """The example with windows and steps that fit little traffic."""
    for old, new in [("min 1000 rows", "min 300 rows"), ("shadow 400 requests, canary [20%, 50%]", "shadow 40 requests, canary [50%]"), ("settle 2s", "settle 200ms"),
                     ("trees: int = 120", "trees: int = 30"), ("cooldown 5s", "cooldown 24h")]:
        assert old in text, old
        text = text.replace(old, new)
    return text


class Scenario:
    """A project just before its agent looks: a champion, a calm and a stormy window of captured traffic, the feed."""

    def __init__(self, kind, seed):
        self.kind = kind
        self.stage = theatre.Stage(rows_a_day=ROWS)
        s = self.stage
        s.world.seed = seed
        random.Random(seed).shuffle(s.world.rows)
        program = s.project / "main.cd4ml"
        text = smaller(program.read_text())
        if kind == "held":
            text = text.replace("require auc >= champion.auc - 0.01", "require auc >= champion.auc + 0.5")
        program.write_text(text)
        for day in range(3):
            s.land(day, s.world.day(day))
        s.run("deploy", *s.params)
        s.serve()
        for day in (3, 4, 5):
            s.replay(day)
        for day in (6, 7, 8):
            s.replay(day, world.storm)
        self.more = list(s.world.day(9, world.storm))
        for _ in s.requests(9, self.more):
            pass
        s.stop(s.server)
        s.connection = None
        self.base = s.folder / "base"
        shutil.copytree(s.project, self.base)

    def restore(self):
        shutil.rmtree(self.stage.project)
        shutil.copytree(self.base, self.stage.project)
        with self.stage.inbox.lock:
            self.stage.inbox.messages.clear()

    def once(self, env=None):
        """One round of the agent; gives its exit code."""
        child = subprocess.Popen([theatre.CD4MLC, "agent", "--once", "--json", *self.stage.params], cwd=self.stage.project, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**self.stage.environment, **(env or {})}, start_new_session=True)
        # Children of a killed agent hold the pipe: they end by themselves.
        said = child.stderr.read()
        return child.wait(), said

    def lead(self):
        """Traffic until the server has settled the rollout, or it is clear that it will not."""
        s = self.stage
        end = time.monotonic() + 20
        for number in range(100000):
            if time.monotonic() > end or s.stages()[-1] not in ("shadow", "canary", "settling"):
                return
            try:
                for n, _ in enumerate(s.requests(f"{10 + number}", self.more[:100])):
                    if s.server.poll() is not None:
                        break
            except OSError:
                s.connection = None
            if s.server.poll() is not None:
                s.connection = None
                s.serve()
            time.sleep(0.02)

    def play(self, kill=None):
        """The whole loop from the base; `kill` is the environment of the preloaded library."""
        self.restore()
        s = self.stage
        first = None
        if self.kind == "rollout":
            environment = s.environment
            s.environment = {**environment, **(kill or {})}
            try:
                s.serve()
            except (RuntimeError, AttributeError):
                pass  # killed while it started
            s.environment = environment
            if s.server.poll() is not None:
                s.connection = None
                s.serve()
        try:
            first, _ = self.once(kill)
            for _ in range(6):
                if self.kind == "rollout" and s.server.poll() is not None:
                    s.connection = None
                    s.serve()
                code, said = self.once()
                if code != 0:
                    raise RuntimeError(f"the agent after a kill: exit {code}: {said}")
                if not s.states():
                    windows = [(b["from"], b["rows"], b["events"]) for _, _, b in s.entries("window")]
                    raise RuntimeError(f"the agent found nothing to do: {windows} {said}")
                state = s.states()[-1]
                if state in ("cooling", "held"):
                    break
                if state == "rolling_out":
                    self.lead()
            # What the last one queued and a killed server left is delivered by the next.
            self.once()
        finally:
            if self.kind == "rollout":
                s.stop(s.server)
                s.connection = None
        return first

    def close(self):
        self.stage.close()


def outcome(scenario):
    """What has to be the same however it was killed."""
    s = scenario.stage
    champions = [(b["model"], b["version"], b["id"]) for _, _, b in s.entries("champion")]
    # The id of a promotion depends on its time: there may be more than one of a model.
    messages = sorted((how, kind) for how, kind, _ in {(m["how"], m["kind"], m["id"]) for m in s.inbox.of()})
    triggers = sorted((b["event"], b["id"]) for _, _, b in s.entries("trigger"))
    return {"champions": champions, "messages": messages, "triggers": triggers, "state": s.states()[-1], "rollout": s.stages()[-1] if s.stages() else None}


def wrong_of(scenario, wanted):
    """What does not hold, in words; empty: all does."""
    s = scenario.stage
    out = []
    got = outcome(scenario)
    # Where the server was dead when the gate passed, there was no live traffic: champion at once.
    if wanted["rollout"] and got["rollout"] is None:
        got["rollout"] = wanted["rollout"]
    out += [f"{k}: {got[k]} in place of {wanted[k]}" for k in wanted if got[k] != wanted[k]]
    before = None
    for state in s.states():
        if state not in NEXT[before]:
            out.append(f"{before} → {state}")
        before = state
    if s.run("audit", "verify", ok=(0, 5)).returncode != 0:
        out.append("the ledger is not whole")
    texts = collections.defaultdict(set)
    for message in s.inbox.of():
        texts[message["id"]].add(message["text"])
    out += [f"two messages under {id}" for id, all in texts.items() if len(all) > 1]
    return out


def run(kinds, points, seed, library, say=print):
    """Kills at `points` points of each scenario; gives the number of those that went wrong."""
    failures = 0
    chance = random.Random(seed)
    for kind in kinds:
        scenario = Scenario(kind, seed)
        counter = scenario.stage.folder / "counter"

        def shim(at, **more):
            counter.write_bytes(bytes(16))
            return {"LD_PRELOAD": str(library), "KILL_COUNTER": str(counter), "KILL_AT": str(at), **more}

        try:
            scenario.play(shim(0))
            total = int.from_bytes(counter.read_bytes()[:8], "little")
            wanted = outcome(scenario)
            problems = wrong_of(scenario, wanted)
            expected = {"promoted": 2, "rollout": 2, "held": 1}[kind]
            if len(wanted["champions"]) != expected or problems:
                raise RuntimeError(f"{kind}: not as it should be even without a kill: {wanted} {problems}")
            bad, landed = 0, 0
            for i in range(points):
                at = 1 + (i * total + chance.randrange(max(1, total))) // points
                more = {"KILL_AFTER": "1"} if chance.random() < 0.5 else {}
                more |= {"KILL_FIRST": "1"} if chance.random() < 0.5 else {}
                try:
                    scenario.play(shim(at, **more))
                    landed += int.from_bytes(counter.read_bytes()[:8], "little") >= at
                    problems = wrong_of(scenario, wanted)
                except RuntimeError as error:
                    problems = [str(error)]
                if problems:
                    bad += 1
                    say(f"  {kind}, seed {seed}, point {at} of {total} {more}: {problems}")
            say(f"  {kind}, seed {seed}: {points} kills ({landed} landed) among {total} points; {bad} wrong")
            failures += bad
        finally:
            scenario.close()
    return failures


def build(folder):
    library = pathlib.Path(folder) / "kill_at.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "kill_at.c", "-ldl"], check=True)
    return library


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    seeds = [int(x) for x in sys.argv[2].split(",")] if len(sys.argv) > 2 else [1]
    which = sys.argv[3].split(",") if len(sys.argv) > 3 else ["promoted", "rollout", "held"]
    with tempfile.TemporaryDirectory() as place:
        made = build(place)
        sys.exit(1 if sum(run(which, count, seed, made) for seed in seeds) else 0)
