"""The processes of the demonstration and what can be seen of them: server, agent, receivers, the clients' traffic."""
import http.client
import json
import os
import pathlib
import queue
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time

import receivers
import world

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CD4MLC = os.environ.get("CD4MLC", str(ROOT / "build/release/bin/cd4mlc"))
BATCH = 20       # rows a request: a screen of departures
KEEP = 3         # days that the feed keeps


class Stage:
    """Everything on the loopback interface and below one temporary folder; `close` ends the processes it started."""

    def __init__(self, rows_a_day=6000, heard=lambda message: None, seen=lambda source, line: None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cd4ml-loop-"))
        self.project = self.folder / "loop"
        self.project.mkdir()
        shutil.copy(HERE / "main.cd4ml", self.project)
        self.seen, self.children, self.sent, self.failed, self.lost = seen, [], 0, 0, 0
        self.inbox = receivers.Inbox(heard)
        key = "a key that only the two of them know"
        self.hook, hook_port = receivers.webhook(self.inbox, key)
        self.mail, mail_port = receivers.smtp(self.inbox)
        self.params = ["--param", f"mail_server=smtp://127.0.0.1:{mail_port}"]
        self.environment = {**os.environ, "NO_COLOR": "1", "CD4ML_DEMO_HOOK": f"http://127.0.0.1:{hook_port}/cd4ml", "CD4ML_DEMO_KEY": key}
        self.world = world.World(self.readFlights(), rows_a_day)
        self.connection = None

    def readFlights(self):
        """The example's Parquet file as CSV, by cd4mlc itself: nothing but Python's own library is needed here."""
        out = self.folder / "flights.csv"
        self.run("show", str(ROOT / "examples/flights/main.cd4ml"), "flights", "-o", str(out), "--state", str(self.folder / "state"))
        return out

    # -- cd4mlc
    def run(self, *words, ok=(0,), env=None):
        done = subprocess.run([CD4MLC, *words], cwd=self.project, capture_output=True, text=True, env={**self.environment, **(env or {})}, timeout=120)
        if done.returncode not in ok:
            raise RuntimeError(f"cd4mlc {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def start(self, name, *words, env=None):
        child = subprocess.Popen([CD4MLC, *words], cwd=self.project, env={**self.environment, **(env or {})}, text=True, bufsize=1,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.children.append(child)
        lines = queue.Queue()

        def follow():
            for line in child.stdout:
                lines.put(line.rstrip("\n"))
                self.seen(name, line.rstrip("\n"))
            lines.put(None)

        threading.Thread(target=follow, daemon=True).start()
        return child, lines

    def serve(self):
        self.server, lines = self.start("server", "serve", "production", "--port", "0", "--jobs", "1", "--plain", *self.params)
        while (line := lines.get(timeout=30)) is not None:
            if "listening at http://" in line:
                self.port = int(line.rsplit(":", 1)[1])
                return
        raise RuntimeError("the server does not start")

    def agent(self, env=None):
        self.agent_process, _ = self.start("agent", "agent", "--interval", "300ms", "--json", *self.params, env=env)

    def stop(self, child):
        """Asks one process to end, with what it started; it has its own group."""
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def close(self):
        for child in reversed(self.children):
            self.stop(child)
        self.hook.shutdown()
        self.mail.shutdown()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- the world
    def land(self, number, rows):
        world.write_day(self.project / "feed", number, rows, KEEP)

    def post(self, path, body, id=""):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json", **({"X-Request-Id": id} if id else {})}
        self.connection.request("POST", path, json.dumps(body), headers)
        answer = self.connection.getresponse()
        data = answer.read()
        self.failed += answer.status != 200
        if answer.status != 200:
            self.seen("client", f"{path}: {answer.status} {data[:200]}")
        return data

    def requests(self, number, rows):
        """A generator that sends a day's flights, a request a step, and the labels of what landed."""
        for at in range(0, len(rows), BATCH):
            some = rows[at:at + BATCH]
            id = f"day{number}-{at // BATCH}"
            self.post("/invocations", {"dataframe_records": [{k: r[k] for k in ("date", "distance", "origin", "destination")} for r in some]}, id)
            names = [id] if len(some) == 1 else [f"{id}.{i}" for i in range(len(some))]
            self.post("/v1/feedback", {"labels": [{"id": n, "label": world.is_late(r)} for n, r in zip(names, some)]})
            self.sent += len(some)
            yield

    def replay(self, number, change=None, pause=0.0, until=lambda: False):
        """A whole day, then its file lands. Ends early where `until` holds."""
        rows = self.world.day(number, change)
        for step, _ in enumerate(self.requests(number, rows)):
            if step % 10 == 0 and until():
                return False
            if pause:
                time.sleep(pause)
        self.land(number, rows)
        return True

    # -- what the ledger says
    def entries(self, kind=None):
        ledger = sqlite3.connect(f"file:{self.project}/.cd4ml/ledger.db?mode=ro", uri=True, timeout=10)
        try:
            rows = ledger.execute("SELECT kind, subject, body FROM journal" + (" WHERE kind = ?" if kind else "") + " ORDER BY sequence", [kind] if kind else []).fetchall()
        finally:
            ledger.close()
        return [(k, s, json.loads(b)) for k, s, b in rows]

    def states(self):
        return [body["state"] for _, _, body in self.entries("loop")]

    def stages(self):
        return [body["stage"] for _, _, body in self.entries("rollout")]

    def champion(self):
        bodies = [body for _, _, body in self.entries("champion")]
        return bodies[-1] if bodies else None

    def until(self, holds, seconds, what):
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise RuntimeError(f"not within {seconds} s: {what}")
            time.sleep(0.05)
