#!/usr/bin/env python3
"""Writes table.rs: what SciPy, statsmodels and NumPy answer to the questions of tests/reference.rs.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install scipy==1.17.1 statsmodels==0.15.0
    /tmp/venv/bin/python perf-harness/stats/tests/reference/make.py

The data are drawn with a fixed seed and rounded, so the same versions write the same file.
"""

import itertools
import pathlib

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.multitest import multipletests

draw = np.random.default_rng(20261121)
out = []


def number(x):
    text = repr(float(x))
    return {"inf": "f64::INFINITY", "-inf": "f64::NEG_INFINITY"}.get(text, text)


def numbers(xs):
    return "&[" + ", ".join(number(x) for x in xs) + "]"


def table(name, kind, rows):
    out.append(f"pub(crate) const {name}: &[{kind}] = &[")
    for row in rows:
        fields = ", ".join(
            f"{key}: " + (f'"{value}"' if isinstance(value, str) else numbers(value) if np.ndim(value) else number(value))
            for key, value in row.items()
        )
        out.append(f"    {kind} {{ {fields} }},")
    out.append("];\n")


def times(n, centre=100.0, width=0.05, digits=4):
    """Skewed, as times are. Few digits make ties."""
    return np.round(centre * np.exp(width * draw.gamma(2.0, size=n)), digits)


def quantiles():
    for n in (1, 2, 5, 10, 33):
        xs = times(n)
        for q in (0.0, 0.1, 0.25, 0.5, 0.9, 0.99, 1.0):
            yield {"values": xs, "q": q, "want": np.quantile(xs, q, method="linear")}


def spreads():
    for n in (2, 3, 8, 21):
        xs = times(n)
        distances = [abs(a - b) for i, a in enumerate(xs) for b in xs[i + 1:]]
        to_sd = 1.0 / stats.norm.ppf(0.75)
        yield {
            "values": xs,
            "deviation": stats.median_abs_deviation(xs),
            "scaled_deviation": stats.median_abs_deviation(xs, scale="normal"),
            "adjacent": np.median(np.abs(np.diff(xs))) * to_sd / np.sqrt(2),
            "pairwise": np.median(distances) * to_sd / np.sqrt(2),
        }


def pooled():
    for sizes in ((4,), (2, 3), (5, 1, 4), (8, 8, 2, 2)):
        groups = [times(n, 100.0 * (i + 1)) for i, n in enumerate(sizes)]
        parts = [(len(g) - 1, np.var(g, ddof=1)) for g in groups if len(g) > 1]
        variance = np.average([v for _, v in parts], weights=[d for d, _ in parts])
        # With the assumed 2 % weighing as four degrees of freedom: of logarithms, never below half a per cent.
        logs = [(len(g) - 1, np.var(np.log(g), ddof=1)) for g in groups if len(g) > 1] + [(4, 0.02**2)]
        learned = np.average([v for _, v in logs], weights=[d for d, _ in logs])
        yield {
            "values": [x for g in groups for x in g],
            "sizes": sizes,
            "pooled": np.sqrt(variance),
            "learned": max(np.sqrt(learned), 0.005),
        }


def mann_whitney():
    def row(name, baseline, candidate, method):
        p = stats.mannwhitneyu(candidate, baseline, method=method, use_continuity=True).pvalue
        return {"name": name, "baseline": baseline, "candidate": candidate, "want": p}

    for n, m in ((1, 1), (3, 12), (5, 5), (8, 20), (30, 33)):
        for shift in (1.0, 1.03, 1.1):
            yield row(f"exact {n} {m} {shift}", times(n), times(m, 100 * shift), "exact")
    for n, m in ((5, 5), (12, 9), (25, 25)):
        for shift in (1.0, 1.04):
            yield row(f"exact, ties {n} {m} {shift}", times(n, digits=0), times(m, 100 * shift, digits=0), "exact")
    for n, m in ((40, 40), (50, 150), (200, 200)):
        for shift in (1.0, 1.02):
            yield row(f"normal {n} {m} {shift}", times(n), times(m, 100 * shift), "asymptotic")
            yield row(f"normal, ties {n} {m} {shift}", times(n, digits=0), times(m, 100 * shift, digits=0), "asymptotic")


def wilcoxon():
    def row(name, xs, method):
        p = stats.wilcoxon(xs, zero_method="wilcox", correction=True, method=method).pvalue
        return {"name": name, "values": xs, "want": p}

    def differences(n, centre, digits=6):
        return np.round(draw.normal(centre, 1.0, n), digits)

    for n in (1, 5, 8, 12, 30, 63):
        for centre in (0.0, 0.5):
            yield row(f"exact {n} {centre}", differences(n, centre), "exact")
    for n in (8, 14, 40):
        for centre in (0.0, 0.6):
            yield row(f"exact, ties and zeros {n} {centre}", differences(n, centre, 0) + 0.0, "exact")
    for n in (64, 80, 200):
        for centre in (0.0, 0.2):
            yield row(f"normal {n} {centre}", differences(n, centre), "asymptotic")
    for n in (150, 200):
        yield row(f"normal, ties and zeros {n}", differences(n, 0.2, 1) + 0.0, "asymptotic")


