#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write tests/golden/diagnostics.txt: chains with their summaries.

Shares no code with the program: plain lists, sums by math.fsum, full autocovariance up to every lag, 1-based sequences
as in the description of Vehtari et al. 2021 (section 3 and appendix) and the R package posterior 1.6; quantiles of the
beta law by mpmath.
"""
import math
import random
from pathlib import Path
from statistics import NormalDist

import mpmath


def mean(x):
    return math.fsum(x) / len(x)


def variance(x):
    m = mean(x)
    return math.fsum((a - m) ** 2 for a in x) / (len(x) - 1)


def quantile(flat, p):
    s = sorted(flat)
    h = (len(s) - 1) * p
    lo = math.floor(h)
    return s[lo] + (h - lo) * (s[min(lo + 1, len(s) - 1)] - s[lo])


def split(chains):
    out = []
    for c in chains:
        n = len(c)
        out.append(c[: n // 2])
        out.append(c[math.ceil(n / 2):])
    return out


def z_scale(chains):
    flat = sorted(a for c in chains for a in c)
    places = {}
    for k, a in enumerate(flat, 1):
        places.setdefault(a, []).append(k)
    score = {a: NormalDist().inv_cdf((mean(k) - 3 / 8) / (len(flat) + 1 / 4)) for a, k in places.items()}
    return [[score[a] for a in c] for c in chains]


def rhat(chains):
    n = len(chains[0])
    between = n * variance([mean(c) for c in chains])
    within = mean([variance(c) for c in chains])
    return math.sqrt((between / within + n - 1) / n)


def ess(chains):
    m, n = len(chains), len(chains[0])
    acov = []
    for c in chains:
        mu = mean(c)
        acov.append([math.fsum((c[i] - mu) * (c[i + lag] - mu) for i in range(n - lag)) / n for lag in range(n)])
    mean_var = mean([a[0] for a in acov]) * n / (n - 1)
    var_plus = mean_var * (n - 1) / n + variance([mean(c) for c in chains])
    rho = {1: 1.0}

    def rho_at(lag):
        return 1 - (mean_var - mean([a[lag] for a in acov])) / var_plus

    even, odd = 1.0, rho_at(1)
    rho[2] = odd
    t = 0
    while t < n - 5 and even + odd > 0:
        t += 2
        even, odd = rho_at(t), rho_at(t + 1)
        if even + odd >= 0:
            rho[t + 1], rho[t + 2] = even, odd
    max_t = t
    if even > 0:
        rho[max_t + 1] = even
    t = 0
    while t <= max_t - 4:
        t += 2
        if rho[t + 1] + rho[t + 2] > rho[t - 1] + rho[t]:
            rho[t + 1] = (rho[t - 1] + rho[t]) / 2
            rho[t + 2] = rho[t + 1]
    size = m * n
    tau = -1 + 2 * math.fsum(rho.get(k, 0.0) for k in range(1, max_t + 1)) + rho.get(max_t + 1, 0.0)
    return size / max(tau, 1 / math.log10(size))


def beta_quantile(p, a, b):
    return float(mpmath.findroot(lambda x: mpmath.betainc(a, b, 0, x, regularized=True) - p,
                                 (0.0, 1.0), solver="anderson", tol=1e-24))


def mcse_quantile(flat, p, size):
    s = sorted(flat)
    a = [beta_quantile(q, size * p + 1, size * (1 - p) + 1) for q in (0.1586553, 0.8413447)]
    lo = s[max(math.floor(a[0] * len(s)), 1) - 1]
    hi = s[min(math.ceil(a[1] * len(s)), len(s)) - 1]
    return (hi - lo) / 2


def summary(chains):
    flat = [a for c in chains for a in c]
    mu, median = mean(flat), quantile(flat, 0.5)
    out = {"mean": mu, "sd": math.sqrt(variance(flat))}
    for name, p in (("q05", 0.05), ("q50", 0.5), ("q95", 0.95)):
        q = quantile(flat, p)
        e = ess(split([[1.0 if a <= q else 0.0 for a in c] for c in chains]))
        out[name], out["ess_" + name], out["mcse_" + name] = q, e, mcse_quantile(flat, p, e)
    out["ess_tail"] = min(out["ess_q05"], out["ess_q95"])
    out["ess_mean"] = ess(split(chains))
    out["ess_sd"] = ess(split([[(a - mu) ** 2 for a in c] for c in chains]))
    out["ess_bulk"] = ess(z_scale(split(chains)))
    out["mcse_mean"] = out["sd"] / math.sqrt(out["ess_mean"])
    second = mean([(a - mu) ** 2 for a in flat])
    fourth = mean([(a - mu) ** 4 for a in flat])
    out["mcse_sd"] = math.sqrt((fourth - second ** 2) / out["ess_sd"] / second / 4)
    folded = [[abs(a - median) for a in c] for c in chains]
    out["rhat"] = max(rhat(z_scale(split(chains))), rhat(z_scale(split(folded))))
    return out


def autoregressive(rng, n, phi, shift=0.0, scale=1.0):
    x, out = rng.gauss(0, 1), []
    for _ in range(n):
        x = phi * x + math.sqrt(1 - phi * phi) * rng.gauss(0, 1)
        out.append(shift + scale * x)
    return out


def main():
    rng = random.Random(20211)
    cases = {
        "autoregressive": [autoregressive(rng, 50, 0.6) for _ in range(4)],
        "shifted_odd": [autoregressive(rng, 37, 0.3, shift=s) for s in (0.0, 0.1, 2.5)],
        "antithetic": [autoregressive(rng, 64, -0.5) for _ in range(2)],
        "ties": [[float(round(2 * a)) for a in autoregressive(rng, 40, 0.2)] for _ in range(4)],
        "scales": [autoregressive(rng, 100, 0.1, scale=s) for s in (1.0, 1.0, 4.0, 1.0)],
        "one_chain": [autoregressive(rng, 91, 0.9)],
    }
    with open(Path(__file__).with_name("diagnostics.txt"), "w", encoding="ascii") as f:
        for name, chains in cases.items():
            f.write(f"case {name} {len(chains)} {len(chains[0])}\n")
            for c in chains:
                f.write(" ".join(a.hex() for a in c) + "\n")
            for key, value in sorted(summary(chains).items()):
                f.write(f"{key} {value:.17g}\n")
            f.write("end 0\n")


if __name__ == "__main__":
    main()
