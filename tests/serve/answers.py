"""The bits of `cd4mlc score` in every form, and what wrong rows are told."""
import csv
import json
import socket

from project import INPUTS, Project, Server, call, rows_of


def v2(rows, **more):
    kinds = {"distance": "FP64"}
    tensors = [{"name": c, "datatype": kinds.get(c, "BYTES"), "shape": [len(rows)], "data": [r[c] for r in rows]} for c in INPUTS]
    return {"inputs": tensors, **more}


def check_bits(server, project):
    rows = rows_of(project.folder, 1000)
    call("score", "production", "rows.csv", "-o", "scored.csv", cwd=project.folder)
    wanted = [(r["prediction"] == "true", r["probability"]) for r in csv.DictReader(open(project.folder / "scored.csv"))]
    assert len(wanted) == 1000

    def same(predictions, probabilities, what):
        got = list(zip(predictions, [repr(p) for p in probabilities]))
        wrong = [i for i, (g, w) in enumerate(zip(got, wanted)) if g[0] != w[0] or float(g[1]) != float(w[1])]
        assert len(got) == len(wanted) and not wrong, f"{what}: {len(wrong)} rows differ, the first is {wrong[:1]}"

    connection = server.connection()
    singles = []
    for row in rows:  # one row a request: the path of its own
        status, body, _ = server.ask("POST", "/v2/models/late/infer", v2([row]), connection=connection)
        assert status == 200, body
        singles.append(json.loads(body))
    same([s["outputs"][0]["data"][0] for s in singles], [s["outputs"][1]["data"][0] for s in singles], "V2, one row")
    few = []
    for i in range(0, 1000, 5):
        few += [json.loads(server.ask("POST", "/v2/models/production/infer", v2(rows[i:i + 5]), connection=connection)[1])]
    same(sum([f["outputs"][0]["data"] for f in few], []), sum([f["outputs"][1]["data"] for f in few], []), "V2, five rows")
    whole = json.loads(server.ask("POST", "/v2/models/late/infer", v2(rows))[1])
    same(whole["outputs"][0]["data"], whole["outputs"][1]["data"], "V2, 1,000 rows")
    shapes = {
        "dataframe_split": {"columns": INPUTS[::-1], "data": [[r[c] for c in INPUTS[::-1]] for r in rows]},
        "dataframe_records": [dict(reversed(r.items())) for r in rows],
        "instances": [[r[c] for c in INPUTS] for r in rows],
        "inputs": {c: [r[c] for r in rows] for c in INPUTS},
    }
    for name, value in shapes.items():
        status, body, _ = server.ask("POST", "/invocations", {name: value})
        assert status == 200, body
        said = json.loads(body)["predictions"]
        same([s["prediction"] for s in said], [s["probability"] for s in said], name)
    text = (project.folder / "rows.csv").read_text()
    for what, body in [("CSV with header", text), ("CSV without", text.split("\n", 1)[1])]:
        status, said, headers = server.ask("POST", "/invocations", body, {"Content-Type": "text/csv"})
        assert status == 200 and headers["Content-Type"].startswith("text/csv"), (status, said, headers)
        lines = [line.split(",") for line in said.decode().splitlines()]
        same([a == "true" for a, _ in lines], [float(b) for _, b in lines], what)
    lines = "\n".join(json.dumps(r) for r in rows)
    said = [json.loads(x) for x in server.ask("POST", "/invocations", lines, {"Content-Type": "application/jsonlines"})[1].splitlines()]
    same([s["prediction"] for s in said], [s["probability"] for s in said], "JSON lines")
    print("  1,000 rows have the bits of score in 9 forms")


