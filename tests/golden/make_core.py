#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write core_logmath.csv and core_special.csv beside this file; see PROVENANCE.md."""
import os
import random

from mpmath import erfc, erfinv, exp, expm1, log, log1p, loggamma, mp, mpf, pi, sqrt

mp.dps = 60
HERE = os.path.dirname(os.path.abspath(__file__))
DIGITS = 40


def phi_cdf(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def erfcx(x):
    if x < 1000:
        return exp(x * x) * erfc(x)
    total, term, k = mpf(0), mpf(1), 0  # asymptotic, far below its smallest term
    while abs(term) > mpf(10) ** (-mp.dps):
        total += term
        k += 1
        term *= -(2 * k - 1) / (2 * x * x)
    return total / (x * sqrt(pi))


def log_cdf(x):
    if x > 0:
        return -exp(log_cdf(-x)) if x > 1000 else log1p(-phi_cdf(-x))
    return log(erfcx(-x / sqrt(mpf(2))) / 2) - x * x / 2


def log_cdf_diff(a, b):
    if a > 0:
        a, b = -b, -a
    if b > 0:
        tails = exp(log_cdf(a)) + exp(log_cdf(-b))
        if tails < mpf(1) / 2:
            return log1p(-tails)
    with mp.workdps(120):  # narrow intervals far out cancel
        return log(phi_cdf(b) - phi_cdf(a))


def log_pdf(x):
    return -x * x / 2 - log(2 * pi) / 2


def quantile(p, q):
    # Newton on log Phi of the smaller tail, in the lower tail
    small, sign = (p, 1) if p <= q else (q, -1)
    if small == mpf(1) / 2:
        return mpf(0)
    target = log(small)
    x = -sqrt(-2 * target) if small < mpf("0.05") else sqrt(mpf(2)) * erfinv(2 * small - 1)
    for _ in range(200):
        step = (log_cdf(x) - target) / exp(log_pdf(x) - log_cdf(x))
        x -= step
        if abs(step) < mpf(10) ** (-50) * max(1, abs(x)):
            break
    return sign * x


def log_beta(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


def log_choose(n, k):
    return loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1)


SPECIAL = {
    "log_normal_pdf": lambda x: log_pdf(x),
    "normal_cdf": phi_cdf,
    "normal_ccdf": lambda x: phi_cdf(-x),
    "log_normal_cdf": log_cdf,
    "log_normal_cdf_diff": log_cdf_diff,
    "normal_quantile": lambda p: quantile(p, 1 - p),
    "normal_quantile_upper": lambda q: quantile(1 - q, q),
    "normal_hazard": lambda x: sqrt(2 / pi) / erfcx(x / sqrt(mpf(2))),
    "erfcx": erfcx,
    "log_beta": log_beta,
    "log_choose": log_choose,
}
LOGMATH = {
    "log_add": lambda a, b: log(exp(a) + exp(b)),
    "log_sub": lambda a, b: log(exp(a) - exp(b)),
    "log1mexp": lambda x: log1p(-exp(-x)) if x > 1 else log(-expm1(-x)),
    "logit": lambda p: log(p) - log1p(-p),
    "sigmoid": lambda x: 1 / (1 + exp(-x)),
    "log_sigmoid": lambda x: -log1p(exp(-x)),
}


def special_points(rng):
    line = [rng.uniform(-6, 6) for _ in range(60)] + [rng.uniform(-37, 37) for _ in range(60)]
    line += [s * x for s in (-1, 1) for x in (1e-300, 1e-20, 1e-9, 1e-3, 0.5, 1, 2.385, 5, 8.5, 12.0, 20, 37)] + [0.0]
    far = [s * x for s in (-1, 1) for x in (38.5, 50.25, 137, 1e3, 1e8)] + [-1e100]
    points = [(f, (x,)) for f in ("normal_cdf", "normal_ccdf") for x in line]
    points += [(f, (x,)) for f in ("log_normal_pdf", "log_normal_cdf") for x in line + far]
    points += [("normal_hazard", (x,)) for x in line + [50.25, 1e3, 1e8]]
    points += [("erfcx", (x,)) for x in [rng.uniform(0, 30) for _ in range(60)] + [rng.uniform(-26, 0) for _ in range(30)]
               + [0.0, 1e-20, 1e-8, 11.999999, 12.0, 26.6, 1e3, 1e10, 1e200, -26.5]]
    for _ in range(120):
        a = rng.choice([rng.uniform(-3, 3), rng.uniform(-35, 35), rng.uniform(-300, 300)])
        points.append(("log_normal_cdf_diff", (a, a + 10 ** rng.uniform(-12, 2))))
    points += [("log_normal_cdf_diff", p) for p in ((-1.0, 1.0), (-8.0, 8.0), (0.0, 1.5), (-1.5, 0.0), (-0.25, 40.0),
                                                     (-40.0, -0.25), (6.0, 6.1), (30.0, 30.03), (-30.0, 1.0))]
    probs = [10 ** rng.uniform(-300, -1) for _ in range(40)] + [rng.uniform(0, 0.5) for _ in range(60)] + [0.5, 0.425, 0.075]
    points += [(f, (p,)) for f in ("normal_quantile", "normal_quantile_upper") for p in probs]
    for _ in range(60):
        points.append(("log_beta", (10 ** rng.uniform(-6, 6), 10 ** rng.uniform(-6, 6))))
        n = 10 ** rng.uniform(0, 6)
        points.append(("log_choose", (n, n * rng.random())))
    points += [("log_choose", (float(n), float(k))) for n, k in ((10, 3), (236, 118), (52, 1), (52, 51), (1e6, 5e5))]
    return points


def logmath_points(rng):
    points = []
    for _ in range(60):
        a = rng.choice([rng.uniform(-2, 2), rng.uniform(-800, 800), rng.uniform(-1e6, 1e6)])
        d = 10 ** rng.uniform(-12, 2)
        points += [("log_add", (a, a - d)), ("log_add", (a - d, a)), ("log_sub", (a, a - d))]
    points += [("log_add", (0.0, 0.0)), ("log_add", (-1000.0, -1000.0)), ("log_add", (5.0, -1e300))]
    points += [("log1mexp", (10 ** rng.uniform(-300, 2.5),)) for _ in range(60)]
    points += [("log1mexp", (x,)) for x in [0.693, 0.694, 700.0] + [10 ** rng.uniform(-1.5, 0.7) for _ in range(80)]]
    points += [("logit", (p,)) for p in [10 ** rng.uniform(-300, 0) for _ in range(40)] + [rng.random() for _ in range(60)]
               + [0.5, 0.25, 0.75, 0.5000001, 1 - 2.0 ** -53]]
    line = [rng.uniform(-40, 40) for _ in range(40)] + [0.0, 1e-10, -1e-10, 700.0, -700.0]
    points += [(f, (x,)) for f in ("sigmoid", "log_sigmoid") for x in line]
    return points


def write(name, functions, points):
    with open(os.path.join(HERE, name), "w", encoding="ascii") as out:
        out.write("function,a,b,value\n")
        for function, args in points:
            value = functions[function](*[mpf(x) for x in args])
            cells = [float(x).hex() for x in args] + [""] * (2 - len(args))
            out.write(f"{function},{cells[0]},{cells[1]},{mp.nstr(value, DIGITS, strip_zeros=False)}\n")


if __name__ == "__main__":
    write("core_special.csv", SPECIAL, special_points(random.Random(20240711)))
    write("core_logmath.csv", LOGMATH, logmath_points(random.Random(20240712)))
