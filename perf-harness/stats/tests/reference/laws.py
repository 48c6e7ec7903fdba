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
    return str(x) if isinstance(x, int) else repr(float(x))


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


def usl(n, log_lambda, sigma, kappa):
    return log_lambda + np.log(n) - np.log(1 + sigma * (n - 1) + kappa * n * (n - 1))


def scalings():
    """The Universal Scalability Law by curve_fit of logarithms, with bounds; profile intervals by its residuals."""
    for levels, sigma, kappa in (
        ((1, 2, 4, 8, 16, 32), 0.05, 0.002),
        ((1, 2, 3, 4, 6, 8, 12, 16), 0.2, 0.01),
        ((1, 2, 4, 8, 16), 0.02, 0.0),
        ((2, 4, 8, 16, 32, 64), 0.0, 0.0005),
    ):
        levels = np.array(levels, dtype=float)
        throughputs = 1000 * np.exp(usl(levels, 0.0, sigma, kappa) + draw.normal(0, 0.02, len(levels)))
        throughputs = np.round(throughputs, 2)
        logs = np.log(throughputs)
        bounds = ([-np.inf, 0.0, 0.0], [np.inf, 1.0, 10.0])
        fit, _ = optimize.curve_fit(usl, levels, logs, p0=[logs[0], 0.05, 0.001], bounds=bounds,
                                    xtol=1e-15, ftol=1e-15, gtol=1e-15)

        def cost(theta):
            return np.sum((logs - usl(levels, *theta)) ** 2)

        def least(held, at):
            """The least squares with one parameter held; the others by bounded least squares from several starts."""
            free = [i for i in range(3) if i != held]

            def residuals(values):
                theta = np.empty(3)
                theta[held], theta[free] = at, values
                return logs - usl(levels, *theta)

            inside = lambda v, i: np.clip(v, bounds[0][i] + 1e-12, bounds[1][i])
            starts = [[inside(v, i) for v, i in zip(np.array(s)[free], free)]
                      for s in (fit, (fit[0], 0.02, 1e-4), (fit[0], 0.2, 0.02))]
            return min(2 * optimize.least_squares(
                residuals, s, bounds=([bounds[0][i] for i in free], [bounds[1][i] for i in free]),
                xtol=1e-15, ftol=1e-15, gtol=1e-15).cost for s in starts)

        freedom = len(levels) - sum(1 for v, lo in zip(fit[1:], (0, 0)) if v > lo + 1e-9) - 1
        limit = cost(fit) * (1 + stats.f.ppf(0.95, 1, freedom) / freedom)
        ends = {}
        for name, i, reach in (("lambda", 0, 1.0), ("sigma", 1, 0.5), ("kappa", 2, 0.5)):
            outside = lambda v: least(i, v) - limit
            lo = bounds[0][i] if i else fit[i] - reach
            ends[name + "_low"] = lo if outside(lo) <= 0 else optimize.brentq(outside, lo, fit[i], xtol=1e-13)
            ends[name + "_high"] = optimize.brentq(outside, fit[i], fit[i] + reach, xtol=1e-13)
        ends["lambda_low"], ends["lambda_high"] = np.exp(ends["lambda_low"]), np.exp(ends["lambda_high"])
        yield {"levels": [int(n) for n in levels], "throughputs": throughputs, "lambda": np.exp(fit[0]), "sigma": fit[1], "kappa": fit[2]} | ends


def drifts():
    """theilslopes for the slope and its interval; S and its variance by the textbook for the test of Mann and Kendall."""
    for n, slope, digits, level in ((8, 0.0, 4, 0.9), (20, 0.05, 4, 0.95), (50, 0.01, 1, 0.99), (121, 0.002, 3, 0.95)):
        positions = np.sort(draw.integers(0, 3 * n, n)).astype(float)
        values = np.round(slope * positions + draw.normal(0, 0.5, n), digits)
        fit = stats.theilslopes(values, positions, alpha=level)
        i, j = np.triu_indices(n, 1)
        s = np.sum(np.sign(positions[j] - positions[i]) * np.sign(values[j] - values[i]))
        term = lambda k: k * (k - 1) * (2 * k + 5)
        ties = lambda xs: term(np.unique(xs, return_counts=True)[1]).sum()
        sd = np.sqrt((term(n) - ties(positions) - ties(values)) / 18)
        p = min(1.0, 2 * stats.norm.sf(max(abs(s) - 1, 0) / sd))
        yield {
            "positions": positions, "values": values, "level": level,
            "slope": fit.slope, "low": fit.low_slope, "high": fit.high_slope, "p_value": p,
            "r_squared": stats.pearsonr(positions, values).statistic ** 2,
        }


table("SCALINGS", "ScalingCase", scalings())
table("GROWTHS", "GrowthCase", growths())
table("SLOPES", "SlopeCase", slopes())
table("DRIFTS", "DriftCase", drifts())

header = (
    f"//! Written by laws.py with SciPy {scipy.__version__}, NumPy {np.__version__}. Do not edit.\n\n"
    "use super::{DriftCase, GrowthCase, ScalingCase, SlopeCase};\n\n"
)
pathlib.Path(__file__).with_name("laws.rs").write_text(header + "\n".join(out))