def check_wrong_rows(server):
    good = {"date": "2001-05-01T10:00:00Z", "distance": 300.0, "origin": "SFO", "destination": "LAX"}

    def told(body, *words, path="/v2/models/late/infer", status=400, headers=None):
        got, said, _ = server.ask("POST", path, body, headers)
        message = json.loads(said).get("error") or json.loads(said).get("message")
        assert got == status and all(w in message for w in words), (got, said)
        assert "SECRET" not in message, f"an answer repeats what was sent: {message}"

    told(v2([{**good, "distance": "SECRET"}]), "distance", "row 1")
    told(v2([good, {**good, "distance": None}]), "row 2", "`distance` is null")
    told(v2([{**good, "distance": -5.0}]), "check `distance > 0`")
    told(v2([{**good, "date": "SECRET"}]), "date", "row 1", "a time such as")
    told({"inputs": v2([good])["inputs"][1:]}, "`date` is missing")
    told({"inputs": v2([good])["inputs"] + [{"name": "colour", "datatype": "BYTES", "shape": [1], "data": ["SECRET"]}]}, "no input column `colour`", "`origin`")
    told({"inputs": v2([good])["inputs"] * 2}, "stands twice")
    tensors = v2([good])["inputs"]
    told({"inputs": [{**tensors[0], "shape": [2]}] + tensors[1:]}, "shape")
    told({"inputs": [{**tensors[0], "shape": [1 << 40, 1 << 40]}] + tensors[1:]}, "elements", status=413)
    told({"inputs": [tensors[0], {**tensors[1], "datatype": "INT8", "data": [300]}] + tensors[2:]}, "beyond the range of INT8")
    told({"inputs": tensors, "outputs": [{"name": "height"}]}, "no output `height`")
    told({"inputs": tensors, "id": "x" * 300}, "256")
    told(b'{"inputs":[],"inputs":[]}', "twice")
    told(b'{"inputs":' + b"[" * 100 + b"1" + b"]" * 100 + b"}", "deep")
    told(b'{"inputs":"\xff\xfe"}', "UTF-8")
    told("{", "no JSON")
    told({"dataframe_records": [good, {k: v for k, v in good.items() if k != "origin"}]}, "`origin` is missing in row 2", path="/invocations")
    told({"dataframe_split": {"columns": ["a"], "data": [[1]]}}, "no input column `a`", path="/invocations")
    told({"instances": [[1, 2]]}, "row 1", path="/invocations")
    told({"instances": [], "inputs": {}}, "exclude each other", path="/invocations")
    told("a,b\n1,2\n", "row 1", path="/invocations", headers={"Content-Type": "text/csv"})
    told("x", "", path="/invocations", headers={"Content-Type": "image/png"}, status=415)
    told(v2([good]), "no model", path="/v2/models/other/infer", status=404)
    told(v2([good]), "not loaded", path="/v2/models/late/versions/99/infer", status=404)
    status, said, _ = server.ask("POST", "/v2/models/late/infer", v2([good, {**good, "distance": -5.0}, good], parameters={"on_error": "null"}))
    outputs = {o["name"]: o["data"] for o in json.loads(said)["outputs"]}
    assert status == 200 and outputs["prediction"][1] is None and outputs["probability"][0] == outputs["probability"][2], said
    assert outputs["reason"] == [None, "its check `distance > 0` does not hold", None], said
    status, said, _ = server.ask("POST", "/invocations", {"dataframe_records": [{**good, "more": 1}], "params": {"unknown_columns": "ignore"}})
    assert status == 200, said
    print("  wrong rows are told column, row and reason, and nothing of what was sent")


def check_ids(server):
    good = {"date": "2001-05-01T10:00:00Z", "distance": 300.0, "origin": "SFO", "destination": "LAX"}
    said = json.loads(server.ask("POST", "/v2/models/late/infer", v2([good], id="mine-1"))[1])
    assert said["id"] == "mine-1" and said["model_name"] == "late" and said["model_version"] == "1", said
    a, b = (json.loads(server.ask("POST", "/v2/models/late/infer", v2([good]))[1])["id"] for _ in range(2))
    assert a != b and len(a) == 32
    _, _, headers = server.ask("POST", "/invocations", {"dataframe_records": [good]}, {"X-Amzn-SageMaker-Inference-Id": "from-aws"})
    assert headers["X-Prediction-Id"] == "from-aws" and headers["X-Model"] == "late@1", headers
    only = json.loads(server.ask("POST", "/v2/models/late/infer", v2([good], outputs=[{"name": "probability"}]))[1])
    assert [o["name"] for o in only["outputs"]] == ["probability"]
    print("  prediction ids are the client's, or new ones")


def check_refusals(project):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = call("serve", "production", "--port", str(taken.getsockname()[1]), cwd=project.folder, ok=(1,)).stderr
        assert "CD5703" in said and "in use" in said, said
    said = call("serve", "production", "--port", "0", cwd=project.folder, ok=(1,), env={"CD4ML_SERVE": "/nowhere/libcd4ml_serve.so"}).stderr
    assert "CD5707" in said, said
    labels = project.folder / ".cd4ml/traffic/flight_delays.default.production/labels.db"
    for part in labels.parent.glob("labels.db*"):
        part.unlink()
    labels.write_text("no database" * 100)
    said = call("serve", "production", "--port", "0", cwd=project.folder, ok=(1,)).stderr
    assert "CD5705" in said, said
    labels.unlink()
    said = call("serve", "late", "--port", "0", cwd=project.folder, ok=(2,)).stderr
    assert "is a model, not a deploy" in said, said


def main():
    project = Project()
    try:
        missing = call("serve", "production", "--port", "0", cwd=project.folder, ok=(2,))
        assert "has no champion yet" in missing.stderr and "cd4mlc deploy production" in missing.stderr, missing.stderr
        open_host = call("serve", "production", "--host", "0.0.0.0", cwd=project.folder, ok=(2,))
        assert "CD5704" in open_host.stderr, open_host.stderr
        project.deploy()
        server = Server(project.folder, "production")
        try:
            check_bits(server, project)
            check_wrong_rows(server)
            check_ids(server)
            taken = call("serve", "production", "--port", "0", cwd=project.folder, ok=(1,))
            assert "CD5709" in taken.stderr and "is being served already, at 127.0.0.1:" in taken.stderr, taken.stderr
        finally:
            code = server.stop()
        assert code == 0, f"exit {code} after SIGTERM"
        check_refusals(project)
        token = Server(project.folder, "production", "--host", "0.0.0.0", env={"CD4ML_SERVE_TOKEN": "open-sesame"})
        try:
            assert token.ask("GET", "/v2")[0] == 401 and token.ask("GET", "/v2/health/live")[0] == 200
            assert token.ask("GET", "/v2", headers={"Authorization": "Bearer open-sesamE"})[0] == 401
            assert token.ask("GET", "/v2", headers={"Authorization": "Bearer open-sesame"})[0] == 200
        finally:
            token.stop()
        print("  no champion, no token and a second server are refused; SIGTERM ends with 0")
    finally:
        project.remove()


if __name__ == "__main__":
    main()
