#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write core_vmath.csv and onset.csv beside this file; see PROVENANCE.md."""
import os
import random

from mpmath import diff, erfc, exp, log, log1p, mp, mpf, pi, sqrt

mp.dps = 60
HERE = os.path.dirname(os.path.abspath(__file__))
DIGITS = 40


def pdf(x):
    return exp(-x * x / 2) / sqrt(2 * pi)


def cdf(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def vmath_rows():
    rng = random.Random(20090601)
    points = {
        "exp": [0.0, 1e-300, -1e-17, 0.5, -0.5, -700.0, 700.0, -707.9]
        + [rng.uniform(-707, 700) for _ in range(80)] + [rng.uniform(-1, 1) for _ in range(40)],
        "log": [1.0, 0.5, 2.0, 1.4142135623730951, 0.7071067811865475, 0.7071067811865476, 1e-299, 1e300]
        + [10 ** rng.uniform(-299, 300) for _ in range(80)] + [rng.uniform(0.6, 1.6) for _ in range(60)]
        + [1 + rng.uniform(-1, 1) * 10 ** rng.uniform(-15, -2) for _ in range(40)],
        "mills": [0.0, 1e-8, 5.0, 36.0, 1e3, 1e8] + [rng.uniform(0, 12) for _ in range(80)]
        + [10 ** rng.uniform(-3, 5) for _ in range(60)],
        "phi": [0.0] + [rng.uniform(-4, 4) for _ in range(60)],
        "phi_far": [rng.uniform(-37, 37) for _ in range(60)],
        "ccdf": [0.0, -38.0, 38.0 - 1.5] + [rng.uniform(-4, 4) for _ in range(60)],
        "ccdf_far": [rng.uniform(-30, 36.5) for _ in range(60)],
        "log1p": [0.0, 1e-300, 1e-16, 1e16, 1e300] + [10 ** rng.uniform(-18, 18) for _ in range(120)],
    }
    with mp.workdps(90):
        functions = {
            "exp": exp, "log": log, "mills": lambda x: cdf(-x) / pdf(x) if x < 1e4 else asymptotic_mills(x), "phi": pdf,
            "phi_far": pdf, "ccdf": lambda x: cdf(-x), "ccdf_far": lambda x: cdf(-x), "log1p": log1p,
        }
        for name, xs in points.items():
            for x in xs:
                yield name, x, functions[name](mpf(x))


def asymptotic_mills(x):
    total, term = mpf(0), 1 / x
    for k in range(1, 30):
        total += term
        term *= -(2 * k - 1) / (x * x)
    return total


def write_vmath():
    with open(os.path.join(HERE, "core_vmath.csv"), "w", encoding="utf-8", newline="\n") as f:
        f.write("function,a,b,value\n")
        for name, x, value in vmath_rows():
            f.write(f"{name},{float(x).hex()},,{mp.nstr(value, DIGITS)}\n")


def accumulated(c, onset, width, u):
    """P(c; u) of mtc_onset.h in closed form; at c = 0 its limit."""
    def from_minus_infinity(v):
        y = (v - onset) / width
        if c == 0:
            return width * (y * cdf(y) + pdf(y))
        b = c * width
        return (cdf(y) - exp(b * b / 2 - b * y) * cdf(y - b)) / c
    return from_minus_infinity(u) - exp(-c * u) * from_minus_infinity(mpf(0))


def onset_row(c, onset, width, u):
    c, onset, width, u = (mpf(x) for x in (c, onset, width, u))
    value = accumulated(c, onset, width, u)
    if c == 0:  # one-sided limit of the derivative: the second order of the series, by a tiny c
        tiny = mpf(10) ** -60
        d_c = (accumulated(tiny, onset, width, u) - value) / tiny
    else:
        d_c = diff(lambda t: accumulated(t, onset, width, u), c, h=c * mpf(10) ** -40)
    d_onset = diff(lambda t: accumulated(c, t, width, u), onset, h=mpf(10) ** -40)
    d_width = diff(lambda t: accumulated(c, onset, t, u), width, h=width * mpf(10) ** -40)
    return value, d_c, d_onset, d_width


def write_onset():
    rng = random.Random(20090602)
    rates = [0.0, 1e-9, 1e-5, 0.0011, 0.0013, 0.0015, 0.01, 0.1, 0.17, 0.35, 0.69, 1.4, 5.0, 60.0, 900.0, 2e4]
    with mp.workdps(200), open(os.path.join(HERE, "onset.csv"), "w", encoding="utf-8", newline="\n") as f:
        f.write("c,onset,width,u,value,d_c,d_onset,d_width\n")
        for i in range(440):
            c = rates[i % len(rates)]
            early = i >= 330  # competence is not yet nought at one cell
            onset = rng.uniform(1, 14) if early else rng.uniform(14, 42)
            width = rng.uniform(0.5, 6) if early else 0.09 * 25 ** rng.random()
            u = rng.uniform(max(0.5, onset - 12 * width), 40)
            row = onset_row(c, onset, width, u)
            values = ",".join(mp.nstr(x, 25) for x in row)
            f.write(f"{c.hex()},{onset.hex()},{width.hex()},{u.hex()},{values}\n")


if __name__ == "__main__":
    write_vmath()
    write_onset()
