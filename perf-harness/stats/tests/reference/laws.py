#!/usr/bin/env python3
"""Writes laws.rs: what SciPy answers to the questions of tests/reference_laws.rs.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install scipy==1.17.1
    /tmp/venv/bin/python perf-harness/stats/tests/reference/laws.py

The data are drawn with a fixed seed and rounded, so the same versions write the same file.
"""

import pathlib

import numpy as np
import scipy
from scipy import optimize, stats

draw = np.random.default_rng(20261121)
out = []


def number(x):
    return repr(float(x))


def table(name, kind, rows):
    out.append(f"pub(crate) const {name}: &[{kind}] = &[")
    for row in rows:
        fields = ", ".join(
            f"{key}: "
            + (f'"{value}"' if isinstance(value, str)
               else "&[" + ", ".join(map(number, value)) + "]" if np.ndim(value) else number(value))
            for key, value in row.items()
        )
        out.append(f"    {kind} {{ {fields} }},")
    out.append("];\n")


LAWS = {"log n": np.log, "n": lambda n: n, "n log n": lambda n: n * np.log(n), "n^2": np.square, "n^3": lambda n: n**3}


def squares(curve, times, start):
    """Least squares of logarithms, scaled parameters, from several starts."""
    best = np.inf
    for at in start:
        fit = optimize.least_squares(lambda theta: np.log(times / curve(theta)), at, xtol=1e-15, ftol=1e-15, gtol=1e-15)
        best = min(best, 2 * fit.cost)
    return best


def growths():
    """The misfit of each law with an overhead, and the profile interval of the exponent."""
    for law, overhead, points in (("n", 0.5, 10), ("n log n", 0.05, 12), ("n^2", 0.01, 8), ("n^3", 0.001, 9), ("log n", 0.2, 12)):
        sizes = np.round(np.geomspace(50, 20000, points))
        f = LAWS[law]
        times = (overhead * f(sizes[-1]) + f(sizes)) * np.exp(draw.normal(0, 0.05, points))
        times = np.array([float(f"{t:.6g}") for t in times])
        largest = sizes[-1]

        def with_power(p):
            shape = (sizes / largest) ** p
            return squares(
                lambda theta: np.exp(theta[0]) + np.exp(theta[1]) * shape, times,
                [(np.log(times[0]) - d, np.log(times[-1])) for d in (0.2, 1.0, 3.0, 8.0, 20.0)])

        grid = np.linspace(0.05, 5.0, 100)
        start = grid[np.argmin([with_power(p) for p in grid])]
        best = optimize.minimize_scalar(with_power, bounds=(start - 0.05, start + 0.05), method="bounded",
                                        options={"xatol": 1e-10})
        limit = best.fun * (1 + stats.f.ppf(0.95, 1, points - 3) / (points - 3))
        outside = lambda p: with_power(p) - limit
        grid = np.linspace(0.02, 15.9, 320)
        kept = grid[[outside(p) <= 0 for p in grid]]
        inner = (min(kept[0], best.x), max(kept[-1], best.x)) if len(kept) else (best.x, best.x)
        low = optimize.brentq(outside, inner[0] - 0.06, inner[0], xtol=1e-12) if outside(max(inner[0] - 0.06, 0.001)) > 0 else 0.0
        high = optimize.brentq(outside, inner[1], inner[1] + 0.06, xtol=1e-12)
        yield {"law": law, "sizes": sizes, "times": times, "low": low, "high": high}


def slopes():
    """An exponent without an overhead is the slope of a straight line of logarithms."""
    for power in (1.0, 2.0):
        sizes = np.round(np.geomspace(100, 10000, 10))
        times = np.array([float(f"{t:.6g}") for t in sizes**power * np.exp(draw.normal(0, 0.03, 10))])
        yield {"sizes": sizes, "times": times, "slope": stats.linregress(np.log(sizes), np.log(times)).slope}


table("GROWTHS", "GrowthCase", growths())
table("SLOPES", "SlopeCase", slopes())

header = (
    f"//! Written by laws.py with SciPy {scipy.__version__}, NumPy {np.__version__}. Do not edit.\n\n"
    "use super::{GrowthCase, SlopeCase};\n\n"
)
pathlib.Path(__file__).with_name("laws.rs").write_text(header + "\n".join(out))
