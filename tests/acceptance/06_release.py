#!/usr/bin/env python3
"""A model below the limit: exit 3, champion unchanged, one signed message to a local receiver; and after a kill too."""
import hashlib
import hmac
import http.server
import json
import subprocess
import threading
import time

from project import CD4MLC, Checks, Project

checks = Checks()
received = []


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received.append((dict(self.headers), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
secrets = {"OPS_WEBHOOK_URL": f"http://127.0.0.1:{server.server_port}/hook", "OPS_WEBHOOK_KEY": "let me in"}

project = Project("flights")
project.edit('notify ops = command("cat")', 'notify ops = webhook(secret("OPS_WEBHOOK_URL"), key: secret("OPS_WEBHOOK_KEY"))')
good = project.command("deploy", "--json", env=secrets)
checks.that(good.returncode == 0 and not received, "a model above the limit is released, nobody is disturbed", f"exit {good.returncode}")
champion = project.command("models", "--json", check=0).stdout

project.edit("auc >= 0.60", "auc >= 0.90")
held = project.command("deploy", "--json", env=secrets)
checks.that(held.returncode == 3, "a model below the limit: exit", held.returncode)


def champions(text):
    return json.dumps([m for m in json.loads(text)["models"] if m.get("champion_of")], sort_keys=True)


checks.that(champions(project.command("models", "--json", check=0).stdout) == champions(champion), "the champion is the same")
checks.that(len(received) == 1, "messages received", len(received))
if received:
    headers, body = received[0]
    lower = {k.lower(): v for k, v in headers.items()}
    expected = "sha256=" + hmac.new(secrets["OPS_WEBHOOK_KEY"].encode(), body, hashlib.sha256).hexdigest()
    checks.that(hmac.compare_digest(lower.get("x-cd4ml-signature", ""), expected), "its signature is right")
    text = body.decode()
    checks.that("auc" in text and "0.9" in text and "cd4mlc" in text, "it says what failed, by how much, and what to type next")
    print("      " + text[:600])
again = project.command("deploy", env=secrets)
checks.that(again.returncode == 3 and len(received) == 1, "again: exit 3 and no second message", f"exit {again.returncode}, {len(received)} messages")

# A kill between decision and delivery: the receiver is away, the process dies while it tries, the next command delivers.
before = len(received)
server.shutdown()
server.server_close()
project.edit("auc >= 0.90", "auc >= 0.91")
process = subprocess.Popen([CD4MLC, "deploy"], cwd=project.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           env={"PATH": "/usr/bin:/bin", **secrets})
time.sleep(2)
process.kill()
process.wait()
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(secrets["OPS_WEBHOOK_URL"].split(":")[2].split("/")[0])), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
after = project.command("deploy", env=secrets)
for _ in range(2):
    project.command("deploy", env=secrets)
ids = {json.loads(b).get("id") for _, b in received[before:]}
checks.that(after.returncode == 3 and len(received) - before == 1, "after a kill between decision and delivery: messages",
            f"{len(received) - before}, delivery ids {sorted(map(str, ids))}")
server.shutdown()
checks.finish()