def adjusted():
    for p_values in (
        [0.01],
        [0.04, 0.01, 0.03],
        [0.01, 0.01, 0.05, 0.05, 1.0, 0.0],
        np.round(draw.beta(0.3, 2.0, 25), 6),
        np.round(draw.uniform(size=40), 6),
    ):
        yield {
            "p_values": p_values,
            "holm": multipletests(p_values, method="holm")[1],
            "benjamini_hochberg": multipletests(p_values, method="fdr_bh")[1],
        }


def medians():
    for n, level in ((6, 0.95), (8, 0.99), (15, 0.95), (20, 0.9), (50, 0.99), (200, 0.999)):
        xs = times(n)
        interval = stats.quantile_test(xs, q=np.median(xs), p=0.5).confidence_interval(level)
        yield {"values": xs, "level": level, "value": np.median(xs), "low": interval.low, "high": interval.high}


def inverted(candidates, p_value, level):
    """The closed interval of all shifts that a test does not reject. Its p-value changes only at the candidates."""
    candidates = np.sort(candidates)
    gaps = (candidates[:-1] + candidates[1:]) / 2
    kept = [i for i, shift in enumerate(gaps) if p_value(shift) > 1 - level]
    return np.median(candidates), candidates[kept[0]], candidates[kept[-1] + 1]


def shifts():
    for n, m, level in ((4, 4, 0.95), (5, 5, 0.99), (8, 12, 0.95), (10, 7, 0.99), (20, 20, 0.999), (40, 40, 0.95)):
        baseline, candidate = times(n), times(m, 105.0)
        method = "exact" if n < 40 else "asymptotic"
        value, low, high = inverted(
            np.subtract.outer(candidate, baseline).ravel(),
            lambda shift: stats.mannwhitneyu(candidate - shift, baseline, method=method).pvalue,
            level,
        )
        yield {"baseline": baseline, "candidate": candidate, "level": level, "value": value, "low": low, "high": high}


def separated(lower, upper, speeds):
    """Chance that upper lies so far above lower, groups apart: every labelling of each group is counted."""
    pooled = np.sort(np.concatenate([lower, upper]))
    gaps = np.diff(pooled)
    widest = np.argsort(-gaps, kind="stable")[: speeds - 1]
    cuts = np.sort([(pooled[i] + pooled[i + 1]) / 2 for i in widest])
    null, statistic, differences = np.ones(1), 0.0, []
    for group in range(speeds):
        here = lambda xs: xs[np.searchsorted(cuts, xs) == group]
        a, b = here(lower), here(upper)
        differences.extend(np.subtract.outer(b, a).ravel())
        if len(a) == 0 or len(b) == 0:
            continue
        u = lambda upper_ranks: sum(upper_ranks) - len(b) * (len(b) + 1) / 2
        ranks = stats.rankdata(np.concatenate([a, b]))
        statistic += len(a) * len(b) - u(ranks[len(a):])
        counts = np.zeros(len(a) * len(b) + 1)
        for chosen in itertools.combinations(range(1, len(a) + len(b) + 1), len(b)):
            counts[int(u(chosen))] += 1
        null = np.convolve(null, counts / counts.sum())
    return null[: int(np.ceil(statistic)) + 1].sum(), np.median(differences) if differences else 0.0


def orders():
    floor = 0.005
    for name, n, speeds, effect in (
        ("one speed", 7, [1.0], 1.02), ("two speeds", 8, [1.0, 1.3], 1.05), ("three speeds", 8, [0.96, 1.0, 1.15], 1.1),
        ("unchanged", 8, [1.0, 1.1], 1.0), ("faster", 8, [1.0, 1.3], 0.95),
    ):
        baseline, candidate = (
            np.round(100 * by * draw.choice(speeds, n) * (1 + draw.normal(0, 0.003, n)), 4) for by in (1.0, effect)
        )
        def best(lower, upper):
            tried = [(k, *separated(np.log(lower), np.log(upper) - np.log1p(floor), k)) for k in (1, 2, 3)]
            return min(((min(1.0, p * (2 if k == 1 else 4)), k, shift) for k, p, shift in tried), key=lambda t: t[0])
        above, below = best(baseline, candidate), best(candidate, baseline)
        shift = above[2] + np.log1p(floor) if above[0] < below[0] else -below[2] - np.log1p(floor)
        yield {
            "name": name, "baseline": baseline, "candidate": candidate, "floor": floor,
            "above": above[0], "below": below[0], "speeds": min(above, below)[1], "within": np.exp(shift),
        }


