"""A copy of the flights example with a champion, and servers of it."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CD4MLC = os.environ.get("CD4MLC", str(ROOT / "build/release/bin/cd4mlc"))
INPUTS = ["date", "distance", "origin", "destination"]


def call(*words, cwd, ok=(0,), env=None, timeout=300):
    done = subprocess.run([CD4MLC, *words], cwd=cwd, capture_output=True, text=True, timeout=timeout,
                          env={**os.environ, "NO_COLOR": "1", **(env or {})})
    if done.returncode not in ok:
        raise AssertionError(f"cd4mlc {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class Project:
    """A temporary project; `text` edits the example's file."""

    def __init__(self, text=lambda t: t):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cd4ml-serve-"))
        shutil.copytree(ROOT / "examples/flights/data", self.folder / "data")
        self.write(text((ROOT / "examples/flights/main.cd4ml").read_text()))

    def write(self, text):
        (self.folder / "main.cd4ml").write_text(text)

    def deploy(self, *words):
        return call("deploy", "production", *words, cwd=self.folder)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def whole_answers(data):
    count = 0
    while b"\r\n\r\n" in data:
        head, rest = data.split(b"\r\n\r\n", 1)
        length = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        size = length[0] if length else 0
        if len(rest) < size:
            break
        count += not head.startswith(b"HTTP/1.1 100")
        data = rest[size:]
    return count


class Server:
    def __init__(self, folder, *words, env=None, jobs=1):
        self.log = open(pathlib.Path(folder) / "serve.log", "ab")
        self.process = subprocess.Popen([CD4MLC, "serve", *words, "--port", "0", "--jobs", str(jobs), "--plain"], cwd=folder,
                                        stderr=subprocess.PIPE, stdout=self.log, env={**os.environ, "NO_COLOR": "1", **(env or {})})
        self.port = None
        said = b""
        while self.port is None:
            line = self.process.stderr.readline()
            said += line
            if not line:
                raise AssertionError(f"the server does not start: {said.decode()}")
            if b"listening at http://" in line:
                self.port = int(line.decode().strip().rsplit(":", 1)[1])
        os.set_blocking(self.process.stderr.fileno(), False)

    def connection(self, timeout=30):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, connection=None):
        c = connection or self.connection()
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        c.request(method, path, body, {"Content-Type": "application/json", **(headers or {})} if body is not None else headers or {})
        r = c.getresponse()
        data = r.read()
        if connection is None:
            c.close()
        return r.status, data, dict(r.getheaders())

    def raw(self, data, timeout=10.0, shut=False, answers=None):
        """What comes back for bytes on a connection of its own: until the server ends it, is silent, or has given `answers`."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as s:
            got = b""
            try:
                s.sendall(data)
                if shut:
                    s.shutdown(socket.SHUT_WR)
                while answers is None or whole_answers(got) < answers:
                    piece = s.recv(65536)
                    if not piece:
                        return got, "closed"
                    got += piece
                return got, "answered"
            except socket.timeout:
                return got, "silent"
            except (ConnectionResetError, BrokenPipeError):
                return got, "closed"

    def memory(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no memory")

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=35)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("the server did not end within 35 s of SIGTERM")
        self.process.stderr.close()
        self.log.close()
        return self.process.returncode


def rows_of(folder, count):
    """Rows of the test part as `cd4mlc score` and the server take them, written as CSV, and what `score` says."""
    import pyarrow.parquet as pq
    table = pq.read_table(pathlib.Path(folder) / "data/flights.parquet", columns=INPUTS).slice(1000, count)
    rows = []
    with open(pathlib.Path(folder) / "rows.csv", "w") as out:
        out.write(",".join(INPUTS) + "\n")
        for r in table.to_pylist():
            row = {"date": r["date"].strftime("%Y-%m-%dT%H:%M:%SZ"), "distance": float(r["distance"]), "origin": r["origin"], "destination": r["destination"]}
            rows.append(row)
            out.write(",".join(str(row[c]) for c in INPUTS) + "\n")
    return rows


def until(condition, seconds=10.0, what="it"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds} s")
