"""What production adds: labels, captured rows, hot swaps, one server a deploy."""
import json
import re
import sqlite3
import threading
import time

import pyarrow as pa

from project import INPUTS, Project, Server, call, rows_of, until


def check_labels(server, project):
    status, said, _ = server.ask("POST", "/v1/feedback", {"id": "a.0", "label": True, "at": "2001-05-01T12:00:00Z"})
    assert status == 200 and json.loads(said) == {"stored": 1, "known": 0}, said
    # Durable before the answer: another process reads it at once.
    store = sqlite3.connect(f"file:{project.folder}/.cd4ml/traffic/flight_delays.default.production/labels.db?mode=ro", uri=True)
    assert store.execute("SELECT id, value, at FROM labels").fetchall() == [("a.0", "true", 988718400000000)]
    assert json.loads(server.ask("POST", "/v1/feedback", {"id": "a.0", "label": True})[1]) == {"stored": 0, "known": 1}
    status, said, _ = server.ask("POST", "/v1/feedback", {"labels": [{"id": "b", "label": 1.5}, {"id": "a.0", "label": False}]})
    assert status == 409 and "label 2" in json.loads(said)["error"], said
    assert store.execute("SELECT count(*) FROM labels").fetchone() == (1,), "a refused request left labels"
    assert server.ask("POST", "/v1/feedback", {"labels": [{"id": "a.0", "label": False}], "replace": True})[0] == 200
    many = [{"labels": [{"id": f"m{i}.{r}", "label": r % 2 == 0} for r in range(20)]} for i in range(64)]
    answers = []
    threads = [threading.Thread(target=lambda b=b: answers.append(server.ask("POST", "/v1/feedback", b)[0])) for b in many]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert answers == [200] * 64 and store.execute("SELECT count(*) FROM labels").fetchone() == (1281,)
    print("  labels are durable, idempotent, whole or not at all")


def read_traffic(folder):
    tables = []
    for path in sorted((folder / ".cd4ml/traffic/flight_delays.default.production").glob("rows-*.arrows")):
        with pa.ipc.open_stream(path) as stream:
            tables.append(stream.read_all())
    return tables


def check_capture(project):
    server = Server(project.folder, "production")
    rows = rows_of(project.folder, 50)
    try:
        said = json.loads(server.ask("POST", "/invocations", {"dataframe_records": rows}, {"X-Request-Id": "batch"})[1])["predictions"]
        server.ask("POST", "/invocations", {"dataframe_records": rows[:1]}, {"X-Request-Id": "one"})
        until(lambda: b"cd4ml_capture_rows_total 51" in server.ask("GET", "/metrics")[1], what="the capture")
    finally:
        server.stop()
    tables = read_traffic(project.folder)
    assert len(tables) == 1
    table = tables[0].to_pylist()
    assert [r["_id"] for r in table] == [f"batch.{i}" for i in range(50)] + ["one"]
    assert [r["_probability"] for r in table[:50]] == [p["probability"] for p in said]
    assert table[0]["origin"] == rows[0]["origin"] and table[0]["_arm"] == "champion" and table[0]["_model"] == "late@1"
    assert "destination" not in tables[0].column_names, "a @pii column was captured"
    print("  captured rows: ids, answers, arms; no @pii")


def check_swaps(project, count):
    """Champions change under load: every request is answered, by one of the two."""
    server = Server(project.folder, "production")
    rows = rows_of(project.folder, 20)
    bodies = [json.dumps({"dataframe_records": [r]}) for r in rows]
    stop = threading.Event()
    failed = []
    served = {"late@1": 0, "late@2": 0}

    def load():
        connection = server.connection()
        i = 0
        while not stop.is_set():
            i += 1
            try:
                status, said, headers = server.ask("POST", "/invocations", bodies[i % 20], connection=connection)
                served[headers.get("X-Model", "?")] += 1
                if status != 200:
                    failed.append(said)
            except Exception as problem:
                failed.append(repr(problem))
                connection = server.connection()

    threads = [threading.Thread(target=load) for _ in range(8)]
    for t in threads:
        t.start()
    try:
        done = 0
        for i in range(count):
            label = f"late@{2 - i % 2}"
            call("promote", label, "--to", "production", cwd=project.folder)
            done += 1
            until(lambda: json.loads(server.ask("GET", "/v2/models/late")[1])["versions"] == [label[-1]], what=f"swap {done}")
        until(lambda: json.loads(server.ask("GET", "/v2/models/late")[1])["versions"] == [label[-1]], what="the last swap")
    finally:
        stop.set()
        for t in threads:
            t.join()
        text = server.ask("GET", "/metrics")[1].decode()
        swaps = int(re.search(r'cd4ml_model_swaps_total\{result="done"\} (\d+)', text)[1])
        server.stop()
    assert not failed, failed[:3]
    assert swaps >= count, swaps
    assert min(served.values()) > 0, served
    print(f"  {done} changes of champion, {swaps} swaps, {sum(served.values())} requests, 0 failed")