def centres():
    for n, level in ((6, 0.95), (8, 0.99), (12, 0.95), (25, 0.999), (40, 0.9), (70, 0.99)):
        xs = np.round(draw.normal(0.3, 1.0, n), 6)
        i, j = np.triu_indices(n)
        method = "exact" if n < 64 else "asymptotic"
        value, low, high = inverted(
            (xs[i] + xs[j]) / 2,
            lambda shift: stats.wilcoxon(xs - shift, method=method, correction=True).pvalue,
            level,
        )
        yield {"values": xs, "level": level, "value": value, "low": low, "high": high}


def screens():
    """Student's t with Satterthwaite's degrees of freedom, in SciPy's t distribution."""
    for value, error, degrees, sd, sd_degrees, floor, margin, level in (
        (0.05, 0.003, 18.0, 0.0, np.inf, 0.01, 0.02, 0.99),
        (0.05, 0.003, 18.0, 0.01, np.inf, 0.01, 0.02, 0.99),
        (0.05, 0.003, 18.0, 0.01, 3.3, 0.01, 0.02, 0.99),
        (-0.08, 0.02, 8.0, 0.015, 6.0, 0.005, 0.05, 0.95),
        (0.0, 0.001, 38.0, 0.002, 20.0, 0.0, 0.01, 0.999),
        (0.4, 0.01, 398.0, 0.02, np.inf, 0.02, 0.1, 0.9999),
        (0.001, 0.01, 1.0, 0.0, np.inf, 0.01, 0.02, 0.9),
    ):
        within, between = error**2, 2 * sd**2
        total = np.sqrt(within + between)
        freedom = (within + between) ** 2 / (within**2 / degrees + between**2 / sd_degrees)
        t = stats.t(freedom)
        lo, hi = stats.t.interval(level, freedom, loc=value, scale=total)
        f, m = np.log1p(floor), np.log1p(margin)
        yield {
            "value": value, "standard_error": error, "degrees": degrees, "sd": sd, "sd_degrees": sd_degrees,
            "floor": floor, "margin": margin, "level": level,
            "low": np.exp(lo), "high": np.exp(hi),
            "above": t.sf((value - f) / total), "below": t.cdf((value + f) / total),
            "within": max(t.cdf((value - m) / total), t.sf((value + m) / total)),
            "detectable": np.exp(f + total * (t.isf((1 - level) / 2) + t.isf(0.2))),
        }


def forecasts():
    """What a normal distribution and Pitman's efficiency of the signed ranks, 3 / pi, come to."""
    for spread, pairs, beyond, level in (
        (0.01, 20, 0.006, 0.99),
        (0.02, 137, 0.005, 0.9999),
        (0.2, 1000, 0.03, 0.999995),
        (0.001, 12, 0.0001, 0.95),
    ):
        z = stats.norm.isf((1 - level) / 2)
        yield {
            "spread": spread, "pairs": pairs, "beyond": beyond, "level": level,
            "half_width": z * spread / np.sqrt(pairs * 3 / np.pi),
            "needed": np.ceil(((z + stats.norm.isf(0.2)) * spread / beyond) ** 2 / (3 / np.pi)),
        }


def welch():
    """Welch's test is the same sum of two variances; here SciPy does it from the data."""
    for n, m, level in ((5, 5, 0.95), (6, 20, 0.99), (30, 12, 0.999)):
        baseline, candidate = np.log(times(n)), np.log(times(m, 103.0, 0.1))
        test = stats.ttest_ind(candidate, baseline, equal_var=False)
        interval = test.confidence_interval(level)
        yield {
            "value": candidate.mean() - baseline.mean(),
            "standard_error": stats.sem(candidate), "degrees": m - 1,
            "sd": stats.sem(baseline) / np.sqrt(2), "sd_degrees": n - 1,
            "level": level, "freedom": test.df, "low": np.exp(interval.low), "high": np.exp(interval.high),
            "above": stats.ttest_ind(candidate, baseline, equal_var=False, alternative="greater").pvalue,
        }


table("QUANTILES", "QuantileCase", quantiles())
table("SPREADS", "SpreadCase", spreads())
table("MANN_WHITNEY", "SidesCase", mann_whitney())
table("WILCOXON", "DifferencesCase", wilcoxon())
table("ADJUSTED", "AdjustedCase", adjusted())
table("MEDIANS", "OneSampleCase", medians())
table("SHIFTS", "TwoSampleCase", shifts())
table("CENTRES", "OneSampleCase", centres())
table("SCREENS", "ScreenCase", screens())
table("FORECASTS", "ForecastCase", forecasts())
table("WELCH", "WelchCase", welch())
table("POOLED", "PooledCase", pooled())
table("ORDERS", "OrdersCase", orders())

header = (
    f"//! Written by make.py with SciPy {scipy.__version__}, statsmodels {statsmodels.__version__}, "
    f"NumPy {np.__version__}. Do not edit.\n\n"
    "use super::{AdjustedCase, DifferencesCase, ForecastCase, OneSampleCase, OrdersCase, PooledCase, QuantileCase, ScreenCase,\n"
    "    SidesCase, SpreadCase, TwoSampleCase, WelchCase};\n\n"
)
pathlib.Path(__file__).with_name("table.rs").write_text(header + "\n".join(out))
