#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write tvdt_more.json beside this file; see PROVENANCE.md."""
import json
import os

from mpmath import erfc, exp, gamma, inf, linspace, log, loggamma, mp, mpf, pi, quad, sqrt

mp.dps = 30
HERE = os.path.dirname(os.path.abspath(__file__))
YEAR = mpf("365.25")
NAMES = ["doubling_time_days", "doubling_time_log_sd", "growth_ratio", "growth_ratio_log_sd", "between_study_log_sd"]
POINTS = [
    ["150", "0.6", "1.6", "0.4", "0.3"],
    ["131", "0.7", "1.5", "0.05", "0.02"],
    ["83", "1.5", "5", "0.1", "1.5"],
    ["410", "0.25", "0.7", "1.1", "0.6"],
]


def pdf(x, m, s):
    return exp(-((x - m) / s) ** 2 / 2) / (s * sqrt(2 * pi))


def prob(a, b, m, s):
    """P(a < X < b) as a difference of the smaller tails."""
    a, b = (a - m) / s, (b - m) / s
    if a > 0:
        a, b = -b, -a
    return (erfc(-b / sqrt(mpf(2))) - erfc(-a / sqrt(mpf(2)))) / 2


class Law:
    def __init__(self, point, measurement="0"):
        delta, self.sd_d, self.ratio, self.sd_rho, self.omega = map(mpf, point)
        self.m = mpf(measurement)
        self.mean = {"primary": log(delta / YEAR), "metastasis": log(delta / YEAR / self.ratio)}
        var = self.sd_d**2 + self.m**2
        self.sd = {"primary": sqrt(var), "metastasis": sqrt(var + self.sd_rho**2)}


def lt(days):
    return log(mpf(days) / YEAR)


def integrate(f, lo, hi, marks, widths):
    """Adaptive by hand: panels graded around every mark and both ends."""
    at = {lo, hi}
    for m in marks + [lo, hi]:
        for w in widths:
            for k in (0, mpf("0.02"), mpf("0.1"), mpf("0.3"), 1, 2, 3, 4, 5, 6, 7, 8):
                for s in (-1, 1):
                    x = m + s * k * w
                    if lo < x < hi:
                        at.add(x)
    return quad(f, sorted(at))


# ---- pairs: integral over the patient's own log D, given which the two measured times are independent ----
def factor(law, site, known, d):
    shift = -log(law.ratio) if site == "metastasis" else mpf(0)
    s = sqrt(law.m**2 + (law.sd_rho**2 if site == "metastasis" else 0))
    if known[0] == "=":
        y = lt(known[1])
        return pdf(y, d + shift, s) / exp(y)
    return prob(known[0], known[1], d + shift, s)


def limits(known):
    lower, upper = known
    return (-inf if lower is None else lt(lower), inf if upper is None else lt(upper))


def pair(point, measurement, primary, metastasis):
    law = Law(point, measurement)
    m0 = law.mean["primary"]
    met = metastasis if metastasis[0] == "=" else limits(metastasis)
    shift = -log(law.ratio)
    lo, hi = m0 - 14 * law.sd_d, m0 + 14 * law.sd_d
    marks = [m0] + [x - shift for x in met if x != "=" and not isinstance(x, str) and abs(x) < 1e9]
    if metastasis[0] == "=":
        marks.append(lt(metastasis[1]) - shift)
    widths = [law.sd_d, sqrt(law.sd_rho**2 + law.m**2)]
    if law.m == 0:
        if primary[0] == "=":
            y = lt(primary[1])
            return log(pdf(y, m0, law.sd_d) / exp(y) * factor(law, "metastasis", met, y))
        a, b = limits(primary)
        lo, hi = max(lo, a), min(hi, b)
        return log(integrate(lambda d: pdf(d, m0, law.sd_d) * factor(law, "metastasis", met, d), lo, hi, marks, widths))
    pri = primary if primary[0] == "=" else limits(primary)
    marks += [x for x in pri if not isinstance(x, str) and abs(x) < 1e9]
    if primary[0] == "=":
        marks.append(lt(primary[1]))
    widths.append(law.m)
    return log(
        integrate(
            lambda d: pdf(d, m0, law.sd_d) * factor(law, "primary", pri, d) * factor(law, "metastasis", met, d),
            lo, hi, marks, widths,
        )
    )


def cells(site, known):
    if known[0] == "=":
        return "%s_tvdt: %s d" % (site, known[1])
    out = []
    if known[0] is not None:
        out.append("%s_tvdt_lower: %s d" % (site, known[0]))
    if known[1] is not None:
        out.append("%s_tvdt_upper: %s d" % (site, known[1]))
    return ", ".join(out)


# ---- summaries ----
def order(row, mean, sd):
    n = row["n"]
    places = sorted((1 if k == "min" else n if k == "max" else mpf(k[1:]) / 100 * (n + 1) if k[0] == "q" else mpf(n + 1) / 2,
                     lt(v)) for k, v in row["order"].items())
    ranks = [mpf(0)] + [mpf(r) for r, _ in places] + [mpf(n + 1)]
    y = [-inf] + [v for _, v in places] + [inf]
    out = loggamma(mpf(n + 1))
    for j in range(len(ranks) - 1):
        gap = ranks[j + 1] - ranks[j]
        out += (gap - 1) * log(prob(y[j], y[j + 1], mean, sd)) - log(gamma(gap))
    return out + sum(log(pdf(v, mean, sd)) - v for _, v in places)


