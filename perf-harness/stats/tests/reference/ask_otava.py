#!/usr/bin/env python3
"""What Apache Otava finds in the series of examples/change_points.rs, counted as there.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install apache-otava==0.8.0
    cargo run --release -p perf-stats --example change_points -- /tmp/series.jsonl
    /tmp/venv/bin/python perf-harness/stats/tests/reference/ask_otava.py /tmp/series.jsonl [series of each kind and length]

Otava's own defaults: windows of 50, p below 0.001, no least magnitude. A second line of each kind has a least magnitude of 1 %,
which is the floor that ours has by default.
"""

import importlib.metadata
import json
import sys
from collections import defaultdict

from otava.analysis import compute_change_points

NEAR = 3


def main(path, most):
    cells = defaultdict(lambda: [0, 0, 0, 0, 0])
    kinds, counts = [], []
    with open(path) as lines:
        for line in lines:
            case = json.loads(line)
            kind, count, truths = case["kind"], case["count"], case["truths"]
            if kind not in kinds:
                kinds.append(kind)
            if count not in counts:
                counts.append(count)
            if cells[kind, count, 0.0][0] >= most:
                continue
            for magnitude in (0.0, 0.01):
                points, _ = compute_change_points(case["series"], window_len=50, max_pvalue=0.001, min_magnitude=magnitude)
                found = [point.index for point in points]
                cell = cells[kind, count, magnitude]
                cell[0] += 1
                cell[1] += bool(found)
                cell[2] += len(found)
                cell[3] += sum(any(abs(at - truth) <= NEAR for at in found) for truth in truths)
                cell[4] += len(truths)
    print(f"Apache Otava {importlib.metadata.version('apache-otava')}, the first {most} series of each kind and length")
    print("| series | least magnitude |", *(f"n = {count} |" for count in counts))
    for kind in kinds:
        for magnitude in (0.0, 0.01):
            print(f"| {kind} | {magnitude:.0%} |", *(row(cells[kind, count, magnitude]) + " |" for count in counts))


def row(cell):
    series, with_points, found, right, truths = cell
    if not truths:
        return f"{with_points / series:.1%}"
    precision = f"{right / found:.1%}" if found else "–"
    return f"{precision} / {right / truths:.1%}"


main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10**9)
