#!/usr/bin/env python3
"""What Apache Otava finds in the series of examples/change_points.rs, counted as there.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install apache-otava==0.8.0
    cargo run --release -p perf-stats --example change_points -- /tmp/series.jsonl
    /tmp/venv/bin/python perf-harness/stats/tests/reference/ask_otava.py /tmp/series.jsonl [series of each kind and length [longest]]

Otava's own defaults (windows of 50, p below 0.001), with a least magnitude of 1 %, which is the floor that ours has by default.
"""

import importlib.metadata
import json
import sys
from collections import defaultdict

from otava.analysis import compute_change_points

NEAR = 3


def main(path, most=10**9, longest=10**9):
    cells = defaultdict(lambda: [0, 0, 0, 0, 0])
    with open(path) as lines:
        for line in lines:
            case = json.loads(line)
            kind, count, truths = case["kind"], case["count"], case["truths"]
            cell = cells[kind, count]
            if count > longest or cell[0] >= most:
                continue
            points, _ = compute_change_points(case["series"], window_len=50, max_pvalue=0.001, min_magnitude=0.01)
            found = [point.index for point in points]
            cell[0] += 1
            cell[1] += bool(found)
            cell[2] += len(found)
            cell[3] += sum(any(abs(at - truth) <= NEAR for at in found) for truth in truths)
            cell[4] += len(truths)
    counts = sorted({count for (_, count), cell in cells.items() if cell[0]})
    print(f"Apache Otava {importlib.metadata.version('apache-otava')}, up to {most} series of each kind and length")
    print("| series |", *(f"n = {count} |" for count in counts))
    for kind in dict.fromkeys(kind for kind, _ in cells):
        print(f"| {kind} |", *(row(cells[kind, count]) + " |" for count in counts))


def row(cell):
    series, with_points, found, right, truths = cell
    if not truths:
        return f"{with_points / series:.1%}"
    precision = f"{right / found:.1%}" if found else "–"
    return f"{precision} / {right / truths:.1%}"


main(sys.argv[1], *map(int, sys.argv[2:]))