def geometric(row, mean, sd):
    n = mpf(row["n"])
    out = log(pdf(lt(row["geometric_mean"]), mean, sd / sqrt(n)))
    if "log_sd" in row:
        s, nu = mpf(row["log_sd"]), n - 1
        x = nu * s**2 / sd**2
        out += (nu / 2 - 1) * log(x) - x / 2 - nu / 2 * log(mpf(2)) - loggamma(nu / 2) + log(2 * nu * s / sd**2)
    return out


def mean_sd(row, mean, sd):
    n = mpf(row["n"])
    raw = [exp(k * mean + mpf(k * k) * sd**2 / 2) for k in range(5)]
    e = raw[1]
    v = raw[2] - e**2
    mu3 = raw[3] - 3 * e * raw[2] + 2 * e**3
    kurtosis = (raw[4] - 4 * e * raw[3] + 6 * e**2 * raw[2] - 3 * e**4) / v**2
    c11, c22, c12 = v / n, v * (kurtosis - 1) / (4 * n), mu3 / (2 * n * sqrt(v))
    det = c11 * c22 - c12**2
    x, y = mpf(row["mean"]) / YEAR - e, mpf(row["sd"]) / YEAR - sqrt(v)
    return -log(2 * pi) - log(det) / 2 - (c22 * x * x - 2 * c12 * x * y + c11 * y * y) / (2 * det)


def row_log(row, law, shift=mpf(0)):
    mean, sd = law.mean[row["site"]] + shift, law.sd[row["site"]]
    kind = order if "order" in row else geometric if "geometric_mean" in row else mean_sd
    return kind(row, mean, sd)


def row_yaml(row):
    parts = ["site: " + row["site"], "n: %d" % row["n"]]
    if "order" in row:
        parts.append("order: {" + ", ".join("%s: %s d" % kv for kv in row["order"].items()) + "}")
    for k in ("geometric_mean", "mean", "sd"):
        if k in row:
            parts.append("%s: %s d" % (k, row[k]))
    for k in ("log_sd", "study", "sample"):
        if k in row:
            parts.append("%s: %s" % (k, row[k]))
    return "  - {" + ", ".join(parts) + "}\n"


def between(rows, law):
    """Integral over the shift, on a fine graded grid around the prior's centre and every row's own."""
    def f(b):
        return exp(sum(row_log(r, law, b) for r in rows) - top) * pdf(b, 0, law.omega)

    def h(b):
        return sum(row_log(r, law, b) for r in rows) - (b / law.omega) ** 2 / 2

    wide = 3 + 12 * law.omega
    grid = linspace(-wide, wide, 4001)
    values = [h(b) for b in grid]
    top = max(values)
    inside = [b for b, v in zip(grid, values) if v > top - 60]
    lo, hi = min(inside) - (grid[1] - grid[0]), max(inside) + (grid[1] - grid[0])
    if law.omega < 0.1:
        lo, hi = max(lo, -12 * law.omega), min(hi, 12 * law.omega)
    return log(quad(f, linspace(lo, hi, 60))) + top


ROWS = {
    "ryu": {"site": "primary", "n": 66, "order": {"min": "46", "median": "141", "max": "825"}},
    "spread": {"site": "primary", "n": 41, "order": {"q25": "90", "median": "150", "q75": "260", "q90": "410.5"}},
    "two": {"site": "metastasis", "n": 7, "order": {"min": "30.5", "max": "212"}},
    "fraction": {"site": "metastasis", "n": 8, "order": {"min": "31", "q15": "33.5", "median": "80"}},
    "geometric": {"site": "primary", "n": 122, "geometric_mean": "174"},
    "both": {"site": "metastasis", "n": 22, "geometric_mean": "96.5", "log_sd": "0.71"},
    "mean": {"site": "primary", "n": 66, "mean": "193", "sd": "141"},
    "mean_met": {"site": "metastasis", "n": 12, "mean": "103", "sd": "43.5"},
}
PAIRS = [
    ((None, "200"), ("90", None)),
    (("100", "200.5"), ("50", "90")),
    (("730", None), ("365", None)),
    ((None, "50"), ("300", None)),
    (("=", "160"), ("60", None)),
    ((None, "250"), ("=", "75")),
    (("120", "121"), ("80", "80.25")),
]
GROUPS = [["ryu"], ["mean"], ["geometric", "both"], ["ryu", "both", "two"], ["mean", "mean_met"], ["spread", "fraction"]]


def main():
    out = []

    def case(yaml, point, value):
        theta = {k: float(mpf(v)) for k, v in zip(NAMES, point)}
        out.append({"yaml": yaml, "theta": theta, "value": mp.nstr(value, 20)})

    for point in POINTS:
        for measurement in ("0", "0.2"):
            for primary, metastasis in PAIRS:
                yaml = "likelihood: tvdt/individual\nmeasurement_log_sd: %s\nrows:\n  - {%s, %s}\n" % (
                    measurement, cells("primary", primary), cells("metastasis", metastasis))
                case(yaml, point, pair(point, measurement, primary, metastasis))
        law = Law(point)
        for row in ROWS.values():
            case("likelihood: tvdt/summary\nrows:\n" + row_yaml(row), point, row_log(row, law))
        for group in GROUPS:
            rows = [dict(ROWS[name], study="one") for name in group]
            yaml = "likelihood: tvdt/summary\nbetween_study: true\nrows:\n" + "".join(map(row_yaml, rows))
            case(yaml, point, between(rows, law))
    with open(os.path.join(HERE, "tvdt_more.json"), "w") as f:
        f.write('{"cases": [\n' + ",\n".join("  " + json.dumps(c) for c in out) + "]}\n")


if __name__ == "__main__":
    main()
