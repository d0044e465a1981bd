#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pareto k and smoothed weights, written from Zhang & Stephens 2009 and Vehtari et al. 2024 in mpmath, 40 digits.

Writes psis.txt: per case a line `case name n r_eff k_hat n_tail log_mean se`, then n lines `log_weight log_smoothed`,
weights as hexadecimal floating point.
"""
import math
import os

from mpmath import mp, mpf, log, log1p, exp, sqrt, power, ceil, floor

mp.dps = 40


class Lcg:
    """Numerical Recipes' 32-bit generator: the same numbers everywhere."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return (self.state + 0.5) / 2**32


def profile_fit(x):
    """Shape and scale of the generalised Pareto law by Zhang & Stephens' weighted mean of the profile likelihood.

    In their notation: b = k / sigma with k = -shape; x ascending.
    """
    n = len(x)
    m = 30 + int(floor(sqrt(n)))
    quartile = x[int(floor(mpf(n) / 4 + mpf(1) / 2)) - 1]
    b = [1 / x[-1] + (1 - sqrt(mpf(m) / (j - mpf(1) / 2))) / (3 * quartile) for j in range(1, m + 1)]

    def shape(value):
        return -sum(log1p(-value * xi) for xi in x) / n

    def likelihood(value):
        k = shape(value)
        return n * (log(value / k) + k - 1)

    like = [likelihood(value) for value in b]
    weight = [1 / sum(exp(lj - li) for lj in like) for li in like]
    mean = sum(w * value for w, value in zip(weight, b))
    k = shape(mean)
    return -k, k / mean  # shape with the sign of Vehtari et al., scale


def psis(log_w, r_eff):
    n = len(log_w)
    top = max(log_w)
    lw = [mpf(v) - mpf(top) for v in log_w]
    order = sorted(range(n), key=lambda i: (lw[i], i))
    tail = int(ceil(min(mpf(n) / 5, 3 * sqrt(mpf(n) / mpf(r_eff)))))
    cut = exp(lw[order[n - tail - 1]])
    inside = [i for i in order[n - tail:] if exp(lw[i]) > cut]
    excess = [exp(lw[i]) - cut for i in inside]
    shape, scale = profile_fit(excess)
    m = len(excess)
    k_hat = (m * shape + 10 * mpf("0.5")) / (m + 10)
    smooth = list(lw)
    for rank, i in enumerate(inside):
        p = (rank + mpf("0.5")) / m
        quantile = scale * (power(1 - p, -k_hat) - 1) / k_hat
        smooth[i] = min(log(cut + quantile), mpf(0))
    total = log(sum(exp(v) for v in smooth))
    w = [exp(v) for v in lw]
    mean = sum(w) / n
    se = sqrt(sum((v / mean - 1) ** 2 for v in w) / (mpf(n) * (n - 1)))
    return k_hat, m, mpf(top) + log(mean), se, [v - total for v in smooth]


def cases():
    g = Lcg(20261)
    yield "heavy", 1.0, [0.8 * -math.log(g.uniform()) - 3.0 for _ in range(400)]        # shape 0.8
    yield "light", 1.0, [0.2 * -math.log(g.uniform()) + 700.0 for _ in range(350)]      # shape 0.2, far from 0
    yield "bounded", 1.0, [math.log(g.uniform()) for _ in range(300)]                   # uniform weights
    yield "dependent", 0.3, [math.sin(i) + 0.5 * -math.log(g.uniform()) for i in range(500)]
    steps = [0.4 * -math.log(g.uniform()) for _ in range(60)]
    yield "ties", 1.0, [steps[(7 * i * i) % 60] for i in range(240)]                     # a chain that stands still
    yield "small", 1.0, [0.5 * -math.log(g.uniform()) for _ in range(27)]


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "psis.txt")
    with open(path, "w", encoding="ascii") as out:
        for name, r_eff, log_w in cases():
            k_hat, n_tail, log_mean, se, smooth = psis(log_w, r_eff)
            out.write(f"case {name} {len(log_w)} {r_eff} {mp.nstr(k_hat, 20)} {n_tail} {mp.nstr(log_mean, 20)} "
                      f"{mp.nstr(se, 20)}\n")
            for v, s in zip(log_w, smooth):
                out.write(f"{float(v).hex()} {mp.nstr(s, 20)}\n")


main()
