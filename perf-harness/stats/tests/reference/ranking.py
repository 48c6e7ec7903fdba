#!/usr/bin/env python3
"""Writes ranking.rs: what SciPy answers to the questions of tests/ranking.rs.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install scipy==1.17.1
    /tmp/venv/bin/python perf-harness/stats/tests/reference/ranking.py

The data are drawn with a fixed seed and rounded, so the same versions write the same file.
"""

import itertools
import pathlib

import numpy as np
import scipy
from scipy import stats

draw = np.random.default_rng(20261121)


def numbers(xs):
    return "&[" + ", ".join(repr(float(x)) for x in xs) + "]"


def ratio(one, other, level):
    """Other over one: the closed interval of all ratios that the exact Mann-Whitney test does not reject."""
    candidates = np.sort(np.subtract.outer(np.log(other), np.log(one)).ravel())
    gaps = (candidates[:-1] + candidates[1:]) / 2
    p = lambda shift: stats.mannwhitneyu(np.log(other) - shift, np.log(one), method="exact").pvalue
    kept = [i for i, shift in enumerate(gaps) if p(shift) > 1 - level]
    return np.exp([np.median(candidates), candidates[kept[0]], candidates[kept[-1] + 1]])


def case(centres, launches, width, margin, level):
    variants = [np.round(centre * np.exp(width * draw.gamma(2.0, size=launches)), 4) for centre in centres]
    chosen = list(itertools.combinations(range(len(variants)), 2))
    pairs, smaller = [], set()
    for one, other in chosen:
        value, low, high = ratio(variants[one], variants[other], 1 - (1 - level) / len(chosen))
        pairs.append(numbers([one, other, value, low, high]))
        smaller |= {(one, other)} if low > 1 + margin else {(other, one)} if high < 1 / (1 + margin) else set()
    everyone = range(len(variants))
    best = [1 + sum((other, own) in smaller for other in everyone) for own in everyone]
    worst = [len(variants) - sum((own, other) in smaller for other in everyone) for own in everyone]
    return (
        f"    RankingCase {{ variants: &[{', '.join(numbers(v) for v in variants)}], margin: {margin!r}, level: {level!r}, "
        f"pairs: &[{', '.join(pairs)}], best: &{best}, worst: &{worst} }},"
    )


out = [
    f"//! Written by ranking.py with SciPy {scipy.__version__}, NumPy {np.__version__}. Do not edit.",
    "",
    "use super::RankingCase;",
    "",
    "pub(crate) const RANKINGS: &[RankingCase] = &[",
    case([100.0, 120.0], 8, 0.02, 0.01, 0.99),
    case([100.0, 100.0, 130.0], 12, 0.03, 0.01, 0.99),
    case([130.0, 100.0, 101.0, 160.0], 15, 0.02, 0.01, 0.99),
    case([100.0, 103.0, 106.0], 20, 0.02, 0.0, 0.95),
    case([100.0, 103.0, 106.0], 20, 0.02, 0.05, 0.95),
    "];",
]
pathlib.Path(__file__).with_name("ranking.rs").write_text("\n".join(out) + "\n")