def check_bad_champion(project):
    """A champion that does not load leaves the old one serving."""
    server = Server(project.folder, "production")
    try:
        about = json.loads(server.ask("GET", "/v2/models/late")[1])["versions"]
        bundles = json.loads(call("models", "--json", cwd=project.folder).stdout)
        other = [m for m in bundles["models"] if str(m["version"]) != about[0]][0]
        path = project.folder / ".cd4ml" / other["bundle"] if "bundle" in other else None
        if path is None:
            path = next(p for p in sorted((project.folder / ".cd4ml").rglob("*.cd4mb")) if other["id"].split(":")[1][:8] in p.name or True)
        whole = path.read_bytes()
        path.write_bytes(whole[:len(whole) // 2])
        call("promote", f"late@{other['version']}", "--to", "production", cwd=project.folder)
        until(lambda: b'cd4ml_model_swaps_total{result="failed"} 1' in server.ask("GET", "/metrics")[1], what="the failed swap")
        assert json.loads(server.ask("GET", "/v2/models/late")[1])["versions"] == about
        path.write_bytes(whole)
    finally:
        server.stop()
    print("  a damaged bundle leaves the old champion serving")


def check_rollout(project):
    """shadow, then canary by sticky keys, then champion: led by the server, without a failed request."""
    text = (project.folder / "main.cd4ml").read_text()
    project.write(text.replace("capture 100%", "rollout shadow 200 requests, canary [50%]  settle 1s  capture 100%").replace("leaves: 15", "leaves: 16"))
    server = Server(project.folder, "production")
    rows = rows_of(project.folder, 200)
    bodies = [json.dumps({"dataframe_records": [r]}) for r in rows]
    try:
        before = json.loads(server.ask("GET", "/v2/models/late")[1])["versions"]
        said = project.deploy("--override", "a third version for the test")
        until(lambda: len(json.loads(server.ask("GET", "/v2/models/late")[1])["versions"]) == 2, what="the challenger's arrival")
        new = [v for v in json.loads(server.ask("GET", "/v2/models/late")[1])["versions"] if v not in before][0]
        connection = server.connection()
        in_canary = lambda: b"cd4ml_canary_share 0.5" in server.ask("GET", "/metrics")[1]
        arms = {}
        end = time.monotonic() + 60
        while json.loads(server.ask("GET", "/v2/models/late")[1])["versions"] != [new]:
            assert time.monotonic() < end, f"the rollout does not end: {server.ask('GET', '/metrics')[1].decode()[:3000]}"
            for begin in range(0, len(bodies), 20):
                canary, seen = in_canary(), {}
                for i in range(begin, begin + 20):
                    status, answer, headers = server.ask("POST", "/invocations", bodies[i], {"X-Request-Id": f"key-{i}"}, connection=connection)
                    assert status == 200, answer
                    seen[i] = headers["X-Model"]
                if canary and in_canary():  # not while a step changed
                    for i, model in seen.items():
                        arms.setdefault(i, set()).add(model)
        text = server.ask("GET", "/metrics")[1].decode()
        shadowed = int(re.search(r'cd4ml_requests_total\{model="late",version="%s",arm="shadow"\} (\d+)' % new, text)[1])
        assert shadowed >= 200, text
        both = [a for a in arms.values() if len(a) > 1]
        share = sum(f"late@{new}" in a for a in arms.values()) / max(1, len(arms))
        assert arms and not both, f"{len(both)} of {len(arms)} keys did not stay with their arm"
        assert 0.3 < share < 0.7, share
    finally:
        server.stop()
    roles = {r["_arm"] for t in read_traffic(project.folder) for r in t.to_pylist() if r["_model"] == f"late@{new}"}
    assert {"shadow", "challenger"} <= roles, roles
    print(f"  rollout: {shadowed} requests in the shadow, canary answered {share:.0%} of the keys, late@{new} is champion")


def check_drain(project):
    server = Server(project.folder, "production")
    connection = server.connection()
    assert server.ask("GET", "/v2/health/ready", connection=connection)[0] == 200
    server.process.terminate()
    saw = []
    for _ in range(20):
        try:
            saw.append(server.ask("GET", "/v2/health/ready")[0])
        except OSError:
            break
        time.sleep(0.02)
    assert 503 in saw, saw
    assert server.process.wait(timeout=10) == 0
    server.stop()
    counters = json.loads((project.folder / ".cd4ml/serve/flight_delays.default.production.json").read_text())
    assert counters["champion"]["model"].startswith("late@")
    print("  SIGTERM: not ready, drained, exit 0; the counters' file is there")


def main():
    project = Project(lambda t: t.replace("when release { }", "when release { capture 100% }").replace("destination: category", "destination: category @pii")
                      .replace("trees: int = 200", "trees: int = 30"))
    try:
        project.deploy()
        project.write((project.folder / "main.cd4ml").read_text().replace("leaves: 31", "leaves: 15"))
        project.deploy("--override", "a second version for the test")
        server = Server(project.folder, "production")
        try:
            check_labels(server, project)
        finally:
            server.stop()
        call("promote", "late@1", "--to", "production", "--override", "test", cwd=project.folder)
        check_capture(project)
        check_swaps(project, 100)
        check_bad_champion(project)
        check_rollout(project)
        check_drain(project)
    finally:
        project.remove()


if __name__ == "__main__":
    main()
