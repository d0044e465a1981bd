/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tvdt_normal.h"

#include "mtc_special.h"

#include <math.h>

/* Roots of the Legendre polynomial of degree 20 and the weights of Gauss's rule, from 50-digit arithmetic. */
const double mtc_tvdt_gl_node[MTC_TVDT_GL_HALF] = {
    0.076526521133497333755, 0.227785851141645078080, 0.373706088715419560673, 0.510867001950827098004,
    0.636053680726515025453, 0.746331906460150792614, 0.839116971822218823395, 0.912234428251325905868,
    0.963971927277913791268, 0.993128599185094924786};
const double mtc_tvdt_gl_weight[MTC_TVDT_GL_HALF] = {
    0.152753387130725850698, 0.149172986472603746788, 0.142096109318382051329, 0.131688638449176626898,
    0.118194531961518417312, 0.101930119817240435037, 0.083276741576704748725, 0.062672048334109063570,
    0.040601429800386941331, 0.017614007139152118312};

/* An interval in a tail this many times wider than the tail's own scale holds most of what lies beyond its near end. */
static const double tail_width = 1.0;

/* Densities at the ends of (a, b), 0 <= a, over its probability, by hazards: far out, densities and probability have
 * too large logarithms for their difference to keep its digits. */
static void tail_derivatives(double a, double b, double *at_a, double *at_b)
{
    const double beyond = exp(mtc_log_normal_cdf(-b) - mtc_log_normal_cdf(-a)); /* P(Z > b) / P(Z > a) */
    *at_a = mtc_normal_hazard(a) / (1.0 - beyond);
    *at_b = mtc_normal_hazard(b) * beyond / (1.0 - beyond);
}

double mtc_tvdt_log_between(double a, double b, double *d_a, double *d_b)
{
    *d_a = 0.0;
    *d_b = 0.0;
    const double value = mtc_log_normal_cdf_diff(a, b);
    if (!(value > -HUGE_VAL)) {
        return -HUGE_VAL;
    }
    if (isinf(b)) {
        *d_a = isinf(a) ? 0.0 : -mtc_normal_hazard(a);
    } else if (isinf(a)) {
        *d_b = mtc_normal_hazard(-b);
    } else if (a >= 0.0 && (b - a) * b > tail_width) {
        tail_derivatives(a, b, d_a, d_b);
        *d_a = -*d_a;
    } else if (b <= 0.0 && (a - b) * a > tail_width) {
        tail_derivatives(-b, -a, d_b, d_a);
        *d_a = -*d_a;
    } else {
        *d_a = -exp(mtc_log_normal_pdf(a) - value);
        *d_b = exp(mtc_log_normal_pdf(b) - value);
    }
    return value;
}
