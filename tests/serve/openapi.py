"""schemathesis asks whatever /openapi.json allows, and what it does not allow."""
import json
import pathlib
import subprocess
import sys

from project import Project, Server


def main():
    project = Project(lambda t: t.replace("trees: int = 200", "trees: int = 20"))
    try:
        project.deploy()
        server = Server(project.folder, "production")
        try:
            page = json.loads(server.ask("GET", "/openapi.json")[1])
            assert page["openapi"] == "3.1.0" and "/v2/models/{model}/infer" in page["paths"]
            tool = pathlib.Path(sys.executable).parent / "schemathesis"
            # What it remembers of failures goes with the project's folder.
            here = pathlib.Path(__file__).resolve().parent
            done = subprocess.run([tool, "--config-file", here / "schemathesis.toml", "run", f"http://127.0.0.1:{server.port}/openapi.json", "--seed", "1", "--max-examples", "40", "--workers", "1",
                                   "--suppress-health-check", "all"],
                                  cwd=project.folder, capture_output=True, text=True, timeout=400)
            assert done.returncode == 0, done.stdout[-8000:] + done.stderr
            assert server.alive()
            print("  schemathesis:", [line.strip() for line in done.stdout.splitlines() if "generated" in line or "cases" in line][-1:])
        finally:
            server.stop()
    finally:
        project.remove()


if __name__ == "__main__":
    main()
