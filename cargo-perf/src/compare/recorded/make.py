"""Launches of wall time and gauge from the runs in .perf/runs of a folder, a line for each benchmark of each run."""
import json, pathlib, sys
runs = sorted(pathlib.Path(sys.argv[1], ".perf", "runs").glob("*.json"))
for session, path in enumerate(runs):
    record = json.loads(path.read_text())
    for bench in record["suite"]:
        samples = {name: bench["metrics"][name]["samples"] for name in ("wall", "gauge")}
        line = {"session": session, "bench": bench["id"].split("::", 1)[1].split("::")[-1], "batch": bench["batch"], **samples}
        print(json.dumps(line, separators=(",", ":")))
