"""Clients that other people wrote, unmodified."""
import json
import shutil
import subprocess
import urllib.request

import numpy as np
import tritonclient.http as triton

from project import INPUTS, ROOT, Project, Server, rows_of


def check_triton(server, rows):
    client = triton.InferenceServerClient(url=f"127.0.0.1:{server.port}")
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("late") and client.is_model_ready("late", "1")
    assert client.get_server_metadata()["name"] == "cd4ml"
    about = client.get_model_metadata("late")
    assert [t["name"] for t in about["inputs"]] and about["versions"] == ["1"], about
    inputs = []
    for c in INPUTS:
        tensor = triton.InferInput(c, [len(rows)], "FP64" if c == "distance" else "BYTES")
        values = np.array([r[c] for r in rows], dtype=np.float64 if c == "distance" else np.object_)
        tensor.set_data_from_numpy(values, binary_data=False)
        inputs.append(tensor)
    outputs = [triton.InferRequestedOutput(n, binary_data=False) for n in ("prediction", "probability")]
    result = client.infer("late", inputs, request_id="from-triton", outputs=outputs)
    said = result.as_numpy("probability")
    assert said.shape == (len(rows),) and said.dtype == np.float64 and result.get_response()["id"] == "from-triton"
    assert result.as_numpy("prediction").dtype == np.bool_
    again = client.infer("late", inputs, model_version="1").as_numpy("probability")
    assert (said == again).all()
    try:
        client.infer("late", inputs[1:])
        raise AssertionError("a missing input was taken")
    except triton.InferenceServerException as problem:
        assert "is missing" in str(problem)
    client.close()
    print("  tritonclient asks for metadata and inference")
    return said.tolist()


def check_curl(server, rows, wanted):
    body = json.dumps({"dataframe_records": rows})
    base = f"http://127.0.0.1:{server.port}"

    def curl(*words, **more):
        return subprocess.run(["curl", "-sS", "--max-time", "10", *words], capture_output=True, text=True, check=True, **more).stdout

    said = json.loads(curl("-X", "POST", f"{base}/invocations", "-H", "Content-Type: application/json", "-d", "@-", input=body))
    assert [p["probability"] for p in said["predictions"]] == wanted
    said = json.loads(curl(f"{base}/invocations", "-H", "Content-Type: application/json", "-H", "Transfer-Encoding: chunked", "-d", body))
    assert [p["probability"] for p in said["predictions"]] == wanted
    said = json.loads(curl(f"{base}/invocations", "-H", "Content-Type: application/json", "-H", "Expect: 100-continue", "-d", body))
    assert [p["probability"] for p in said["predictions"]] == wanted
    assert curl("-I", f"{base}/v2/health/ready").startswith("HTTP/1.1 200")
    assert json.loads(curl("--http1.0", f"{base}/ping")) == {"ready": True}
    print("  curl: plain, chunked, 100-continue, HEAD, HTTP/1.0")


def check_mlflow(server, rows, wanted):
    # As mlflow.deployments and pandas write it: MLflow's own client is a POST of this document.
    document = {"dataframe_split": {"index": list(range(len(rows))), "columns": INPUTS, "data": [[r[c] for c in INPUTS] for r in rows]}, "params": None}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/invocations", json.dumps(document).encode(), {"Content-Type": "application/json; charset=utf-8"})
    said = json.load(urllib.request.urlopen(request, timeout=10))
    assert [p["probability"] for p in said["predictions"]] == wanted
    assert urllib.request.urlopen(f"http://127.0.0.1:{server.port}/health", timeout=10).status == 200
    assert urllib.request.urlopen(f"http://127.0.0.1:{server.port}/version", timeout=10).read().decode().count(".") == 2
    print("  an MLflow-style caller")


def check_sagemaker(server, rows, wanted):
    assert server.ask("GET", "/ping")[0] == 200
    body = "\n".join(",".join(str(r[c]) for c in INPUTS) for r in rows)
    status, said, headers = server.ask("POST", "/invocations", body, {"Content-Type": "text/csv", "Accept": "text/csv", "X-Amzn-SageMaker-Inference-Id": "i-1"})
    assert status == 200 and [float(line.split(",")[1]) for line in said.decode().splitlines()] == wanted
    assert headers["X-Prediction-Id"] == "i-1"
    lines = "\n".join(json.dumps(r) for r in rows)
    status, said, headers = server.ask("POST", "/invocations", lines, {"Content-Type": "application/jsonlines", "Accept": "application/json"})
    assert status == 200 and [p["probability"] for p in json.loads(said)["predictions"]] == wanted
    print("  a SageMaker-style caller: ping, CSV, JSON lines")


def check_metrics(server):
    status, text, headers = server.ask("GET", "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b'cd4ml_requests_total{model="late",version="1",arm="champion"}' in text, text[:400]
    promtool = shutil.which("promtool") or shutil.which(str(ROOT / ".deps/promtool/promtool"))
    if promtool is None:
        print("  promtool is not installed: /metrics was only looked at")
        return
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True)
    assert done.returncode == 0 and not done.stdout and not done.stderr, (done.stdout + done.stderr).decode()
    print("  promtool finds nothing at /metrics")


def main():
    project = Project()
    try:
        project.deploy()
        # SageMaker's contract: the port comes from the environment when none is given.
        server = Server(project.folder, "production")
        try:
            rows = rows_of(project.folder, 7)
            wanted = check_triton(server, rows)
            check_curl(server, rows, wanted)
            check_mlflow(server, rows, wanted)
            check_sagemaker(server, rows, wanted)
            check_metrics(server)
        finally:
            server.stop()
    finally:
        project.remove()


if __name__ == "__main__":
    main()
